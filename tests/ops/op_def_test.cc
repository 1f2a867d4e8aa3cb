// Expectations come from TensorFlow's documentation of each op.
#include "core/ops/op_def.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "core/ops/op_table.h"

namespace isotherm {
namespace {

AttrValue types(std::initializer_list<DType> list) {
  AttrList out;
  for (const DType t : list) out.type.emplace_back(t);
  return make_list_attr(std::move(out));
}

Node node(std::string op, std::initializer_list<std::pair<const char*, AttrValue>> attrs, int inputs = 0) {
  Node out;
  out.name = "n";
  out.op = std::move(op);
  for (const auto& [name, value] : attrs) out.attrs.set(name, value);
  out.data_inputs = inputs;
  return out;
}

std::vector<DType> dtypes(const std::vector<TypeValue>& list) {
  std::vector<DType> out;
  for (const TypeValue& t : list) out.push_back(t.dtype);
  return out;
}

TEST(OpDef, KnowsTensorFlowsOps) {
  EXPECT_EQ(op_count(), 1902u);
  EXPECT_EQ(find_op("NoSuchOp"), nullptr);
  EXPECT_EQ(find_op(""), nullptr);
  const OpDef* conv = find_op("Conv2D");
  ASSERT_TRUE(conv);
  EXPECT_EQ(conv, find_op("Conv2D"));
  ASSERT_EQ(conv->inputs.size(), 2u);
  EXPECT_EQ(conv->inputs[1].name, "filter");
  EXPECT_EQ(conv->inputs[1].type_attr, "T");
  EXPECT_FALSE(conv->attr("strides")->fallback);
  EXPECT_EQ(std::get<std::string>(*conv->attr("data_format")->fallback), "NHWC");
  EXPECT_EQ(conv->attr("padding")->allowed_strings, (std::vector<std::string>{"SAME", "VALID", "EXPLICIT"}));
  EXPECT_EQ(std::get<std::shared_ptr<const AttrList>>(*conv->attr("dilations")->fallback)->i,
            (std::vector<std::int64_t>{1, 1, 1, 1}));
  EXPECT_EQ(conv->attr("T")->allowed_types.size(), 5u);  // half, bfloat16, float, double, int32
  EXPECT_TRUE(find_op("Add")->attr("T")->allowed_types.size() > 10);
  EXPECT_TRUE(find_op("AddN")->is_commutative);
  EXPECT_TRUE(find_op("VariableV2")->is_stateful);
  EXPECT_TRUE(find_op("VariableV2")->outputs[0].is_ref);
  EXPECT_EQ(std::get<float>(*find_op("DebugNumericSummary")->attr("upper_bound")->fallback),
            std::numeric_limits<float>::infinity());
  EXPECT_EQ(std::get<std::string>(*find_op("StringFormat")->attr("template")->fallback), "%s");
  EXPECT_EQ(std::get<float>(*find_op("FusedBatchNormV3")->attr("epsilon")->fallback), 0.0001F);
  EXPECT_FALSE(std::get<Shape>(*find_op("Placeholder")->attr("shape")->fallback).has_rank());
  EXPECT_EQ(find_op("ConcatV2")->attr("N")->minimum, 2);
}

TEST(OpDef, ParsesEveryLine) {
  std::size_t ops = 0;
  for (const std::string_view line : op_table_lines()) {
    if (line.starts_with('!')) continue;
    const OpDef* op = find_op(line.substr(0, line.find('\t')));
    ASSERT_TRUE(op);
    ++ops;
    for (const auto* args : {&op->inputs, &op->outputs})
      for (const ArgDef& arg : *args) {
        EXPECT_FALSE(arg.name.empty()) << line;
        EXPECT_TRUE(arg.type.dtype != DType::invalid || !arg.type_attr.empty() || !arg.type_list_attr.empty()) << line;
        for (const std::string& name : {arg.type_attr, arg.number_attr, arg.type_list_attr}) {
          EXPECT_TRUE(name.empty() || op->attr(name)) << line;
        }
      }
    for (const AttrDef& attr : op->attrs)
      for (const DType t : attr.allowed_types) EXPECT_NE(t, DType::invalid) << line;
  }
  EXPECT_EQ(ops, op_count());
}

TEST(OpDef, IsThreadSafe) {
  std::vector<std::thread> threads;
  std::vector<const OpDef*> found(8);
  for (std::size_t i = 0; i < found.size(); ++i)
    threads.emplace_back([&found, i] { found[i] = find_op("UnsortedSegmentJoin"); });
  for (std::thread& t : threads) t.join();
  for (const OpDef* op : found) EXPECT_EQ(op, found[0]);
}

TEST(Signature, ExpandsLists) {
  const auto concat = signature_of(node("ConcatV2", {{"N", std::int64_t{3}}, {"T", TypeValue(DType::int8)}}));
  ASSERT_TRUE(concat.ok());
  EXPECT_EQ(dtypes(concat->inputs), (std::vector<DType>{DType::int8, DType::int8, DType::int8, DType::int32}));
  const auto identity = signature_of(node("IdentityN", {{"T", types({DType::float32, DType::string})}}));
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(dtypes(identity->outputs), (std::vector<DType>{DType::float32, DType::string}));
  const auto split = signature_of(node("Split", {{"num_split", std::int64_t{2}}, {"T", TypeValue(DType::float16)}}));
  EXPECT_EQ(split->outputs.size(), 2u);
  const auto variable = signature_of(node("VariableV2", {{"dtype", TypeValue(DType::float32)}}));
  EXPECT_TRUE(variable->outputs[0].is_ref);
  EXPECT_EQ(variable->outputs[0].number, 101);
}

TEST(Signature, NamesWhatIsWrong) {
  EXPECT_EQ(signature_of(node("Relu", {})).error().message,
            "node 'n' (Relu): attribute 'T' is missing where a value of kind type was expected");
  EXPECT_EQ(signature_of(node("Relu", {{"T", std::string("x")}})).error().message,
            "node 'n' (Relu): attribute 'T' is \"x\" (string) where a value of kind type was expected");
  EXPECT_EQ(
      signature_of(node("Unpack", {{"num", std::int64_t{1} << 40}, {"T", TypeValue(DType::float32)}})).error().message,
      "node 'n' (Unpack): attribute 'num' is 1099511627776 where a number of tensors from 0 to 1048576 was expected");
  EXPECT_EQ(signature_of(node("Mine", {})).error().message,
            "node 'n' (Mine): the op is not known, so its inputs and outputs are not either");
}

TEST(OutputPort, CountsLists) {
  NodeRecord norm;
  norm.name = "n";
  norm.op = "FusedBatchNormV3";
  EXPECT_EQ(*output_port(norm, "y", 0), 0);
  EXPECT_EQ(*output_port(norm, "batch_variance", 0), 2);
  EXPECT_EQ(output_port(norm, "z", 0).error().message,
            "node 'n' (FusedBatchNormV3): there is no output 'z'; expected one of: y, batch_mean, batch_variance, "
            "reserve_space_1, reserve_space_2, reserve_space_3");
  NodeRecord unpack;
  unpack.name = "u";
  unpack.op = "Unpack";
  unpack.attrs.set("num", std::int64_t{3});
  EXPECT_EQ(*output_port(unpack, "output", 2), 2);
  EXPECT_EQ(output_port(unpack, "output", 3).error().message,
            "node 'u' (Unpack): output 'output' has no tensor 3; it has 3");
}

TEST(OpClass, PutsOpsWhereTheyAreLookedFor) {
  const std::pair<const char*, OpClass> expected[] = {{"Conv2D", OpClass::conv},
                                                      {"DepthwiseConv2dNative", OpClass::conv},
                                                      {"_FusedConv2D", OpClass::conv},
                                                      {"MatMul", OpClass::matmul},
                                                      {"_FusedMatMul", OpClass::matmul},
                                                      {"FusedBatchNormV3", OpClass::norm},
                                                      {"_FusedBatchNormEx", OpClass::norm},
                                                      {"_MklNativeFusedConv2D", OpClass::conv},
                                                      {"Relu6", OpClass::activation},
                                                      {"Softmax", OpClass::activation},
                                                      {"MaxPool", OpClass::pool},
                                                      {"Mean", OpClass::pool},
                                                      {"BiasAdd", OpClass::elementwise},
                                                      {"AddV2", OpClass::elementwise},
                                                      {"Reshape", OpClass::array},
                                                      {"Identity", OpClass::array},
                                                      {"Switch", OpClass::control},
                                                      {"NoOp", OpClass::control},
                                                      {"TensorArrayV3", OpClass::control},
                                                      {"Const", OpClass::constant},
                                                      {"VarHandleOp", OpClass::constant},
                                                      {"ResourceGather", OpClass::constant},
                                                      {"Placeholder", OpClass::io},
                                                      {"_Retval", OpClass::io},
                                                      {"DecodeWav", OpClass::io},
                                                      {"TFRecordDatasetV2", OpClass::io},
                                                      {"NobodysOp", OpClass::unknown}};
  for (const auto& [op, c] : expected) EXPECT_EQ(op_class_key(op_class(op)), op_class_key(c)) << op;
  EXPECT_EQ(op_class_label(OpClass::matmul), "matrix product");
  EXPECT_EQ(op_class_key(OpClass::unknown), "unknown");
}

}  // namespace
}  // namespace isotherm
