// Against graphs and values that TensorFlow wrote (tests/data/formats/make.py).
#include "core/formats/graph_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <sstream>

#include "core/formats/atomic_file.h"
#include "core/formats/npy.h"
#include "core/ops/op_def.h"
#include "tests/formats/temporary_folder.h"

namespace isotherm {
namespace {

const std::string kData = std::string(ISOTHERM_TEST_DATA) + "/formats/";

std::shared_ptr<const Graph> load(const std::string& path) {
  auto loaded = load_graph(path);
  EXPECT_TRUE(loaded.ok()) << loaded.error().message;
  return loaded.ok() ? loaded->graph : nullptr;
}

/// The elements as TensorFlow's list in dtypes.txt has them.
std::vector<std::string> words_of(const Tensor& tensor, const TemporaryFolder& folder) {
  std::vector<std::string> out;
  if (tensor.dtype() == DType::string) {
    for (const std::string& s : tensor.string_values()) {
      std::string hex = "h";
      char digits[3];
      for (const char c : s) {
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
        hex += digits;
      }
      out.push_back(hex);
    }
    return out;
  }
  // 8-bit floats are known to the writer of .npy alone.
  Tensor t = tensor;
  if (dtype_name(t.dtype()).starts_with("float8")) {
    EXPECT_TRUE(write_npy(folder / "f8.npy", t).ok());
    t = *read_npy(folder / "f8.npy");
  }
  const bool single = t.dtype() == DType::complex64;
  if (single || t.dtype() == DType::complex128)
    t = Tensor(single ? DType::float32 : DType::float64, Shape{t.elements() * 2}, t.buffer(), t.offset());
  for (std::int64_t i = 0; i < t.elements(); ++i) {
    std::ostringstream text;
    text.precision(17);
    if (t.dtype() == DType::int64)
      text << integer_at(t, i);
    else if (t.dtype() == DType::uint64)
      text << static_cast<std::uint64_t>(integer_at(t, i));
    else
      text << number_at(t, i);
    out.push_back(text.str());
  }
  return out;
}

void expect_values(const Graph& graph) {
  const TemporaryFolder folder;
  std::istringstream lines(read_text(kData + "dtypes.txt"));
  std::string line;
  int checked = 0;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string name, dtype, shape, word;
    words >> name >> dtype >> shape;
    const NodeId id = graph.find(name);
    ASSERT_NE(id, kNoNode) << name;
    const Constant* constant = graph[id].attrs.get_constant("value");
    ASSERT_TRUE(constant) << name;
    const auto tensor = constant->materialise();
    ASSERT_TRUE(tensor.ok()) << name << ": " << tensor.error().message;
    EXPECT_EQ(dtype_name(tensor->dtype()), dtype);
    EXPECT_EQ(tensor->shape().to_string(), shape);
    for (const std::string& found : words_of(*tensor, folder)) {
      ASSERT_TRUE(words >> word) << name;
      if (word == found) continue;
      EXPECT_EQ(std::stod(found), std::stod(word)) << name;
    }
    EXPECT_FALSE(words >> word) << name;
    ++checked;
  }
  EXPECT_EQ(checked, 99);
}

TEST(GraphFile, ReadsEveryDtypeInEveryForm) {
  const auto graph = load(kData + "dtypes.pb");
  ASSERT_TRUE(graph);
  expect_values(*graph);
}

TEST(GraphFile, WritesEveryDtype) {
  const TemporaryFolder folder;
  const auto graph = load(kData + "dtypes.pb");
  ASSERT_TRUE(graph);
  for (const auto& [name, format] : {std::pair("x.pb", GraphFormat::binary), std::pair("x.pbtxt", GraphFormat::text)}) {
    ASSERT_TRUE(save_graph(*graph, folder / name, format).ok());
    const auto again = load(folder / name);
    ASSERT_TRUE(again);
    expect_values(*again);
  }
}

void expect_attrs(const Graph& graph) {
  ASSERT_EQ(graph.size(), 1);
  const Node& node = graph[0];
  EXPECT_EQ(node.name, "scope/all");
  EXPECT_EQ(node.device, "/device:CPU:0");
  EXPECT_FALSE(node.extra.empty());
  const AttrMap& a = node.attrs;
  EXPECT_EQ(a.get_string("s"), std::string("\0\xff'\"\\\n", 6));
  EXPECT_EQ(a.get_int("i"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(a.get_float("f"), 0.1F);
  EXPECT_TRUE(a.get_bool("b"));
  EXPECT_EQ(a.get_type("type"), DType::float32);
  const auto* ref = std::get_if<TypeValue>(a.find("ref"));
  ASSERT_TRUE(ref);
  EXPECT_TRUE(ref->is_ref && ref->dtype == DType::float32 && ref->number == 101);
  EXPECT_EQ(*a.get_shape("shape"), (Shape{1, -1, 3}));
  EXPECT_FALSE(a.get_shape("unknown_rank")->has_rank());
  EXPECT_EQ(a.get_constant("tensor")->shape(), (Shape{2, 3}));
  EXPECT_EQ(a.get_constant("tensor")->integers(), (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5}));
  const FunctionRef* func = a.get_func("func");
  ASSERT_TRUE(func && func->attrs);
  EXPECT_EQ(func->name, "f");
  EXPECT_EQ(func->attrs->get_type("T"), DType::int32);
  ASSERT_TRUE(func->attrs->get_func("inner"));
  EXPECT_EQ(std::get<AttrPlaceholder>(*func->attrs->get_func("inner")->attrs->find("x")).name, "y");
  EXPECT_EQ(std::get<AttrPlaceholder>(*a.find("placeholder")).name, "T");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(*a.find("nothing")));
  EXPECT_TRUE(a.get_list("empty_list"));
  EXPECT_EQ(a.get_list("list_s")->s, (std::vector<std::string>{"a", "", "\xfe"}));
  EXPECT_EQ(a.get_ints("list_i"), (std::vector<std::int64_t>{1, -2, std::int64_t{1} << 40}));
  EXPECT_EQ(a.get_list("list_f")->f, (std::vector<float>{1.5F, -0.25F, std::numeric_limits<float>::infinity()}));
  EXPECT_EQ(a.get_list("list_b")->b, (std::vector<bool>{true, false, true}));
  const auto& types = a.get_list("list_type")->type;
  ASSERT_EQ(types.size(), 3u);
  EXPECT_TRUE(types[0].dtype == DType::int8 && types[1].dtype == DType::resource && types[2].dtype == DType::float16 &&
              types[2].is_ref);
  const auto& shapes = a.get_list("list_shape")->shape;
  ASSERT_EQ(shapes.size(), 3u);
  EXPECT_TRUE(shapes[0] == Shape() && !shapes[1].has_rank() && shapes[2] == Shape{7});
  const auto& tensors = a.get_list("list_tensor")->tensor;
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(number_at(*tensors[0].materialise(), 0), 2.5);
  EXPECT_EQ(tensors[1].materialise()->string_values(), (std::vector<std::string>{"x", "y"}));
  const auto& functions = a.get_list("list_func")->func;
  ASSERT_EQ(functions.size(), 2u);
  EXPECT_EQ(functions[1].attrs->get_int("n"), 3);
  EXPECT_TRUE(std::holds_alternative<UnknownAttr>(*a.find("resource")));
  EXPECT_EQ(graph.versions().producer, 1882);
  EXPECT_EQ(graph.versions().min_consumer, 12);
  EXPECT_EQ(graph.versions().bad_consumers, (std::vector<int>{13, 14}));
}

TEST(GraphFile, ReadsAndWritesEveryAttribute) {
  const TemporaryFolder folder;
  for (const char* name : {"attrs.pb", "attrs.pbtxt"}) {
    const auto graph = load(kData + name);
    ASSERT_TRUE(graph);
    expect_attrs(*graph);
    ASSERT_TRUE(save_graph(*graph, folder / "x.pb", GraphFormat::binary).ok());
    ASSERT_TRUE(save_graph(*graph, folder / "x.pbtxt", GraphFormat::text).ok());
    for (const char* again : {"x.pb", "x.pbtxt"}) {
      const auto copy = load(folder / again);
      ASSERT_TRUE(copy);
      expect_attrs(*copy);
    }
  }
}

TEST(GraphFile, KeepsFunctions) {
  const TemporaryFolder folder;
  const auto text = load(kData + "functions.pbtxt");
  const auto graph = load(kData + "functions.pb");
  ASSERT_TRUE(text && graph);
  EXPECT_EQ(*serialize_graph(*text), *serialize_graph(*graph));
  ASSERT_TRUE(save_graph(*graph, folder / "x.pbtxt", GraphFormat::text).ok());
  EXPECT_EQ(*serialize_graph(*load(folder / "x.pbtxt")), *serialize_graph(*graph));

  const Function* f = graph->functions().find("sum_of");
  ASSERT_TRUE(f);
  EXPECT_EQ(f->inputs[0].number_attr, "N");
  EXPECT_FALSE(f->inputs[0].extra.empty());
  EXPECT_EQ(f->control_ret, (std::vector<std::pair<std::string, std::string>>{{"done", "add"}}));
  ASSERT_EQ(f->arg_attrs.size(), 1u);
  EXPECT_EQ(f->arg_attrs[0].second.get_string("_user_specified_name"), "scale");
  EXPECT_FALSE(f->extra.empty());
  EXPECT_FALSE(f->signature_extra.empty());
  EXPECT_FALSE(graph->functions().extra.empty());

  AttrMap attrs;
  attrs.set("T", TypeValue(DType::float32));
  attrs.set("N", std::int64_t{2});
  const auto body = function_body(graph->functions(), "sum_of", attrs);
  ASSERT_TRUE(body.ok()) << body.error().message;
  const Graph& b = **body;
  EXPECT_EQ(b[b.find("add")].attrs.get_type("T"), DType::float32);
  EXPECT_EQ(b.node(b[b.find("add")].inputs[1].node).name, "values_1");
  EXPECT_EQ(b[b.find("mul")].control().size(), 1u);
  EXPECT_TRUE(check_against_op_defs(b).ok());
  EXPECT_EQ(function_body(graph->functions(), "sum_of").error().message,
            "function 'sum_of': attribute 'T' is missing where a value of kind type was expected");
  // The bodies that TensorFlow made: of the branches and the loop.
  for (const auto& function : graph->functions().functions()) {
    if (function->name == "sum_of") continue;
    const auto made = function_body(graph->functions(), function->name);
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_TRUE(check_against_op_defs(**made).ok()) << function->name;
  }
}

TEST(GraphFile, KeepsReferencesAndLoops) {
  const auto graph = load(kData + "references.pb");
  ASSERT_TRUE(graph);
  const NodeId w = graph->find("w");
  ASSERT_NE(w, kNoNode);
  EXPECT_TRUE(signature_of(graph->node(w))->outputs[0].is_ref);
}

TEST(GraphFile, AddsDefaults) {
  const TemporaryFolder folder;
  write_text(folder / "g.pbtxt", R"(node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
    node { name: "y" op: "Relu" input: "x" attr { key: "T" value { type: DT_FLOAT } } }
    node { name: "z" op: "MaxPool" input: "y" attr { key: "ksize" value { list { i: [1, 2, 2, 1] } } }
           attr { key: "strides" value { list { i: [1, 2, 2, 1] } } } attr { key: "padding" value { s: "SAME" } } }
    later_field { deep { deeper: 1 } } )");
  const auto loaded = load_graph(folder / "g.pbtxt");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const Graph& graph = *loaded->graph;
  EXPECT_FALSE(graph[0].attrs.get_shape("shape")->has_rank());
  EXPECT_EQ(graph[2].attrs.get_string("data_format"), "NHWC");
  EXPECT_EQ(graph[2].attrs.get_type("T"), DType::float32);
  EXPECT_EQ(loaded->kind, "GraphDef (text)");
  ASSERT_EQ(loaded->warnings.size(), 1u);
  EXPECT_NE(loaded->warnings[0].find("later_field"), std::string::npos) << loaded->warnings[0];
}

// Python's printer leaves the key of the first argument out: it is 0.
TEST(GraphFile, ReadsMapEntriesWithoutTheirKey) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "f.pbtxt",
                         R"(library { function { signature { name: "f" input_arg { name: "x" type: DT_INT32 } }
    arg_attr { value { attr { key: "a" value { i: 7 } } } } arg_attr { key: 1 value { attr { key: "b" value { i: 8 } } } } } })")
                  .ok());
  const auto loaded = load_graph(folder / "f.pbtxt");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const Function* f = loaded->graph->functions().find("f");
  ASSERT_NE(f, nullptr);
  ASSERT_EQ(f->arg_attrs.size(), 2u);
  EXPECT_EQ(f->arg_attrs[0].first, 0);
  EXPECT_EQ(f->arg_attrs[0].second.get_int("a"), 7);
  EXPECT_EQ(f->arg_attrs[1].second.get_int("b"), 8);
}

TEST(GraphFile, LargeConstantsStayInTheFile) {
  const TemporaryFolder folder;
  Graph::Parts parts;
  NodeRecord node{"w", "Const", "", {}, {}, {}};
  std::vector<float> values(1 << 20);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  node.attrs.set("dtype", TypeValue(DType::float32));
  node.attrs.set("value", make_constant_attr(Constant(Tensor::vector(values))));
  parts.nodes.push_back(node);
  const auto graph = Graph::build(std::move(parts));
  ASSERT_TRUE(graph.ok());
  ASSERT_TRUE(save_graph(**graph, folder / "w.pb", GraphFormat::binary).ok());
  const auto loaded = load_graph(folder / "w.pb");
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->mapped_bytes, loaded->file_bytes);
  const auto tensor = (*loaded->graph)[0].attrs.get_constant("value")->materialise();
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(tensor->buffer()->size(), loaded->file_bytes);
  EXPECT_EQ(number_at(*tensor, 1000000), 1000000.0);
  // The file may be written over its own source.
  ASSERT_TRUE(save_graph(*loaded->graph, folder / "w.pb", GraphFormat::binary).ok());
  EXPECT_EQ(number_at(*tensor, 1000000), 1000000.0);
}

TEST(GraphFile, FormatByName) {
  EXPECT_EQ(*graph_format_from_path("a/b.pb"), GraphFormat::binary);
  EXPECT_EQ(*graph_format_from_path("b.pbtxt"), GraphFormat::text);
  EXPECT_FALSE(graph_format_from_path("b.onnx").ok());
}

TEST(GraphFile, LoadsEveryFrozenModel) {
  const char* models = std::getenv("ISOTHERM_MODELS");
  if (!models)
    GTEST_SKIP() << "ISOTHERM_MODELS does not name the reference models: none of the frozen graphs was loaded";
  const TemporaryFolder folder;
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(models) + "/frozen")) {
    const auto graph = load(entry.path().string());
    ASSERT_TRUE(graph) << entry.path();
    ASSERT_TRUE(save_graph(*graph, folder / "x.pb", GraphFormat::binary).ok());
    const auto again = load(folder / "x.pb");
    ASSERT_TRUE(again) << entry.path();
    EXPECT_EQ(*serialize_graph(*again), *serialize_graph(*graph)) << entry.path();
    ++count;
  }
  EXPECT_GT(count, 10);
}

}  // namespace
}  // namespace isotherm
