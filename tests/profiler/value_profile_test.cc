// Memory, precision and numeric error of real runs on the CPU device.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "core/workbench/devices.h"
#include "core/workbench/models/model_zoo.h"
#include "profiler/error_recorder.h"
#include "profiler/profile.h"
#include "profiler/session_file.h"
#include "profiler/session_overlay.h"

namespace isotherm {
namespace {

Result<std::unique_ptr<Workload>> workload(const char* model) {
  ISO_ASSIGN(std::shared_ptr<const Graph> graph, make_model(model));
  WorkloadOptions options;
  options.threads = 1;
  return Workload::create(graph, options);
}

struct Profiled {
  explicit Profiled(const char* model) {
    auto made = workload(model);
    EXPECT_TRUE(made.ok());
    path = testing::TempDir() + "/values_" + std::to_string(getpid()) + ".isotherm";
    ProfileOptions options;
    options.warmup = 1;
    options.iterations = 1;
    options.numeric_error = true;
    auto profiled = profile(**made, options, path);
    EXPECT_TRUE(profiled.ok()) << (profiled.ok() ? "" : profiled.error().message);
    if (profiled.ok()) data = std::move(*profiled);
    work = std::move(*made);
  }
  ~Profiled() { std::filesystem::remove(path); }
  std::string path;
  std::unique_ptr<Workload> work;
  SessionData data;
};

TEST(ValueProfile, OutputsAreTheirShapesTimesTheirTypes) {
  const Profiled p("segmentation_example");
  ASSERT_EQ(p.data.run_memory.size(), 2u);
  ASSERT_FALSE(p.data.node_memory.empty());
  // Every node fetched by itself says its size.
  const Graph& graph = *p.data.conversion->before;
  auto session = Session::create(p.data.conversion->before, std::shared_ptr<Device>(open_device("cpu", 1).value()), session_options(1, false));
  ASSERT_TRUE(session.ok());
  std::int64_t native_peak = 0;
  std::size_t native = 0;
  for (const NodeMemory& m : p.data.node_memory) {
    EXPECT_GE(m.peak, m.in_use);
    if (m.mode != RunMode::native) continue;
    ++native;
    native_peak = std::max(native_peak, m.peak);
    const auto value = (*session)->run(p.work->feeds(), {graph[m.node].name});
    ASSERT_TRUE(value.ok()) << value.error().message;
    EXPECT_EQ(m.outputs, static_cast<std::int64_t>(value->fetches[0].byte_size())) << graph[m.node].name;
  }
  EXPECT_EQ(native, 13u);  // what is no Const, Placeholder or Identity
  EXPECT_EQ(p.data.run_memory[0].mode, RunMode::native);
  EXPECT_EQ(p.data.run_memory[0].peak, native_peak);
}

TEST(ValueProfile, AnEngineSaysWhatItsPlanHolds) {
  const Profiled p("segmentation_example");
  const NodeId engine = p.data.engines.at(0).node;
  const auto at = std::find_if(p.data.node_memory.begin(), p.data.node_memory.end(), [&](const NodeMemory& m) { return m.mode == RunMode::engines && m.node == engine; });
  ASSERT_NE(at, p.data.node_memory.end());
  EXPECT_GE(at->plan_arena, 16 * 16 * 16 * 4);  // one activation at least
  EXPECT_GE(at->plan_weights, (3 * 3 * 16 * 16 + 16 * 16) * 4);
  EXPECT_EQ(static_cast<std::size_t>(at->plan_arena + at->plan_weights), engine_bytes(**p.work->session(RunMode::engines)));
  EXPECT_EQ(p.data.run_memory[1].plan_arena, at->plan_arena);
  // Integers before the engine, floats in it.
  std::map<std::pair<RunMode, std::string>, ExecutedPrecision> precisions;
  for (const NodePrecision& n : p.data.precisions) precisions[{n.mode, p.data.graph_of(n.mode)[n.node].name}] = n.precision;
  EXPECT_EQ(precisions.at({RunMode::native, "image/Reshape"}), ExecutedPrecision::other);
  EXPECT_EQ(precisions.at({RunMode::native, "conv_a/Conv2D"}), ExecutedPrecision::fp32);
  EXPECT_EQ(precisions.at({RunMode::engines, p.data.engines[0].name}), ExecutedPrecision::fp32);
}

TEST(ValueProfile, EveryTensorThatBothComputeIsComparedAndTheFileKeepsIt) {
  const Profiled p("segmentation_example");
  const Graph& graph = *p.data.conversion->before;
  std::map<std::string, const TensorErrorRecord*> by_name;
  for (const TensorErrorRecord& e : p.data.errors) {
    by_name[graph[e.node].name] = &e;
    EXPECT_EQ(e.mismatch, "") << graph[e.node].name;
    EXPECT_LE(e.error, 1e-5) << graph[e.node].name;
    EXPECT_GT(e.largest, 0) << graph[e.node].name;
  }
  // The native nodes, the ends of the engine's layers, its output, the fetch.
  for (const char* name : {"image/Reshape", "to_float/Cast", "conv_a/Relu", "softmax", "output"}) EXPECT_TRUE(by_name.contains(name)) << name;
  // A bias and an activation went into their convolution: what is between was never there.
  for (const char* name : {"conv_a/Conv2D", "conv_a/BiasAdd"}) EXPECT_FALSE(by_name.contains(name)) << name;
  EXPECT_TRUE(by_name.at("softmax")->engine_output);
  EXPECT_EQ(by_name.at("to_float/Cast")->engine, kNoNode);
  const TensorErrorRecord& relu = *by_name.at("conv_a/Relu");
  EXPECT_EQ(p.data.engines[0].layers.at(static_cast<std::size_t>(relu.layer)).name.substr(0, 6), "conv_a");

  const auto read = read_session(p.path);
  ASSERT_TRUE(read.ok()) << read.error().message;
  for (const auto kind : {render::Overlay::Kind::memory, render::Overlay::Kind::precision, render::Overlay::Kind::error, render::Overlay::Kind::time}) {
    const auto live = session_overlay(p.data, kind), kept = session_overlay(*read, kind);
    ASSERT_TRUE(live.ok() && kept.ok());
    EXPECT_EQ(live->before, kept->before);
    EXPECT_EQ(live->after, kept->after);
    EXPECT_EQ(live->words_before, kept->words_before);
    EXPECT_EQ(live->words_after, kept->words_after);
    EXPECT_EQ(live->facts, kept->facts);
  }
}

/// The converted graph with `change` made to a constant in the engine's native segment.
std::shared_ptr<const Graph> with_other_constant(const Graph& graph, const std::string& name, const std::function<float(float)>& change) {
  Graph::Parts parts = graph.parts();
  auto functions = std::make_shared<FunctionLibrary>(*parts.functions);
  for (const auto& function : parts.functions->functions()) {
    Function copy = *function;
    for (NodeRecord& node : copy.nodes) {
      if (node.name != name) continue;
      const Tensor old = node.attrs.get_constant("value")->materialise().value();
      Tensor changed = Tensor::make(old.dtype(), old.shape()).value();
      for (std::int64_t i = 0; i < old.elements(); ++i) changed.mutable_data<float>()[static_cast<std::size_t>(i)] = change(static_cast<float>(number_at(old, i)));
      node.attrs.set("value", make_constant_attr(Constant(std::move(changed))));
    }
    functions->add(std::move(copy));
  }
  parts.functions = functions;
  return Graph::build(std::move(parts)).value();
}

std::map<std::string, TensorErrorRecord> compare_with(const std::string& constant, const std::function<float(float)>& change) {
  auto work = workload("segmentation_example");
  EXPECT_TRUE(work.ok());
  const std::shared_ptr<const Conversion> conversion = (*work)->conversion();
  const std::shared_ptr<Device> device = open_device("cpu", 1).value();
  ErrorRecorder recorder(conversion);
  auto engines = Session::create(with_other_constant(*conversion->after, constant, change), device, session_options(1, true));
  EXPECT_TRUE(engines.ok());
  RunOptions options;
  options.observer = &recorder.engine_run();
  const auto found = (*engines)->run((*work)->feeds(), (*work)->fetches(), options);
  EXPECT_TRUE(found.ok() && found->statistics.fallbacks.empty()) << (found.ok() ? "" : found.error().message);
  options.observer = &recorder.native_run();
  EXPECT_TRUE((*(*work)->session(RunMode::native))->run((*work)->feeds(), (*work)->fetches(), options).ok());
  std::map<std::string, TensorErrorRecord> out;
  for (const TensorErrorRecord& e : recorder.take()) out[(*conversion->before)[e.node].name] = e;
  return out;
}

TEST(ValueProfile, AnEngineThatComputesSomethingElseShowsWhereItBegins) {
  // conv_c adds to what conv_b gives; twice its weights change all from there on, and nothing before.
  const auto errors = compare_with("conv_c/kernel", [](float w) { return 2 * w; });
  for (const char* name : {"to_float/Cast", "conv_a/Relu"})
    EXPECT_LE(errors.at(name).error, 1e-5) << name;
  EXPECT_GT(errors.at("add").error, 1e-2);
  EXPECT_GT(errors.at("dense/BiasAdd").error, 1e-2);
}

TEST(ValueProfile, ANanOfTheEngineIsNoNumber) {
  const auto errors = compare_with("dense/bias", [](float) { return std::numeric_limits<float>::quiet_NaN(); });
  EXPECT_LE(errors.at("add").error, 1e-5);
  const TensorErrorRecord& dense = errors.at("dense/BiasAdd");
  EXPECT_TRUE(std::isnan(dense.error));
  EXPECT_NE(dense.mismatch.find("NaN or infinity at 10 of 10"), std::string::npos) << dense.mismatch;
}

TEST(ValueProfile, NumericErrorNeedsBothWays) {
  auto work = workload("segmentation_example");
  ASSERT_TRUE(work.ok());
  ProfileOptions options;
  options.numeric_error = true;
  options.engines = false;
  const std::string path = testing::TempDir() + "/neither.isotherm";
  const auto data = profile(**work, options, path);
  ASSERT_FALSE(data.ok());
  EXPECT_NE(data.error().message.find("native"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path + ".partial"));
}

}  // namespace
}  // namespace isotherm
