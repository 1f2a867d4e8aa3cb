#include "core/cpu/engine/backend.h"

#include <algorithm>
#include <chrono>

#include "core/cpu/engine/plan_builder.h"
#include "core/engine/plan_runner.h"

namespace isotherm {
namespace {

using cpu::LayoutPolicy;

class CpuEngineBackend final : public EngineBackend {
 public:
  explicit CpuEngineBackend(Device& device) : device_(device) {}

  Result<std::unique_ptr<Plan>> build(const Network& network, const BuildOptions& asked) override {
    if (asked.precision != Precision::fp32)
      return unsupported("engine '" + network.name + "': the CPU device builds FP32 engines, found " +
                         std::string(precision_name(asked.precision)));
    BuildOptions options = asked;
    if (!options.timing_cache) options.timing_cache = &timings_;
    double tuning_seconds = options.tuning_seconds;
    ISO_ASSIGN(std::unique_ptr<Plan> best, build_one(network, options, LayoutPolicy::blocked, tuning_seconds));
    if (options.deterministic || !has_layout_choice(network)) return best;
    // A layer's best layout depends on its neighbours': whole plans are compared, not sums of layers.
    double least = time_plan(network, *best, options);
    for (const LayoutPolicy policy : {LayoutPolicy::channels_last, LayoutPolicy::either}) {
      auto other = build_one(network, options, policy, tuning_seconds);
      if (!other.ok()) continue;
      const double seconds = time_plan(network, **other, options);
      if (seconds < 0 || (least >= 0 && seconds >= least)) continue;
      least = seconds;
      best = std::move(other).value();
    }
    return best;
  }

 private:
  Result<std::unique_ptr<Plan>> build_one(const Network& network, const BuildOptions& options, LayoutPolicy policy,
                                          double& tuning_seconds) {
    ISO_ASSIGN(std::unique_ptr<cpu::CpuPlan> plan,
               cpu::PlanBuilder(device_, network, options, policy, tuning_seconds).build());
    return std::unique_ptr<Plan>(std::move(plan));
  }

  static bool has_layout_choice(const Network& network) {
    return std::any_of(network.layers.begin(), network.layers.end(), [](const Layer& layer) {
      return layer.kind == LayerKind::convolution && layer.weights.valid();
    });
  }

  /// Least time of a few runs on zeros; < 0 where that is no run the engine can make.
  double time_plan(const Network& network, Plan& plan, const BuildOptions& options) {
    std::vector<Tensor> inputs;
    for (const int t : network.inputs) {
      const NetworkTensor& tensor = network.tensors[static_cast<std::size_t>(t)];
      if (dtype_size(tensor.dtype) == 0) return -1;
      auto input = Tensor::make(tensor.dtype, tensor.shape);
      if (!input.ok()) return -1;
      std::fill_n(input->raw(), input->byte_size(), std::byte{0});
      inputs.push_back(std::move(input).value());
    }
    PlanRunner runner(device_, options.threads);
    double least = -1;
    const auto now = [] { return std::chrono::steady_clock::now(); };
    const auto begin = now();
    for (int i = 0; i < 8; ++i) {
      const auto start = now();
      if (!runner.run(plan, inputs).ok()) return -1;
      const double seconds = std::chrono::duration<double>(now() - start).count();
      if (i > 0 && (least < 0 || seconds < least)) least = seconds;
      if (i > 1 && std::chrono::duration<double>(now() - begin).count() > 1) break;
    }
    return least;
  }

  Device& device_;
  TimingCache timings_;
};

}  // namespace

std::unique_ptr<EngineBackend> make_cpu_engine_backend(Device& device) {
  return std::make_unique<CpuEngineBackend>(device);
}

}  // namespace isotherm
