#include "profiler/memory_recorder.h"

#include <algorithm>
#include <array>

#include "core/engine/engine_runner_factory.h"
#include "core/runtime/session.h"

namespace isotherm {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"FP32", "FP16", "INT8", "other"};

DType telling_dtype(std::span<const Tensor* const> outputs) {
  DType first = DType::invalid;
  for (const Tensor* output : outputs) {
    if (!output->valid()) continue;
    if (is_floating(output->dtype())) return output->dtype();
    if (first == DType::invalid) first = output->dtype();
  }
  return first;
}

/// Of the layers that do most of the work: by their operations, where no layer counts any by their number.
ExecutedPrecision plan_precision(const std::vector<PlanLayer>& layers) {
  std::array<double, kNames.size()> flops{}, count{};
  for (const PlanLayer& layer : layers) {
    const auto p = static_cast<std::size_t>(executed_precision(layer));
    flops[p] += layer.flops;
    ++count[p];
  }
  const auto& weight = *std::max_element(flops.begin(), flops.end()) > 0 ? flops : count;
  return static_cast<ExecutedPrecision>(std::max_element(weight.begin(), weight.end()) - weight.begin());
}

}  // namespace

std::string_view executed_precision_name(ExecutedPrecision precision) { return kNames[static_cast<std::size_t>(precision)]; }

std::optional<ExecutedPrecision> executed_precision_from_name(std::string_view name) {
  const auto at = std::find(kNames.begin(), kNames.end(), name);
  if (at == kNames.end()) return std::nullopt;
  return static_cast<ExecutedPrecision>(at - kNames.begin());
}

ExecutedPrecision executed_precision(DType dtype) {
  if (dtype == DType::float32) return ExecutedPrecision::fp32;
  if (dtype == DType::float16 || dtype == DType::bfloat16) return ExecutedPrecision::fp16;
  if (dtype == DType::int8 || dtype == DType::uint8 || dtype == DType::qint8 || dtype == DType::quint8) return ExecutedPrecision::int8;
  return ExecutedPrecision::other;
}

ExecutedPrecision executed_precision(const PlanLayer& layer) {
  const bool number = layer.output_dtype == DType::invalid || layer.output_dtype == DType::float32;  // invalid: an older session
  if (!number) return executed_precision(layer.output_dtype);
  switch (layer.precision) {
    case Precision::fp16: return ExecutedPrecision::fp16;
    case Precision::int8: return ExecutedPrecision::int8;
    case Precision::fp32: break;
  }
  return ExecutedPrecision::fp32;
}

Status MemoryRecorder::node_ran(const ScopeInfo& node, const NodeValues& values, Device&, Stream&) {
  if (!node.function.empty()) return {};
  std::int64_t outputs = 0;
  for (const Tensor* output : values.outputs) outputs += static_cast<std::int64_t>(output->byte_size());
  Seen& seen = nodes_[static_cast<NodeId>(node.id)];
  seen.memory.outputs = std::max(seen.memory.outputs, outputs);
  seen.memory.in_use = std::max(seen.memory.in_use, static_cast<std::int64_t>(values.arena_in_use));
  seen.memory.peak = std::max(seen.memory.peak, static_cast<std::int64_t>(values.arena_peak));
  if (seen.precision.dtype == DType::invalid) seen.precision.dtype = telling_dtype(values.outputs);
  return {};
}

void MemoryRecorder::take(RunMode mode, const RunStatistics& statistics, Session& session, SessionData& data) {
  RunMemory run{mode, static_cast<std::int64_t>(statistics.arena_peak_bytes), static_cast<std::int64_t>(statistics.arena_reserved_bytes), 0, 0};
  for (auto& [id, seen] : nodes_) {
    seen.memory.mode = seen.precision.mode = mode;
    seen.memory.node = seen.precision.node = id;
    seen.precision.precision = executed_precision(seen.precision.dtype);
    const auto* runner = dynamic_cast<const PlanEngineRunner*>(session.engine_runner(id));
    if (const auto plan = runner ? runner->last_plan() : nullptr) {
      seen.memory.plan_arena = static_cast<std::int64_t>(plan->arena_bytes());
      seen.memory.plan_weights = static_cast<std::int64_t>(plan->device_bytes()) - seen.memory.plan_arena;
      run.plan_arena += seen.memory.plan_arena;
      run.plan_weights += seen.memory.plan_weights;
      if (!plan->layers().empty()) seen.precision.precision = plan_precision(plan->layers());
    }
    data.node_memory.push_back(seen.memory);
    // A node without outputs computes in nothing.
    if (seen.precision.dtype != DType::invalid) data.precisions.push_back(seen.precision);
  }
  data.run_memory.push_back(run);
  nodes_.clear();
}

}  // namespace isotherm
