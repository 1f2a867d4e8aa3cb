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

struct SessionData {
  std::map<std::string, std::string> meta;                          ///< model, device, versions, date: see session_file.h
  std::vector<std::pair<std::string, std::string>> settings;        ///< conversion and run settings, in order
  std::vector<std::pair<std::string, std::string>> machine;
  std::shared_ptr<const Conversion> conversion;
  std::vector<EngineRecord> engines;
  std::vector<RunRecord> runs;
  std::vector<OpRecord> ops;
  std::vector<LayerRecord> layers;
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
  [[nodiscard]] const EngineRecord* engine_at(NodeId node) const {
    for (const EngineRecord& e : engines)
      if (e.node == node) return &e;
    return nullptr;
  }
};

}  // namespace isotherm
