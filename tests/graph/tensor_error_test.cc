#include "core/graph/tensor_error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <random>

#include "core/graph/half.h"

namespace isotherm {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

Tensor floats(const std::vector<float>& values) { return Tensor::vector(values); }
Tensor ints(const std::vector<std::int32_t>& values) { return Tensor::vector(values); }

TEST(TensorError, IsTheLargestDifferenceOverTheLargestValue) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  for (const int n : {1, 3, 1000}) {
    std::vector<float> a, b;
    long double difference = 0, largest = 0;
    for (int i = 0; i < n; ++i) {
      b.push_back(100 * normal(random));
      a.push_back(b.back() + normal(random));
      difference = std::max(difference, std::abs(static_cast<long double>(a.back()) - b.back()));
      largest = std::max(largest, std::abs(static_cast<long double>(b.back())));
    }
    const TensorError e = tensor_error(floats(a), floats(b));
    EXPECT_NEAR(e.error, static_cast<double>(difference / largest), 1e-12);
    EXPECT_EQ(e.difference, static_cast<double>(difference));
    EXPECT_EQ(e.largest, static_cast<double>(largest));
    EXPECT_EQ(e.elements, n);
    EXPECT_EQ(e.mismatch, "");
  }
}

TEST(TensorError, IsOverTheRightTensorsValues) {
  EXPECT_DOUBLE_EQ(tensor_error(floats({4}), floats({2})).error, 1);
  EXPECT_DOUBLE_EQ(tensor_error(floats({2}), floats({4})).error, 0.5);
  EXPECT_DOUBLE_EQ(tensor_error(floats({0.25f, 0}), floats({0, 0})).error, 0.25);  // all zeros: the difference itself
  EXPECT_EQ(tensor_error(floats({}), floats({})).error, 0);
}

TEST(TensorError, NanAndInfinitiesMustBeAtTheSamePlaces) {
  const TensorError same = tensor_error(floats({kNan, kInf, -kInf, 1}), floats({kNan, kInf, -kInf, 2}));
  EXPECT_EQ(same.mismatch, "");
  EXPECT_DOUBLE_EQ(same.error, 0.5);
  for (const auto& [a, b] :
       {std::pair{floats({1, kNan}), floats({1, 2})}, std::pair{floats({1, 2}), floats({1, kNan})},
        std::pair{floats({1, kInf}), floats({1, -kInf})}, std::pair{floats({1, kInf}), floats({1, kNan})}}) {
    const TensorError e = tensor_error(a, b);
    EXPECT_TRUE(std::isnan(e.error));
    EXPECT_EQ(e.mismatch, "NaN or infinity at 1 of 2 places in one of the two alone, the first at 1");
  }
}

TEST(TensorError, IntegersAndStringsMustBeEqual) {
  EXPECT_EQ(tensor_error(ints({1, 2}), ints({1, 2})).error, 0);
  const TensorError e = tensor_error(ints({1, 9, 8}), ints({1, 2, 3}));
  EXPECT_TRUE(std::isnan(e.error));
  EXPECT_EQ(e.mismatch, "2 of 3 integers differ, the first at 1: 9 for 2");
  EXPECT_EQ(e.difference, 7);
  const Tensor a = Tensor::strings({2}, {"x", "y"}), b = Tensor::strings({2}, {"x", "z"});
  EXPECT_EQ(tensor_error(a, a).error, 0);
  EXPECT_TRUE(std::isnan(tensor_error(b, a).error));
}

TEST(TensorError, AnIndexMayDifferBetweenScoresThatTie) {
  const std::vector<double> scores = {5, 3, 5};
  const TieCheck tied = [&](std::int64_t, std::int64_t a, std::int64_t b) {
    return scores[static_cast<std::size_t>(a)] == scores[static_cast<std::size_t>(b)];
  };
  const TensorError e = tensor_error(ints({0, 2}), ints({2, 2}), tied);
  EXPECT_EQ(e.error, 0);
  EXPECT_EQ(e.tied, 1);
  EXPECT_TRUE(std::isnan(tensor_error(ints({1}), ints({2}), tied).error));
}

TEST(TensorError, OtherShapesTypesAndMissingValuesAreSaid) {
  EXPECT_EQ(tensor_error(floats({1, 2}), floats({1})).mismatch, "found float32 [2], expected float32 [1]");
  EXPECT_EQ(tensor_error(ints({1}), floats({1})).mismatch, "found int32 [1], expected float32 [1]");
  EXPECT_EQ(tensor_error(Tensor(), floats({1})).mismatch, "only one of the two has a value");
  const Tensor object = Tensor::object(DType::resource, nullptr);
  EXPECT_TRUE(std::isnan(tensor_error(object, object).error));
}

TEST(TensorError, HalvesCompareWithFloatsAndComplexByParts) {
  Tensor half = Tensor::make(DType::float16, {1}).value();
  const std::uint16_t one_and_a_bit = 0x3c01;  // 1 + 2^-10
  std::memcpy(half.raw(), &one_and_a_bit, 2);
  EXPECT_DOUBLE_EQ(tensor_error(half, floats({1})).error, 1.0 / 1024);
  const auto complex = [](float re, float im) {
    Tensor t = Tensor::make(DType::complex64, Shape{1}).value();
    const float parts[] = {re, im};
    std::memcpy(t.raw(), parts, sizeof parts);
    return t;
  };
  EXPECT_DOUBLE_EQ(tensor_error(complex(4, 1), complex(4, 2)).error, 0.25);
}

TEST(TensorError, ReadsAnyAlignment) {
  auto buffer = allocate_host(64);
  const float value = 3;
  std::memcpy(buffer->data() + 1, &value, sizeof value);
  const Tensor odd(DType::float32, {1}, buffer, 1);
  EXPECT_DOUBLE_EQ(tensor_error(odd, floats({4})).error, 0.25);
}

}  // namespace
}  // namespace isotherm
