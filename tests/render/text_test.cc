#include "core/render/text.h"

#include <gtest/gtest.h>

#include <string>

#include "core/render/node_text.h"
#include "core/render/overlay_words.h"
#include "core/render/scope_tree.h"

namespace isotherm::render {
namespace {

constexpr Font kFont{FontRole::sans, 600, 12};

TEST(Text, WidthsOfInter) {
  // Advance widths of Inter SemiBold: space 0.262 to 0.29 em; monospaced characters are 0.6 em each.
  EXPECT_EQ(text_width("", kFont), 0);
  EXPECT_NEAR(text_width("0000", {FontRole::mono, 400, 10}), 24, 0.01);
  EXPECT_GT(text_width("W", kFont), text_width("i", kFont));
  EXPECT_GT(text_width("Conv2D", {FontRole::sans, 700, 12}), text_width("Conv2D", {FontRole::sans, 400, 12}));
  EXPECT_NEAR(text_width("漢字", kFont), 24, 0.01);
}

TEST(Text, ElidesInTheMiddleAndKeepsTheLastScope) {
  const std::string name = "resnet50/conv2_block1_1_conv/Conv2D/ReadVariableOp/resource";
  for (const float width : {30.0F, 60.0F, 120.0F, 200.0F}) {
    const std::string out = elide(name, kFont, width);
    EXPECT_LE(text_width(out, kFont), width + 0.01F);
    EXPECT_NE(out.find("…"), std::string::npos);
  }
  EXPECT_TRUE(elide(name, kFont, 120).ends_with("/resource"));
  EXPECT_EQ(elide("short", kFont, 500), "short");
  EXPECT_EQ(elide("short", kFont, 0), "…");
}

TEST(Text, InvalidBytesNeverEscape) {
  EXPECT_EQ(clean_text("a\nb\x01"
                       "c"),
            "a␣b␣c");
  EXPECT_EQ(clean_text("\xff\xc3"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(clean_text("\xed\xa0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD") << "a surrogate";
  EXPECT_EQ(clean_text("ü×漢"), "ü×漢");
  for (const std::string broken : {"\xf0\x9f", "\xe2\x82", "\xc3"})
    EXPECT_FALSE(elide("abc" + broken + "def", kFont, 20).empty());
}

TEST(Text, ValuesKeepThreeDigitsBelowOne) {
  EXPECT_EQ(format_value(214.72), "214.7");
  EXPECT_EQ(format_value(1.26), "1.3");
  EXPECT_EQ(format_value(0.99949), "0.999");
  EXPECT_EQ(format_value(0.99951), "1.0");
  EXPECT_EQ(format_value(0.9344), "0.934");
  EXPECT_EQ(format_value(0.09344), "0.0934");
  EXPECT_EQ(format_value(0.009344), "0.00934");
  EXPECT_EQ(format_value(0.0009344), "9.34e-4");
  EXPECT_EQ(format_value(0.0000100049), "1.00e-5");
  EXPECT_EQ(format_value(0), "0.0");
  EXPECT_EQ(format_value(12345.6), "12346");
  EXPECT_EQ(format_value(1e300), "1.00e300");
  // What is written is never further from the value than half of the third digit.
  for (double v = 1e-9; v < 1; v *= 1.37) EXPECT_NEAR(std::stod(format_value(v)) / v, 1, 0.00501) << v;
}

TEST(Text, NamesThatOnlyRepeatTheirOp) {
  EXPECT_TRUE(ends_in_op("Conv2D", "Conv2D"));
  EXPECT_TRUE(ends_in_op("AddV2_12", "AddV2"));
  EXPECT_TRUE(ends_in_op("FusedBatchNorm", "FusedBatchNormV3"));
  EXPECT_FALSE(ends_in_op("Conv2D_bias", "Conv2D"));
  EXPECT_FALSE(ends_in_op("kernel", "Identity"));
}

TEST(Text, BlockPrefixes) {
  EXPECT_EQ(block_prefix("conv2_block1_1_conv"), "conv2_block1");
  EXPECT_EQ(block_prefix("block_12_depthwise_BN"), "block_12");
  EXPECT_EQ(block_prefix("block1a_expand_conv"), "block1a");
  EXPECT_EQ(block_prefix("conv1_bn"), "conv1");
  EXPECT_EQ(block_prefix("conv1"), "");
  EXPECT_EQ(block_prefix("dense_1"), "");
  EXPECT_EQ(block_prefix("global_average_pooling2d"), "");
}

TEST(Text, Shapes) {
  TensorInfo info;
  info.dtype = DType::float32;
  info.shape = Shape{-2, 224, 224, 3};
  EXPECT_EQ(shape_words(info, true), "224×224×3");
  EXPECT_EQ(shape_words(info, false), "?×224×224×3");
  info.dtype = DType::int32;
  info.shape = Shape();
  EXPECT_EQ(shape_words(info, true), "int32 scalar");
  info.shape = Shape::unknown_rank();
  EXPECT_EQ(shape_words(info, true), "");
}

TEST(Text, AnotherFamilyIsMeasuredNotGuessed) {
  const auto missing = measure_family("No Such Family 47");
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message.find("'No Such Family 47'"), std::string::npos) << missing.error().message;
  const auto family = measure_family("DejaVu Sans");
  if (!family.ok()) GTEST_SKIP() << "DejaVu Sans is not installed: another family was not measured";
  const Font font{FontRole::sans, 400, 12};
  const float inter = text_width("widest", font);
  set_sans_family(*family);
  const float dejavu = text_width("widest", font);
  set_sans_family(nullptr);
  EXPECT_EQ(text_width("widest", font), inter);
  // DejaVu Sans' own advances, in units of 2048: w 1675, i 569, d 1300, e 1260, s 1067, t 803.
  EXPECT_NEAR(dejavu, (1675 + 569 + 1300 + 1260 + 1067 + 803) / 2048.0F * 12, 0.05F);
}

}  // namespace
}  // namespace isotherm::render
