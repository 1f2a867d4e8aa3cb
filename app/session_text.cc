#include "app/session_text.h"

namespace isotherm::app {

std::string recorder_lines(const SessionData& session) {
  const auto note = session.meta.find("recorder note");
  const std::string text = note == session.meta.end() ? std::string() : note->second;
  if (session.timed_with_events())
    return "recorder: events of the device, not CUPTI: times are those between events, no kernels are known" +
           (text.empty() ? "" : " (" + text + ")") + "\n";
  return text.empty() ? std::string() : "recorder: " + text + "\n";
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
