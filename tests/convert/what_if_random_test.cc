#include "core/convert/what_if.h"

#include <gtest/gtest.h>

#include "tests/convert/random_graph.h"
#include "tests/convert/typed_sketch.h"

namespace isotherm {
namespace {

/// Segments, engines and reasons as text.
std::string outline(const Conversion& c) {
  std::string out;
  for (std::size_t i = 0; i < c.engines.size(); ++i) {
    out += c.engines[i].name + " " + std::string(precision_name(c.engines[i].precision));
    for (const NodeId id : c.segmentation.segments[i].nodes) out += " " + (*c.before)[id].name;
    for (const TensorInfo& info : c.engines[i].inputs) out += " " + info.shape.to_tf_string();
    out += "\n";
  }
  for (const NativeNode& native : c.segmentation.native)
    out += (*c.before)[native.node].name + " " + native.refusal.detail + "\n";
  for (const std::string& warning : c.warnings) out += warning + "\n";
  return out;
}

TEST(WhatIfRandom, AgreesWithPlanningAnew) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    const auto graph = testing::random_graph(random);
    const WhatIf what_if(graph);
    ConversionParams params;
    params.is_dynamic_op = true;
    for (int change = 0; change < 20; ++change) {
      switch (random() % 8) {
        case 0:
          params.minimum_segment_size = static_cast<int>(1 + random() % 5);
          break;
        case 1:
          params.precision_mode = random() % 2 ? Precision::fp16 : Precision::fp32;
          break;
        case 2:
          params.implicit_batch = !params.implicit_batch;
          break;
        case 3:
          params.denied_ops = random() % 2 ? std::set<std::string>{"Relu"} : std::set<std::string>();
          break;
        case 4:
          params.excluded_nodes = {(*graph)[static_cast<NodeId>(random() % static_cast<unsigned>(graph->size()))].name};
          break;
        case 5:
          if (random() % 2)
            params.shapes["x0"] = Shape{static_cast<std::int64_t>(1 + random() % 3), 8};
          else
            params.shapes.clear();
          break;
        case 6:
          params.clear_devices = !params.clear_devices;
          break;
        default:
          params.max_engines = static_cast<int>(random() % 4);
          break;
      }
      const auto kept = what_if.plan(params), anew = plan_conversion(graph, params);
      ASSERT_EQ(kept.ok(), anew.ok());
      if (kept.ok()) {
        EXPECT_EQ(outline(*kept), outline(*anew)) << "seed " << seed << ", change " << change;
      }
    }
  }
}

TEST(WhatIfRandom, ARefusalLeavesItUsable) {
  const auto graph =
      testing::typed_sketch("x = Placeholder\na = Relu(x)\nb = Relu(a)\nc = Relu(b)\nout = Identity(c)\n");
  const WhatIf what_if(graph);
  ConversionParams bad;
  bad.shapes["x"] = Shape{1, 9};
  EXPECT_FALSE(what_if.plan(bad).ok());
  EXPECT_EQ(what_if.plan({})->engines.size(), 1u);
  EXPECT_FALSE(what_if.plan(bad).ok());
  EXPECT_EQ(what_if.plan({})->engines.size(), 1u);
}

}  // namespace
}  // namespace isotherm
