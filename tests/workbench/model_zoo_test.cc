#include "core/workbench/models/model_zoo.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/ops/op_def.h"
#include "core/workbench/models/graph_writer.h"

namespace isotherm {
namespace {

std::map<std::string, int> op_counts(const Graph& graph) {
  std::map<std::string, int> counts;
  for (const Node& node : graph.nodes()) ++counts[node.op];
  return counts;
}

TEST(ModelZoo, ResNet50HasItsLayersAndParameters) {
  const auto graph = make_model("resnet50");
  ASSERT_TRUE(graph.ok()) << graph.error().message;
  const auto counts = op_counts(**graph);
  EXPECT_EQ(counts.at("Conv2D"), 53);
  EXPECT_EQ(counts.at("FusedBatchNormV3"), 53);
  EXPECT_EQ(counts.at("Relu"), 49);
  EXPECT_EQ(counts.at("AddV2"), 16);
  EXPECT_EQ(counts.at("MatMul"), 1);
  std::int64_t parameters = 0;
  for (const Node& node : (*graph)->nodes())
    if (node.op == "Const" && node.attrs.get_type("dtype") == DType::float32)
      parameters += node.attrs.get_constant("value")->shape().elements().value();
  EXPECT_EQ(parameters, 25557032 + 2 * 26560);  // the published count, and 2 statistics per batch norm channel
}

TEST(ModelZoo, EveryModelMatchesTheOpTable) {
  for (const ZooEntry& entry : zoo_entries()) {
    const auto graph = make_model(entry.name);
    ASSERT_TRUE(graph.ok()) << entry.name << ": " << graph.error().message;
    const Status status = check_against_op_defs(**graph);
    EXPECT_TRUE(status.ok()) << entry.name << ": " << status.error().message;
    EXPECT_TRUE((*graph)->topological_order().ok());
  }
}

TEST(ModelZoo, SameSeedSameWeights) {
  const auto weights = [](std::uint64_t seed) {
    const auto graph = make_model("segmentation_example", seed);
    const NodeId id = (*graph)->find("conv_a/kernel");
    const Tensor value = (*graph)->node(id).attrs.get_constant("value")->materialise().value();
    const auto data = value.data<float>();
    return std::vector<float>(data.begin(), data.end());
  };
  EXPECT_EQ(weights(5), weights(5));
  EXPECT_NE(weights(5), weights(6));
}

TEST(ModelZoo, UnknownNameListsWhatThereIs) {
  const auto graph = make_model("resnet51");
  ASSERT_FALSE(graph.ok());
  EXPECT_NE(graph.error().message.find("resnet50"), std::string::npos);
}

TEST(SeededNormal, HasMeanZeroAndVarianceOne) {
  SeededNormal normal(3);
  double sum = 0, squares = 0;
  constexpr int kCount = 200000;
  for (int i = 0; i < kCount; ++i) {
    const double v = normal.next();
    sum += v;
    squares += v * v;
  }
  EXPECT_NEAR(sum / kCount, 0, 0.01);
  EXPECT_NEAR(squares / kCount, 1, 0.02);
}

}  // namespace
}  // namespace isotherm
