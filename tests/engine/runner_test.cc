// Engine nodes of a session through plans: what is built, what is reused, what falls back and why.
#include <gtest/gtest.h>

#include "core/cpu/cpu_device.h"
#include "core/cpu/engine/backend.h"
#include "core/engine/engine_runner_factory.h"
#include "core/runtime/session.h"
#include "tests/engine/body.h"

namespace isotherm::test {
namespace {

constexpr const char* kEngine = "TRTEngineOp_000_000";

NodeRecord make_node(const std::string& name, const std::string& op, const std::vector<std::string>& inputs,
                     const Attrs& attrs) {
  NodeRecord r;
  r.name = name;
  r.op = op;
  r.inputs = inputs;
  for (const auto& [key, value] : attrs) r.attrs.set(key, value);
  return r;
}

AttrValue types(DType dtype) {
  AttrList list;
  list.type.emplace_back(dtype);
  return make_list_attr(std::move(list));
}

AttrValue shapes(const Shape& shape) {
  AttrList list;
  list.shape.push_back(shape);
  return make_list_attr(std::move(list));
}

/// x -> engine (relu(x + x) - 0.5) -> Identity y
std::shared_ptr<const Graph> engine_graph(const Attrs& engine_attrs) {
  Function f;
  f.name = std::string(kEngine) + "_native_segment";
  f.inputs.push_back({"tensorrtinputph_0", DType::float32, "", "", "", false, {}});
  f.outputs.push_back({"tensorrtoutputph_0", DType::float32, "", "", "", false, {}});
  const AttrValue t = TypeValue(DType::float32);
  f.nodes.push_back(
      make_node("half", "Const", {}, {{"dtype", t}, {"value", make_constant_attr(Constant(Tensor::scalar(0.5f)))}}));
  f.nodes.push_back(make_node("sum", "AddV2", {"tensorrtinputph_0", "tensorrtinputph_0"}, {{"T", t}}));
  f.nodes.push_back(make_node("relu", "Relu", {"sum:z:0"}, {{"T", t}}));
  f.nodes.push_back(make_node("shift", "Sub", {"relu:activations:0", "half:output:0"}, {{"T", t}}));
  f.ret.emplace_back("tensorrtoutputph_0", "shift:z:0");
  auto functions = std::make_shared<FunctionLibrary>();
  functions->add(std::move(f));

  Graph::Parts parts;
  parts.functions = functions;
  const Shape any({kUnknownDim, kUnknownDim});
  parts.nodes.push_back(make_node("x", "Placeholder", {}, {{"dtype", t}, {"shape", any}}));
  Attrs attrs = {{"InT", types(DType::float32)},
                 {"OutT", types(DType::float32)},
                 {"segment_func", FunctionRef{std::string(kEngine) + "_native_segment", nullptr}},
                 {"serialized_segment", std::string()},
                 {"workspace_size_bytes", std::int64_t{1} << 30},
                 {"precision_mode", std::string("FP32")},
                 {"static_engine", false},
                 {"input_shapes", shapes(any)},
                 {"output_shapes", shapes(any)}};
  attrs.insert(attrs.end(), engine_attrs.begin(), engine_attrs.end());
  parts.nodes.push_back(make_node(kEngine, "TRTEngineOp", {"x"}, attrs));
  parts.nodes.push_back(make_node("y", "Identity", {kEngine}, {{"T", t}}));
  auto graph = Graph::build(std::move(parts));
  EXPECT_TRUE(graph.ok()) << (graph.ok() ? "" : graph.error().message);
  return graph.ok() ? *graph : nullptr;
}

class ScopeLog final : public RunObserver {
 public:
  void scope_begin(const ScopeInfo& s, Stream*) override {
    if (s.kind == ScopeKind::engine) text += "engine " + std::string(s.name) + "\n";
    if (s.kind == ScopeKind::layer) text += "layer " + std::string(s.name) + " of " + std::to_string(s.engine) + "\n";
  }
  void scope_end(const ScopeInfo&, Stream*) override {}
  void capture_begin(std::uint64_t, Stream*) override {}
  void capture_end(std::uint64_t, Stream*) override {}
  void replay(std::uint64_t, Stream*) override {}
  void fallback(std::int64_t, std::string_view) override { text += "fallback\n"; }
  std::string text;
};

class Runner : public ::testing::Test {
 protected:
  void start(const Attrs& attrs) {
    SessionOptions options;
    options.threads = 1;
    options.engine_runner = engine_runner_factory();
    auto session = Session::create(engine_graph(attrs), make_cpu_device(1, make_cpu_engine_backend), options);
    ASSERT_TRUE(session.ok()) << session.error().message;
    session_ = std::move(*session);
  }
  /// Fallbacks of a run on that shape; the values are checked.
  std::vector<Fallback> run(const Shape& shape, RunObserver* observer = nullptr) {
    Tensor x = Tensor::make(DType::float32, shape).value();
    float next = -2;
    for (float& v : x.mutable_data<float>()) v = next += 0.75f;
    RunOptions options;
    options.observer = observer;
    auto result = session_->run({{"x", x}}, {"y"}, options);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    if (!result.ok()) return {};
    const auto y = result->fetches[0].data<float>();
    for (std::size_t i = 0; i < y.size(); ++i) EXPECT_FLOAT_EQ(y[i], std::max(2 * x.data<float>()[i], 0.0f) - 0.5f);
    return result->statistics.fallbacks;
  }
  PlanCache& cache() { return dynamic_cast<PlanEngineRunner*>(session_->engine_runner(1))->cache(); }

  std::unique_ptr<Session> session_;
};

TEST_F(Runner, ImplicitBatchBuildsPerLargerBatch) {
  start({{"_use_implicit_batch", true}, {"max_cached_engines_count", std::int64_t{4}}});
  for (const Shape& s : {Shape{2, 2}, Shape{1, 2}, Shape{3, 2}, Shape{10, 10}, Shape{1, 10}})
    EXPECT_TRUE(run(s).empty());
  EXPECT_EQ(cache().keys(), (std::vector<ShapeKey>{{{2, 2}}, {{3, 2}}, {{10, 10}}}));
}

TEST_F(Runner, ExplicitBatchFallsBackOnOtherShapes) {
  start({{"_use_implicit_batch", false}});
  EXPECT_TRUE(run({2, 2}).empty());
  const auto fallbacks = run({3, 2});
  ASSERT_EQ(fallbacks.size(), 1u);
  EXPECT_EQ(fallbacks[0].node, kEngine);
  EXPECT_NE(fallbacks[0].reason.find("profile"), std::string::npos);
  EXPECT_TRUE(run({2, 2}).empty());
}

TEST_F(Runner, WithoutPermissionNothingIsBuilt) {
  start({{"_use_implicit_batch", true}, {"_allow_build_at_runtime", false}});
  EXPECT_EQ(run({2, 2}).size(), 1u);
  EXPECT_EQ(run({2, 2}).size(), 1u);
  EXPECT_EQ(cache().size(), 1u);  // one entry without an engine
}

TEST_F(Runner, AFailedBuildIsRememberedWithItsReason) {
  start({{"_use_implicit_batch", true}});
  ASSERT_TRUE(run({2, 2}).empty());
  start({{"precision_mode", std::string("FP16")}});
  for (int i = 0; i < 2; ++i) {
    const auto fallbacks = run({2, 2});
    ASSERT_EQ(fallbacks.size(), 1u);
    EXPECT_NE(fallbacks[0].reason.find("FP32"), std::string::npos) << fallbacks[0].reason;
  }
}

TEST_F(Runner, ObserversSeeEngineAndLayers) {
  start({{"_use_implicit_batch", false}});
  ScopeLog log;
  run({2, 2}, &log);
  EXPECT_EQ(log.text, std::string("engine ") + kEngine + "\nlayer sum of 1\nlayer shift of 1\n");
  const auto* runner = dynamic_cast<PlanEngineRunner*>(session_->engine_runner(1));
  ASSERT_NE(runner->last_plan(), nullptr);
  EXPECT_EQ(runner->last_plan()->layers()[0].sources, (std::vector<std::string>{"sum", "relu"}));
}

}  // namespace
}  // namespace isotherm::test
