// Each bad graph gives one sentence: file, place, found, expected.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "core/formats/graph_file.h"

namespace isotherm {
namespace {

using namespace std::string_literals;

std::string error_of(const std::string& file) {
  auto buffer = allocate_host(file.size());
  std::memcpy(buffer->data(), file.data(), file.size());
  const auto r = load_graph(buffer, "g");
  if (r.ok()) return "no error";
  EXPECT_EQ(r.error().message.find('\n'), std::string::npos);
  return r.error().message;
}

/// A length-delimited field.
std::string field(int number, const std::string& bytes) {
  std::string out(1, static_cast<char>(number << 3 | 2));
  std::size_t size = bytes.size();
  for (; size >= 0x80; size >>= 7) out += static_cast<char>(size | 0x80);
  return out + static_cast<char>(size) + bytes;
}
std::string node(const std::string& name, const std::string& op, const std::string& rest = "") {
  return field(1, field(1, name) + field(2, op) + rest);
}
std::string attr(const std::string& name, const std::string& value) {
  return field(5, field(1, name) + field(2, value));
}

const std::string kType = "attr { key: \"T\" value { type: DT_FLOAT } }";
const std::string kInput =
    "node { name: \"x\" op: \"Placeholder\" attr { key: \"dtype\" value { type: DT_FLOAT } } }\n";

TEST(BadGraph, NamesOtherKindsOfFile) {
  EXPECT_EQ(error_of(""), "g: the file is empty where a GraphDef, binary or text, was expected");
  EXPECT_EQ(error_of("\x89PNG\r\n\x1a\n...."), "g: found a PNG picture where a GraphDef, binary or text, was expected");
  EXPECT_NE(error_of("\x1c\0\0\0TFL3"s).find("TensorFlow Lite"), std::string::npos);
  EXPECT_NE(error_of("\x08\x01\x12\x04\x0a\x02\x08\x01").find("a SavedModel"), std::string::npos);
  EXPECT_NE(error_of("\x08\x07\x12\x07pytorch").find("an ONNX model"), std::string::npos);
  EXPECT_NE(error_of(field(1, field(4, "serve") + field(5, "2.17.1")) + field(2, "")).find("a MetaGraphDef"),
            std::string::npos);
  EXPECT_NE(error_of("model_checkpoint_path: \"x\"\n").find("checkpoints"), std::string::npos);
  EXPECT_NE(error_of(std::string(60, '\0') + "\x57\xfb\x80\x8b\x24\x75\x47\xdb").find("the index of a checkpoint"),
            std::string::npos);
  EXPECT_NE(error_of("\x89HDF\r\n\x1a\n").find("HDF5"), std::string::npos);
  EXPECT_NE(error_of("PK\x03\x04").find("zip"), std::string::npos);
  EXPECT_NE(error_of("\x1f\x8b\x08").find("gzip"), std::string::npos);
  EXPECT_NE(error_of("{\"a\": 1}").find("JSON"), std::string::npos);
  EXPECT_EQ(error_of("Dear reader"), "g: found bytes of no known kind where a GraphDef, binary or text, was expected");
}

TEST(BadGraph, DamagedBinary) {
  EXPECT_EQ(error_of(node("a", "NoOp").substr(0, 6)),
            "g: byte 0: found a field of 9 bytes where 4 are left; the file is cut short or damaged");
  EXPECT_EQ(error_of(node("a", "NoOp") + "\x0b"), "g: byte 11: found wire type 3 where 0, 1, 2 or 5 was expected");
  EXPECT_EQ(error_of(node("", "NoOp")), "g: node 0: byte 2: found a node without a name");
  EXPECT_EQ(error_of(node("\xff", "NoOp")),
            "g: node 0: byte 4: found bytes that are not UTF-8 where a node's name was expected");
  EXPECT_EQ(error_of(node("a", "X", attr("v", "\x30"))),
            "g: node 0 'a': attribute 'v': byte 15: found a number that does not end within ten bytes or its message");
  EXPECT_EQ(error_of("\x22\x02\x08\x01"), "g: found a GraphDef without nodes where at least one was expected");
}

TEST(BadGraph, DamagedText) {
  EXPECT_EQ(error_of("node { name: \"a\" op: }").substr(0, 22), "g: line 1, column 22: ");
  EXPECT_EQ(error_of("node { name: \"a\"").substr(0, 20), "g: line 1, column 17");
  std::string deep = "node ";
  for (int i = 0; i < 100000; ++i) deep += "{ a ";
  EXPECT_EQ(error_of(deep), "g: line 1, column 406: found messages nested more than 100 deep");
  EXPECT_NE(
      error_of("node { name: \"a\" op: \"b\" attr { key: \"t\" value { type: DT_NOTHING } } }").find("DT_NOTHING"),
      std::string::npos);
}

TEST(BadGraph, WrongTensors) {
  const auto constant = [](const std::string& shape, const std::string& values) {
    return "node { name: \"c\" op: \"Const\" attr { key: \"dtype\" value { type: DT_FLOAT } } attr { key: \"value\" "
           "value { tensor { dtype: DT_FLOAT tensor_shape { " +
           shape + " } " + values + " } } } }";
  };
  EXPECT_NE(error_of(constant("dim { size: 2 } dim { size: -3 }", "float_val: 1"))
                .find("found dimension 1 of size -3 where -1 (unknown) or more was expected"),
            std::string::npos);
  EXPECT_NE(error_of(constant("dim { size: -1 }", "float_val: 1"))
                .find("found a tensor of float32 [?] where known dimensions"),
            std::string::npos);
  EXPECT_NE(error_of(constant("dim { size: 4294967296 } dim { size: 4294967296 }", "float_val: 1"))
                .find("product below 2^63"),
            std::string::npos);
  EXPECT_NE(error_of(constant("dim { size: 2 }", "float_val: [1, 2, 3]"))
                .find("found 3 values where float32 [2] has 2 elements"),
            std::string::npos);
  EXPECT_NE(error_of(constant("dim { size: 2 }", "tensor_content: \"abcd\""))
                .find("found a tensor_content of 4 bytes where float32 [2] expects 2 elements of 4 bytes"),
            std::string::npos);
  EXPECT_EQ(error_of(constant("dim { size: 1000000000000 }", "float_val: 1")),
            "no error");  // lawful until it is written out
  EXPECT_EQ(error_of("node { name: \"c\" op: \"Const\" attr { key: \"dtype\" value { type: DT_INT32 } } attr { key: "
                     "\"value\" value { tensor { dtype: DT_FLOAT } } } }"),
            "g: node 'c' (Const): attribute 'value' is a tensor of float32 where attribute 'dtype' expects int32");
}

TEST(BadGraph, WrongGraphs) {
  EXPECT_EQ(error_of(kInput + "node { name: \"y\" op: \"Relu\" input: \"gone\" " + kType + " }"),
            "g: node 'y' reads 'gone', but the graph has no node of that name");
  EXPECT_EQ(error_of(kInput + kInput), "g: node name 'x' is used twice, by nodes 0 and 1; names must be unique");
  EXPECT_EQ(error_of("node { name: \"a\" op: \"Relu\" input: \"b\" " + kType +
                     " }\nnode { name: \"b\" op: \"Relu\" input: \"a\" " + kType + " }"),
            "g: the graph has a cycle through node 'a' that is not a while loop (Merge and NextIteration)");
  EXPECT_EQ(error_of(kInput + "node { name: \"y\" op: \"Relu\" input: \"x:3\" " + kType + " }"),
            "g: node 'y' (Relu): input 0 is output 3 of node 'x' (Placeholder), which has 1 output");
  EXPECT_EQ(
      error_of(kInput + "node { name: \"y\" op: \"Relu\" input: \"x\" attr { key: \"T\" value { type: DT_HALF } } }"),
      "g: node 'y' (Relu): input 0, from node 'x' (Placeholder) output 0, is float32 where float16 was expected");
  EXPECT_EQ(error_of(kInput + "node { name: \"y\" op: \"Relu\" input: \"x\" input: \"x\" " + kType + " }"),
            "g: node 'y' (Relu): it has 2 data inputs where the op and its attributes expect 1");
  EXPECT_EQ(error_of(kInput + "node { name: \"y\" op: \"Relu\" input: \"x\" }"),
            "g: node 'y' (Relu): attribute 'T' is missing where a value of kind type was expected");
  EXPECT_EQ(error_of("node { name: \"x\" op: \"Placeholder\" attr { key: \"dtype\" value { type: DT_FLOAT } } "
                     "attr { key: \"shape\" value { shape { dim { size: -7 } } } } }"),
            "g: node 0 'x': attribute 'shape': found dimension 0 of size -7 where -1 (unknown) or more was expected");
}

TEST(BadGraph, ReadsFolders) {
  const auto r = load_graph(ISOTHERM_TEST_DATA);
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().message, std::string(ISOTHERM_TEST_DATA) + ": found a folder where a GraphDef file was expected");
}

}  // namespace
}  // namespace isotherm
