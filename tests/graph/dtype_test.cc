#include "core/graph/dtype.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/graph/half.h"

namespace isotherm {
namespace {

TEST(DType, NumbersAreTensorFlows) {
  EXPECT_EQ(dtype_from_number(1), DType::float32);
  EXPECT_EQ(dtype_from_number(101), DType::float32);
  EXPECT_TRUE(is_ref_number(101));
  EXPECT_EQ(dtype_from_number(19), DType::float16);
  EXPECT_EQ(dtype_from_number(77), DType::invalid);
  EXPECT_EQ(dtype_from_number(-1), DType::invalid);
}

TEST(DType, NamesGoBothWays) {
  EXPECT_EQ(dtype_from_name("half"), DType::float16);
  EXPECT_EQ(dtype_from_name("float16"), DType::float16);
  EXPECT_EQ(dtype_name(DType::boolean), "bool");
  EXPECT_EQ(dtype_short_name(DType::float32), "float");
  EXPECT_EQ(dtype_from_name("float128"), std::nullopt);
}

TEST(Half, EveryValueSurvivesTheWayThroughFloat) {
  for (std::uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const Half h{static_cast<std::uint16_t>(bits)};
    const float f = to_float(h);
    if (std::isnan(f)) {
      EXPECT_TRUE(std::isnan(to_float(to_half(f))));
      continue;
    }
    ASSERT_EQ(to_half(f).bits, h.bits) << "bits " << bits << " value " << f;
  }
}

TEST(Half, RoundsToNearestEven) {
  EXPECT_EQ(to_half(1.0f + 0x1p-11f).bits, 0x3c00);            // tie: even below
  EXPECT_EQ(to_half(1.0f + 0x3p-11f).bits, 0x3c02);            // tie: even above
  EXPECT_EQ(to_half(65519.0f).bits, 0x7bff);
  EXPECT_EQ(to_half(65520.0f).bits, 0x7c00);                   // overflow
  EXPECT_EQ(to_half(0x1p-25f).bits, 0);                        // tie at half the smallest subnormal
  EXPECT_EQ(to_half(0x1.8p-25f).bits, 1);
  EXPECT_EQ(to_half(-std::numeric_limits<float>::infinity()).bits, 0xfc00);
}

TEST(BFloat16, RoundsToNearestEvenAndKeepsNaN) {
  EXPECT_EQ(to_bfloat16(1.0f).bits, 0x3f80);
  EXPECT_EQ(to_bfloat16(1.0f + 0x1p-8f).bits, 0x3f80);
  EXPECT_EQ(to_bfloat16(1.0f + 0x3p-8f).bits, 0x3f82);
  EXPECT_TRUE(std::isnan(to_float(to_bfloat16(std::nanf("")))));
}

}  // namespace
}  // namespace isotherm
