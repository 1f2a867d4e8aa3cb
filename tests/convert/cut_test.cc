#include "core/convert/cut.h"

#include <gtest/gtest.h>

#include "core/convert/converter.h"
#include "tests/convert/typed_sketch.h"

namespace isotherm {
namespace {

//   image -> decode -> a -> b -> out       cut at a: what came before goes
constexpr const char* kGraph = R"(
  image = Placeholder
  decode = Log1p(image)
  a = Relu(decode)
  b = Relu(a)
  side = Relu(image)
  out = Identity(b)
)";

TEST(Cut, TensorBecomesAPlaceholder) {
  const auto graph = testing::typed_sketch(kGraph);
  ConversionParams params;
  params.inputs = {"a"};
  params.outputs = {"out"};
  const auto plan = plan_conversion(graph, params);
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  const Graph& before = *plan->before;
  EXPECT_EQ(before.size(), 3);
  const Node& a = before[before.find("a")];
  EXPECT_EQ(a.op, "Placeholder");
  EXPECT_EQ(a.attrs.get_type("dtype"), DType::float32);
  EXPECT_EQ(*a.attrs.get_shape("shape"), (Shape{-1, 8}));
  EXPECT_TRUE(a.inputs.empty());
}

TEST(Cut, PlaceholdersStayAndDeadNodesGo) {
  ConversionParams params;
  params.inputs = {"image:0"};
  params.outputs = {"out"};
  const auto plan = plan_conversion(testing::typed_sketch(kGraph), params);
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_EQ(plan->before->size(), 5);
  EXPECT_EQ(plan->before->find("side"), kNoNode);
}

TEST(Cut, NamesOutputsThatDependOnNoInput) {
  const auto graph = testing::typed_sketch(kGraph);
  ConversionParams params;
  params.inputs = {"a"};
  params.outputs = {"out", "side"};
  auto plan = plan_conversion(graph, params);
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  ASSERT_FALSE(plan->warnings.empty());
  EXPECT_EQ(plan->warnings[0], "output 'side' depends on none of the inputs given");
  // Without a cut the Placeholders are the inputs.
  params = {};
  params.outputs = {"a", "b"};
  plan = plan_conversion(testing::typed_sketch("x = Placeholder\nk = Const\na = Relu(x)\nb = Relu(k)\n"), params);
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->warnings.size(), 1u);
  EXPECT_EQ(plan->warnings[0], "output 'b' depends on none of the graph's inputs");
  EXPECT_EQ(outputs_depend({"a", "b", "c", "d", "e"}), "outputs 'a', 'b', 'c' and 2 more depend");
}

TEST(Cut, Refusals) {
  const auto graph = testing::typed_sketch(kGraph);
  const auto message = [&](ConversionParams params) {
    const auto plan = plan_conversion(graph, params);
    EXPECT_FALSE(plan.ok());
    return plan.ok() ? "" : plan.error().message;
  };
  ConversionParams params;
  params.outputs = {"out"};
  params.inputs = {"decod"};
  EXPECT_NE(message(params).find("'decode'"), std::string::npos);
  params.inputs = {"side"};
  EXPECT_NE(message(params).find("no output depends"), std::string::npos);
  params.inputs = {"^a"};
  EXPECT_NE(message(params).find("control"), std::string::npos);
}

}  // namespace
}  // namespace isotherm
