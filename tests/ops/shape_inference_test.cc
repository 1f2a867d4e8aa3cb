// Errors, overrides, unknown ops and symbols, on graphs made by hand.
#include "core/ops/shape_inference.h"

#include <gtest/gtest.h>

namespace isotherm {
namespace {

using Attrs = std::vector<std::pair<std::string, AttrValue>>;

NodeRecord record(std::string name, std::string op, std::vector<std::string> inputs, const Attrs& attrs = {}) {
  NodeRecord node;
  node.name = std::move(name);
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  for (const auto& [key, value] : attrs) node.attrs.set(key, value);
  return node;
}

NodeRecord placeholder(std::string name, Shape shape) {
  return record(std::move(name), "Placeholder", {},
                {{"dtype", TypeValue(DType::float32)}, {"shape", std::move(shape)}});
}

NodeRecord constant(std::string name, const Tensor& value) {
  return record(std::move(name), "Const", {},
                {{"dtype", TypeValue(value.dtype())}, {"value", make_constant_attr(Constant(value))}});
}

const Attrs kFloat = {{"T", TypeValue(DType::float32)}};

std::shared_ptr<const Graph> build(std::vector<NodeRecord> nodes) {
  Graph::Parts parts;
  parts.nodes = std::move(nodes);
  parts.versions.producer = 1000;
  auto graph = Graph::build(std::move(parts));
  EXPECT_TRUE(graph.ok()) << graph.error().message;
  return *graph;
}

Shape shape_of(const Graph& graph, const GraphShapes& shapes, const std::string& name, int port = 0) {
  return shapes.info({graph.find(name), port}).shape;
}

TEST(ShapeInference, NamesNodeInputsFoundAndExpected) {
  const auto graph =
      build({placeholder("a", {2, 5}), placeholder("b", {4, 3}), record("mm", "MatMul", {"a", "b"}, kFloat)});
  const auto shapes = infer_shapes(*graph);
  ASSERT_FALSE(shapes.ok());
  EXPECT_EQ(shapes.error().code, ErrorCode::invalid_input);
  EXPECT_EQ(shapes.error().message,
            "node 'mm' (MatMul): dimensions 5 and 4 found, expected equal ones; input 0 'a:0' is [2,5], input 1 'b:0' "
            "is [4,3]");
}

TEST(ShapeInference, KnownDimensionFlowsBackToEveryConsumer) {
  // BiasAdd merges its channels with the bias, so the placeholder's last dimension is known for Relu too.
  const auto graph = build({placeholder("x", {-1, -1}), constant("b", Tensor::vector(std::vector<float>{1, 2, 3})),
                            record("relu", "Relu", {"x"}, kFloat), record("bias", "BiasAdd", {"x", "b"}, kFloat)});
  const auto shapes = infer_shapes(*graph);
  ASSERT_TRUE(shapes.ok());
  EXPECT_EQ(shape_of(*graph, *shapes, "x"), (Shape{-2, 3}));
  EXPECT_EQ(shape_of(*graph, *shapes, "relu"), (Shape{-2, 3}));
  EXPECT_EQ(shape_of(*graph, *shapes, "bias"), (Shape{-2, 3}));
  EXPECT_EQ(shapes->symbol_count(), 1);
}

TEST(ShapeInference, PlaceholdersHaveTheirOwnSymbols) {
  const auto graph =
      build({placeholder("x", {-1, 8}), placeholder("y", {-1, 8}), record("i", "Identity", {"y"}, kFloat)});
  const auto shapes = infer_shapes(*graph);
  ASSERT_TRUE(shapes.ok());
  EXPECT_NE(shape_of(*graph, *shapes, "x").dim(0), shape_of(*graph, *shapes, "y").dim(0));
  EXPECT_EQ(shape_of(*graph, *shapes, "i").dim(0), shape_of(*graph, *shapes, "y").dim(0));
  EXPECT_EQ(shapes->symbol_count(), 2);
}

TEST(ShapeInference, UnknownRanksHaveSymbolsToo) {
  const auto graph = build({placeholder("x", Shape::unknown_rank()), placeholder("y", Shape::unknown_rank()),
                            record("i", "Identity", {"x"}, kFloat)});
  const auto shapes = infer_shapes(*graph);
  ASSERT_TRUE(shapes.ok());
  EXPECT_FALSE(shape_of(*graph, *shapes, "x").has_rank());
  EXPECT_EQ(shape_of(*graph, *shapes, "x"), shape_of(*graph, *shapes, "i"));
  EXPECT_NE(shape_of(*graph, *shapes, "x"), shape_of(*graph, *shapes, "y"));
}

TEST(ShapeInference, OverrideReplacesUnknownDimensions) {
  const auto graph =
      build({placeholder("x", {-1, 8}), record("r", "Relu", {"x"}, kFloat),
             record("s", "Shape", {"x"}, {{"T", TypeValue(DType::float32)}, {"out_type", TypeValue(DType::int32)}})});
  ShapeOptions options;
  options.overrides["x"] = Shape{4, -1};
  const auto shapes = infer_shapes(*graph, options);
  ASSERT_TRUE(shapes.ok()) << shapes.error().message;
  EXPECT_EQ(shape_of(*graph, *shapes, "r"), (Shape{4, 8}));
  const auto& value = shapes->info({graph->find("s"), 0}).value;
  ASSERT_TRUE(value);
  EXPECT_EQ(value->integers(), (std::vector<std::int64_t>{4, 8}));
}

TEST(ShapeInference, OverrideMustAgree) {
  const auto graph = build({placeholder("x", {-1, 8})});
  for (const Shape& wrong : {Shape{4, 9}, Shape{4}}) {
    const auto shapes = infer_shapes(*graph, {{{"x", wrong}}});
    ASSERT_FALSE(shapes.ok());
    EXPECT_NE(shapes.error().message.find("node 'x' (Placeholder) has shape [?,8], which the shape"), std::string::npos)
        << shapes.error().message;
  }
  const auto missing = infer_shapes(*graph, {{{"y", Shape{4}}}});
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message.find("y"), std::string::npos);
}

TEST(ShapeInference, UnknownOpsSayThatTheyAreUnknown) {
  AttrList list;
  list.shape = {Shape{2, 3}, Shape{-1}};
  const auto graph = build({placeholder("x", {2, 3}), record("custom", "NobodysOp", {"x"}),
                            record("use", "Relu", {"custom:1"}, kFloat),
                            record("told", "NobodysOp", {"x"}, {{"_output_shapes", make_list_attr(list)}})});
  const auto shapes = infer_shapes(*graph);
  ASSERT_TRUE(shapes.ok());
  EXPECT_FALSE(shapes->has_shape_function(graph->find("custom")));
  EXPECT_TRUE(shapes->has_shape_function(graph->find("use")));
  EXPECT_EQ(shapes->outputs(graph->find("custom")).size(), 2U);
  EXPECT_EQ(shapes->info({graph->find("custom"), 0}).dtype, DType::invalid);
  EXPECT_FALSE(shape_of(*graph, *shapes, "use").has_rank());
  EXPECT_EQ(shape_of(*graph, *shapes, "told"), (Shape{2, 3}));
  EXPECT_EQ(shape_of(*graph, *shapes, "told", 1).rank(), 1);
}

TEST(ShapeInference, ValuesOfConstantsAreShared) {
  const auto graph = build({constant("c", Tensor::vector(std::vector<float>(1000)))});
  const auto shapes = infer_shapes(*graph);
  ASSERT_TRUE(shapes.ok());
  const auto& value = shapes->info({0, 0}).value;
  ASSERT_TRUE(value);
  EXPECT_EQ(value->values().raw(), (*graph)[0].attrs.get_constant("value")->values().raw());
}

TEST(ShapeInference, PortsThatANodeDoesNotHaveAreUnknown) {
  const auto graph = build({placeholder("x", {2}), record("r", "Relu", {"x:7"}, kFloat)});
  const auto shapes = infer_shapes(*graph);
  ASSERT_TRUE(shapes.ok());
  EXPECT_FALSE(shape_of(*graph, *shapes, "r").has_rank());
  EXPECT_FALSE(shapes->info({graph->find("x"), 3}).shape.has_rank());
  EXPECT_FALSE(shapes->info({99, 0}).shape.has_rank());
  EXPECT_TRUE(shapes->outputs(-1).empty());
}

TEST(ShapeInference, ContradictingEqualitiesAreDiscardedTogether) {
  // An unknown dimension that equals both 3 and 4: no single node contradicts, all of them do. Then, as in TensorFlow,
  // nothing is known from equalities.
  const auto graph =
      build({placeholder("x", {-1}), placeholder("y", {3}), placeholder("z", {4}),
             record("a", "AddN", {"x", "y"}, {{"T", TypeValue(DType::float32)}, {"N", std::int64_t{2}}}),
             record("b", "AddN", {"x", "z"}, {{"T", TypeValue(DType::float32)}, {"N", std::int64_t{2}}})});
  const auto shapes = infer_shapes(*graph);
  ASSERT_TRUE(shapes.ok());
  EXPECT_LT(shape_of(*graph, *shapes, "x").dim(0), 0);
  EXPECT_EQ(shape_of(*graph, *shapes, "a"), (Shape{3}));
  EXPECT_EQ(shape_of(*graph, *shapes, "b"), (Shape{4}));
}

TEST(ShapeInference, HugeDimensionsAreASentence) {
  const std::int64_t huge = std::int64_t{1} << 62;
  const auto graph = build(
      {placeholder("x", {huge, 2}), constant("m", Tensor::vector(std::vector<std::int32_t>{4, 1})),
       record("t", "Tile", {"x", "m"}, {{"T", TypeValue(DType::float32)}, {"Tmultiples", TypeValue(DType::int32)}})});
  const auto shapes = infer_shapes(*graph);
  ASSERT_FALSE(shapes.ok());
  EXPECT_NE(shapes.error().message.find("node 't' (Tile): the product of dimensions"), std::string::npos)
      << shapes.error().message;
}

TEST(ShapeInference, AttributesBeyondAnyDimensionAreHandled) {
  // Each once overflowed.
  const Attrs index = {{"T", TypeValue(DType::float32)}, {"TI", TypeValue(DType::int32)}, {"axis", INT64_MAX}};
  const Attrs batch = {{"Tparams", TypeValue(DType::float32)},
                       {"Tindices", TypeValue(DType::int32)},
                       {"Taxis", TypeValue(DType::int32)},
                       {"batch_dims", INT64_MIN + 1}};
  const Attrs block = {{"T", TypeValue(DType::float32)},
                       {"Tblock_shape", TypeValue(DType::int32)},
                       {"Tpaddings", TypeValue(DType::int32)}};
  const auto scalar = constant("k", Tensor::scalar(std::int32_t{1}));
  EXPECT_TRUE(
      infer_shapes(*build({placeholder("x", {2, 3}), scalar, record("n", "OneHot", {"x", "k", "k", "k"}, index)}))
          .ok());
  for (const auto& graph :
       {build({placeholder("x", {2, 3}), placeholder("a", Shape()), record("n", "GatherV2", {"x", "x", "a"}, batch)}),
        build({placeholder("x", {2, 3}), placeholder("b", {INT64_MAX}),
               record("n", "SpaceToBatchND", {"x", "b", "x"}, block)})}) {
    const auto shapes = infer_shapes(*graph);
    ASSERT_FALSE(shapes.ok());
    EXPECT_EQ(shapes.error().message.find("node 'n' ("), 0U) << shapes.error().message;
  }
}

TEST(ShapeInference, ScalarPlaceholdersOfOldGraphsAreUnknown) {
  Graph::Parts parts;
  parts.nodes = {placeholder("x", Shape())};
  parts.versions.producer = 21;
  const auto graph = Graph::build(std::move(parts));
  ASSERT_TRUE(graph.ok());
  const auto shapes = infer_shapes(**graph);
  ASSERT_TRUE(shapes.ok());
  EXPECT_FALSE(shapes->info({0, 0}).shape.has_rank());
}

}  // namespace
}  // namespace isotherm
