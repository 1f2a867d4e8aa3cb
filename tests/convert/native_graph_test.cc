// Engines back to native nodes.
#include "core/convert/native_graph.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/convert/converter.h"
#include "core/convert/portability.h"
#include "core/formats/graph_file.h"
#include "tests/convert/golden_case.h"
#include "tests/convert/typed_sketch.h"

namespace isotherm {
namespace {

using testing::typed_sketch;

std::vector<std::string> inputs_of(const Graph& graph, const std::string& name) {
  return graph.find(name) == kNoNode ? std::vector<std::string>{"missing"} : graph.record(graph.find(name)).inputs;
}

std::shared_ptr<const Graph> must_convert(const std::shared_ptr<const Graph>& graph,
                                          const ConversionParams& params = {}) {
  auto conversion = convert(graph, params);
  EXPECT_TRUE(conversion.ok());
  return conversion.ok() ? conversion->after : nullptr;
}

/// The converted graph with one node changed.
template <class F>
std::shared_ptr<const Graph> edited(const std::shared_ptr<const Graph>& graph, F edit) {
  Graph::Parts parts = graph->parts();
  for (NodeRecord& node : parts.nodes)
    if (node.op == "TRTEngineOp") edit(node);
  auto built = Graph::build(std::move(parts));
  EXPECT_TRUE(built.ok());
  return built.ok() ? *built : nullptr;
}

constexpr const char* kChain =
    "x = Placeholder\nk = Const\na = Relu(x)\nb = AddV2(a, k)\nc = Relu(b)\nout = Identity(c)\nside = Log1p(k)\n";

TEST(NativeGraph, WithoutEnginesItIsTheSame) {
  const auto graph = typed_sketch(kChain);
  const auto native = native_graph(graph);
  ASSERT_TRUE(native.ok());
  EXPECT_EQ(native->graph, graph);
  EXPECT_EQ(native->engine_count, 0);
}

TEST(NativeGraph, ControlEdgesComeBackToTheirNodes) {
  const auto graph = typed_sketch(R"(
    x = Placeholder
    n = NoOp(^x)
    a = Relu(x)
    b = Relu(a, ^n)
    c = Relu(b)
    after = Log1p(x, ^b)
    out = Identity(c)
    out2 = Identity(after)
  )");
  const auto native = native_graph(must_convert(graph));
  ASSERT_TRUE(native.ok());
  EXPECT_EQ(native->engine_count, 1);
  EXPECT_EQ(native->graph->size(), graph->size());
  EXPECT_EQ(inputs_of(*native->graph, "b"), (std::vector<std::string>{"a", "^n"}));
  EXPECT_EQ(inputs_of(*native->graph, "after"), (std::vector<std::string>{"x", "^b"}));
  EXPECT_TRUE(native->graph->functions().functions().empty());
}

TEST(NativeGraph, SplitCastsAreWholeAgain) {
  ConversionParams params;
  params.precision_mode = Precision::fp16;
  params.minimum_segment_size = 1;
  const auto graph = typed_sketch("int = Placeholder\ncast = Cast(int)\na = Relu(cast)\nout = Identity(a)\n");
  const auto converted = must_convert(graph, params);
  EXPECT_NE(converted->find("cast_split"), kNoNode);
  const auto native = native_graph(converted);
  ASSERT_TRUE(native.ok());
  EXPECT_EQ(native->graph->find("cast_split"), kNoNode);
  EXPECT_EQ(inputs_of(*native->graph, "cast"), (std::vector<std::string>{"int"}));
  EXPECT_EQ((*native->graph)[native->graph->find("cast")].attrs.get_type("SrcT"), DType::int32);
}

TEST(NativeGraph, EnginesThatReadEnginesAndPassInputsOn) {
  // An empty segment: the function hands its argument back.
  const auto converted = must_convert(typed_sketch(kChain));
  Graph::Parts parts = converted->parts();
  Function function = *converted->functions().find("TRTEngineOp_000_000_native_segment");
  function.nodes.clear();
  function.ret = {{"tensorrtoutputph_0", "tensorrtinputph_0"}};
  FunctionLibrary library;
  library.add(std::move(function));
  parts.functions = std::make_shared<const FunctionLibrary>(std::move(library));
  const auto empty = Graph::build(std::move(parts));
  ASSERT_TRUE(empty.ok());
  const auto native = native_graph(*empty);
  ASSERT_TRUE(native.ok()) << native.error().message;
  EXPECT_EQ(inputs_of(*native->graph, "out"), (std::vector<std::string>{"x"}));
}

TEST(NativeGraph, FaultsNameTheEngine) {
  const auto converted = must_convert(typed_sketch(kChain));
  const auto error = [&](auto edit) {
    const auto native = native_graph(edited(converted, edit));
    EXPECT_FALSE(native.ok());
    return native.ok() ? "" : native.error().message;
  };
  const std::string none = error([](NodeRecord& node) { node.attrs.set("segment_func", FunctionRef{}); });
  EXPECT_NE(none.find("engine 'TRTEngineOp_000_000' cannot be taken apart: it has no native segment"),
            std::string::npos)
      << none;
  const std::string missing = error([](NodeRecord& node) {
    node.attrs.set("segment_func", FunctionRef{"nowhere", nullptr});
  });
  EXPECT_NE(missing.find("nowhere"), std::string::npos) << missing;
  const std::string inputs = error([](NodeRecord& node) { node.inputs.clear(); });
  EXPECT_NE(inputs.find("argument 0"), std::string::npos) << inputs;
}

TEST(NativeGraph, ANameThatIsTakenGetsTheEnginesScope) {
  const auto converted = must_convert(typed_sketch(kChain));
  Graph::Parts parts = converted->parts();
  parts.nodes.push_back({"b", "NoOp", {}, {}, {}, {}});
  const auto changed = Graph::build(std::move(parts));
  const auto native = native_graph(*changed);
  ASSERT_TRUE(native.ok());
  EXPECT_EQ(inputs_of(*native->graph, "c"), (std::vector<std::string>{"TRTEngineOp_000_000/b"}));
  ASSERT_EQ(native->notes.size(), 1u);
  EXPECT_NE(native->notes[0].find("'TRTEngineOp_000_000/b'"), std::string::npos);
}

/// Nodes with op, dtype attributes and data inputs: what a file of TF-TRT's own keeps.
std::map<std::string, std::string> outline(const Graph& graph) {
  std::map<std::string, std::string> out;
  for (const Node& node : graph.nodes()) {
    std::string text = node.op;
    for (const Input& in : node.data()) text += " " + format_input_name(graph[in.node].name, in.port);
    out[node.name] = std::move(text);
  }
  return out;
}

TEST(NativeGraph, OfFilesThatTfTrtWrote) {
  const auto cases = testing::load_goldens(ISOTHERM_TEST_DATA "/convert", {});
  ASSERT_FALSE(cases.empty());
  for (const auto& golden : cases) {
    const auto given = load_graph(golden.graph_path), converted = load_graph(golden.converted_path);
    ASSERT_TRUE(given.ok() && converted.ok()) << golden.name;
    const auto native = native_graph(converted->graph);
    ASSERT_TRUE(native.ok()) << golden.name << ": " << native.error().message;
    EXPECT_GT(native->engine_count, 0);
    EXPECT_EQ(outline(*native->graph), outline(*given->graph)) << golden.name;
    EXPECT_TRUE(native->graph->topological_order().ok());
  }
}

TEST(WhereItRuns, SaysWhatEachPlaceNeeds) {
  const auto graph = typed_sketch(kChain);
  const auto places = [&](ConversionParams params) {
    auto conversion = convert(graph, params);
    EXPECT_TRUE(conversion.ok());
    return where_it_runs(*conversion, "c.pb");
  };
  ConversionParams params;
  auto found = places(params);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_TRUE(found[0].runs);
  EXPECT_FALSE(found[1].runs);
  EXPECT_NE(found[1].sentence.find("--dynamic-op"), std::string::npos);
  EXPECT_FALSE(found[2].runs);
  EXPECT_NE(found[2].sentence.find("isotherm convert c.pb --native"), std::string::npos);
  params.is_dynamic_op = true;
  found = places(params);
  EXPECT_TRUE(found[1].runs);
  EXPECT_NE(found[1].sentence.find("native segments"), std::string::npos);
  params = {};
  params.precision_mode = Precision::int8;
  found = places(params);
  EXPECT_NE(found[0].sentence.find("calibration graph"), std::string::npos);
  params = {};
  params.minimum_segment_size = 50;
  for (const Place& place : places(params)) EXPECT_TRUE(place.runs) << place.name;
  // An engine that nothing reads is refused by TensorFlow wherever TF-TRT is.
  params = {};
  params.outputs = {"side"};
  params.is_dynamic_op = true;
  found = places(params);
  EXPECT_FALSE(found[1].runs);
  const std::string text = places_text(found);
  EXPECT_EQ(text.find("where it runs:\n  Isotherm"), 0u) << text;
  EXPECT_NE(text.find("any TensorFlow          no: "), std::string::npos) << text;
}

}  // namespace
}  // namespace isotherm
