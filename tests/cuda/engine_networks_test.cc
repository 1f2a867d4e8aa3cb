// ResNet-50 v1.5 and MobileNetV2 as engines on a card, against what TensorFlow computed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/convert/converter.h"
#include "core/engine/engine_runner_factory.h"
#include "core/formats/graph_file.h"
#include "core/formats/npy.h"
#include "core/runtime/session.h"
#include "tests/cuda/engine_fixture.h"

namespace isotherm::test {
namespace {

namespace fs = std::filesystem;

struct Golden {
  std::shared_ptr<const Graph> graph;
  std::string input, output;
  Tensor input_value, output_value;
};

/// The stored tensor with its rows repeated to a batch of that size.
Tensor with_batch(const Tensor& stored, std::int64_t batch) {
  std::vector<std::int64_t> dims = stored.shape().dims();
  const std::int64_t rows = dims[0];
  dims[0] = batch;
  Tensor out = Tensor::make(stored.dtype(), Shape(dims)).value();
  const std::size_t row = stored.byte_size() / static_cast<std::size_t>(rows);
  for (std::int64_t i = 0; i < batch; ++i)
    std::memcpy(out.raw() + static_cast<std::size_t>(i) * row, stored.raw() + static_cast<std::size_t>(i % rows) * row,
                row);
  return out;
}

class EngineNetworks : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const char* unpacked = std::getenv("ISOTHERM_MODELS_UNPACKED");
    const fs::path folder = unpacked ? fs::path(unpacked) / "arch" / GetParam() : fs::path();
    if (folder.empty() || !fs::exists(folder / "run.json"))
      GTEST_SKIP() << "ISOTHERM_MODELS_UNPACKED names no folder with arch/" << GetParam() << ": its engine did not run";
    const nlohmann::json spec = nlohmann::json::parse(std::ifstream(folder / "run.json"));
    const auto loaded = load_graph((folder / spec["model"].get<std::string>()).string());
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    golden_.graph = loaded->graph;
    const auto read = [&](const char* kind, std::string& name, Tensor& value) {
      const auto first = spec[kind].items().begin();
      name = first.key().substr(0, first.key().find(':'));
      auto stored = read_npy((folder / first.value().get<std::string>()).string());
      ASSERT_TRUE(stored.ok()) << stored.error().message;
      value = stored->aligned().value();
    };
    read("inputs", golden_.input, golden_.input_value);
    read("outputs", golden_.output, golden_.output_value);
  }

  /// Converts in explicit batch mode and runs with engines, three times.
  void check(const std::shared_ptr<Device>& device, std::int64_t batch, bool engines = true) {
    auto conversion = convert(golden_.graph, {});
    ASSERT_TRUE(conversion.ok()) << conversion.error().message;
    SessionOptions options;
    options.threads = 2;
    options.use_engines = engines;
    options.engine_runner = engine_runner_factory({.evaluator = host_device()});
    auto session = Session::create(engines ? conversion->after : conversion->before, device, options);
    ASSERT_TRUE(session.ok()) << session.error().message;
    const Tensor input = with_batch(golden_.input_value, batch), expected = with_batch(golden_.output_value, batch);
    for (int run = 0; run < 3; ++run) {
      const auto result = (*session)->run({{golden_.input, input}}, {golden_.output});
      ASSERT_TRUE(result.ok()) << result.error().message;
      for (const Fallback& f : result->statistics.fallbacks) ADD_FAILURE() << f.node << " fell back: " << f.reason;
      const double error = error_of(to_array(result->fetches[0]), to_array(expected));
      EXPECT_LE(error, 1e-4) << "batch " << batch << ", run " << run;
      RecordProperty("error_batch_" + std::to_string(batch), std::to_string(error));
      if (device->records_runs()) {
        EXPECT_EQ(result->statistics.replayed, run > 0) << result->statistics.not_recorded;
      }
    }
    if (engines) check_layers(*conversion, **session);
  }

  /// Every layer of these networks has a tactic of the device's.
  static void check_layers(const Conversion& conversion, Session& session) {
    ASSERT_FALSE(conversion.engines.empty());
    for (const EngineSummary& engine : conversion.engines) {
      const auto* runner = dynamic_cast<PlanEngineRunner*>(session.engine_runner(engine.node));
      ASSERT_TRUE(runner && runner->last_plan()) << engine.name;
      const Plan& plan = *runner->last_plan();
      for (const PlanLayer& layer : plan.layers())
        EXPECT_FALSE(layer.tactic.starts_with("native")) << layer.name << ": " << layer.tactic;
      if (std::getenv("ISOTHERM_PRINT_LAYERS")) {
        for (const PlanLayer& layer : plan.layers())
          std::printf("%-48s %-14s %-44s %8.2f us %10.1f MFLOP\n", layer.name.c_str(),
                      std::string(layer_kind_name(layer.kind)).c_str(), layer.tactic.c_str(),
                      std::max(layer.tuned_seconds, 0.0) * 1e6, layer.flops / 1e6);
        std::printf("%s: %zu layers, %.1f MB on the device\n", engine.name.c_str(), plan.layers().size(),
                    static_cast<double>(plan.device_bytes()) / 1e6);
      }
    }
  }

  Golden golden_;
};

INSTANTIATE_TEST_SUITE_P(Arch, EngineNetworks, ::testing::Values("resnet50", "mobilenet_v2"),
                         [](const auto& p) { return p.param; });

TEST_P(EngineNetworks, WithCudnn) {
  ISO_CARD_OR_SKIP(device, true);
  for (const std::int64_t batch : {1, 8}) check(device, batch);
}

TEST_P(EngineNetworks, WithoutCudnn) {
  ISO_CARD_OR_SKIP(device, false);
  for (const std::int64_t batch : {1, 7}) check(device, batch);
}

TEST_P(EngineNetworks, Recorded) {
  ISO_CARD_OR_SKIP(device, true, true);
  check(device, 2);
}

}  // namespace
}  // namespace isotherm::test
