#include "profiler/overlay_parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

#include "profiler/error_recorder.h"
#include "profiler/memory_recorder.h"
#include "profiler/session_overlay.h"

namespace isotherm {

using render::Overlay;

namespace {

/// One side of an overlay, empty where the session has no run of the mode.
struct Side {
  std::vector<double>& values;
  std::vector<std::string>& words;

  void open(const Graph& graph) {
    values.assign(static_cast<std::size_t>(graph.size()), -1.0);
    words.assign(values.size(), {});
  }
  void set(NodeId node, double value, std::string text) {
    values[static_cast<std::size_t>(node)] = value;
    words[static_cast<std::size_t>(node)] = std::move(text);
  }
  std::string& text(NodeId node) { return words[static_cast<std::size_t>(node)]; }
};

Side side_of(Overlay& overlay, RunMode mode) {
  return mode == RunMode::native ? Side{overlay.before, overlay.words_before} : Side{overlay.after, overlay.words_after};
}

std::string counted(std::size_t n, const std::string& what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }

/// Nodes of the graph before by the layers that computed them.
void each_layer_source(const SessionData& session, const std::function<void(NodeId, const EngineRecord&, const PlanLayer&)>& each) {
  for (const EngineRecord& engine : session.engines)
    for (const PlanLayer& layer : engine.layers)
      for (const std::string& source : layer.sources)
        if (const NodeId node = session.conversion->before->find(source); node != kNoNode) each(node, engine, layer);
}

std::string memory_words(const NodeMemory& m, DType dtype) {
  std::string out = "outputs " + format_memory(m.outputs);
  if (dtype != DType::invalid && dtype_size(dtype) == 0) out += " (" + std::string(dtype_name(dtype)) + " values are not counted)";
  out += "; arena in use " + format_memory(m.in_use) + ", peak at this node " + format_memory(m.peak);
  if (m.plan_arena > 0)
    out += "; the engine's own arena " + format_memory(m.plan_arena) + " counts with the peak, its weights " + format_memory(m.plan_weights) + " do not";
  return out;
}

}  // namespace

MemoryUnit memory_unit(std::int64_t bytes) {
  constexpr std::array<MemoryUnit, 4> kUnits = {{{"B", 1}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}}};
  std::size_t u = 0;
  while (u + 1 < kUnits.size() && static_cast<double>(bytes) >= kUnits[u + 1].bytes) ++u;
  return kUnits[u];
}

bool is_worse(const TensorErrorRecord& a, const TensorErrorRecord& b) {
  if (a.mismatch.empty() != b.mismatch.empty()) return b.mismatch.empty();
  return a.mismatch.empty() && a.error > b.error;
}

Overlay memory_overlay(const SessionData& session, bool arena) {
  Overlay overlay;
  overlay.kind = Overlay::Kind::memory;
  overlay.title = arena ? "Arena in use while the node ran" : "Memory of the node's outputs";
  overlay.per = arena ? "at its peak" : "per execution";
  overlay.combine = arena ? Overlay::Combine::maximum : Overlay::Combine::sum;
  const auto bytes = [&](const NodeMemory& m) { return arena ? m.peak + m.plan_arena : m.outputs; };
  std::int64_t largest = 0;
  for (const NodeMemory& m : session.node_memory) largest = std::max(largest, bytes(m));
  const MemoryUnit unit = memory_unit(largest);
  overlay.unit = unit.name;
  std::map<std::pair<RunMode, NodeId>, DType> dtypes;
  for (const NodePrecision& p : session.precisions) dtypes[{p.mode, p.node}] = p.dtype;
  for (const RunMemory& run : session.run_memory) {
    side_of(overlay, run.mode).open(session.graph_of(run.mode));
    const bool engines = run.mode == RunMode::engines;
    overlay.facts.emplace_back(engines ? "arena peak, engine run" : "arena peak, native run", format_memory(run.peak));
    if (!engines || run.plan_arena == 0) continue;
    overlay.facts.emplace_back("the engines' own arenas", format_memory(run.plan_arena));
    overlay.facts.emplace_back("the engines' weights", format_memory(run.plan_weights));
  }
  for (const NodeMemory& m : session.node_memory) {
    Side side = side_of(overlay, m.mode);
    if (!side.values.empty()) side.set(m.node, static_cast<double>(bytes(m)) / unit.bytes, memory_words(m, dtypes[{m.mode, m.node}]));
  }
  return overlay;
}

Overlay precision_overlay(const SessionData& session) {
  Overlay overlay;
  overlay.kind = Overlay::Kind::precision;
  overlay.title = "Precision as executed";
  overlay.unit = overlay.per = "";
  overlay.combine = Overlay::Combine::maximum;
  overlay.logarithmic = false;
  std::map<RunMode, std::array<std::size_t, 4>> counts;
  for (const RunMemory& run : session.run_memory) side_of(overlay, run.mode).open(session.graph_of(run.mode));
  for (const NodePrecision& p : session.precisions) {
    Side side = side_of(overlay, p.mode);
    if (side.values.empty()) continue;
    ++counts[p.mode][static_cast<std::size_t>(p.precision)];
    std::string words = "computed in " + (p.precision == ExecutedPrecision::other ? std::string(dtype_name(p.dtype)) : std::string(executed_precision_name(p.precision)));
    if (const EngineRecord* engine = p.mode == RunMode::engines ? session.engine_at(p.node) : nullptr; engine && engine->fallback.empty()) {
      std::array<std::size_t, 4> layers{};
      for (const PlanLayer& layer : engine->layers) ++layers[static_cast<std::size_t>(executed_precision(layer))];
      words += ":";
      for (std::size_t k = 0; k < layers.size(); ++k)
        if (layers[k] > 0) words += " " + counted(layers[k], "layer") + " of " + std::string(executed_precision_name(static_cast<ExecutedPrecision>(k))) + ",";
      words.pop_back();
    }
    side.set(p.node, static_cast<double>(p.precision), std::move(words));
  }
  if (!overlay.before.empty()) {
    each_layer_source(session, [&](NodeId node, const EngineRecord& engine, const PlanLayer& layer) {
      std::string& text = overlay.words_before[static_cast<std::size_t>(node)];
      const ExecutedPrecision p = executed_precision(layer);
      text += (text.empty() ? "" : "; ") + std::string("in ") + engine.name + " " +
              std::string(p == ExecutedPrecision::other ? dtype_name(layer.output_dtype) : executed_precision_name(p)) + ", layer " + layer.name;
    });
  }
  for (const auto& [mode, count] : counts)
    for (std::size_t k = 0; k < count.size(); ++k)
      if (count[k] > 0)
        overlay.facts.emplace_back(std::string(executed_precision_name(static_cast<ExecutedPrecision>(k))) + ", " + std::string(mode == RunMode::native ? "native run" : "engine run"), counted(count[k], "node"));
  return overlay;
}

Overlay error_overlay(const SessionData& session) {
  const Conversion& c = *session.conversion;
  Overlay overlay;
  overlay.kind = Overlay::Kind::error;
  overlay.title = "Numeric error against the native run";
  overlay.unit = "";
  overlay.per = "max |a − b| over max |b|";
  overlay.combine = Overlay::Combine::maximum;
  Side before{overlay.before, overlay.words_before}, after{overlay.after, overlay.words_after};
  before.open(*c.before);
  after.open(*c.after);

  // The worst tensor of each node, and how many there are.
  struct Worst {
    const TensorErrorRecord* record = nullptr;
    const TensorErrorRecord* output = nullptr;  ///< of an engine: the worst that it gives out
    std::size_t tensors = 0;
    void take(const TensorErrorRecord& e) {
      ++tensors;
      if (!record || is_worse(e, *record)) record = &e;
      if (e.engine_output && (!output || is_worse(e, *output))) output = &e;
    }
  };
  std::map<NodeId, Worst> nodes, engines;
  const TensorErrorRecord* worst = nullptr;
  std::size_t inside = 0, differing = 0;
  for (const TensorErrorRecord& e : session.errors) {
    nodes[e.node].take(e);
    if (e.engine != kNoNode) engines[e.engine].take(e);
    if (!worst || is_worse(e, *worst)) worst = &e;
    if (e.engine != kNoNode && !e.engine_output) ++inside;
    if (!e.mismatch.empty()) ++differing;
  }
  const auto value = [](const TensorErrorRecord& e) { return e.mismatch.empty() ? e.error : std::numeric_limits<double>::quiet_NaN(); };
  const auto tensor = [&](const TensorErrorRecord& e) { return c.before->tensor_name({e.node, e.port}); };
  const auto words = [&](const TensorErrorRecord& e) {
    if (!e.mismatch.empty()) return "differs from the native run: " + e.mismatch;
    char text[96];
    std::snprintf(text, sizeof text, "error %s: at most %.3g apart, values up to %.3g", format_error(e.error).c_str(), e.difference, e.largest);
    return std::string(text);
  };
  for (const auto& [node, w] : nodes) {
    std::string text = words(*w.record);
    if (w.tensors > 1) text += "; worst of its " + counted(w.tensors, "tensor") + ": " + tensor(*w.record);
    const EngineRecord* engine = session.engine_at(w.record->engine);
    if (engine && w.record->layer >= 0 && static_cast<std::size_t>(w.record->layer) < engine->layers.size())
      text += "; computed by layer " + engine->layers[static_cast<std::size_t>(w.record->layer)].name + " of " + engine->name;
    before.set(node, value(*w.record), text);
    const NodeId there = c.map.after_of[static_cast<std::size_t>(node)];
    if (w.record->engine == kNoNode && there != kNoNode && !session.engine_at(there)) after.set(there, value(*w.record), text);
  }
  for (const auto& [node, w] : engines) {
    std::string text = "worst of " + counted(w.tensors, "tensor") + ": " + tensor(*w.record) + ", " + words(*w.record);
    if (w.output && w.output != w.record) text += "; worst of its outputs: " + tensor(*w.output) + ", " + format_error(w.output->error);
    after.set(node, value(*w.record), std::move(text));
  }
  // What was fused away has no tensor of its own to compare.
  each_layer_source(session, [&](NodeId node, const EngineRecord& engine, const PlanLayer& layer) {
    if (!nodes.contains(node) && before.text(node).empty()) before.text(node) = "not measured: fused into layer " + layer.name + " of " + engine.name;
  });

  // The promise is that of the least precise engine.
  ExecutedPrecision least = ExecutedPrecision::fp32;
  for (const NodePrecision& p : session.precisions)
    if (p.mode == RunMode::engines && p.precision <= ExecutedPrecision::int8 && session.engine_at(p.node)) least = std::max(least, p.precision);
  overlay.bound = error_bound(least);
  overlay.facts.emplace_back("tensors compared", std::to_string(session.errors.size()) + " (" + std::to_string(inside) + " inside engines)");
  if (worst) overlay.facts.emplace_back("worst", format_error(worst->error) + " at " + tensor(*worst));
  if (differing > 0) overlay.facts.emplace_back("differ in kind", counted(differing, "tensor"));
  return overlay;
}

}  // namespace isotherm
