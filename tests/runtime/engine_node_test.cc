#include "core/runtime/engine_node.h"

#include "tests/runtime/graph_maker.h"

namespace isotherm {
namespace {

using test::Attrs;
using test::Fixture;
using test::GraphMaker;
using test::vec;
using Values = std::vector<std::vector<double>>;

AttrValue types(int count) {
  AttrList list;
  list.type.assign(static_cast<std::size_t>(count), TypeValue(DType::float64));
  return make_list_attr(std::move(list));
}
AttrValue shapes(std::vector<Shape> values) {
  AttrList list;
  list.shape = std::move(values);
  return make_list_attr(std::move(list));
}

ArgDef arg(std::string name) {
  ArgDef out;
  out.name = std::move(name);
  out.type = TypeValue(DType::float64);
  return out;
}

// engine(a, b) = a * b, natively; the engine itself is whatever the test's runner says.
GraphMaker engine_graph(Attrs attrs, bool native = true) {
  Function segment;
  segment.name = "TRTEngineOp_000_000_native_segment";
  segment.inputs = {arg("tensorrtinputph_0"), arg("tensorrtinputph_1")};
  segment.outputs = {arg("tensorrtoutputph_0")};
  NodeRecord mul{"mul", "Mul", "", {"tensorrtinputph_0", "tensorrtinputph_1"}, {}, ""};
  mul.attrs.set("T", TypeValue(DType::float64));
  segment.nodes = {mul};
  segment.ret = {{"tensorrtoutputph_0", "mul:z:0"}};
  const std::string name = native ? segment.name : "";
  attrs.insert(attrs.end(), {{"InT", types(2)},
                             {"OutT", types(1)},
                             {"segment_func", FunctionRef{name, nullptr}},
                             {"serialized_segment", std::string()},
                             {"workspace_size_bytes", std::int64_t{1} << 30},
                             {"precision_mode", std::string("FP32")}});
  GraphMaker maker;
  maker.function(std::move(segment))
      .placeholder("a")
      .placeholder("b")
      .node("TRTEngineOp_000_000", "TRTEngineOp", {"a", "b"}, std::move(attrs));
  maker.node("out", "Neg", {"TRTEngineOp_000_000"});
  return maker;
}

class Runner final : public EngineRunner {
 public:
  explicit Runner(int& runs, bool fails) : runs_(runs), fails_(fails) {}
  Status run(KernelContext& context, std::span<const Tensor> inputs, std::span<Tensor> outputs) override {
    ++runs_;
    if (fails_) return unsupported("no tactic for layer 'mul'");
    ISO_ASSIGN(outputs[0], context.allocate(DType::float64, inputs[0].shape()));
    for (std::int64_t i = 0; i < inputs[0].elements(); ++i)
      outputs[0].mutable_data<double>()[static_cast<std::size_t>(i)] = 1000 + number_at(inputs[0], i);
    return {};
  }

 private:
  int& runs_;
  bool fails_;
};

struct Factory {
  int made = 0, runs = 0;
  bool fails = false;
  SessionOptions options() {
    SessionOptions out;
    out.engine_runner = [this](const EngineRunnerRequest& request) -> Result<std::unique_ptr<EngineRunner>> {
      EXPECT_EQ(request.node.op, "TRTEngineOp");
      ++made;
      return std::unique_ptr<EngineRunner>(std::make_unique<Runner>(runs, fails));
    };
    return out;
  }
};

const Attrs kExplicit = {{"_use_implicit_batch", false}, {"input_shapes", shapes({Shape{-1}, Shape{-1}})}};

TEST(EngineNode, RunsItsEngine) {
  Factory factory;
  Fixture f(engine_graph(kExplicit).build(), factory.options());
  const Graph& graph = f.session->graph();
  EXPECT_EQ(f.session->engine_runner(graph.find("TRTEngineOp_000_000")), nullptr);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(f.run({{"a", vec({2})}, {"b", vec({3})}}, {"out"}), (Values{{-1002}}));
  EXPECT_EQ(factory.made, 1);
  EXPECT_EQ(factory.runs, 3);
  EXPECT_TRUE(f.last.fallbacks.empty());
  EXPECT_EQ(f.device->runs_of("mul"), 0);
  EXPECT_NE(f.session->engine_runner(graph.find("TRTEngineOp_000_000")), nullptr);
  EXPECT_EQ(f.session->engine_runner(graph.find("out")), nullptr);
}

void expect_fallback(Fixture& f, const Feeds& feeds, const std::string& reason, const Values& values = {{-6}}) {
  EXPECT_EQ(f.run(feeds, {"out"}), values);
  ASSERT_EQ(f.last.fallbacks.size(), 1U);
  EXPECT_EQ(f.last.fallbacks[0].node, "TRTEngineOp_000_000");
  EXPECT_EQ(f.last.fallbacks[0].reason, reason);
}

TEST(EngineNode, FallsBackAndSaysWhy) {
  const Feeds feeds = {{"a", vec({2})}, {"b", vec({3})}};
  {
    Factory factory;
    factory.fails = true;
    Fixture f(engine_graph(kExplicit).build(), factory.options());
    expect_fallback(f, feeds, "no tactic for layer 'mul'");
  }
  {
    Factory factory;
    SessionOptions options = factory.options();
    options.use_engines = false;
    Fixture f(engine_graph(kExplicit).build(), options);
    expect_fallback(f, feeds, "engines are switched off");
    EXPECT_EQ(factory.made, 0);
  }
  {
    SessionOptions options;
    options.engine_runner = [](const EngineRunnerRequest&) -> Result<std::unique_ptr<EngineRunner>> {
      return unsupported("no backend");
    };
    Fixture f(engine_graph(kExplicit).build(), options);
    expect_fallback(f, feeds, "no backend");
    expect_fallback(f, feeds, "no backend");
  }
  Fixture f(engine_graph(kExplicit).build());
  expect_fallback(f, feeds, "this session has no way to run engines");
}

TEST(EngineNode, NativeSegmentsCanBeForbidden) {
  const Feeds feeds = {{"a", vec({2})}, {"b", vec({3})}};
  Factory factory;
  factory.fails = true;
  SessionOptions options = factory.options();
  options.allow_native_segments = false;
  Fixture f(engine_graph(kExplicit).build(), options);
  const auto result = f.session->run(feeds, {"out"});
  ASSERT_FALSE(result.ok());
  for (const char* words : {"TRTEngineOp_000_000", "no tactic for layer 'mul'", "native segment"})
    EXPECT_NE(result.error().message.find(words), std::string::npos) << result.error().message;
  // The shape check comes before.
  Fixture wrong(engine_graph({{"_use_implicit_batch", false}, {"input_shapes", shapes({Shape{-1}, Shape{4}})}}).build(),
                options);
  expect_fallback(wrong, feeds, "input 1 ('b:0') has shape [1], expected [4] as converted");
}

TEST(EngineNode, ShapesAreVerifiedBeforeTheEngineIsAsked) {
  Factory factory;
  Fixture wrong(engine_graph({{"_use_implicit_batch", false}, {"input_shapes", shapes({Shape{-1}, Shape{4}})}}).build(),
                factory.options());
  expect_fallback(wrong, {{"a", vec({2})}, {"b", vec({3})}},
                  "input 1 ('b:0') has shape [1], expected [4] as converted");
  Fixture missing(engine_graph({{"_use_implicit_batch", false}}).build(), factory.options());
  expect_fallback(missing, {{"a", vec({2})}, {"b", vec({3})}},
                  "attribute 'input_shapes' is missing, which explicit batch mode needs");
  // Absent means implicit.
  Fixture implicit(engine_graph({}).build(), factory.options());
  expect_fallback(implicit, {{"a", vec({2, 4})}, {"b", Tensor::scalar<double>(3)}},
                  "input 1 ('b:0') is a scalar; implicit batch mode needs a batch dimension in every input",
                  {{-6, -12}});
  EXPECT_EQ(factory.made, 0);
  EXPECT_EQ(implicit.run({{"a", vec({2})}, {"b", vec({3})}}, {"out"}), (Values{{-1002}}));
}

TEST(EngineNode, ImplicitBatchRefusesWeightsAsInputs) {
  Graph::Parts parts;
  NodeRecord engine{"engine", "TRTEngineOp", "", {}, {}, ""};
  std::vector<Shape> found;
  for (int i = 0; i < 321; ++i) {
    parts.nodes.push_back({i == 0 ? "input" : "weight_" + std::to_string(i), "Placeholder", "", {}, {}, ""});
    engine.inputs.push_back(parts.nodes.back().name);
    found.push_back(i == 0 ? Shape{1, 224, 224, 3} : Shape{7, 7, 3, 64});
  }
  parts.nodes.push_back(engine);
  auto graph = *Graph::build(std::move(parts));
  const Node& node = (*graph)[graph->find("engine")];
  EXPECT_EQ(engine_shape_refusal(*graph, node, found),
            "in implicit batch mode all inputs share their first dimension, but input 1 ('weight_1:0') has 7 where "
            "input 0 ('input:0') has 1");
  EXPECT_EQ(engine_shape_refusal(*graph, node, std::vector<Shape>(321, Shape{1, 4})), std::nullopt);
  EXPECT_EQ(engine_shape_refusal(*graph, node, std::vector<Shape>{Shape{0, 4}}),
            "input 0 ('input:0') has an empty batch");
}

TEST(EngineNode, WithoutANativeSegmentAFailureIsAnError) {
  Fixture f(engine_graph(kExplicit, false).build());
  EXPECT_EQ(f.error({{"a", vec({2})}, {"b", vec({3})}}, {"out"}),
            "node 'TRTEngineOp_000_000' (TRTEngineOp): the engine did not run (this session has no way to run engines) "
            "and the node has no native segment (attribute 'segment_func' is empty)");
}

TEST(EngineNode, TheObserverHearsOfTheFallback) {
  class Heard final : public RunObserver {
   public:
    void scope_begin(const ScopeInfo&, Stream*) override {}
    void scope_end(const ScopeInfo&, Stream*) override {}
    void capture_begin(std::uint64_t, Stream*) override {}
    void capture_end(std::uint64_t, Stream*) override {}
    void replay(std::uint64_t, Stream*) override {}
    void fallback(std::int64_t node, std::string_view reason) override {
      heard = std::to_string(node) + ": " + std::string(reason);
    }
    std::string heard;
  } observer;
  Fixture f(engine_graph(kExplicit).build());
  f.run({{"a", vec({2})}, {"b", vec({3})}}, {"out"}, {.observer = &observer});
  EXPECT_EQ(observer.heard, "2: this session has no way to run engines");
}

}  // namespace
}  // namespace isotherm
