#include "core/graph/shape.h"

#include <gtest/gtest.h>

namespace isotherm {
namespace {

TEST(Shape, ScalarIsStaticWithOneElement) {
  EXPECT_EQ(Shape().rank(), 0);
  EXPECT_EQ(Shape().elements(), 1);
  EXPECT_EQ(Shape().to_string(), "scalar");
  EXPECT_EQ(Shape().to_tf_string(), "[]");
}

TEST(Shape, UnknownRankIsNotUnknownDimensions) {
  const Shape rank = Shape::unknown_rank(-4);
  EXPECT_FALSE(rank.has_rank());
  EXPECT_EQ(rank.rank(), -1);
  EXPECT_EQ(rank.rank_symbol(), -4);
  EXPECT_NE(rank, Shape({-1}));
  EXPECT_NE(rank, Shape::unknown_rank(-5));
  EXPECT_EQ(Shape({-2, 8}).rank(), 2);
  EXPECT_FALSE(Shape({-2, 8}).is_static());
  EXPECT_EQ(Shape({-2, 8}).to_string(), "?x8");
}

TEST(Shape, ElementsRefuseOverflowButNotZero) {
  const std::int64_t big = std::int64_t{1} << 40;
  EXPECT_EQ(Shape({big, big}).elements(), std::nullopt);
  EXPECT_EQ(Shape({big, big, 0}).elements(), 0);
  EXPECT_EQ(Shape({-1, 0}).elements(), std::nullopt);
  EXPECT_EQ(Shape({2, 3, 4}).elements(), 24);
}

TEST(Shape, ParsesWhatItPrints) {
  for (const char* text : {"1x224x224x3", "?x7", "scalar", "0x4"}) {
    const auto shape = parse_shape(text);
    ASSERT_TRUE(shape.ok()) << text;
    EXPECT_EQ(shape->to_string(), text);
  }
  EXPECT_EQ(parse_shape("-1,8")->dims(), (std::vector<std::int64_t>{-1, 8}));
  EXPECT_FALSE(parse_shape("unknown")->has_rank());
}

TEST(Shape, RefusesWhatIsNoShapeAndNamesIt) {
  for (const char* text : {"1x", "ax3", "-2x3", "1xx2", "99999999999999999999"}) {
    const auto shape = parse_shape(text);
    ASSERT_FALSE(shape.ok()) << text;
    EXPECT_NE(shape.error().message.find(text), std::string::npos);
  }
}

}  // namespace
}  // namespace isotherm
