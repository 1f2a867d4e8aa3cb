// Engines on a card: opened with and without cuDNN, compared with double precision and with the CPU device's engines.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "core/cpu/cpu_device.h"
#include "core/cpu/engine/backend.h"
#include "core/engine/plan_runner.h"
#include "cuda/open.h"
#include "tests/engine/body.h"
#include "tests/engine/layer_check.h"
#include "tests/engine/reference.h"

namespace isotherm::test {

inline std::shared_ptr<Device> host_device() {
  static const std::shared_ptr<Device> device = make_cpu_device(2, make_cpu_engine_backend);
  return device;
}

/// The first card; an error where there is none.
inline Result<std::shared_ptr<Device>> open_card(bool cudnn, bool device_graphs = false) {
  GpuOptions options;
  options.cudnn = cudnn;
  options.device_graphs = device_graphs;
  options.host = host_device();
  return cuda::open_device(options);
}

/// Skips the test, by name, where there is no card.
#define ISO_CARD_OR_SKIP(device, ...)                                                  \
  auto opened_##device = ::isotherm::test::open_card(__VA_ARGS__);                     \
  if (!opened_##device.ok() && opened_##device.error().code == ErrorCode::unsupported) \
    GTEST_SKIP() << "no card to run engines on: " << opened_##device.error().message;  \
  ASSERT_TRUE(opened_##device.ok()) << opened_##device.error().message;                \
  const std::shared_ptr<Device> device = *opened_##device

/// The parameter: whether cuDNN may be used.
class CudaEngines : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    ISO_CARD_OR_SKIP(device, GetParam());
    device_ = device;
  }

  static Result<Network> network_of(const Body& body, bool fuse = true) {
    NetworkOptions options;
    options.evaluator = host_device().get();
    options.fuse = fuse;
    return body.network(options);
  }

  static std::unique_ptr<Plan> build(Device& device, const Network& network, bool deterministic) {
    BuildOptions options;
    options.threads = 2;
    options.deterministic = deterministic;
    auto plan = device.engine_backend()->build(network, options);
    EXPECT_TRUE(plan.ok()) << (plan.ok() ? "" : plan.error().message);
    return plan.ok() ? std::move(*plan) : nullptr;
  }

  static Array to_host_array(Device& device, const Tensor& tensor) {
    auto stream = device.make_stream();
    EXPECT_TRUE(stream.ok());
    auto host = device.to_host(tensor, **stream);
    EXPECT_TRUE(host.ok()) << (host.ok() ? "" : host.error().message);
    EXPECT_TRUE((*stream)->synchronise().ok());
    return to_array(*host);
  }

  /// Runs the body three times (what a run leaves behind must not matter) and compares every output, and every layer's.
  void check(const Body& body, bool deterministic, double limit = 1e-5, bool fuse = true) {
    const auto network = network_of(body, fuse);
    ASSERT_TRUE(network.ok()) << network.error().message;
    const auto plan = build(*device_, *network, deterministic), cpu = build(*host_device(), *network, true);
    ASSERT_TRUE(plan && cpu);
    EXPECT_GT(plan->device_bytes(), 0u);
    std::mt19937 random(9);
    std::uniform_real_distribution<float> uniform(-1, 1);
    PlanRunner runner(*device_, 2), cpu_runner(*host_device(), 2);
    for (int run = 0; run < 3; ++run) {
      std::vector<Tensor> inputs;
      std::vector<Array> arguments;
      for (const Shape& shape : body.shapes) {
        inputs.push_back(Tensor::make(DType::float32, shape).value());
        for (float& v : inputs.back().mutable_data<float>()) v = uniform(random);
        arguments.push_back(to_array(inputs.back()));
      }
      auto expected = run_body(*body.build(), arguments);
      const auto outputs = runner.run(*plan, inputs), cpu_outputs = cpu_runner.run(*cpu, inputs);
      ASSERT_TRUE(outputs.ok()) << outputs.error().message;
      ASSERT_TRUE(cpu_outputs.ok()) << cpu_outputs.error().message;
      for (std::size_t i = 0; i < outputs->size(); ++i) {
        const Array found = to_host_array(*device_, (*outputs)[i]);
        EXPECT_LE(error_of(found, expected["ret" + std::to_string(i) + ":0"]), limit) << "output " << i;
        EXPECT_LE(error_of(found, to_array((*cpu_outputs)[i])), limit) << "output " << i << " against the CPU's engine";
      }
      LayerCheck layers(expected, std::max(limit, 2e-5));
      const auto seen = runner.run(*plan, inputs, &layers);
      ASSERT_TRUE(seen.ok()) << seen.error().message;
      EXPECT_EQ(layers.count, static_cast<std::int64_t>(plan->layers().size()));
      if (!HasFailure()) continue;
      for (const PlanLayer& l : plan->layers()) ADD_FAILURE() << l.name << ": " << l.tactic;
      return;
    }
  }

  void check_all_ways(const Body& body, double limit = 1e-5) {
    for (const bool deterministic : {true, false}) check(body, deterministic, limit);
  }

  std::shared_ptr<Device> device_;
};

}  // namespace isotherm::test
