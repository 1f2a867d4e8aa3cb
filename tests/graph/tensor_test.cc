#include "core/graph/tensor.h"

#include <gtest/gtest.h>

#include <cstring>

namespace isotherm {
namespace {

TEST(Tensor, AllocationsAreAlignedAndRefuseWhatCannotBe) {
  const auto tensor = Tensor::make(DType::float32, {3, 5});
  ASSERT_TRUE(tensor.ok());
  EXPECT_TRUE(tensor->is_aligned(kHostAlignment));
  EXPECT_EQ(tensor->byte_size(), 60u);
  EXPECT_FALSE(Tensor::make(DType::float32, {-1, 5}).ok());
  EXPECT_FALSE(Tensor::make(DType::float32, {std::int64_t{1} << 40, 1 << 20}).ok());
  EXPECT_FALSE(Tensor::make(DType::invalid, {2}).ok());
}

TEST(Tensor, AlignedSharesWhereItCanAndCopiesWhereItMust) {
  auto buffer = allocate_host(64);
  std::memset(buffer->data(), 0, 64);
  const float value = 2.5f;
  std::memcpy(buffer->data() + 3, &value, sizeof value);
  const Tensor skewed(DType::float32, {1}, buffer, 3);
  ASSERT_FALSE(skewed.is_aligned(4));
  const auto aligned = skewed.aligned(4);
  ASSERT_TRUE(aligned.ok());
  EXPECT_EQ(aligned->data<float>()[0], 2.5f);
  EXPECT_NE(aligned->raw(), skewed.raw());
  EXPECT_EQ(aligned->aligned(4)->raw(), aligned->raw());
  EXPECT_EQ(number_at(skewed, 0), 2.5);
}

TEST(Constant, LastValueStandsForTheRest) {
  const Constant constant(DType::int32, {2, 2}, Tensor::vector<std::int32_t>({7, 9}));
  const auto tensor = constant.materialise();
  ASSERT_TRUE(tensor.ok());
  const auto data = tensor->data<std::int32_t>();
  EXPECT_EQ(std::vector<std::int32_t>(data.begin(), data.end()), (std::vector<std::int32_t>{7, 9, 9, 9}));
  EXPECT_EQ(constant.integers(), (std::vector<std::int64_t>{7, 9, 9, 9}));
}

TEST(Constant, NoValuesAreZeros) {
  const auto tensor = Constant(DType::float32, {3}, Tensor()).materialise();
  ASSERT_TRUE(tensor.ok());
  for (const float v : tensor->data<float>()) EXPECT_EQ(v, 0.0f);
  const auto strings = Constant(DType::string, {2}, Tensor::strings({1}, {"x"})).materialise();
  ASSERT_TRUE(strings.ok());
  EXPECT_EQ(strings->string_values(), (std::vector<std::string>{"x", "x"}));
}

TEST(Constant, SharesTheBufferThatHoldsEveryValue) {
  const Tensor values = Tensor::vector<float>({1, 2, 3, 4});
  const auto tensor = Constant(DType::float32, {2, 2}, values).materialise();
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(tensor->raw(), values.raw());
  EXPECT_EQ(tensor->shape(), Shape({2, 2}));
}

TEST(Constant, RefusesNegativeHugeAndOverfull) {
  EXPECT_FALSE(Constant(DType::float32, {-3}, Tensor()).materialise().ok());
  EXPECT_FALSE(Constant(DType::float32, {1 << 20, 1 << 20}, Tensor::vector<float>({1})).materialise().ok());
  const auto overfull = Constant(DType::float32, {1}, Tensor::vector<float>({1, 2})).materialise();
  ASSERT_FALSE(overfull.ok());
  EXPECT_NE(overfull.error().message.find("2 values where 1"), std::string::npos);
}

}  // namespace
}  // namespace isotherm
