// The example of the segmentation tutorial: at minimum segment size 1 the lone Reshape before the Cast, which no engine
// takes, is an engine of its own; at 3 it is too small.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/convert/converter.h"
#include "core/workbench/models/model_zoo.h"

namespace isotherm {
namespace {

using Names = std::set<std::string>;

Names members(const Conversion& c, std::size_t engine) {
  Names out;
  for (const NodeId id : c.segmentation.segments[engine].nodes) out.insert((*c.before)[id].name);
  return out;
}

const NativeNode* native(const Conversion& c, const std::string& name) {
  for (const NativeNode& n : c.segmentation.native)
    if ((*c.before)[n.node].name == name) return &n;
  return nullptr;
}

Conversion must_plan(int minimum_segment_size) {
  const auto graph = make_model("segmentation_example");
  EXPECT_TRUE(graph.ok());
  ConversionParams params;
  params.minimum_segment_size = minimum_segment_size;
  auto plan = plan_conversion(*graph, params);
  EXPECT_TRUE(plan.ok());
  return plan.ok() ? std::move(*plan) : Conversion{};
}

TEST(Tutorial, MinimumSize1MakesTwoEngines) {
  const Conversion c = must_plan(1);
  ASSERT_EQ(c.engines.size(), 2u);
  // Ordered by their roots: conv_a/Conv2D before image/Reshape.
  EXPECT_TRUE(members(c, 0).contains("softmax"));
  EXPECT_EQ(members(c, 1), (Names{"image/Reshape", "image/shape"}));
  ASSERT_TRUE(native(c, "to_float/Cast"));
  EXPECT_EQ(native(c, "pixels")->refusal.reason, Reason::excluded);
}

TEST(Tutorial, MinimumSize3MakesOneEngine) {
  const Conversion c = must_plan(3);
  ASSERT_EQ(c.engines.size(), 1u);
  EXPECT_EQ(c.engines[0].name, "TRTEngineOp_000_000");
  for (const char* name : {"conv_a/Conv2D", "conv_b/Conv2D", "conv_c/Conv2D", "add", "dense/MatMul", "softmax"})
    EXPECT_TRUE(members(c, 0).contains(name)) << name;
  ASSERT_TRUE(native(c, "image/Reshape"));
  EXPECT_EQ(native(c, "image/Reshape")->refusal.reason, Reason::too_small);
  // Every step of it is on record: the edges tested, the border, the size rule.
  Names kinds;
  for (const SegmentStep& step : c.segmentation.steps) {
    if (step.kind == SegmentStep::Kind::merge) kinds.insert("merge");
    if (step.kind == SegmentStep::Kind::drop_small) kinds.insert("drop_small");
    if (step.kind == SegmentStep::Kind::segment) kinds.insert("segment");
  }
  EXPECT_EQ(kinds, (Names{"merge", "drop_small", "segment"}));
}

}  // namespace
}  // namespace isotherm
