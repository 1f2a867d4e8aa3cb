#include "profiler/session_overlay.h"

#include "profiler/summary.h"

namespace isotherm {

render::Overlay session_time_overlay(const SessionData& session) {
  render::Overlay overlay;
  overlay.kind = render::Overlay::Kind::time;
  const bool on_device = session.on_device(RunMode::native) || session.on_device(RunMode::engines);
  overlay.title = on_device ? "GPU time of its kernels" : session.timed_with_events() ? "Time between GPU events" : "Self CPU time";
  overlay.unit = "µs";
  const auto fill = [&](RunMode mode, std::vector<double>& values, double& run) {
    const Summary whole = summarise(session, mode, GroupBy::op);
    if (whole.runs == 0) return;
    values = time_per_node(session, mode);
    for (double& v : values)
      if (v >= 0) v /= 1e3;
    run = whole.traced_wall.mean / 1e3;
  };
  fill(RunMode::native, overlay.before, overlay.whole_run);
  fill(RunMode::engines, overlay.after, overlay.whole_run_after);
  return overlay;
}

}  // namespace isotherm
