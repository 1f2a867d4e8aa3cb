#include "profiler/session_overlay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "core/render/overlay_words.h"
#include "profiler/gpu_records.h"
#include "profiler/overlay_parts.h"
#include "profiler/summary.h"

namespace isotherm {
namespace {

using render::Overlay;

Overlay time_overlay(const SessionData& session, bool share) {
  Overlay overlay;
  overlay.kind = Overlay::Kind::time;
  const bool on_device = session.on_device(RunMode::native) || session.on_device(RunMode::engines);
  overlay.title = on_device                     ? "Kernel time on the GPU"
                  : session.timed_with_events() ? "Time between GPU events"
                                                : "Self CPU time";
  overlay.unit = share ? "%" : "µs";
  if (share) overlay.per = "of all nodes' time";
  double engines_scale = 1e-3;
  const auto fill = [&](RunMode mode, std::vector<double>& values, std::vector<std::string>& words, double& run) {
    const Summary nodes = summarise(session, mode, GroupBy::node);
    if (nodes.runs == 0) return;
    const double scale = !share ? 1e-3 : nodes.rows_per_run > 0 ? 100 / nodes.rows_per_run : 0;
    if (mode == RunMode::engines) engines_scale = scale;
    values.assign(static_cast<std::size_t>(session.graph_of(mode).size()), -1.0);
    words.resize(values.size());
    for (const SummaryRow& row : nodes.rows) {
      if (row.node == kNoNode) continue;
      values[static_cast<std::size_t>(row.node)] = row.per_run * scale;
      char text[32];
      std::snprintf(text, sizeof text, "%.1f %%", 100 * row.share);
      words[static_cast<std::size_t>(row.node)] = format_time(row.per_run) + " per run, " + text + " of all nodes' time";
    }
    if (share) return;
    // Kernels keep their time under a recorder, launches do not: the run beside them is one without it.
    const bool untraced = session.on_device(mode) && nodes.untraced_wall.count > 0;
    run = (untraced ? nodes.untraced_wall.median : nodes.traced_wall.mean) / 1e3;
  };
  fill(RunMode::native, overlay.before, overlay.words_before, overlay.whole_run);
  fill(RunMode::engines, overlay.after, overlay.words_after, overlay.whole_run_after);
  // Engines, opened: their layers, and the kernels of each.
  std::map<std::pair<NodeId, int>, std::vector<Overlay::Part>> kernels;
  for (const SummaryRow& row : summarise(session, RunMode::engines, GroupBy::kernel_node).rows)
    if (row.layer >= 0)
      kernels[{row.node, row.layer}].push_back({kernel_label(row.name), row.per_run * engines_scale, true});
  for (const SummaryRow& row : summarise(session, RunMode::engines, GroupBy::layer).rows) {
    const auto engine = std::find_if(session.engines.begin(), session.engines.end(),
                                     [&](const EngineRecord& e) { return e.name == row.engine; });
    if (engine == session.engines.end()) continue;
    std::vector<Overlay::Part>& parts = overlay.parts_after[engine->node];
    parts.push_back({row.name, row.per_run * engines_scale, false});
    const auto own = kernels.find({engine->node, row.layer});
    if (own != kernels.end()) parts.insert(parts.end(), own->second.begin(), own->second.end());
  }
  return overlay;
}

std::string kind_name(Overlay::Kind kind) {
  switch (kind) {
    case Overlay::Kind::time: return "time";
    case Overlay::Kind::memory: return "memory";
    case Overlay::Kind::precision: return "precision";
    case Overlay::Kind::error: return "error";
    case Overlay::Kind::engine: return "engine";
    case Overlay::Kind::op_class: return "op";
    case Overlay::Kind::none: break;
  }
  return "none";
}

constexpr std::array<std::string_view, 5> kMeasures = {"", "total", "share", "outputs", "arena"};

Status check_measure(Overlay::Kind kind, OverlayMeasure measure) {
  const bool of_time = measure == OverlayMeasure::total || measure == OverlayMeasure::share;
  if (measure == OverlayMeasure::usual || (kind == Overlay::Kind::time && of_time) || (kind == Overlay::Kind::memory && !of_time)) return {};
  const std::string found = "measure '" + std::string(kMeasures[static_cast<std::size_t>(measure)]) + "' does not go with the overlay '" + kind_name(kind) + "'";
  if (kind == Overlay::Kind::time) return invalid_input(found + ", which shows total or share");
  if (kind == Overlay::Kind::memory) return invalid_input(found + ", which shows outputs or arena");
  return invalid_input(found + ", which has but one");
}

/// What to type to record a session that has it.
std::string record_with(const SessionData& session, const std::string& option) {
  const auto model = session.meta.find("model");
  const std::string name = model == session.meta.end() || model->second.empty() ? "MODEL" : model->second;
  return "record it with `isotherm profile " + name + option + "`";
}

}  // namespace

std::optional<OverlayMeasure> parse_measure(std::string_view text) {
  const auto at = std::find(kMeasures.begin() + 1, kMeasures.end(), text);
  if (at == kMeasures.end()) return std::nullopt;
  return static_cast<OverlayMeasure>(at - kMeasures.begin());
}

std::string format_memory(std::int64_t bytes) {
  const MemoryUnit unit = memory_unit(bytes);
  char text[48];
  std::snprintf(text, sizeof text, unit.bytes > 1 ? "%.1f %s" : "%.0f %s", static_cast<double>(bytes) / unit.bytes, unit.name);
  return text;
}

std::string format_error(double error) {
  if (std::isnan(error)) return "differs";
  if (error < 0) return "–";
  return render::format_error(error);
}

void describe_session(const SessionData& session, render::FileOptions& file) {
  const auto meta = [&](const char* name) {
    const auto it = session.meta.find(name);
    return it == session.meta.end() ? std::string() : it->second;
  };
  for (const char* name : {"model", "device", "program"}) {
    std::string value = meta(name);
    if (value.empty()) continue;
    constexpr std::string_view kProgram = "isotherm ";  // as --version has it
    if (std::string_view(name) == "program") value = "Isotherm " + (value.starts_with(kProgram) ? value.substr(kProgram.size()) : value);
    file.about += (file.about.empty() ? "" : "; ") + value;
  }
  file.date = meta("date");
}

std::vector<const TensorErrorRecord*> worst_errors(const SessionData& session) {
  std::vector<const TensorErrorRecord*> out;
  for (const TensorErrorRecord& e : session.errors) out.push_back(&e);
  std::stable_sort(out.begin(), out.end(), [](const TensorErrorRecord* a, const TensorErrorRecord* b) { return is_worse(*a, *b); });
  return out;
}

Result<Overlay> session_overlay(const SessionData& session, Overlay::Kind kind, OverlayMeasure measure) {
  ISO_TRY(check_measure(kind, measure));
  switch (kind) {
    case Overlay::Kind::time: return time_overlay(session, measure == OverlayMeasure::share);
    case Overlay::Kind::memory:
      if (session.run_memory.empty())
        return not_found("the session holds no memory of nodes, as sessions of earlier versions; " + record_with(session, ""));
      return memory_overlay(session, measure == OverlayMeasure::arena);
    case Overlay::Kind::precision:
      if (session.run_memory.empty())
        return not_found("the session does not hold what nodes computed in, as sessions of earlier versions; " + record_with(session, ""));
      return precision_overlay(session);
    case Overlay::Kind::error:
      if (!session.has_numeric_error())
        return not_found("the session holds no numeric errors; " + record_with(session, " --numeric-error"));
      return error_overlay(session);
    default: break;
  }
  return invalid_input("the overlay '" + kind_name(kind) + "' shows nothing measured");
}

Overlay session_time_overlay(const SessionData& session) { return time_overlay(session, false); }

}  // namespace isotherm
