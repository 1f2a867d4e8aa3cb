#include "profiler/session_overlay.h"

#include <algorithm>

#include "profiler/gpu_records.h"
#include "profiler/summary.h"

namespace isotherm {

render::Overlay session_time_overlay(const SessionData& session) {
  render::Overlay overlay;
  overlay.kind = render::Overlay::Kind::time;
  const bool on_device = session.on_device(RunMode::native) || session.on_device(RunMode::engines);
  overlay.title = on_device                     ? "Kernel time on the GPU"
                  : session.timed_with_events() ? "Time between GPU events"
                                                : "Self CPU time";
  overlay.unit = "µs";
  const auto fill = [&](RunMode mode, std::vector<double>& values, double& run) {
    const Summary whole = summarise(session, mode, GroupBy::op);
    if (whole.runs == 0) return;
    values = time_per_node(session, mode);
    for (double& v : values)
      if (v >= 0) v /= 1e3;
    // Kernels keep their time under a recorder, launches do not: the run beside them is one without it.
    const bool untraced = session.on_device(mode) && whole.untraced_wall.count > 0;
    run = (untraced ? whole.untraced_wall.median : whole.traced_wall.mean) / 1e3;
  };
  fill(RunMode::native, overlay.before, overlay.whole_run);
  fill(RunMode::engines, overlay.after, overlay.whole_run_after);
  // Engines, opened: their layers, and the kernels of each.
  std::map<std::pair<NodeId, int>, std::vector<render::Overlay::Part>> kernels;
  for (const SummaryRow& row : summarise(session, RunMode::engines, GroupBy::kernel_node).rows)
    if (row.layer >= 0)
      kernels[{row.node, row.layer}].push_back({kernel_label(row.name), row.per_run / 1e3, true});
  for (const SummaryRow& row : summarise(session, RunMode::engines, GroupBy::layer).rows) {
    const auto engine = std::find_if(session.engines.begin(), session.engines.end(),
                                     [&](const EngineRecord& e) { return e.name == row.engine; });
    if (engine == session.engines.end()) continue;
    std::vector<render::Overlay::Part>& parts = overlay.parts_after[engine->node];
    parts.push_back({row.name, row.per_run / 1e3, false});
    const auto own = kernels.find({engine->node, row.layer});
    if (own != kernels.end()) parts.insert(parts.end(), own->second.begin(), own->second.end());
  }
  return overlay;
}

}  // namespace isotherm
