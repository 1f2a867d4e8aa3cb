#include "core/passes/optimise_dependencies.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/passes/node_order.h"

namespace isotherm::passes {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

/// Nodes to look at again: the last one put in comes out first, none is in twice.
class Agenda {
 public:
  void add(WorkNode* node) {
    if (at(node->index) >= is_in_.size()) is_in_.resize(at(node->index) + 1);
    if (is_in_[at(node->index)]) return;
    is_in_[at(node->index)] = true;
    nodes_.push_back(node);
  }
  WorkNode* take() {
    if (nodes_.empty()) return nullptr;
    WorkNode* node = nodes_.back();
    nodes_.pop_back();
    is_in_[at(node->index)] = false;
    return node;
  }

 private:
  NodeList nodes_;
  std::vector<bool> is_in_;  ///< by index
};

class DependencyOptimiser {
 public:
  DependencyOptimiser(WorkGraph& graph, const PassTarget& target)
      : graph_(graph), preserved_(nodes_to_preserve(graph, target)), knows_fetches_(!target.fetches.empty()) {}

  void run() {
    constexpr int kRounds = 2;
    drop_repeats();
    for (int round = 0; round < kRounds; ++round) {
      const bool is_sorted = sort_topologically(graph_, graph_.nodes);
      map_.emplace(graph_, graph_.nodes);
      if (is_sorted) drop_implied_controls(graph_.nodes, *map_);
      simplify();
      drop_repeats();
      group_cross_device_controls(graph_, *map_, false);
      group_cross_device_controls(graph_, *map_, true);
    }
  }

 private:
  void drop_repeats() {
    for (WorkNode* node : graph_.nodes) drop_repeated_controls(*node);
  }

  void simplify() {
    deleted_.assign(at(graph_.nodes.empty() ? 0 : newest() + 1), false);
    for (WorkNode* node : graph_.nodes)
      if (node->op->is_no_op || node->op->is_identity || node->op->is_identity_n || node->op->is_const ||
          can_become_no_op(*node))
        agenda_.add(node);
    while (WorkNode* node = agenda_.take())
      if (!is_deleted(*node)) look_at(*node);
    if (!knows_fetches_) return;
    std::vector<int> positions;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
      if (is_deleted(*graph_.nodes[i])) positions.push_back(static_cast<int>(i));
    erase_positions(graph_.nodes, positions);
    map_.emplace(graph_, graph_.nodes);
  }

  [[nodiscard]] int newest() const {
    int index = 0;
    for (const WorkNode* node : graph_.nodes) index = std::max(index, node->index);
    return index;
  }
  [[nodiscard]] bool is_deleted(const WorkNode& node) const {
    return at(node.index) < deleted_.size() && deleted_[at(node.index)];
  }
  void mark_deleted(const WorkNode& node) {
    if (at(node.index) >= deleted_.size()) deleted_.resize(at(node.index) + 1);
    deleted_[at(node.index)] = true;
  }

  [[nodiscard]] bool can_remove_identity(const WorkNode& node) const {
    if (!node.op->is_identity && !node.op->is_identity_n) return true;
    if (preserved_.contains(node.name) || !knows_fetches_ || node.inputs.empty()) return false;
    const WorkNode* input = map_->node(node.inputs[0]);
    if (!input || input->op->is_variable || input->op->is_receive) return false;
    for (const WorkNode* reader : map_->outputs(node)) {
      if (node.inputs.size() > 1 && (reader->op->is_retval || reader->op->is_merge)) return false;
      if (!input->op->is_switch) continue;
      const auto& inputs = reader->inputs;
      if (std::find(inputs.begin(), inputs.end(), control_on(node.name)) != inputs.end()) return false;
    }
    return true;
  }

  [[nodiscard]] bool can_become_no_op(const WorkNode& node) const {
    static constexpr std::array<std::string_view, 7> kReads = {
        "Gather", "GatherV2", "GatherNd", "ResourceGather", "ResourceGatherNd", "ReadVariableOp", "_ReadVariablesOp"};
    static constexpr std::array<std::string_view, 8> kNever = {"Assert",     "CheckNumerics",         "_Retval",
                                                               "_Arg",       "_ParallelConcatUpdate", "TPUExecute",
                                                               "TPUCompile", "ControlTrigger"};
    if (!knows_fetches_ || preserved_.contains(node.name)) return false;
    if (node.op->is_merge || node.op->is_switch || node.op->changes_frame()) return false;
    if (!node.op->def || node.op->def->outputs.empty() || node.op->name.starts_with("Submodel")) return false;
    const auto is_one_of = [&](const auto& names) {
      return std::find(names.begin(), names.end(), node.op->name) != names.end();
    };
    if (!is_free_of_side_effect(node) && !is_one_of(kReads)) return false;
    if (is_one_of(kNever) || has_data_readers(node, *map_)) return false;
    return can_remove_identity(node);
  }

  void look_at(WorkNode& node) {
    if (node.op->is_const && node.inputs.empty()) {
      free_readers(node);
      return;
    }
    if (!node.op->is_no_op && can_become_no_op(node)) {
      make_no_op(node);
      return;
    }
    if (node.op->is_no_op || ((node.op->is_identity || node.op->is_identity_n) && can_remove_identity(node)))
      bypass(node);
  }

  /// A constant without inputs is there from the start: nothing needs to wait for it.
  void free_readers(WorkNode& node) {
    const NodeList readers = map_->outputs(node);
    for (WorkNode* reader : readers) {
      bool waited = false, reads = false;
      for (std::size_t i = reader->inputs.size(); i-- > 0;) {
        if (reader->inputs[i].node != node.name) continue;
        if (reader->inputs[i].is_control()) {
          drop_input(*reader, i);
          waited = true;
        } else {
          reads = true;
        }
      }
      if (!waited) continue;
      agenda_.add(reader);
      if (!reads) map_->remove_output(node.name, reader->name);
    }
    if (map_->outputs(node).empty() && knows_fetches_ && !preserved_.contains(node.name)) mark_deleted(node);
  }

  void make_no_op(WorkNode& node) {
    for (WorkInput& in : node.inputs) {
      if (in.is_control()) continue;
      const WorkInput control = control_after(graph_, *map_, graph_.nodes, in);
      if (WorkNode* source = map_->node(in)) agenda_.add(source);
      map_->update_input(node.name, in.node, control.node);
      in = control;
    }
    graph_.set_op(node, "NoOp");
    erase_regular_attrs(node);
    drop_repeated_controls(node);
    agenda_.add(&node);
  }

  [[nodiscard]] std::size_t edges_if_bypassed(const WorkNode& node, const NodeList& readers) const {
    if (!node.op->is_identity_n || is_single_identity_n(node)) return node.inputs.size() * readers.size();
    std::size_t edges = 0;
    for (const WorkInput& in : node.inputs) edges += in.is_control() ? readers.size() : 1;
    for (const WorkNode* reader : readers)
      for (const WorkInput& in : reader->inputs)
        if (in.node == node.name) edges += in.is_control() ? node.inputs.size() : 1;
    return edges;
  }

  [[nodiscard]] bool bypassing_pays(const WorkNode& node, const NodeList& sources, const NodeList& readers) const {
    if (edges_if_bypassed(node, readers) > sources.size() + readers.size()) return false;
    if (sources.size() == 1 && readers.size() > 1 && sources[0]->device != node.device) return false;
    if (sources.size() > 1 && readers.size() == 1 && readers[0]->device != node.device) return false;
    std::size_t in = 0, out = 0, after = 0;
    for (const WorkNode* source : sources) in += source->device != node.device;
    for (const WorkNode* reader : readers) out += reader->device != node.device;
    for (const WorkNode* source : sources)
      for (const WorkNode* reader : readers) after += source->device != reader->device;
    if (after > in + out) return false;
    // An identity behind a device border may be where a received tensor arrives.
    return node.op->is_no_op || in == 0 || out == 0 || after == 0;
  }

  void bypass(WorkNode& node) {
    NodeList sources;
    for (const WorkInput& in : node.inputs) {
      WorkNode* source = map_->node(in);
      if (!source) return;
      sources.push_back(source);
    }
    const NodeList readers = map_->outputs(node);
    if (!bypassing_pays(node, sources, readers)) return;
    for (WorkNode* reader : readers) bypass_for(node, sources, *reader);
    map_->remove_outputs(node.name);
    if (!knows_fetches_ || preserved_.contains(node.name)) return;
    mark_deleted(node);
    map_->remove_inputs(node.name);
    node.inputs.clear();
  }

  void bypass_for(const WorkNode& node, const NodeList& sources, WorkNode& reader) {
    const bool is_single = node.op->is_identity || is_single_identity_n(node);
    const bool is_multiple = node.op->is_identity_n && !is_single;
    bool changed = false;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const WorkInput passed = node.inputs[i];
      if ((is_single && i == 0) || (is_multiple && !passed.is_control())) {
        for (WorkInput& in : reader.inputs) {
          if (in.node != node.name || (in.port != static_cast<int>(i) && !in.is_control())) continue;
          in = in.is_control() ? control_on(passed.node) : passed;
          map_->update_input(reader.name, node.name, in.node);
        }
        changed = true;
        continue;
      }
      const NodeList& known = map_->outputs(*sources[i]);
      const bool depends = std::binary_search(known.begin(), known.end(), &reader,
                                              [](const WorkNode* a, const WorkNode* b) { return a->index < b->index; });
      if (depends) continue;
      reader.inputs.push_back(control_on(sources[i]->name));
      map_->add_output(sources[i]->name, reader.name);
      agenda_.add(sources[i]);
      changed = true;
    }
    for (std::size_t i = reader.inputs.size(); i-- > 0 && reader.inputs[i].is_control();) {
      if (reader.inputs[i].node != node.name) continue;
      drop_input(reader, i);
      map_->remove_output(node.name, reader.name);
      changed = true;
      break;
    }
    if (changed) agenda_.add(&reader);
  }

  WorkGraph& graph_;
  const NameSet preserved_;
  const bool knows_fetches_;
  std::optional<NodeMap> map_;
  Agenda agenda_;
  std::vector<bool> deleted_;  ///< by index
};

}  // namespace

void optimise_dependencies(WorkGraph& graph, const PassTarget& target) { DependencyOptimiser(graph, target).run(); }

}  // namespace isotherm::passes
