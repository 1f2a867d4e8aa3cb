// Recorded activity as a JSON file: what a recorder handed over, and what attribution must make of it.
#pragma once

#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

#include "profiler/attribution.h"

namespace isotherm {

using ActivityJson = nlohmann::ordered_json;

inline ActivityJson activity_json(const ActivityBatch& batch) {
  ActivityJson j;
  j["strings"] = batch.strings;
  const auto head = [](const DeviceRecord& r) {
    return ActivityJson::array({r.start, r.end, r.device, r.context, r.stream, r.correlation, r.graph_node});
  };
  const auto list = [&](const char* name) -> ActivityJson& { return j[name] = ActivityJson::array(); };
  for (ActivityJson& out = list("kernels"); const RawKernel& k : batch.kernels) {
    ActivityJson r = head(k);
    r.push_back(k.name);
    out.push_back(r);
  }
  for (ActivityJson& out = list("copies"); const RawCopy& c : batch.copies) {
    ActivityJson r = head(c);
    r.push_back(c.copy_kind);
    r.push_back(c.bytes);
    out.push_back(r);
  }
  for (ActivityJson& out = list("sets"); const RawSet& s : batch.sets) {
    ActivityJson r = head(s);
    r.push_back(s.bytes);
    out.push_back(r);
  }
  for (ActivityJson& out = list("calls"); const RawCall& c : batch.calls)
    out.push_back({c.start, c.end, c.thread, c.correlation, c.name, c.driver, c.result});
  for (ActivityJson& out = list("overheads"); const RawOverhead& o : batch.overheads)
    out.push_back({o.start, o.end, o.name, o.thread});
  for (ActivityJson& out = list("links"); const CorrelationLink& l : batch.links) out.push_back({l.correlation, l.tag});
  for (ActivityJson& out = list("graph_nodes"); const GraphNodeRecord& n : batch.graph_nodes)
    out.push_back({n.id, n.original, static_cast<int>(n.kind), n.graph, n.tag});
  for (ActivityJson& out = list("replays"); const ReplayRecord& r : batch.replays) out.push_back({r.graph, r.run});
  ActivityJson& places = list("places");
  for (std::size_t i = 0; i < batch.places.size(); ++i) {
    const Place& p = batch.places.at(static_cast<int>(i));
    places.push_back({static_cast<int>(p.kind), p.node, p.engine, p.layer});
  }
  j["dropped"] = batch.dropped;
  return j;
}

inline ActivityBatch activity_from(const ActivityJson& j) {
  ActivityBatch batch;
  batch.strings = j.at("strings").get<std::vector<std::string>>();
  const auto head = [](const ActivityJson& r, DeviceRecord& to) {
    to.start = r.at(0), to.end = r.at(1), to.device = r.at(2), to.context = r.at(3), to.stream = r.at(4),
    to.correlation = r.at(5), to.graph_node = r.at(6);
  };
  for (const ActivityJson& r : j.at("kernels")) {
    head(r, batch.kernels.emplace_back());
    batch.kernels.back().name = r.at(7);
  }
  for (const ActivityJson& r : j.at("copies")) {
    head(r, batch.copies.emplace_back());
    batch.copies.back().copy_kind = r.at(7);
    batch.copies.back().bytes = r.at(8);
  }
  for (const ActivityJson& r : j.at("sets")) {
    head(r, batch.sets.emplace_back());
    batch.sets.back().bytes = r.at(7);
  }
  for (const ActivityJson& r : j.at("calls")) {
    RawCall& c = batch.calls.emplace_back();
    c.start = r.at(0), c.end = r.at(1), c.thread = r.at(2), c.correlation = r.at(3), c.name = r.at(4),
    c.driver = r.at(5), c.result = r.at(6);
  }
  for (const ActivityJson& r : j.at("overheads")) batch.overheads.push_back({r.at(0), r.at(1), r.at(2), r.at(3)});
  for (const ActivityJson& r : j.at("links")) batch.links.push_back({r.at(0), r.at(1)});
  for (const ActivityJson& r : j.at("graph_nodes"))
    batch.graph_nodes.push_back({r.at(0), r.at(1), static_cast<GraphNodeKind>(r.at(2).get<int>()), r.at(3), r.at(4)});
  for (const ActivityJson& r : j.at("replays")) batch.replays.push_back({r.at(0), r.at(1)});
  for (const ActivityJson& p : j.at("places"))
    batch.places.intern({static_cast<PlaceKind>(p.at(0).get<int>()), p.at(1), p.at(2), p.at(3)});
  batch.dropped = j.at("dropped");
  return batch;
}

/// Kernels by place, as attribution found them: "layer 9 1: spin_first 3".
inline ActivityJson expectation_json(const ActivityBatch& batch, const AttributedBatch& out) {
  const auto place = [](const Place& p) {
    static constexpr const char* kNames[] = {"none", "run", "copy", "node", "layer"};
    return std::string(kNames[static_cast<int>(p.kind)]) + " " + std::to_string(p.node) + " " + std::to_string(p.layer);
  };
  std::map<std::string, int> counts;
  for (const auto& k : out.kernels)
    ++counts["run " + std::to_string(k.run) + ", " + place(k.place) + ": " +
             batch.strings[static_cast<std::size_t>(k.name)]];
  for (const auto& c : out.copies)
    ++counts["run " + std::to_string(c.run) + ", " + place(c.place) + ": copy kind " + std::to_string(c.copy_kind)];
  for (const auto& s : out.sets) ++counts["run " + std::to_string(s.run) + ", " + place(s.place) + ": memset"];
  const Coverage& c = out.coverage;
  return {{"expected", c.kernels.expected},
          {"seen", c.kernels.seen},
          {"attributed", c.kernels.attributed},
          {"complete", c.complete()},
          {"placed", counts}};
}

inline void write_activity(const std::string& path, const ActivityBatch& batch) {
  ActivityJson j = activity_json(batch);
  j["expect"] = expectation_json(batch, attribute(batch));
  std::ofstream(path) << j.dump() << "\n";
}

}  // namespace isotherm
