// What must hold of every conversion, on random graphs of convertible and native ops.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "core/convert/converter.h"
#include "core/convert/native_graph.h"
#include "core/formats/graph_file.h"
#include "core/ops/op_def.h"
#include "tests/convert/random_graph.h"

namespace isotherm {
namespace {

/// The file of a graph whose nodes are in the order of their names.
std::string sorted_bytes(const Graph& graph) {
  Graph::Parts parts = graph.parts();
  std::sort(parts.nodes.begin(), parts.nodes.end(),
            [](const NodeRecord& a, const NodeRecord& b) { return a.name < b.name; });
  const auto sorted = Graph::build(std::move(parts));
  if (!sorted.ok()) return sorted.error().message;
  const auto bytes = serialize_graph(**sorted);
  return bytes.ok() ? *bytes : bytes.error().message;
}

/// Taken apart again, also after a way through a file, a converted graph is the one that was given.
void check_way_back(const Graph& given, const std::shared_ptr<const Graph>& converted) {
  const auto bytes = serialize_graph(*converted);
  ASSERT_TRUE(bytes.ok());
  const auto read = parse_graph(*bytes, "converted");
  ASSERT_TRUE(read.ok()) << read.error().message;
  for (const auto& graph : {converted, *read}) {
    const auto back = native_graph(graph);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_TRUE(back->notes.empty()) << back->notes[0];
    EXPECT_TRUE(sorted_bytes(*back->graph) == sorted_bytes(given));
  }
}

void check_invariants(const Conversion& c) {
  const Graph &before = *c.before, &after = *c.after;
  EXPECT_TRUE(after.topological_order().ok());
  // Every node is in exactly one place: native under its name, or in one engine, whose function has it.
  std::set<std::string> inside;
  for (std::size_t i = 0; i < c.engines.size(); ++i) {
    const Node& engine = after[c.engines[i].node];
    ASSERT_EQ(engine.op, "TRTEngineOp");
    EXPECT_EQ(engine.name, c.engines[i].name);
    EXPECT_EQ(engine.data_inputs, static_cast<int>(c.engines[i].inputs.size()));
    EXPECT_GT(engine.data_inputs, 0);
    const auto body = function_body(after.functions(), engine.attrs.get_func("segment_func")->name);
    ASSERT_TRUE(body.ok()) << body.error().message;
    EXPECT_TRUE((*body)->topological_order().ok());
    for (const NodeId id : c.segmentation.segments[i].nodes) {
      EXPECT_NE((*body)->find(before[id].name), kNoNode);
      EXPECT_EQ(after.find(before[id].name), kNoNode);
      EXPECT_TRUE(inside.insert(before[id].name).second);
      EXPECT_EQ(c.map.after_of[static_cast<std::size_t>(id)], c.engines[i].node);
    }
    int effective = 0;
    for (const NodeId id : c.segmentation.segments[i].nodes)
      effective += before[id].op != "Identity" && before[id].op != "StopGradient";
    EXPECT_GE(effective, std::max(1, c.params.minimum_segment_size));
  }
  EXPECT_EQ(static_cast<std::size_t>(before.size()), inside.size() + c.segmentation.native.size());
  EXPECT_EQ(static_cast<std::size_t>(after.size()), c.segmentation.native.size() + c.engines.size());
  for (const NativeNode& native : c.segmentation.native) {
    const NodeId id = after.find(before[native.node].name);
    ASSERT_NE(id, kNoNode);
    EXPECT_EQ(c.map.after_of[static_cast<std::size_t>(native.node)], id);
    EXPECT_FALSE(native.refusal.detail.empty());
    // Its data inputs are where they were, or come from the engine that took their producer in, at the same tensor.
    const auto was = before[native.node].data(), is = after[id].data();
    ASSERT_EQ(was.size(), is.size());
    for (std::size_t k = 0; k < was.size(); ++k) {
      EXPECT_EQ(is[k].node, c.map.after_of[static_cast<std::size_t>(was[k].node)]);
      const int engine = c.map.engine_of[static_cast<std::size_t>(was[k].node)];
      if (engine < 0) {
        EXPECT_EQ(is[k].port, was[k].port);
      } else {
        const TensorRef tensor{was[k].node, was[k].port};
        EXPECT_EQ(
            c.segmentation.segments[static_cast<std::size_t>(engine)].outputs[static_cast<std::size_t>(is[k].port)],
            tensor);
      }
    }
  }
}

TEST(RandomConversion, Invariants) {
  std::size_t engines = 0;
  for (unsigned seed = 0; seed < 1000; ++seed) {
    std::mt19937 random(seed);
    const auto graph = testing::random_graph(random);
    ASSERT_TRUE(graph);
    ConversionParams params;
    params.implicit_batch = random() % 3 == 0;
    params.is_dynamic_op = random() % 2;
    if (params.implicit_batch && !params.is_dynamic_op) params.max_batch_size = 4;
    params.minimum_segment_size = static_cast<int>(random() % 4);
    if (random() % 3 == 0) params.precision_mode = Precision::fp16;
    const auto conversion = convert(graph, params);
    ASSERT_TRUE(conversion.ok()) << "seed " << seed << ": " << conversion.error().message;
    engines += conversion->engines.size();
    check_invariants(*conversion);
    check_way_back(*graph, conversion->after);
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(engines, 1000u);
}

}  // namespace
}  // namespace isotherm
