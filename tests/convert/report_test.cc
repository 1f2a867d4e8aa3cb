#include <gtest/gtest.h>

#include "core/convert/converter.h"
#include "core/convert/non_conversion_report.h"
#include "tests/convert/typed_sketch.h"

namespace isotherm {
namespace {

TEST(Report, SummaryTable) {
  const auto graph = testing::typed_sketch(
      "x = Placeholder\nk = Const\nk2 = Log1p(k)\na = Relu(x)\nb = AddV2(a, k)\nc = Relu(b)\nout = Identity(c)\n");
  const auto c = plan_conversion(graph, {});
  ASSERT_TRUE(c.ok());
  // Three members and a copied constant, against those, x, k, k2 and out.
  EXPECT_EQ(c->converted_ops, 4);
  EXPECT_EQ(c->all_ops, 8);
  const std::string line(115, '=');
  EXPECT_EQ(
      summary_table(*c),
      "TRTEngineOP Name     Device  # Nodes  # Inputs  # Outputs  Input DTypes  Output Dtypes  Input Shapes  Output "
      "Shapes\n" +
          line +
          "\nTRTEngineOp_000_000          4        1         1          [float32]     [float32]      [(-1, 8)]     "
          "[(-1, 8)]\n" +
          line + "\n[*] Total number of TensorRT engines: 1\n[*] % of OPs Converted: 50.00% [4/8]\n");
}

TEST(Report, CountsWhatStaysNative) {
  ConversionParams params;
  params.outputs = {"out"};
  const auto c = plan_conversion(
      testing::typed_sketch("x = Placeholder\na = Log1p(x)\nb = Log1p(a)\nc = Relu(b)\nout = Identity(c)\n"), params);
  ASSERT_TRUE(c.ok());
  const auto rows = non_conversions(*c);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].op, "Log1p");
  EXPECT_EQ(rows[0].count, 2);
  EXPECT_TRUE(rows[0].reason.starts_with("unsupported-op: ")) << rows[0].reason;
  EXPECT_EQ(rows[3].op, "Relu");
  // The root's name does not part alike nodes.
  EXPECT_TRUE(rows[3].reason.starts_with("too-small: ")) << rows[3].reason;
  EXPECT_EQ(rows[3].reason.find("'c'"), std::string::npos) << rows[3].reason;
  const std::string text = non_conversion_text(rows);
  EXPECT_NE(text.find("native nodes: 5, of 4 ops\n  Log1p: 2\n    2 x unsupported-op: "), std::string::npos) << text;
}

TEST(Report, AsCsv) {
  const std::vector<NonConversion> rows = {{"Add", "input: \"a\", b", 2}, {"Relu", "plain", 1}};
  EXPECT_EQ(non_conversion_csv(rows, ','), "OP Name,Reason,Count\nAdd,\"input: \"\"a\"\", b\",2\nRelu,plain,1\n");
  EXPECT_EQ(non_conversion_csv(rows, '|'), "OP Name|Reason|Count\nAdd|input: \"a\", b|2\nRelu|plain|1\n");
}

TEST(Report, DescribesParameters) {
  ConversionParams params;
  params.denied_ops = {"Relu", "Add"};
  params.shapes["x"] = Shape{1, 224};
  std::string text;
  for (const auto& [name, value] : describe_params(params)) text += name + " " + value + "\n";
  for (const char* line : {"precision_mode FP32\n", "batch_mode explicit\n", "minimum_segment_size 3\n",
                           "denied_ops Add,Relu\n", "shape x=1x224\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line;
}

}  // namespace
}  // namespace isotherm
