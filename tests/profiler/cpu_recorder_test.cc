#include "profiler/cpu_recorder.h"

#include <gtest/gtest.h>

namespace isotherm {
namespace {

ScopeInfo scope(ScopeKind kind, std::int64_t id, std::int64_t engine = -1) {
  ScopeInfo s;
  s.kind = kind;
  s.id = id;
  s.engine = engine;
  return s;
}

//  run( node 4 , node 9( engine( layer 0, layer 1 ) ) )
TEST(CpuRecorder, PairsScopesAndKeepsLayersOfTheirEngine) {
  CpuRecorder recorder;
  recorder.begin_run(3);
  const auto begin = [&](const ScopeInfo& s) { recorder.scope_begin(s, nullptr); };
  const auto end = [&](const ScopeInfo& s) { recorder.scope_end(s, nullptr); };
  begin(scope(ScopeKind::run, -1));
  begin(scope(ScopeKind::node, 4));
  end(scope(ScopeKind::node, 4));
  begin(scope(ScopeKind::node, 9));
  begin(scope(ScopeKind::engine, 9));
  for (int layer : {0, 1}) {
    begin(scope(ScopeKind::layer, layer, 9));
    end(scope(ScopeKind::layer, layer, 9));
  }
  end(scope(ScopeKind::engine, 9));
  end(scope(ScopeKind::node, 9));
  end(scope(ScopeKind::run, -1));

  const auto ops = recorder.take_ops();
  ASSERT_EQ(ops.size(), 2u);
  EXPECT_EQ(ops[0].node, 4);
  EXPECT_EQ(ops[1].node, 9);
  EXPECT_EQ(ops[1].run, 3);
  const auto layers = recorder.take_layers();
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[1].layer, 1);
  EXPECT_EQ(layers[1].engine, 9);
  EXPECT_GE(layers[0].start, ops[1].start);
  EXPECT_LE(layers[1].end, ops[1].end);
  EXPECT_LE(ops[0].end, ops[1].start);
  EXPECT_TRUE(recorder.take_ops().empty());
}

// A layer may run a node's kernel: that node belongs to the native segment, not to the graph.
TEST(CpuRecorder, NodesInsideAnEngineAreNotNodesOfTheGraph) {
  CpuRecorder recorder;
  for (const ScopeInfo& s : {scope(ScopeKind::node, 1), scope(ScopeKind::engine, 1), scope(ScopeKind::node, 0)}) recorder.scope_begin(s, nullptr);
  for (const ScopeInfo& s : {scope(ScopeKind::node, 0), scope(ScopeKind::engine, 1), scope(ScopeKind::node, 1)}) recorder.scope_end(s, nullptr);
  const auto ops = recorder.take_ops();
  ASSERT_EQ(ops.size(), 1u);
  EXPECT_EQ(ops[0].node, 1);
}

TEST(CpuRecorder, NodesOfAFunctionAreNotNodesOfTheGraph) {
  CpuRecorder recorder;
  ScopeInfo inner = scope(ScopeKind::node, 0);
  inner.function = "body";
  recorder.scope_begin(scope(ScopeKind::node, 7), nullptr);
  recorder.scope_begin(inner, nullptr);
  recorder.scope_end(inner, nullptr);
  recorder.scope_end(scope(ScopeKind::node, 7), nullptr);
  const auto ops = recorder.take_ops();
  ASSERT_EQ(ops.size(), 1u);
  EXPECT_EQ(ops[0].node, 7);
}

TEST(CpuRecorder, KeepsTheFirstReasonOfAFallback) {
  CpuRecorder recorder;
  recorder.fallback(5, "batch");
  recorder.fallback(5, "later");
  EXPECT_EQ(recorder.fallbacks().at(5), "batch");
}

}  // namespace
}  // namespace isotherm
