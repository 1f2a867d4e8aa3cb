#include "profiler/summary.h"

#include <algorithm>
#include <map>

#include "profiler/overlay_parts.h"
#include "profiler/summary_grouper.h"

namespace isotherm {

std::string scope_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? "(top level)" : name.substr(0, slash);
}

std::vector<std::string> main_source_first(const PlanLayer& layer) {
  std::vector<std::string> sources = layer.sources;
  const auto main = std::find(sources.begin(), sources.end(), layer.name);
  if (main != sources.end()) std::rotate(sources.begin(), main, main + 1);
  return sources;
}

namespace {

void group_layers(const SessionData& data, const std::vector<bool>& wanted, SummaryGrouper& grouper) {
  for (const LayerRecord& record : data.layers) {
    if (!wanted[static_cast<std::size_t>(record.run)]) continue;
    const EngineRecord* engine = data.engine_at(record.engine);
    if (!engine || record.layer < 0 || record.layer >= static_cast<int>(engine->layers.size())) continue;
    SummarySample& sample = grouper.at(engine->name + "\n" + std::to_string(record.layer));
    if (sample.row.name.empty()) {
      const PlanLayer& layer = engine->layers[static_cast<std::size_t>(record.layer)];
      sample.row.name = layer.name;
      sample.row.op = std::string(layer_kind_name(layer.kind));
      sample.row.engine = engine->name;
      sample.row.detail = layer.tactic;
      sample.row.sources = main_source_first(layer);
      sample.row.layer = record.layer;
    }
    grouper.add(sample, record.run, record.end - record.start);
  }
}

void group_ops(const SessionData& data, const Graph& graph, GroupBy by, const std::vector<bool>& wanted, SummaryGrouper& grouper) {
  for (const OpRecord& record : data.ops) {
    if (!wanted[static_cast<std::size_t>(record.run)] || record.node < 0 || record.node >= graph.size()) continue;
    const Node& node = graph[record.node];
    const EngineRecord* engine = node.op == "TRTEngineOp" ? data.engine_at(record.node) : nullptr;
    std::string key;
    switch (by) {
      case GroupBy::op: key = node.op; break;
      case GroupBy::scope: key = scope_of(node.name); break;
      case GroupBy::engine: key = engine ? engine->name : "(native nodes)"; break;
      default: key = node.name; break;
    }
    SummarySample& sample = grouper.at(key);
    if (sample.row.name.empty()) {
      sample.row.name = key;
      if (by == GroupBy::node) {
        sample.row.op = node.op;
        sample.row.node = record.node;
      }
      if (engine && (by == GroupBy::node || by == GroupBy::engine)) {
        sample.row.engine = engine->name;
        sample.row.detail = engine->fallback.empty() ? std::string() : "ran its native segment: " + engine->fallback;
      }
    }
    grouper.add(sample, record.run, record.end - record.start);
  }
}

void add_values(const SessionData& data, RunMode mode, std::vector<SummaryRow>& rows) {
  std::map<NodeId, const NodeMemory*> memory;
  for (const NodeMemory& m : data.node_memory)
    if (m.mode == mode) memory[m.node] = &m;
  const render::Overlay errors = data.errors.empty() ? render::Overlay() : error_overlay(data);
  const std::vector<double>& error = mode == RunMode::native ? errors.before : errors.after;
  for (SummaryRow& row : rows) {
    if (const auto at = memory.find(row.node); at != memory.end()) {
      row.output_bytes = at->second->outputs;
      row.arena_peak = at->second->peak;
    }
    if (row.node != kNoNode && static_cast<std::size_t>(row.node) < error.size()) row.error = error[static_cast<std::size_t>(row.node)];
  }
}

}  // namespace

std::optional<GroupBy> group_by_from_name(std::string_view name) {
  if (name == "node") return GroupBy::node;
  if (name == "layer") return GroupBy::layer;
  if (name == "engine") return GroupBy::engine;
  if (name == "op") return GroupBy::op;
  if (name == "scope") return GroupBy::scope;
  if (name == "kernel") return GroupBy::kernel;
  if (name == "kernel-node") return GroupBy::kernel_node;
  if (name == "copy") return GroupBy::copy;
  if (name == "api") return GroupBy::api;
  return std::nullopt;
}

Summary summarise(const SessionData& data, RunMode mode, GroupBy by) {
  Summary summary;
  summary.mode = mode;
  summary.by = by;
  int last = 0;
  for (const RunRecord& run : data.runs) last = std::max(last, run.id);
  std::vector<bool> wanted(static_cast<std::size_t>(last) + 1, false);
  std::vector<double> traced, untraced;
  for (const RunRecord& run : data.runs) {
    if (run.mode != mode) continue;
    (run.traced ? traced : untraced).push_back(static_cast<double>(run.end - run.start));
    if (run.traced) wanted[static_cast<std::size_t>(run.id)] = true;
  }
  summary.runs = static_cast<int>(traced.size());
  summary.traced_wall = statistics_of(std::move(traced));
  summary.untraced_wall = statistics_of(std::move(untraced));
  summary.on_device = data.on_device(mode);
  if (by != GroupBy::api) summary.clock = summary.on_device ? "on the device" : data.timed_with_events() ? "between events of the device" : "";
  const bool members_are_instances = needs_device(by) || (!summary.on_device && (by == GroupBy::node || by == GroupBy::layer));
  SummaryGrouper grouper(!members_are_instances);
  if (summary.on_device) group_device_work(data, mode, by, wanted, grouper);
  else if (needs_device(by)) return summary;
  else if (by == GroupBy::layer) group_layers(data, wanted, grouper);
  else group_ops(data, data.graph_of(mode), by, wanted, grouper);
  summary.rows = grouper.rows(summary.runs);
  for (const SummaryRow& row : summary.rows) summary.rows_per_run += row.per_run;
  if (by == GroupBy::node) add_values(data, mode, summary.rows);
  return summary;
}

std::vector<double> time_per_node(const SessionData& data, RunMode mode) {
  const Graph& graph = data.graph_of(mode);
  std::vector<double> out(static_cast<std::size_t>(graph.size()), -1.0);
  for (const SummaryRow& row : summarise(data, mode, GroupBy::node).rows)
    if (row.node != kNoNode) out[static_cast<std::size_t>(row.node)] = row.per_run;
  return out;
}

}  // namespace isotherm
