#include "app/session_text.h"

#include <algorithm>

#include "profiler/session_overlay.h"

namespace isotherm::app {

std::string recorder_lines(const SessionData& session) {
  const auto note = session.meta.find("recorder note");
  const std::string text = note == session.meta.end() ? std::string() : note->second;
  if (session.timed_with_events())
    return "recorder: events of the device, not CUPTI: times are those between events, no kernels are known" +
           (text.empty() ? "" : " (" + text + ")") + "\n";
  return text.empty() ? std::string() : "recorder: " + text + "\n";
}

namespace {

/// "layer conv1 of TRTEngineOp_000_000", "output of TRTEngineOp_000_000", "native node".
std::string computed_by(const SessionData& session, const TensorErrorRecord& e) {
  const EngineRecord* engine = session.engine_at(e.engine);
  if (!engine) return "native node";
  const bool known = e.layer >= 0 && static_cast<std::size_t>(e.layer) < engine->layers.size();
  return known ? "layer " + engine->layers[static_cast<std::size_t>(e.layer)].name + " of " + engine->name : "output of " + engine->name;
}

}  // namespace

std::string value_lines(const SessionData& session, std::size_t worst) {
  std::string out;
  for (const RunMemory& run : session.run_memory) {
    out += "memory: " + std::string(run_mode_name(run.mode)) + " run, arena peak " + format_memory(run.peak);
    if (run.plan_arena > 0) out += "; the engines' own arenas " + format_memory(run.plan_arena) + ", their weights " + format_memory(run.plan_weights);
    out += "\n";
  }
  if (!session.has_numeric_error()) return out;
  const auto errors = worst_errors(session);
  const auto inside = std::count_if(errors.begin(), errors.end(), [](const TensorErrorRecord* e) { return e->engine != kNoNode && !e->engine_output; });
  out += "numeric error: " + std::to_string(errors.size()) + " tensors compared with the native run, " + std::to_string(inside) + " of them inside engines" + (errors.empty() ? "" : "; the worst:") + "\n";
  for (std::size_t i = 0; i < std::min(worst, errors.size()); ++i) {
    const TensorErrorRecord& e = *errors[i];
    out += "  " + format_error(e.error) + "  " + session.conversion->before->tensor_name({e.node, e.port}) + "  (" + computed_by(session, e) + (e.mismatch.empty() ? "" : ": " + e.mismatch) + ")\n";
  }
  return out;
}

Json values_json(const SessionData& session) {
  Json memory = Json::object(), errors = nullptr;
  for (const RunMemory& run : session.run_memory)
    memory[std::string(run_mode_name(run.mode))] = {{"arena_peak_bytes", run.peak}, {"arena_reserved_bytes", run.reserved},
                                                    {"engine_arena_bytes", run.plan_arena}, {"engine_weight_bytes", run.plan_weights}};
  if (session.has_numeric_error()) {
    Json tensors = Json::array();
    for (const TensorErrorRecord* e : worst_errors(session)) {
      Json one = {{"tensor", session.conversion->before->tensor_name({e->node, e->port})}, {"computed_by", computed_by(session, *e)}, {"engine_output", e->engine_output},
                  {"error", nullptr}, {"difference", e->difference}, {"largest", e->largest}, {"elements", e->elements}};
      if (e->mismatch.empty()) one["error"] = e->error;
      else one["mismatch"] = e->mismatch;
      tensors.push_back(std::move(one));
    }
    errors = {{"compared", session.errors.size()}, {"tensors", std::move(tensors)}};
  }
  return {{"memory", std::move(memory)}, {"numeric_error", std::move(errors)}};
}

Json coverage_json(const SessionData& session) {
  Json out = Json::object();
  const auto counts = [](const RecordCount& c) {
    Json json = {{"seen", c.seen},
                 {"attributed", c.attributed},
                 {"unattributed", c.unattributed},
                 {"without_layer", c.without_layer},
                 {"in_overhead", c.in_overhead}};
    if (c.expected >= 0) json["expected"] = c.expected;
    Json invalid = Json::object();
    for (std::size_t f = 0; f < kFaults; ++f) invalid[std::string(fault_name(static_cast<Fault>(f)))] = c.invalid[f];
    json["invalid"] = std::move(invalid);
    return json;
  };
  for (const auto& [mode, c] : session.coverage)
    out[std::string(run_mode_name(mode))] = {{"kernels", counts(c.kernels)}, {"copies", counts(c.copies)},
                                             {"memsets", counts(c.sets)},    {"api_calls", c.calls},
                                             {"dropped", c.dropped},         {"unknown_replays", c.unknown_replays},
                                             {"overhead_ns", c.overhead_ns}, {"complete", c.complete()}};
  return out;
}

}  // namespace isotherm::app
