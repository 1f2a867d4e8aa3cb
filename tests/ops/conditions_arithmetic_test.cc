// Conditions of arithmetic, activations, casts, matrix products, pooling, normalization and convolutions.
#include <gtest/gtest.h>

#include "tests/ops/one_op.h"

namespace isotherm::testing {
namespace {

constexpr DType f = DType::float32, h = DType::float16, d = DType::float64, i32 = DType::int32, i64 = DType::int64,
                b = DType::boolean, u8 = DType::uint8;
constexpr std::int64_t u = kUnknownDim;

TEST(Conditions, Binary) {
  const char* both = "condition: Constant folding is falled back to TensorFlow, binary op 'AddV2' received both input";
  check_rows({
      {"AddV2", {tensor({2, 3}), tensor({2, 3})}, {}, "", ""},
      {"AddV2", {tensor({u, 3}), weights({3})}, {}, "", ""},
      {"AddV2", {tensor({1, 3}), weights({0, 3})}, {}, "", ""},
      {"AddV2", {weights({2, 3}), weights({3})}, {}, both, both},
      {"AddV2",
       {tensor({2, 3}, u8), tensor({2, 3}, u8)},
       {},
       "must be one of [float, half, int32]",
       "[float, half, int32]"},
      {"Mul",
       {tensor({2, 3, 4}), tensor({4})},
       {},
       "",
       "Broadcasting beyond batch dimension is not supported (tensor #dims 1 vs broadcast #dims 3)"},
      {"Mul", {tensor({2, 4}), weights({1, 2, 4})}, {}, "", "(tensor #dims 2 vs broadcast #dims 3)"},
      {"Sub", {tensor({2, 3}), weights({2, 3})}, {}, "", "Infeasible broadcast scheme"},
      {"Sub", {tensor({2, u}), tensor({2, 4})}, {}, "", "Infeasible broadcast scheme"},
      {"Sub", {tensor({2, u}), tensor({2, 1})}, {}, "", ""},
      {"Sub", {tensor({2, 1}), tensor({1, 1})}, {}, "", ""},
      {"Maximum", {tensor({u, 2, 2, 2, 2, 2, u}), weights({4})}, {}, "Infeasible broadcast scheme", "Infeasible"},
      {"Greater",
       {tensor({2, 3}), tensor({2, 3})},
       {},
       "",
       "Convertion for Binary op: 'Greater' is not supported in implicit"},
      {"Equal",
       {tensor({2, 3}, b), tensor({2, 3}, b)},
       {},
       "Data type bool is not supported for Equal",
       "Data type bool"},
      {"LogicalAnd",
       {tensor({2}, b), weights({2}, b)},
       {},
       "Both inputs  of 'LogicalAnd' are expected to be tensors",
       "Binary op"},
      {"LogicalOr", {tensor({2, 3}, b), tensor({3}, b)}, {}, "", "Binary op"},
      {"SquaredDifference",
       {tensor({2, 3}), weights({3})},
       {},
       "The input \"y\" for SquaredDifference must be a tensor",
       "\"y\""},
      {"SquaredDifference",
       {tensor({2, 3}, i32), tensor({2, 3}, i32)},
       {},
       "must be one of [float, half]",
       "[float, half]"},
      {"AddN", {tensor({1, 3}), weights({1, 3})}, {}, "", ""},
      {"AddN", {tensor({2, 3}), weights({2, 3})}, {}, "required to have batch dimension 1", "batch dimension 1"},
      {"AddN", {tensor({2, 3})}, {}, "AddN requires at least two inputs", "at least two inputs"},
      {"BiasAdd", {tensor({2, 5, 5, 3}), weights({3})}, {}, "", ""},
      {"BiasAdd", {tensor({2, 5, 5, 3}), tensor({3})}, {}, "", "(tensor #dims 1 vs broadcast #dims 4)"},
      {"BiasAdd", {tensor({2, 3, 5, 5}), tensor({3})}, {{"data_format", std::string("NCHW")}}, "", "undefined memory"},
      {"BiasAdd", {weights({2, 3}, i32), weights({3}, i32)}, {}, "All inputs are weights", "All inputs are weights"},
      {"BiasAdd", {tensor({2, 3}, i32), weights({3}, i32)}, {}, "[float, half]", "[float, half]"},
  });
}

TEST(Conditions, Unary) {
  check_rows({
      {"Exp", {tensor({2, 3})}, {}, "", ""},
      {"Exp", {tensor(Shape())}, {}, "At least 1 dimension is required for UNARY operation 'Exp'", nullptr},
      {"Exp", {tensor({2})}, {}, "", "At least 1 dimension is required"},
      {"Exp", {weights({2, 3})}, {}, "The input \"x\" for Exp must be a tensor, at n", "must be a tensor, at n"},
      {"Abs", {tensor({2, 3}, i32)}, {}, "must be one of [float, half, int8]", "[float, half, int8]"},
      {"Round", {tensor({2, 3})}, {}, "", "Convertion for Unary op: 'Round' is not supported in implicit batch mode"},
      {"Sign", {tensor({2, 3}, i32)}, {}, "", "Unary op"},
      {"LogicalNot", {tensor({2, 3}, b)}, {}, "", "Unary op"},
      {"Relu", {tensor({2, 3}, h)}, {}, "", ""},
      {"Relu", {weights({2, 3})}, {}, "The input \"input\" for Relu must be a tensor, at n", "must be a tensor"},
      {"Square", {tensor({2, 3}, i32)}, {}, "", ""},
      {"Square", {tensor({2, 3}, u8)}, {}, "must be one of [float, int32, half]", "[float, int32, half]"},
      {"ClipByValue", {tensor({2, 3}), number(0.f), number(1.f)}, {}, "", ""},
      {"ClipByValue",
       {tensor({2, 3}), tensor(Shape()), number(1.f)},
       {},
       "\"clip_value_min\" for ClipByValue must be a constant",
       "input: "},
      {"Softmax", {tensor({u, u})}, {}, "", ""},
      {"Cast", {tensor({2, 3}, h)}, {{"DstT", f}}, "", ""},
      {"Cast",
       {tensor({2, 3}, b)},
       {{"DstT", f}},
       "Allowed input dtypes: [float, half]. Received: bool",
       "Received: bool"},
      {"Cast",
       {tensor({2, 3})},
       {{"DstT", i64}},
       "Allowed output dtypes: [float, half]. Received: int64",
       "Received: int64"},
      {"Cast", {weights({0}, i32)}, {{"DstT", f}}, "", ""},
      {"Cast", {weights({2}, d)}, {{"DstT", f}}, "input: ", "input: "},
  });
}

TEST(Conditions, MatrixProducts) {
  const char* flat = "MatMul with 2D tensors requires explicit batch mode";
  check_rows({
      {"MatMul", {tensor({2, 3}), weights({3, 4})}, {}, "", ""},
      {"MatMul", {tensor({3, 2}), weights({3, 4})}, {{"transpose_a", true}}, "", flat},
      {"MatMul", {tensor({2, 3}), tensor({3, 4})}, {}, "", flat},
      {"MatMul", {weights({2, 3}), weights({3, 4})}, {}, "", ""},
      {"MatMul", {tensor({2, 3}, i32), tensor({3, 4}, i32)}, {}, "[float, half]", "[float, half]"},
      {"BatchMatMulV2", {tensor({2, 3, 4}), tensor({2, 4, 5})}, {}, "", ""},
      {"BatchMatMulV2", {tensor({2, 3, 4}), weights({1, 4, 5})}, {}, "", ""},
      {"BatchMatMulV2", {tensor({2, 3, 4}), weights({2, 4, 5})}, {}, "", "batched constants in implicit batch mode"},
      {"BatchMatMulV2", {tensor({2, 4, 3, 5}), tensor({4, 5, 6})}, {}, "", "Broadcasting beyond batch dimension"},
      {"BatchMatMulV2",
       {weights({2, 3, 4}), weights({2, 4, 5})},
       {},
       "All inputs are weights",
       "All inputs are weights"},
  });
  const auto einsum = [](const char* equation, const char* words) {
    return Row{"Einsum",
               {tensor({3, 3}), tensor({3, 3})},
               {{"equation", std::string(equation)}},
               words,
               "Convertion for op: 'Einsum'"};
  };
  check_rows({
      einsum("ij,jk->ik", ""),
      einsum("bi,bj->bij", ""),
      einsum("Ab,bC->AC", ""),
      einsum("i...,j...->ij...", "No conversion for einsum equation"),
      einsum("ii,ij->ij", "a label occurs twice"),
      einsum("ij,ij->", "the result is a scalar"),
      einsum("ij,ij->ij", "No conversion for einsum equation"),
      {"Einsum", {tensor({3, 4})}, {{"equation", std::string("ij->ji")}}, "", "Einsum"},
  });
}

TEST(Conditions, Convolutions) {
  const auto conv = [](Source x, Source w, std::vector<std::int64_t> strides, std::vector<std::int64_t> dilations,
                       const char* padding, const char* e, const char* i) {
    Attrs attrs = {{"strides", list(std::move(strides))},
                   {"dilations", list(std::move(dilations))},
                   {"padding", std::string(padding)}};
    if (std::string(padding) == "EXPLICIT") attrs.emplace_back("explicit_paddings", list({0, 0, 1, 1, 1, 1, 0, 0}));
    return Row{"Conv2D", {std::move(x), std::move(w)}, attrs, e, i};
  };
  const Shape x = {2, 8, 8, 3};
  const Shape w = {3, 3, 3, 4};
  const char* constant = "condition: The input \"filter\" for Conv2D must be a constant; 'in1:0' is a tensor";
  check_rows({
      conv(tensor(x), weights(w), {1, 2, 2, 1}, {1, 1, 1, 1}, "SAME", "", ""),
      conv(tensor({u, u, u, 3}), variable(w), {1, 2, 2, 1}, {1, 1, 1, 1}, "VALID", "", ""),
      conv(tensor(x), tensor(w), {1, 1, 1, 1}, {1, 1, 1, 1}, "SAME", constant, constant),
      conv(weights(x), weights(w), {1, 1, 1, 1}, {1, 1, 1, 1}, "SAME", "\"input\" for Conv2D must be a tensor",
           "must be a tensor"),
      conv(tensor({2, 8, 8, u}), weights(w), {1, 1, 1, 1}, {1, 1, 1, 1}, "SAME", "Channel dimension must be static",
           ""),
      conv(tensor(x), weights(w), {1, 1, 1, 1}, {1, 2, 2, 1}, "SAME", "", ""),
      conv(tensor(x), weights(w), {1, 1, 1, 1}, {1, 1, 1, 1}, "EXPLICIT", "EXPLICIT padding type not implemented",
           "EXPLICIT"),
  });
  const Attrs attrs = {{"strides", list({1, 1, 1, 1})}, {"padding", std::string("SAME")}};
  const Source sizes = ints({2, 8, 8, 3});
  check_rows({
      {"Conv2DBackpropInput", {sizes, weights({3, 3, 3, 4}), tensor({2, u, 8, 4})}, attrs, "", ""},
      {"Conv2DBackpropInput",
       {sizes, weights({3, 3, 3, 4}), tensor({2, 8, u, 4})},
       attrs,
       "unknown spatial shape",
       "unknown spatial shape"},
      {"Conv2DBackpropInput",
       {tensor({4}, i32), weights({3, 3, 3, 4}), tensor({2, 8, 8, 4})},
       attrs,
       "\"input_sizes\" for Conv2DBackpropInput must be a constant",
       nullptr},
  });
  const auto conv3d = [](std::vector<std::int64_t> sizes3d, const char* words) {
    std::vector<std::int32_t> v(sizes3d.begin(), sizes3d.end());
    return Row{"Conv3DBackpropInputV2",
               {ints(v), weights({2, 2, 2, 3, 4}), tensor({1, 4, 4, 4, 4})},
               {{"strides", list({1, 1, 1, 1, 1})}, {"padding", std::string("SAME")}},
               words,
               words};
  };
  check_rows({conv3d({1, 4, 4, 4, 3}, "Asymmetric padding with Conv3DBackpropInputV2")});
}

TEST(Conditions, ConvolutionsInExplicitPrecision) {
  const Attrs attrs = {{"strides", list({1, 1, 1, 1})}, {"padding", std::string("SAME")}};
  const Source x = tensor({2, 8, 8, 3});
  check_rows(
      {{"Conv2D", {x, weights({3, 3, 3, 4})}, attrs, "\"filter\" for Conv2D must be a tensor", "must be a tensor"},
       {"Conv2D", {x, tensor({3, 3, 3, 4})}, attrs, "", "Conv2D expects kernel of dimension 4"}},
      Precision::int8, true);
}

TEST(Conditions, PoolingAndNormalization) {
  const auto pool = [](std::int64_t height, std::int64_t width) {
    return Attrs{
        {"ksize", list({1, height, width, 1})}, {"strides", list({1, 1, 1, 1})}, {"padding", std::string("SAME")}};
  };
  check_rows({
      {"MaxPool", {tensor({2, u, u, 3})}, pool(2, 2), "", ""},
      {"AvgPool",
       {tensor({2, 900, 900, 3})},
       pool(400, 250),
       "Window dimensions are not within bounds",
       "Window dimensions"},
      {"MaxPool", {tensor({2, 8, 8, 3}, u8)}, pool(2, 2), "[float, int8, half]", "[float, int8, half]"},
      {"MaxPool3D",
       {tensor({2, 8, 8, 8, 3})},
       {{"ksize", list({1, 2, 2, 2, 1})}, {"strides", list({1, 2, 2, 2, 1})}, {"padding", std::string("VALID")}},
       "",
       ""},
  });
  const std::vector<Source> bn = {tensor({2, 8, 8, 3}), weights({3}), weights({3}), weights({3}), weights({3})};
  std::vector<Source> tensors = bn;
  tensors[1] = tensor({3});
  std::vector<Source> unknown = bn;
  unknown[0] = tensor({2, 3, 8, u});
  check_rows({
      {"FusedBatchNormV3", bn, {{"is_training", false}}, "", ""},
      {"FusedBatchNormV3",
       bn,
       {{"is_training", true}},
       "FusedBatchNormV3 only supports is_training=false",
       "only supports"},
      {"FusedBatchNorm",
       tensors,
       {{"is_training", true}},
       "\"scale\" for FusedBatchNorm must be a constant",
       "must be a constant"},
      {"FusedBatchNormV3", unknown, {{"is_training", false}, {"data_format", std::string("NCHW")}}, "", ""},
  });
}

}  // namespace
}  // namespace isotherm::testing
