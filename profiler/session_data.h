// What a profiling session holds, in memory. The file's form is in session_file.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/convert/converter.h"
#include "core/engine/plan.h"
#include "core/workbench/run_mode.h"
#include "profiler/attribution.h"
#include "profiler/gpu_info.h"

namespace isotherm {

/// One run from feeds to fetches. Times are nanoseconds of the host's monotonic clock.
struct RunRecord {
  int id = 0;
  RunMode mode = RunMode::native;
  int iteration = 0;
  bool traced = false;   ///< with the recorder attached; untraced runs have no op and layer records
  std::int64_t start = 0, end = 0;
};

/// One execution of a node.
struct OpRecord {
  int run = 0;
  NodeId node = kNoNode;  ///< in the graph of the run's mode
  std::int64_t start = 0, end = 0;
  std::uint64_t frame = 0, iteration = 0;  ///< of a loop
};

/// One execution of an engine's layer.
struct LayerRecord {
  int run = 0;
  NodeId engine = kNoNode;  ///< the engine's node in the converted graph
  int layer = 0;            ///< index in EngineRecord::layers
  std::int64_t start = 0, end = 0;
};

/// One execution of a kernel on a GPU, with the node it belongs to. Its times are the device's.
struct KernelRecord : Attributed<RawKernel> {  // `name` is the mangled one; all are indices in SessionData::strings
  int demangled = 0;
  int short_name = 0;
};
using CopyRecord = Attributed<RawCopy>;
using SetRecord = Attributed<RawSet>;
using CallRecord = Attributed<RawCall>;

/// An engine of the converted graph and the plan that ran.
struct EngineRecord {
  NodeId node = kNoNode;           ///< in the converted graph
  std::string name;
  std::string fallback;            ///< why the native segment ran instead; empty: the plan ran
  std::vector<PlanLayer> layers;
};

/// Memory of one node in the run that recorded it: one run of its mode, apart from those that are timed. Where the node
/// ran several times (a loop), each number is the largest of all its executions. Bytes.
struct NodeMemory {
  RunMode mode = RunMode::native;
  NodeId node = kNoNode;        ///< in the graph of the mode
  std::int64_t outputs = 0;     ///< of all its outputs, real shape x dtype; strings, resources and variants count nothing
  /// The arena of the device's memory: in use when the node had run, its inputs still held; and the most while it ran,
  /// temporary workspace included.
  std::int64_t in_use = 0, peak = 0;
  /// Of an engine: its plan's own arena (activations and workspace) and its weights. Both are held from the build of the
  /// plan on, also while other nodes run, and are no part of the arena above.
  std::int64_t plan_arena = 0, plan_weights = 0;
};

/// The same of a whole run.
struct RunMemory {
  RunMode mode = RunMode::native;
  std::int64_t peak = 0;      ///< most bytes in use at once in the arena
  std::int64_t reserved = 0;  ///< what the arena held of the device's memory
  std::int64_t plan_arena = 0, plan_weights = 0;  ///< of all plans
};

/// What a node computed in.
enum class ExecutedPrecision : std::uint8_t {
  fp32,
  fp16,  ///< bfloat16 too
  int8,  ///< quantized types too
  other  ///< integers, strings, float64, ..
};

struct NodePrecision {
  RunMode mode = RunMode::native;
  NodeId node = kNoNode;  ///< in the graph of the mode
  /// Of a native node: that of `dtype`. Of an engine: of those of its layers that do most of its work.
  ExecutedPrecision precision = ExecutedPrecision::fp32;
  DType dtype = DType::invalid;  ///< of its outputs: the first floating-point one, else the first
};

/// The numeric error (core/graph/tensor_error.h) of a tensor that both runs computed, natively and with engines, from
/// the same inputs. Over several executions (a loop): the worst.
struct TensorErrorRecord {
  NodeId node = kNoNode;  ///< that made it, in the graph before the conversion
  int port = 0;
  NodeId engine = kNoNode;  ///< engine node (of the converted graph) that computed it too; kNoNode: a native node did
  int layer = -1;           ///< the engine's layer that ends with it; -1: not said
  bool engine_output = false;
  double error = 0;        ///< NaN: `mismatch` says what differs and may not
  double difference = 0;   ///< max |engines - native|
  double largest = 0;      ///< max |native|
  std::int64_t elements = 0;
  std::string mismatch;
};

struct SessionData {
  std::map<std::string, std::string> meta;                          ///< model, device, versions, date: see session_file.h
  std::vector<std::pair<std::string, std::string>> settings;        ///< conversion and run settings, in order
  std::vector<std::pair<std::string, std::string>> machine;
  std::shared_ptr<const Conversion> conversion;
  std::vector<EngineRecord> engines;
  std::vector<RunRecord> runs;
  std::vector<OpRecord> ops;
  std::vector<LayerRecord> layers;
  /// By mode that was recorded; empty: a session of a version that recorded no memory and precision.
  std::vector<RunMemory> run_memory;
  std::vector<NodeMemory> node_memory;
  std::vector<NodePrecision> precisions;
  /// Meta "numeric error" is "recorded" where native and engine runs were compared, also if nothing could be.
  std::vector<TensorErrorRecord> errors;
  // Of runs on a GPU that CUPTI recorded; all empty elsewhere. The ops above then hold the host's times: when work was
  // issued.
  std::vector<GpuInfo> gpus;
  std::vector<std::string> strings;
  std::vector<KernelRecord> kernels;
  std::vector<CopyRecord> copies;
  std::vector<SetRecord> sets;
  std::vector<CallRecord> calls;
  std::vector<RawOverhead> overheads;
  std::map<RunMode, Coverage> coverage;  ///< of the modes that were recorded on a device

  /// Whether the times of this mode are those of kernels on a device.
  [[nodiscard]] bool on_device(RunMode mode) const { return coverage.contains(mode); }
  /// Whether ops and layers are times between events of the device, since CUPTI could not be used.
  [[nodiscard]] bool timed_with_events() const {
    const auto recorder = meta.find("recorder");
    return recorder != meta.end() && recorder->second == "cuda-events";
  }
  [[nodiscard]] const std::string& text(int index) const {
    static const std::string kEmpty;
    return index >= 0 && static_cast<std::size_t>(index) < strings.size() ? strings[static_cast<std::size_t>(index)] : kEmpty;
  }
  [[nodiscard]] const RunRecord* run_at(int id) const {
    return id >= 0 && static_cast<std::size_t>(id) < runs.size() ? &runs[static_cast<std::size_t>(id)] : nullptr;
  }

  [[nodiscard]] const Graph& graph_of(RunMode mode) const {
    return mode == RunMode::native ? *conversion->before : *conversion->after;
  }
  [[nodiscard]] bool has_numeric_error() const {
    const auto recorded = meta.find("numeric error");
    return recorded != meta.end() && recorded->second == "recorded";
  }
  [[nodiscard]] const EngineRecord* engine_at(NodeId node) const {
    for (const EngineRecord& e : engines)
      if (e.node == node) return &e;
    return nullptr;
  }
};

}  // namespace isotherm
