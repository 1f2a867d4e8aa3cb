// A plan: an engine made executable for one set of input shapes on one device, one tactic per layer.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/engine/network.h"
#include "core/runtime/device.h"

namespace isotherm {

class KernelContext;
class TimingCache;

/// What a plan says of one of its layers.
struct PlanLayer {
  std::string name;
  LayerKind kind = LayerKind::native;
  std::string tactic;  ///< "onednn jit:avx512_core", "cudnn implicit_gemm", ..
  Precision precision = Precision::fp32;
  std::vector<std::string> sources;  ///< nodes of the source graph
  Shape output_shape;
  DType output_dtype = DType::invalid;  ///< of its first result; a layer of integers has no precision
  std::size_t workspace_bytes = 0;
  double flops = 0;           ///< multiply and add counted apart; 0 where not meaningful
  double bytes = 0;           ///< least bytes moved: inputs, weights and outputs once
  double tuned_seconds = -1;  ///< least time that the tuner saw; < 0: there was nothing to choose
};

/// The scope of layer `index` of a plan that runs for node `engine`. Valid as long as the layer.
inline ScopeInfo layer_scope(const PlanLayer& layer, std::size_t index, NodeId engine) {
  return {.kind = ScopeKind::layer,
          .id = static_cast<std::int64_t>(index),
          .engine = engine,
          .name = layer.name,
          .op = layer_kind_name(layer.kind),
          .function = {}};
}

class Plan {
 public:
  virtual ~Plan() = default;
  [[nodiscard]] virtual const std::vector<PlanLayer>& layers() const = 0;
  /// Number of engine outputs.
  [[nodiscard]] virtual int output_count() const = 0;
  [[nodiscard]] virtual std::size_t device_bytes() const = 0;  ///< weights and activations
  /// What of device_bytes() activations and workspace take: the plan's own arena, as large as long as the plan lives.
  [[nodiscard]] virtual std::size_t arena_bytes() const = 0;
  /// Issues the whole plan. Inputs are on the device, of the plan's shapes; outputs are allocated from `context`.
  /// Tells context.observer() of each layer, and shows its RunObserver::values() what each layer made. Calls from several threads take turns.
  virtual Status run(KernelContext& context, std::span<const Tensor> inputs, std::span<Tensor> outputs,
                     NodeId engine_node) = 0;
};

struct BuildOptions {
  Precision precision = Precision::fp32;
  std::size_t workspace_limit = std::size_t{1} << 30;
  int threads = 0;                      ///< 0: all cores
  bool deterministic = false;           ///< no timing: the same tactics on every build
  double tuning_seconds = 5;            ///< at most, over all layers; then the first tactic that can do it
  TimingCache* timing_cache = nullptr;  ///< shared by builds; may be null
  SessionState* state = nullptr;        ///< for layers that run a node's kernel
};

/// A device's way to build plans.
class EngineBackend {
 public:
  virtual ~EngineBackend() = default;
  /// Errors name the layer, its sources and the reason; the engine node then runs its native segment.
  virtual Result<std::unique_ptr<Plan>> build(const Network& network, const BuildOptions& options) = 0;
};

}  // namespace isotherm
