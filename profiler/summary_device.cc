#include "profiler/gpu_records.h"
#include "profiler/summary_grouper.h"

namespace isotherm {
namespace {

class DeviceGrouping {
 public:
  DeviceGrouping(const SessionData& data, RunMode mode, GroupBy by, const std::vector<bool>& wanted,
                 SummaryGrouper& grouper)
      : data_(data), graph_(data.graph_of(mode)), by_(by), wanted_(wanted), grouper_(grouper) {}

  void run() {
    switch (by_) {
      case GroupBy::copy:
        return copies();
      case GroupBy::api:
        return calls();
      default:
        break;
    }
    for (const KernelRecord& k : data_.kernels) {
      if (!is_wanted(k.run)) continue;
      if (by_ == GroupBy::kernel || by_ == GroupBy::kernel_node)
        kernel(k);
      else
        work(k.run, k.place, k.end - k.start);
    }
    if (by_ == GroupBy::kernel || by_ == GroupBy::kernel_node) return;
    // What a node moves or clears is its time too; feeds and fetches belong to no node.
    for (const CopyRecord& c : data_.copies)
      if (is_wanted(c.run) && c.place.kind != PlaceKind::copy) work(c.run, c.place, c.end - c.start);
    for (const SetRecord& s : data_.sets)
      if (is_wanted(s.run)) work(s.run, s.place, s.end - s.start);
  }

 private:
  [[nodiscard]] bool is_wanted(int run) const {
    return run >= 0 && static_cast<std::size_t>(run) < wanted_.size() && wanted_[static_cast<std::size_t>(run)];
  }
  [[nodiscard]] const Node* node_of(const Place& place) const {
    return place.node >= 0 && place.node < graph_.size() ? &graph_[place.node] : nullptr;
  }
  /// The engine whose plan ran there, or whose node it is; null: native.
  [[nodiscard]] const EngineRecord* engine_of(const Place& place) const {
    if (place.engine != kNoNode) return data_.engine_at(place.engine);
    const Node* node = node_of(place);
    return node && node->op == "TRTEngineOp" ? data_.engine_at(place.node) : nullptr;
  }
  [[nodiscard]] const PlanLayer* layer_of(const Place& place) const {
    const EngineRecord* engine = place.layer >= 0 ? engine_of(place) : nullptr;
    return engine && static_cast<std::size_t>(place.layer) < engine->layers.size()
               ? &engine->layers[static_cast<std::size_t>(place.layer)]
               : nullptr;
  }

  void work(int run, const Place& place, std::int64_t ns) {
    const Node* node = node_of(place);
    const EngineRecord* engine = engine_of(place);
    const PlanLayer* layer = layer_of(place);
    std::string key;
    switch (by_) {
      case GroupBy::op:
        key = node ? node->op : kNowhere;
        break;
      case GroupBy::scope:
        key = node ? scope_of(node->name) : kNowhere;
        break;
      case GroupBy::engine:
        key = engine ? engine->name : node ? "(native nodes)" : kNowhere;
        break;
      case GroupBy::layer:
        if (!layer) return;
        key = engine->name + "\n" + std::to_string(place.layer);
        break;
      default:
        key = node ? node->name : kNowhere;
        break;
    }
    SummarySample& sample = grouper_.at(key);
    SummaryRow& row = sample.row;
    if (row.name.empty()) {
      row.name = by_ == GroupBy::layer ? layer->name : key;
      if (by_ == GroupBy::layer) {
        row.op = std::string(layer_kind_name(layer->kind));
        row.detail = layer->tactic;
        row.sources = main_source_first(*layer);
        row.layer = place.layer;
      } else if (by_ == GroupBy::node && node) {
        row.op = node->op;
        row.node = place.node;
      }
      if (engine && by_ != GroupBy::op && by_ != GroupBy::scope) row.engine = engine->name;
      if (engine && !engine->fallback.empty() && (by_ == GroupBy::node || by_ == GroupBy::engine))
        row.detail = "ran its native segment: " + engine->fallback;
    }
    grouper_.add(sample, run, ns);
  }

  static std::string geometry(const KernelRecord& k) {
    const auto triple = [](const std::int32_t(&v)[3]) {
      return std::to_string(v[0]) + "," + std::to_string(v[1]) + "," + std::to_string(v[2]);
    };
    return "<<<" + triple(k.grid) + " | " + triple(k.block) + ">>>";
  }

  void kernel(const KernelRecord& k) {
    const Node* node = node_of(k.place);
    const EngineRecord* engine = engine_of(k.place);
    const PlanLayer* layer = layer_of(k.place);
    // Kernels that differ in template arguments alone are different kernels: the demangled name tells them apart.
    std::string key = data_.text(k.demangled);
    if (by_ == GroupBy::kernel_node) key += "\n" + std::to_string(k.place.node) + "\n" + std::to_string(k.place.layer);
    SummarySample& sample = grouper_.at(key);
    SummaryRow& row = sample.row;
    const std::string where = layer ? layer->name : node ? node->name : std::string();
    if (row.name.empty()) {
      row.name = data_.text(k.demangled);
      if (row.name.empty()) row.name = "(a kernel without a name)";
      row.detail = geometry(k);
      if (by_ == GroupBy::kernel_node) {
        row.op = layer ? std::string(layer_kind_name(layer->kind)) : node ? node->op : "";
        row.node = k.place.node;
        row.layer = k.place.layer;
        if (layer)
          row.sources = main_source_first(*layer);
        else if (node)
          row.sources = {node->name};
      }
      if (engine) row.engine = engine->name;
    } else {
      if (row.detail != geometry(k)) row.detail = "several";
      if (by_ == GroupBy::kernel && row.engine != (engine ? engine->name : "")) row.engine = "several";
    }
    if (by_ == GroupBy::kernel && !where.empty() &&
        std::find(row.sources.begin(), row.sources.end(), where) == row.sources.end())
      row.sources.push_back(where);
    grouper_.add(sample, k.run, k.end - k.start);
  }

  void copies() {
    const auto add = [&](const std::string& name, int run, std::int64_t ns, std::int64_t bytes) {
      SummarySample& sample = grouper_.at(name);
      sample.row.name = name;
      sample.row.bytes += static_cast<double>(bytes);
      grouper_.add(sample, run, ns);
    };
    for (const CopyRecord& c : data_.copies)
      if (is_wanted(c.run)) add(copy_name(c.copy_kind), c.run, c.end - c.start, c.bytes);
    for (const SetRecord& s : data_.sets)
      if (is_wanted(s.run)) add("[CUDA memset]", s.run, s.end - s.start, s.bytes);
  }

  void calls() {
    for (const CallRecord& c : data_.calls) {
      if (!is_wanted(c.run)) continue;
      const std::string name(api_name(data_.text(c.name)));
      SummarySample& sample = grouper_.at(name);
      sample.row.name = name.empty() ? "(a call without a name)" : name;
      grouper_.add(sample, c.run, c.end - c.start);
    }
  }

  static constexpr const char* kNowhere = "(no node)";
  const SessionData& data_;
  const Graph& graph_;
  GroupBy by_;
  const std::vector<bool>& wanted_;
  SummaryGrouper& grouper_;
};

}  // namespace

std::string copy_name(int kind) {
  constexpr const char* kNames[] = {"unknown", "HtoD", "DtoH", "HtoA", "AtoH", "AtoA",
                                    "AtoD",    "DtoA", "DtoD", "HtoH", "PtoP"};
  const char* name = kind >= 0 && kind < static_cast<int>(std::size(kNames)) ? kNames[kind] : "unknown";
  return std::string("[CUDA memcpy ") + name + "]";
}

void group_device_work(const SessionData& data, RunMode mode, GroupBy by, const std::vector<bool>& wanted,
                       SummaryGrouper& grouper) {
  DeviceGrouping(data, mode, by, wanted, grouper).run();
}

}  // namespace isotherm
