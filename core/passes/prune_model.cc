#include "core/passes/prune_model.h"

#include <algorithm>

#include "core/ops/signature.h"
#include "core/passes/node_edit.h"
#include "core/passes/node_order.h"
#include "core/passes/split_identity_n.h"

namespace isotherm::passes {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

/// What leaves a node, as the graph was when the pass began to look at it.
struct Readers {
  int data_edges = 0;
  NodeList controlled;  ///< each once
  bool feeds_merge = false;
  bool feeds_function = false;
};

class Pruner {
 public:
  Pruner(WorkGraph& graph, const PassTarget& target)
      : graph_(graph), preserved_(nodes_to_preserve(graph, target)), knows_fetches_(!target.fetches.empty()) {}

  Status run() {
    std::vector<NameId> terminals;
    for (const WorkNode* node : graph_.nodes)
      if (preserved_.contains(node->name)) terminals.push_back(node->name);
    std::sort(terminals.begin(), terminals.end(), [&](NameId a, NameId b) { return graph_.text(a) < graph_.text(b); });
    if (!terminals.empty()) {
      ISO_ASSIGN(graph_.nodes, transitive_fanin(graph_, graph_.nodes, terminals));
      if (split_identity_n(graph_, terminals)) {
        ISO_ASSIGN(graph_.nodes, transitive_fanin(graph_, graph_.nodes, terminals));
      }
    }
    find_trivial();
    if (trivial_count_ > 0 && knows_fetches_) bypass_trivial();
    return {};
  }

 private:
  [[nodiscard]] WorkNode* node(NameId name) const { return by_name_[at(name)]; }
  [[nodiscard]] bool is_function(const WorkNode& node) const {
    return !node.op->def && graph_.functions().find(node.op->name) != nullptr;
  }

  void collect_readers() {
    NameId last = -1;
    for (const WorkNode* node : graph_.nodes) {
      last = std::max(last, node->name);
      for (const WorkInput& in : node->inputs) last = std::max(last, in.node);
    }
    by_name_.assign(at(last + 1), nullptr);
    readers_.assign(at(last + 1), {});
    trivial_.assign(at(last + 1), false);
    shortcut_.assign(at(last + 1), {});
    for (WorkNode* reader : graph_.nodes) {
      by_name_[at(reader->name)] = reader;
      for (const WorkInput& in : reader->inputs) {
        Readers& readers = readers_[at(in.node)];
        if (in.is_control()) {
          if (readers.controlled.empty() || readers.controlled.back() != reader) readers.controlled.push_back(reader);
          continue;
        }
        ++readers.data_edges;
        readers.feeds_merge = readers.feeds_merge || reader->op->is_merge;
        readers.feeds_function = readers.feeds_function || is_function(*reader);
      }
    }
  }

  void find_trivial() {
    collect_readers();
    for (WorkNode* node : graph_.nodes) {
      drop_repeated_controls(*node);
      if (!is_trivial(*node) || preserved_.contains(node->name) || !can_remove(*node)) continue;
      trivial_[at(node->name)] = true;
      ++trivial_count_;
    }
  }

  [[nodiscard]] bool is_trivial(const WorkNode& n) const {
    const Readers& readers = readers_[at(n.name)];
    if (n.is("StopGradient") || n.is("PreventGradient")) return true;
    if (is_identity_like(n)) {
      // What is tied to control flow, or orders other nodes, is not trivial.
      for (const WorkInput& in : n.inputs)
        if (in.is_control() || node(in.node)->op->is_switch) return false;
      return readers.controlled.empty() && !readers.feeds_merge;
    }
    if (n.op->is_no_op && n.inputs.empty()) return true;
    if (n.op->is_const && n.inputs.empty() && readers.data_edges == 0) return true;
    return n.is("AddN") && n.data_inputs() <= 1;
  }

  [[nodiscard]] bool gives_reference(const WorkNode& source, int port) const {
    if (!source.op->def) return false;
    std::vector<TypeValue> types;
    if (!append_types(source.op->def->outputs, source.attrs, source.op->def, types).ok()) return false;
    return at(port) < types.size() && types[at(port)].is_ref;
  }

  [[nodiscard]] bool can_remove(const WorkNode& n) const {
    const Readers& readers = readers_[at(n.name)];
    const std::size_t in = n.inputs.size();
    const std::size_t out = static_cast<std::size_t>(readers.data_edges) + readers.controlled.size();
    if (n.op->is_no_op && (in == 0 || out == 0)) return true;
    if (n.op->is_const && in == 0 && readers.data_edges == 0) return true;
    if (in * out > in + out) return false;
    for (const WorkInput& input : n.inputs) {
      const WorkNode& source = *node(input.node);
      if (source.device != n.device) return false;
      if (!input.is_control() && (is_function(source) || gives_reference(source, input.port))) return false;
    }
    return !readers.feeds_function;
  }

  /// Walks back over trivial nodes of one input.
  [[nodiscard]] WorkInput follow(WorkInput in) const {
    while (trivial_[at(in.node)] && node(in.node)->inputs.size() == 1) {
      const WorkInput& shortcut = shortcut_[at(in.node)];
      const WorkInput next = shortcut.node >= 0 ? shortcut : node(in.node)->inputs[0];
      in = in.is_control() ? control_on(next.node) : next;
    }
    return in;
  }

  /// Appends what `reader` reads, with the inputs of trivial nodes in place of these.
  void append_inputs(const WorkNode& reader, std::vector<WorkInput>& inputs) const {
    struct Frame {
      const WorkNode* node;
      std::size_t next;
      bool as_control;
    };
    std::vector<Frame> stack = {{&reader, 0, false}};
    while (!stack.empty()) {
      Frame& top = stack.back();
      if (top.next == top.node->inputs.size()) {
        stack.pop_back();
        continue;
      }
      const WorkInput in = follow(top.node->inputs[top.next++]);
      if (trivial_[at(in.node)])
        stack.push_back({node(in.node), 0, top.as_control || in.is_control()});
      else
        inputs.push_back(top.as_control ? control_on(in.node) : in);
    }
  }

  void bypass_trivial() {
    NodeList kept;
    std::vector<std::vector<WorkInput>> rewired;
    for (WorkNode* n : graph_.nodes) {
      if (trivial_[at(n->name)]) {
        // Inputs mostly come first, so long chains are walked once.
        if (n->inputs.size() == 1) shortcut_[at(n->name)] = follow(n->inputs[0]);
        continue;
      }
      kept.push_back(n);
      std::vector<WorkInput>& inputs = rewired.emplace_back();
      append_inputs(*n, inputs);
      std::size_t data = 0;
      for (std::size_t i = 0; i < inputs.size(); ++i)
        if (!inputs[i].is_control()) std::swap(inputs[data++], inputs[i]);
    }
    for (std::size_t i = 0; i < kept.size(); ++i) {
      kept[i]->inputs = std::move(rewired[i]);
      drop_repeated_controls(*kept[i]);
    }
    graph_.nodes = std::move(kept);
  }

  WorkGraph& graph_;
  const NameSet preserved_;
  const bool knows_fetches_;
  std::vector<WorkNode*> by_name_;
  std::vector<Readers> readers_;     ///< by name
  std::vector<bool> trivial_;        ///< by name: to be removed
  std::vector<WorkInput> shortcut_;  ///< by name of a trivial node of one input: what it passes on
  int trivial_count_ = 0;
};

}  // namespace

Status prune_model(WorkGraph& graph, const PassTarget& target) { return Pruner(graph, target).run(); }

}  // namespace isotherm::passes
