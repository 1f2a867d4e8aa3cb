// Conditions of ops that move data: shapes, slices, joins, selection, reductions, images, quantization.
#include <gtest/gtest.h>

#include "core/ops/conditions/strided_slice.h"
#include "tests/ops/one_op.h"

namespace isotherm::testing {
namespace {

constexpr DType h = DType::float16, i32 = DType::int32, i64 = DType::int64, b = DType::boolean, u8 = DType::uint8;
constexpr std::int64_t u = kUnknownDim;
constexpr const char* kBatch = "TensorRT does not allow manipulation of the batch dimension";
constexpr const char* kBatchModified = "TensorRT does not allow modifications to the batch dimension";
constexpr const char* kNullopt = "The argument `strided_slice_spec` is `std::nullopt` with";

TEST(Conditions, Layout) {
  const char* reshape = "Reshape on batch dimension is not supported";
  check_rows({
      {"Reshape", {tensor({2, 3, 4}), ints({2, 12})}, {}, "", ""},
      {"Reshape", {tensor({2, 3, 4}), ints({4, 6})}, {}, "", reshape},
      {"Reshape", {tensor({2, 3, 4}), ints({2, -1})}, {}, "", ""},
      {"Reshape", {tensor({u, 3, 4}), ints({-1, 12})}, {}, "", ""},
      {"Reshape", {tensor({u, 3, 4}), ints({-1, 6})}, {}, "", reshape},
      {"Reshape", {tensor({u, 3, 4}), ints({7, -1})}, {}, "", reshape},
      {"Reshape", {tensor({1, 1}), weights({0}, i32)}, {}, "", "Reshape to shape=[] is not supported"},
      {"Reshape", {tensor({2, 3, 4}), tensor({2}, i32)}, {}, "", nullptr},
      {"Reshape", {tensor({2, 3, 4}), tensor({2}, i64)}, {}, "input: ", "input: "},
      {"Reshape", {weights({2, 3}), ints({3, 2})}, {}, "\"tensor\" for Reshape must be a tensor", "must be a tensor"},
      {"Transpose", {tensor({2, 3, 4}), ints({0, 2, 1})}, {}, "", ""},
      {"Transpose", {tensor({2, 3, 4}), longs({1, 0, 2})}, {}, "", "Transpose at batch dimension is not supported"},
      {"Transpose", {tensor({2, 3}, b), ints({0, 1})}, {}, "[float, int32, half]", "[float, int32, half]"},
      {"Squeeze", {tensor({2, 1, 3})}, {{"squeeze_dims", list({1})}}, "", ""},
      {"Squeeze", {tensor({1, 3})}, {{"squeeze_dims", list({-2})}}, "", kBatch},
      {"Squeeze", {tensor({2, 1, 3})}, {}, "", "Squeeze is not implemented for empty squeeze_dims"},
      {"Squeeze", {tensor({u, 1, 3})}, {}, "empty squeeze_dims", "empty squeeze_dims"},
      {"Squeeze",
       {tensor({1, 1, 1, 1, 1, 1, u})},
       {{"squeeze_dims", list({6})}},
       "cannot be squeezed because it must be size 1",
       "cannot be squeezed"},
      {"ExpandDims", {tensor({2, 3}), number(-1)}, {}, "", ""},
      {"ExpandDims", {tensor({2, 3}), number(-3)}, {}, "", kBatch},
      {"DepthToSpace", {tensor({2, 2, 2, 8})}, {{"block_size", std::int64_t{2}}}, "", ""},
      {"SpaceToDepth", {tensor({2, u, u, 8}, b)}, {{"block_size", std::int64_t{2}}}, "[float, int32, half]", "[float"},
  });
}

TEST(Conditions, Slicing) {
  const char* negative = "\"size\" cannot be negative for StridedSlice";
  const char* dynamic = "In implicit batch mode, dynamic input size is not supported";
  check_rows({
      {"Slice", {tensor({2, 3}), ints({0, 1}), ints({-1, 2})}, {}, "", ""},
      {"Slice", {tensor({2, 3}), ints({1, 0}), ints({1, 3})}, {}, "", kBatchModified},
      {"Slice", {tensor({u, 3}), ints({0, 0}), ints({-1, 2})}, {}, "", dynamic},
      {"Slice", {tensor({2, u}), ints({0, 0}), ints({-1, -1})}, {}, "", ""},
      {"Slice", {tensor({2, u}), ints({0, 1}), ints({-1, -1})}, {}, "", negative},
      {"Slice", {tensor({2, u}), ints({0, 3}), ints({2, 0})}, {}, "", ""},
      {"Unpack", {tensor({2, 3, 4})}, {{"num", std::int64_t{3}}, {"axis", std::int64_t{1}}}, "", ""},
      {"Unpack", {tensor({2, 3, 4})}, {{"num", std::int64_t{2}}}, "", kBatch},
      {"Unpack", {tensor({u, 3, 4})}, {{"num", std::int64_t{3}}, {"axis", std::int64_t{1}}}, kNullopt, kNullopt},
      {"Split", {number(1), tensor({2, 6})}, {{"num_split", std::int64_t{3}}}, "", ""},
      {"Split", {number(1), tensor({u, 6})}, {{"num_split", std::int64_t{3}}}, kNullopt, kNullopt},
      {"Split",
       {number(1), tensor({2, u})},
       {{"num_split", std::int64_t{3}}},
       "must have statically defined dimensions",
       "statically"},
  });
  const auto strided = [](Shape x, std::vector<std::int32_t> begin, std::vector<std::int32_t> end, const Attrs& attrs,
                          const char* e, const char* i) {
    const std::vector<std::int32_t> ones(begin.size(), 1);
    return Row{"StridedSlice", {tensor(std::move(x)), ints(begin), ints(end), ints(ones)}, attrs, e, i};
  };
  const auto mask = [](const char* name, std::int64_t value) { return std::pair<std::string, AttrValue>(name, value); };
  check_rows({
      strided({2, 5}, {0, 1}, {2, 3}, {}, "", ""),
      strided({2, 5}, {0, 3}, {2, 1}, {}, negative, negative),
      strided({2, 5}, {0, 1}, {1, 3}, {}, "", kBatchModified),
      strided({2, 5}, {0, 1}, {1, 3}, {mask("end_mask", 1)}, "", ""),
      strided({2, 5}, {0, 1}, {1, 3}, {mask("shrink_axis_mask", 1)}, "", kBatchModified),
      strided({2, 5}, {0, -1}, {0, 0}, {mask("begin_mask", 1), mask("end_mask", 1), mask("shrink_axis_mask", 2)}, "",
              ""),
      strided({2, u}, {0, -1}, {0, 0}, {mask("begin_mask", 1), mask("end_mask", 1), mask("shrink_axis_mask", 2)},
              "Negative values in begin weight tensor are unsupported", "Negative values in begin"),
      strided({2, 5}, {0, 0}, {1, 2}, {mask("new_axis_mask", 1)}, "new_axis_mask is not supported for StridedSlice",
              "new_axis"),
      strided({2, 5}, {0, 1}, {0, 3}, {mask("ellipsis_mask", 1)}, "", ""),
      strided({2, 5}, {}, {}, {}, "have no values", "have no values"),
  });
}

TEST(StridedSlice, ResolvesAsTensorFlow) {
  using conditions::resolve_strided_slice;
  using Dims = std::vector<std::int64_t>;
  // x[..., -2:, 1] of shape 4x5x6
  auto s = resolve_strided_slice({4, 5, 6}, {{0, -2, 1}, {0, 0, 2}, {1, 1, 1}, 0, 2, 1, 4});
  ASSERT_TRUE(s.ok()) << s.error().message;
  EXPECT_EQ(s->begin, (Dims{0, 3, 1}));
  EXPECT_EQ(s->end, (Dims{4, 5, 2}));
  // x[::-1] of shape 4x5
  s = resolve_strided_slice({4, 5}, {{0}, {0}, {-1}, 1, 1, 0, 0});
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(s->begin, (Dims{3, 0}));
  EXPECT_EQ(s->end, (Dims{-1, 5}));
  EXPECT_FALSE(resolve_strided_slice({4}, {{4}, {5}, {1}, 0, 0, 0, 1}).ok());
  EXPECT_FALSE(resolve_strided_slice({4}, {{0}, {4}, {0}, 0, 0, 0, 0}).ok());
  EXPECT_FALSE(resolve_strided_slice({4}, {{0, 0}, {4, 4}, {1, 1}, 0, 0, 0, 0}).ok());
}

TEST(Conditions, Joining) {
  const Attrs axis1 = {{"axis", std::int64_t{1}}};
  check_rows({
      {"Pack", {tensor({2, 3}), tensor({2, 3})}, axis1, "", ""},
      {"Pack", {tensor({2, 3}), weights({2, 3})}, axis1, "", "\"values_1\" for Pack must be a tensor"},
      {"Pack", {tensor({2, 3}), tensor({2, 3})}, {}, "", kBatch},
      {"ConcatV2", {tensor({2, 3}), tensor({2, 4}), number(1)}, {}, "", ""},
      {"ConcatV2", {tensor({2, 3}), weights({2, 4}), number(-1)}, {}, "", "\"values_1\" for ConcatV2 must be a tensor"},
      {"ConcatV2", {tensor({2, 3}), tensor({4, 3}), number(0)}, {}, "", kBatch},
      {"ConcatV2",
       {tensor({2, 3}), tensor({2, 4}), tensor(Shape(), i32)},
       {},
       "\"axis\" for ConcatV2 must be a constant",
       "input: "},
      {"Tile", {tensor({2, 3}), ints({1, 2})}, {}, "", ""},
      {"Tile", {tensor({2, 3}), ints({2, 2})}, {}, "", "The Tile operation along the batch dimension"},
      {"Tile", {tensor({2, 3}), ints({1, 0})}, {}, "should be positive", "should be positive"},
      {"Tile", {tensor({2, 3}), tensor({2}, i32)}, {}, "", nullptr},
      {"GatherV2", {tensor({2, 3}), ints({0, 1}), number(1)}, {}, "", ""},
      {"GatherV2", {tensor({2, 3}), ints({0, 1}), number(0)}, {}, "", kBatch},
      {"GatherV2", {weights({5, 3}), tensor({2, 4}, i32), number(0)}, {}, "", ""},
      {"GatherV2",
       {weights({5, 3}), tensor({2, 4}, i32), number(1)},
       {},
       "",
       "axis must be zero when params is a weight"},
      {"GatherV2", {tensor({2, 3}), tensor({2, 2}, i32), number(1)}, {}, "", "must have a batch size of 1"},
      {"GatherV2",
       {tensor({2, 3}), longs({0}), number(1)},
       {},
       "Data type int64 is not supported for GatherV2, must be one of [int32]",
       "[int32]"},
      {"GatherV2", {tensor({1, 2, 1, 2, 1}), tensor({1, 2, 1, 2, 1}, i32), number(1)}, {}, "greater than 8", ""},
  });
  const auto pad = [](Shape x, std::vector<std::int32_t> amounts, const char* e, const char* i) {
    Source paddings = ints(amounts);
    const auto rank = static_cast<std::int64_t>(amounts.size() / 2);
    paddings.record.attrs.set("value", make_constant_attr(Constant(Tensor::vector(amounts).reshaped(Shape{rank, 2}))));
    return Row{"Pad", {tensor(std::move(x)), paddings}, {}, e, i};
  };
  check_rows({
      pad({2, 4, 4, 3}, {0, 0, 1, 1, 2, 0, 0, 0}, "", ""),
      pad({2, 4, 3}, {0, 0, 1, 1, 0, 0}, "Convertpad requires at least 4D input", "at least 4D input"),
      pad({2, 4, 4, 3}, {0, 0, 1, 1, 1, 1, 1, 1}, "does not support padding on > 2", "does not support padding on > 2"),
      pad({2, 4, 4, 3}, {1, 0, 0, 0, 0, 0, 0, 0}, "", "does not support padding on batch dimension"),
      pad({2, 4, 4, 3}, {0, 0, 0, 0, 0, 0, 0, 0}, "all zero", "all zero"),
  });
}

TEST(Conditions, MadeFromShapes) {
  check_rows({
      {"Shape", {tensor({2, 3})}, {{"out_type", i64}}, "", "Shape is only supported for explicit batch mode"},
      {"Fill", {ints({2, 3}), number(1.f)}, {}, "", "Convertion for op: 'Fill'"},
      {"Fill", {weights({0}, i32), number(1.f)}, {}, "", "Convertion for op: 'Fill'"},
      {"Range",
       {number(0), number(4), number(1)},
       {},
       "Dimension for 'start' of Range operator should be equal to 1",
       "Range"},
      {"Range", {number(0.f), tensor(Shape()), number(1.f)}, {}, "they must all be of type kINT32", "input: "},
      {"Range",
       {tensor(Shape(), i32), number(4), number(-1)},
       {},
       "cannot be negative, when one of (start, limit) is passed as a tensor",
       "input: "},
      {"ZerosLike", {tensor({2, 3})}, {}, "", "Convertion for op: 'ZerosLike'"},
      {"OnesLike", {tensor({2, 3}, b)}, {}, "[float, half, int32]", "[float, half, int32]"},
      {"DataFormatVecPermute", {tensor({4}, i32)}, {}, "", "Convertion for op: 'DataFormatVecPermute'"},
      {"DataFormatVecPermute",
       {tensor({u}, i32)},
       {},
       "1D input must be of size 2 or 4, but got size -1",
       "Convertion"},
  });
}

TEST(Conditions, Selection) {
  const Shape s = {2, 3};
  check_rows({
      {"SelectV2", {tensor(s, b), tensor(s), tensor({3})}, {}, "", "Convertion for op: 'SelectV2'"},
      {"SelectV2",
       {weights(s, b), tensor(s), tensor(s)},
       {},
       "cannot be passed as a weight in TRT version 8.4",
       "Convertion for op"},
      {"Select", {tensor(s, b), tensor(s), tensor(s)}, {}, "", "Convertion for op: 'Select'"},
      {"Select", {tensor({2}, b), tensor(s), tensor(s)}, {}, "", "Convertion for op"},
      {"Select", {tensor(Shape(), b), tensor(s), tensor(s)}, {}, "must be the same", "input: "},
      {"Select", {tensor({32}, b), tensor({32, 3}), tensor({32, 3})}, {}, "less than 8 elements", "Convertion for op"},
      {"Sum", {tensor({2, 3, 4}), ints({1, 2})}, {}, "", ""},
      {"Sum", {tensor({2, 3, 4}), ints({1, 0})}, {}, "", kBatch},
      {"Mean", {tensor({2, 3, 4}), longs({1})}, {}, "Tidx supports only DT_INT32", "Tidx supports only DT_INT32"},
      {"Max", {tensor({2, 3, 4}), weights({0}, i32)}, {}, "axis of Max has no values", "axis of Max has no values"},
      {"Min", {tensor({2, 3}), tensor({1}, i32)}, {}, "\"axis\" for Min must be a constant", nullptr},
      {"ArgMax", {tensor({2, 3}), number(1)}, {{"output_type", i32}}, "", ""},
      {"ArgMax", {tensor({2, 3}), number(1)}, {}, "Output type int64 is not supported", "Output type int64"},
      {"ArgMin", {tensor({2, 3}), number(0)}, {{"output_type", i32}}, "", kBatch},
      {"TopKV2", {tensor({2, 3}), number(2)}, {}, "", ""},
      {"TopKV2", {tensor({2, 3}), number(2)}, {{"sorted", false}}, "Only sorted=True is supported", "Only sorted=True"},
  });
}

TEST(Conditions, Images) {
  const Source x = tensor({2, 4, 4, 3});
  const Source size = ints({8, 8});
  const char* align = "Cannot Convert Bilinear Resize when align_corners=False";
  check_rows({
      {"ResizeBilinear", {x, size}, {{"align_corners", true}}, "", ""},
      {"ResizeBilinear", {x, size}, {}, align, align},
      {"ResizeNearestNeighbor", {x, tensor({2}, i32)}, {}, "", "Resize requires constant size in implicit batch mode"},
      {"ResizeNearestNeighbor", {tensor({2, 4, 4, 3}, i32), size}, {}, "must be one of [float, half]", "[float, half]"},
      {"ResizeNearestNeighbor",
       {tensor({2, 4, 4, 3}, u8), size},
       {},
       "must be one of [float, int32, half]",
       "[float, int32, half]"},
  });
  const auto nms = [](Shape boxes, const char* words) {
    return Row{"CombinedNonMaxSuppression",
               {tensor(std::move(boxes)), tensor({1, 10, 5}), number(4), number(8), number(0.5f), number(0.1f)},
               {},
               words,
               "Convertion for op: 'CombinedNonMaxSuppression'"};
  };
  check_rows({nms({1, 10, 1, 4}, ""), nms({1, 10, 5, 4}, ""),
              nms({1, 10, u, 4}, "third dimension of boxes must be either 1")});
}

TEST(Conditions, Quantization) {
  const Source x = tensor({2, 3});
  const std::vector<Source> two = {x, number(-1.f), number(1.f)};
  const std::vector<Source> three = {x, number(-1.f), number(1.f), number(8)};
  const std::vector<Source> half = {tensor({2, 3}, h), weights(Shape(), h), weights(Shape(), h), number(8)};
  const char* unsupported = "unsupported-op: Op type";
  check_rows({{"FakeQuantWithMinMaxVars", two, {}, unsupported, unsupported},
              {"QuantizeAndDequantizeV2", two, {}, unsupported, unsupported}});
  check_rows({{"FakeQuantWithMinMaxVars", two, {}, "", ""},
              {"FakeQuantWithMinMaxVars",
               {x, tensor(Shape()), number(1.f)},
               {},
               "\"min\" for FakeQuantWithMinMaxVars must be a constant",
               "input: "},
              {"QuantizeAndDequantizeV3", three, {}, "", ""},
              {"QuantizeAndDequantizeV3", half, {}, "TF-TRT itself aborts", "TF-TRT itself aborts"},
              {"QuantizeAndDequantizeV4", two, {}, unsupported, unsupported}},
             Precision::int8);
  check_rows(
      {{"QuantizeAndDequantizeV2", two, {}, "", ""},
       {"QuantizeAndDequantizeV2", {x, number(0.f), number(0.f)}, {}, "TRT_ENSURE failure", "TRT_ENSURE failure"},
       {"QuantizeAndDequantizeV3", three, {}, "No attr named 'round_mode'", "No attr named 'round_mode'"},
       {"FakeQuantWithMinMaxVars", two, {}, "explicit precision", "explicit precision"}},
      Precision::fp32, true);
}

}  // namespace
}  // namespace isotherm::testing
