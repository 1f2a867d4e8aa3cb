// Control flow against TensorFlow: graphs made by TensorFlow 2.17.1 (while_loop, cond, functions; of both generations)
// with its own results. NAME.pbtxt is the graph; NAME.values.pbtxt holds a constant per feed and per fetch.
#include <cmath>

#include "core/formats/graph_file.h"
#include "tests/runtime/graph_maker.h"

namespace isotherm {
namespace {

using test::Fixture;

std::shared_ptr<const Graph> load(const std::string& name) {
  auto loaded = load_graph(std::string(ISOTHERM_TEST_DATA) + "/runtime/" + name);
  if (!loaded.ok()) {
    ADD_FAILURE() << loaded.error().message;
    return nullptr;
  }
  return loaded->graph;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, SameAsTensorFlow) {
  const auto graph = load(GetParam() + ".pbtxt"), values = load(GetParam() + ".values.pbtxt");
  ASSERT_TRUE(graph && values);
  Feeds feeds;
  std::vector<std::string> fetches;
  std::vector<Tensor> expected;
  for (const Node& node : values->nodes()) {
    const auto slash = node.name.find('/');
    std::string tensor = node.name.substr(slash + 1);
    tensor.replace(tensor.rfind("__"), 2, ":");
    auto value = node.attrs.get_constant("value")->materialise();
    ASSERT_TRUE(value.ok()) << value.error().message;
    if (node.name.starts_with("feed/")) {
      feeds.emplace_back(tensor, *value);
    } else {
      fetches.push_back(tensor);
      expected.push_back(*value);
    }
  }
  ASSERT_FALSE(fetches.empty());
  for (const bool asynchronous : {false, true}) {
    Fixture f(graph, {}, asynchronous);
    ASSERT_TRUE(f.session);
    for (int repeat = 0; repeat < 2; ++repeat) {
      auto result = f.session->run(feeds, fetches);
      ASSERT_TRUE(result.ok()) << result.error().message;
      for (std::size_t i = 0; i < fetches.size(); ++i) {
        const Tensor& found = result->fetches[i];
        ASSERT_EQ(found.shape(), expected[i].shape()) << fetches[i];
        ASSERT_EQ(found.dtype(), expected[i].dtype()) << fetches[i];
        for (std::int64_t k = 0; k < found.elements(); ++k)
          EXPECT_NEAR(number_at(found, k), number_at(expected[i], k), 1e-12 * std::abs(number_at(expected[i], k)))
              << fetches[i] << " element " << k;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(ControlFlow, Golden,
                         testing::Values("v1_nested_loops", "v1_cond_in_loop", "v1_loop_taken", "v1_loop_not_taken",
                                         "v1_nested_cond", "v2_nested_loops", "v2_cond_in_loop", "v2_loop_not_taken",
                                         "v2_functions"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace isotherm
