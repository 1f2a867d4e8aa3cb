// Graph passes as part of a conversion.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/convert/converter.h"
#include "core/workbench/node_evaluator.h"
#include "tests/convert/typed_sketch.h"

namespace isotherm {
namespace {

using testing::typed_sketch;

ConversionParams with_passes(std::vector<std::string> outputs) {
  ConversionParams params;
  params.passes = GraphPasses::tftrt;
  params.evaluator = make_cpu_node_evaluator();
  params.outputs = std::move(outputs);
  return params;
}

Conversion must_convert(const std::shared_ptr<const Graph>& graph, const ConversionParams& params) {
  auto result = convert(graph, params);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return result.ok() ? std::move(*result) : Conversion{};
}

//   x -> pass -> a -> b -> c -> out          twice, and a constant that two nodes compute
constexpr const char* kGraph = R"(
  x = Placeholder
  w = Const
  v = Const
  unused = Relu(x)
  pass = Identity(x)
  sum = AddV2(w, v)
  a = AddV2(pass, sum)
  a2 = AddV2(sum, pass)
  b = Relu(a)
  b2 = Relu(a2)
  c = AddV2(b, b2)
  out = Tanh(c)
)";

TEST(PassesInConversion, SegmentTheSimplifiedGraph) {
  const Conversion c = must_convert(typed_sketch(kGraph), with_passes({"out"}));
  ASSERT_EQ(c.passes.size(), 5u);
  for (const char* gone : {"unused", "pass", "w", "v", "a2", "b2"}) EXPECT_EQ(c.before->find(gone), kNoNode) << gone;
  ASSERT_NE(c.before->find("sum"), kNoNode);
  EXPECT_EQ((*c.before)[c.before->find("sum")].op, "Const");
  ASSERT_EQ(c.engines.size(), 1u);
  EXPECT_EQ(c.engines[0].node_count, 4);  // sum, a, b, c
  EXPECT_EQ(c.map.after_of[static_cast<std::size_t>(c.before->find("sum"))], c.engines[0].node);
  EXPECT_EQ((*c.after)[c.engines[0].node].op, "TRTEngineOp");
  EXPECT_EQ(c.map.before_of.size(), static_cast<std::size_t>(c.after->size()));
}

TEST(PassesInConversion, AreRecorded) {
  const Conversion c = must_convert(typed_sketch(kGraph), with_passes({"out"}));
  const auto find = [&](const char* pass, const char* node) -> PassStep {
    for (const PassReport& report : c.passes)
      for (const PassStep& step : report.steps)
        if (report.name == pass && step.node == node) return step;
    ADD_FAILURE() << pass << " says nothing of " << node;
    return {};
  };
  EXPECT_EQ(find("model_pruner", "unused").kind, PassStep::Kind::removed);
  EXPECT_EQ(find("model_pruner", "pass").op, "Identity");
  EXPECT_EQ(find("constant_folding", "sum").kind, PassStep::Kind::rewritten);
  EXPECT_EQ(find("constant_folding", "sum").other, "Const");
  EXPECT_EQ(find("common_subgraph_elimination", "a2").kind, PassStep::Kind::merged);
  EXPECT_EQ(find("common_subgraph_elimination", "a2").other, "a");
}

TEST(PassesInConversion, LeaveWhatIsExcluded) {
  ConversionParams params = with_passes({"out"});
  params.excluded_nodes = {"pass", "unused"};
  const Conversion c = must_convert(typed_sketch(kGraph), params);
  EXPECT_NE(c.before->find("pass"), kNoNode);
  EXPECT_NE(c.after->find("unused"), kNoNode);
  params.excluded_nodes = {"nobody"};
  const auto failed = convert(typed_sketch(kGraph), params);
  ASSERT_FALSE(failed.ok());
  EXPECT_NE(failed.error().message.find("'nobody'"), std::string::npos) << failed.error().message;
}

TEST(PassesInConversion, SayWhatIsNotComputed) {
  ConversionParams params = with_passes({"out"});
  params.evaluator = nullptr;
  const Conversion c = must_convert(typed_sketch(kGraph), params);
  EXPECT_EQ((*c.before)[c.before->find("sum")].op, "AddV2");
  EXPECT_TRUE(std::any_of(c.warnings.begin(), c.warnings.end(),
                          [](const std::string& w) { return w.find("'sum' was not computed") != std::string::npos; }));
}

TEST(PassesInConversion, LeaveSmallGraphsAlone) {
  const Conversion c = must_convert(typed_sketch("x = Placeholder\na = Relu(x)\nb = Tanh(a)\n"), with_passes({"b"}));
  EXPECT_TRUE(c.passes.empty());
  EXPECT_TRUE(c.engines.empty());
  EXPECT_EQ(c.after->size(), 3);
}

TEST(PassesInConversion, SimplifyNativeSegments) {
  const Conversion c = must_convert(typed_sketch(R"(
    x = Placeholder
    w = Const
    a = AddV2(x, w)
    keep = Identity(a)
    b = Relu(keep)
    c = Tanh(b)
    other = Log1p(a, ^c)
  )"),
                                    with_passes({"c", "other", "keep"}));
  ASSERT_EQ(c.engines.size(), 0u);  // `keep` is an output, so nothing of three nodes is left
  const Conversion d = must_convert(typed_sketch(R"(
    x = Placeholder
    w = Const
    v = Const
    a = AddV2(x, w)
    b = Relu(a)
    c = AddV2(b, v)
    native = Log1p(c)
    out = Identity(native)
  )"),
                                    with_passes({"out"}));
  ASSERT_EQ(d.engines.size(), 1u);
  const Function* body = d.after->functions().find("TRTEngineOp_000_000_native_segment");
  ASSERT_NE(body, nullptr);
  // w and v hold the same values: one copy stays.
  EXPECT_EQ(body->nodes.size(), 4u);
  ASSERT_EQ(body->ret.size(), 1u);
  EXPECT_EQ(body->ret[0].second, "c:z:0");
}

}  // namespace
}  // namespace isotherm
