// What all ops share: registered converters, precision, the turning of inputs into tensors and weights.
#include "core/ops/engine_conditions.h"

#include <gtest/gtest.h>

#include "core/ops/conditions/operand.h"
#include "core/ops/conditions/registry.h"
#include "core/ops/shape_inference.h"
#include "tests/ops/one_op.h"

namespace isotherm::testing {
namespace {

constexpr DType h = DType::float16, d = DType::float64, i32 = DType::int32, i64 = DType::int64, b = DType::boolean,
                u8 = DType::uint8;
constexpr std::int64_t u = kUnknownDim;

TEST(EngineConditions, KnowsTheOpsOfTfTrt) {
  EXPECT_EQ(conditions::registry().size(), 124u);
  for (const char* op : {"Conv2D", "FakeOp", "_CopyFromHostToGpu", "zeros_like", "QuantizeAndDequantizeV3", "Einsum"})
    EXPECT_TRUE(has_engine_converter(op)) << op;
  for (const char* op : {"MaxPoolV2", "BatchMatMulV3", "Gather", "NotEqual", "Placeholder", ""})
    EXPECT_FALSE(has_engine_converter(op)) << op;
}

TEST(EngineConditions, NamesPrecisions) {
  for (const Precision p : {Precision::fp32, Precision::fp16, Precision::int8})
    EXPECT_EQ(precision_from_name(precision_name(p)), p);
  EXPECT_FALSE(precision_from_name("FP8"));
}

TEST(EngineConditions, RefusesUnknownOpsBeforeTheirInputs) {
  check_rows({{"Log1p", {tensor({2, 3}, d)}, {}, "unsupported-op: Op type Log1p is not supported", "unsupported-op"},
              {"Rint", {tensor({2, 3})}, {}, "Op type Rint is not supported", "Op type Rint is not supported"}});
}

TEST(EngineConditions, TakesFakedOpsAfterTheirInputs) {
  ConditionOptions options;
  options.fake_ops = {"Rint", "Relu"};
  EXPECT_EQ(ask("Rint", {tensor({2, 3})}, {}, options), "");
  EXPECT_EQ(ask("Relu", {tensor({2, 3}, i32)}, {}, options), "");
  EXPECT_NE(ask("Rint", {tensor({2, 3}, d)}, {}, options).find("input: Failed to convert"), std::string::npos);
}

TEST(EngineConditions, ConvertsInputs) {
  const char* type =
      "input: Failed to convert at least one input to a TRT_TensorOrWeights: input 0 ('in0:0'): "
      "Unsupported tensorflow data type";
  check_rows({
      {"Identity", {tensor({2, 3}, d)}, {}, type, type},
      {"Identity", {tensor({2, 3}, i64)}, {}, "data type int64", "data type int64"},
      {"Identity", {tensor({2, 3}, DType::int8)}, {}, "data type int8", "data type int8"},
      {"Identity", {tensor({2, 3}, DType::resource)}, {}, "", ""},
      {"Identity", {tensor({2, 3}, b)}, {}, "", ""},
      {"Identity", {tensor({2, 3}, u8)}, {}, "", ""},
      {"Relu", {tensor(Shape::unknown_rank())}, {}, "rank is unknown", "rank is unknown"},
      {"Relu", {tensor({1, 1, 1, 1, 1, 1, 1, 1})}, {}, "", ""},
      {"Relu", {tensor({1, 1, 1, 1, 1, 1, 1, 1, 1})}, {}, "rank is greater than 8", "exceed MAX_DIMS"},
      {"Relu", {tensor({1, 1, 1, 1, 1, 1, 1, 1, 1, 1})}, {}, "rank is greater than 8", "rank is greater than 9"},
      {"Relu", {tensor(Shape())}, {}, "At least 1 dimension", "Scalar input tensor is not supported"},
      {"Relu", {tensor({0, 2})}, {}, "is an empty tensor", ""},
      {"Relu", {tensor({2, 0})}, {}, "is an empty tensor", "is an empty tensor"},
      {"Relu", {weights({2}, d)}, {}, "data type double", "data type double"},
      {"Relu", {weights({1, 1, 1, 1, 1, 1, 1, 1, 1})}, {}, "exceed MAX_DIMS", "exceed MAX_DIMS"},
      {"IdentityN",
       {longs({1, std::int64_t{1} << 31})},
       {},
       "Value at index 1 is outside the range of int32",
       "Value at"},
      {"IdentityN", {longs({1, -(std::int64_t{1} << 31)})}, {}, "", ""},
      {"Identity", {variable({2, 3})}, {}, "", ""},
      {"Identity", {variable({2, 3}, i32)}, {}, "Data type int32 is not supported for VariableV2", "VariableV2"},
      {"Identity", {variable({u, 3})}, {}, "static shape", "static shape"},
  });
}

TEST(EngineConditions, JudgesSources) {
  const AttrValue unsupported = make_constant_attr(Constant(d, Shape{2}, *Tensor::make(d, Shape{0})));
  const AttrValue empty = make_constant_attr(Constant(d, Shape{0}, *Tensor::make(d, Shape{0})));
  const AttrValue large = make_constant_attr(Constant(Tensor::scalar(std::int64_t{1} << 40)));
  const AttrValue flag = make_constant_attr(Constant(b, Shape{2}, *Tensor::make(b, Shape{0})));
  check_rows({
      {"Const",
       {},
       {{"dtype", d}, {"value", unsupported}},
       "dtype: Unsupported tensorflow data type double",
       "dtype: "},
      {"Const", {}, {{"dtype", d}, {"value", empty}}, "dtype: Unsupported tensorflow data type double", "dtype: "},
      {"Const", {}, {{"dtype", i64}, {"value", large}}, "condition: Value at index 0", "condition: Value at index 0"},
      {"Const", {}, {{"dtype", b}, {"value", flag}}, "", ""},
      {"VariableV2",
       {},
       {{"dtype", i32}, {"shape", Shape{2}}},
       "condition: Data type int32 is not supported",
       "condition"},
      {"VariableV2", {}, {{"dtype", h}, {"shape", Shape()}}, "", ""},
      {"ReadVariableOp",
       {tensor(Shape(), DType::resource)},
       {{"dtype", i32}},
       "must be one of [float, half]",
       "must be"},
      {"ReadVariableOp",
       {tensor(Shape(), DType::resource)},
       {{"dtype", h}},
       "No attr named '_shape'",
       "Implicit batch mode not supported"},
      {"ReadVariableOp",
       {tensor(Shape(), DType::resource)},
       {{"dtype", h}, {"_shape", Shape{2, 3}}},
       "",
       "Implicit batch"},
  });
}

TEST(EngineConditions, LooksThroughIdentitiesWithTheConsumersPort) {
  Graph::Parts parts;
  const auto add = [&](const char* name, const char* op, std::vector<std::string> inputs, const Attrs& attrs) {
    NodeRecord n;
    n.name = name;
    n.op = op;
    n.inputs = std::move(inputs);
    for (const auto& [k, v] : attrs) n.attrs.set(k, v);
    parts.nodes.push_back(std::move(n));
  };
  const TypeValue f(DType::float32);
  add("x", "Placeholder", {}, {{"dtype", f}, {"shape", Shape{4, 4}}});
  add("k", "Const", {}, {{"dtype", TypeValue(i32)}, {"value", make_constant_attr(Constant(Tensor::scalar(2)))}});
  add("top", "TopKV2", {"x", "k"}, {{"T", f}, {"sorted", true}});
  add("i", "Identity", {"top:1"}, {{"T", TypeValue(i32)}});
  add("cast", "Cast", {"i"}, {{"SrcT", TypeValue(i32)}, {"DstT", f}});
  add("direct", "Cast", {"top:1"}, {{"SrcT", TypeValue(i32)}, {"DstT", f}});
  const auto graph = *Graph::build(parts);
  const auto shapes = infer_shapes(*graph);
  ASSERT_TRUE(shapes.ok()) << shapes.error().message;
  EXPECT_FALSE(engine_refusal(*graph, *shapes, graph->find("cast"), {}));
  const auto refusal = engine_refusal(*graph, *shapes, graph->find("direct"), {});
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->detail,
            "Cast op is not supported - Allowed input dtypes: [float, half]. Received: int32 ('top:1')");
}

TEST(EngineConditions, SurvivesMalformedNodes) {
  for (const char* op : {"Conv2D",
                         "Add",
                         "Split",
                         "Pack",
                         "ConcatV2",
                         "StridedSlice",
                         "Einsum",
                         "FusedBatchNormV3",
                         "Select",
                         "BiasAdd",
                         "AddN",
                         "Conv2DBackpropInput",
                         "CombinedNonMaxSuppression",
                         "Cast",
                         "Const",
                         "VariableV2",
                         "Fill",
                         "MaxPool",
                         "GatherV2",
                         "Unpack",
                         "Squeeze",
                         "QuantizeAndDequantizeV2"}) {
    Graph::Parts parts;
    NodeRecord n;
    n.name = "n";
    n.op = op;
    parts.nodes.push_back(n);
    const auto graph = *Graph::build(parts);
    const auto shapes = infer_shapes(*graph);
    if (!shapes.ok()) continue;
    ConditionOptions options;
    options.precision = Precision::int8;
    for (const bool implicit : {false, true}) {
      options.implicit_batch = implicit;
      EXPECT_TRUE(engine_refusal(*graph, *shapes, 0, options)) << op;
    }
  }
}

TEST(ReadBack, LeaksSymbolsWhereTensorShapeUnpacks) {
  using conditions::read_back;
  using Dims = std::vector<std::int64_t>;
  EXPECT_EQ(read_back(Shape{-5, 3, -6}), (Dims{-1, 3, -1}));
  EXPECT_EQ(read_back(Shape{-5, 2, 2, 2, 2, 2, -7}), (Dims{-1, 2, 2, 2, 2, 2, -7}));
  EXPECT_EQ(read_back(Shape{-5, 2, 2, 2, 2, -6}), (Dims{-1, 2, 2, 2, 2, -1}));
  EXPECT_EQ(read_back(Shape{70000, 2, -3, -4}), (Dims{70000, 2, -1, -4}));
  EXPECT_EQ(read_back(Shape{-2, 65533, 2, -3}), (Dims{-1, 65533, 2, -1}));
  EXPECT_EQ(read_back(Shape{-2, 65534, 2, -3}), (Dims{-1, 65534, 2, -3}));
  EXPECT_EQ(read_back(Shape{2, 2, -3, 2, 70000, -4}), (Dims{2, 2, -1, 2, 70000, -4}));
}

}  // namespace
}  // namespace isotherm::testing
