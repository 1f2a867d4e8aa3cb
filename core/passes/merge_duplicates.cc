#include "core/passes/merge_duplicates.h"

#include <algorithm>
#include <unordered_map>

#include "core/passes/attr_equality.h"
#include "core/passes/node_edit.h"
#include "core/passes/node_order.h"

namespace isotherm::passes {
namespace {

/// One form of the same inputs.
void sort_inputs(const WorkGraph& graph, WorkNode& node) {
  auto& inputs = node.inputs;
  if (inputs.size() < 2) return;
  const auto control = inputs.begin() + node.data_inputs();
  const auto less = [&](const WorkInput& a, const WorkInput& b) { return graph.text_less(a, b); };
  if (commutes(node)) std::sort(inputs.begin(), control, less);
  std::sort(control, inputs.end(), less);
  inputs.erase(std::unique(control, inputs.end()), inputs.end());
}

/// Nodes of which no other is the same, so far.
class UniqueNodes {
 public:
  /// The node itself if it is the first of its kind.
  WorkNode* find_or_add(WorkNode& node) {
    std::vector<WorkNode*>& same_hash = by_hash_[hash(node)];
    for (WorkNode* other : same_hash)
      if (other == &node || same(*other, node)) return other;
    same_hash.push_back(&node);
    return &node;
  }
  /// Before the node changes.
  void forget(const WorkNode& node) {
    const auto it = hashes_.find(&node);
    if (it == hashes_.end()) return;
    auto& list = by_hash_[it->second];
    if (const auto found = std::find(list.begin(), list.end(), &node); found != list.end()) {
      std::swap(*found, list.back());
      list.pop_back();
    }
    hashes_.erase(it);
  }

 private:
  std::uint64_t hash(const WorkNode& node) {
    const auto [it, is_new] = hashes_.try_emplace(&node, 0);
    if (is_new) {
      std::uint64_t h = std::hash<std::string>()(node.op->name);
      h = mix_hash(h, std::hash<std::string>()(node.device));
      for (const WorkInput& in : node.inputs)
        h = mix_hash(h, static_cast<std::uint64_t>(in.node) << 20 ^ static_cast<std::uint64_t>(in.port + 1));
      it->second = mix_hash(h, attrs_hash(node.attrs));
    }
    return it->second;
  }
  static bool same(const WorkNode& a, const WorkNode& b) {
    return a.op == b.op && a.device == b.device && a.inputs == b.inputs && same_attrs(a.attrs, b.attrs);
  }

  std::unordered_map<std::uint64_t, std::vector<WorkNode*>> by_hash_;
  std::unordered_map<const WorkNode*, std::uint64_t> hashes_;
};

class Merger {
 public:
  Merger(WorkGraph& graph, const PassTarget& target)
      : graph_(graph), preserved_(nodes_to_preserve(graph, target)), knows_fetches_(!target.fetches.empty()) {}

  Result<std::vector<std::pair<NameId, NameId>>> run() {
    if (!sort_topologically(graph_, graph_.nodes))
      return invalid_input("after constant folding the graph has a cycle outside loops");
    for (WorkNode* node : graph_.nodes) sort_inputs(graph_, *node);
    NodeMap map(graph_, graph_.nodes);
    const std::vector<bool> can_merge = find_mergeable(map);
    std::vector<bool> removed(graph_.nodes.size());
    bool changed = true;
    while (changed) {
      changed = false;
      for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
        if (!can_merge[i] || removed[i]) continue;
        WorkNode& node = *graph_.nodes[i];
        WorkNode* stays = unique_.find_or_add(node);
        if (stays == &node) continue;
        move_readers(map, node, *stays);
        merged_.emplace_back(node.name, stays->name);
        removed[i] = changed = true;
      }
    }
    if (!knows_fetches_) return std::vector<std::pair<NameId, NameId>>();
    std::vector<int> positions;
    for (std::size_t i = 0; i < removed.size(); ++i)
      if (removed[i]) positions.push_back(static_cast<int>(i));
    erase_positions(graph_.nodes, positions);
    return std::move(merged_);
  }

 private:
  /// An op that works in place must not share what it overwrites with another.
  [[nodiscard]] std::vector<bool> find_mergeable(const NodeMap& map) const {
    NameSet overwritten;
    NodeList stack;
    for (WorkNode* root : graph_.nodes) {
      if (!works_in_place(*root) || overwritten.contains(root->name)) continue;
      stack.assign(1, root);
      while (!stack.empty()) {
        const WorkNode* node = stack.back();
        stack.pop_back();
        if (overwritten.contains(node->name)) continue;
        overwritten.insert(node->name);
        if (node->op != root->op && node->op->never_forwards) continue;
        for (const WorkInput& in : node->inputs) stack.push_back(map.node(in));
      }
    }
    std::vector<bool> can(graph_.nodes.size());
    for (std::size_t i = 0; i < can.size(); ++i) {
      const WorkNode& node = *graph_.nodes[i];
      if (overwritten.contains(node.name) || preserved_.contains(node.name)) continue;
      if (node.op->is_enter || node.op->is_exit || node.device.find("SPU") != std::string::npos) continue;
      can[i] = node.is("Assert") || node.is("Print") || node.is("PrintV2") || is_free_of_side_effect(node);
    }
    return can;
  }

  void move_readers(NodeMap& map, const WorkNode& from, const WorkNode& to) {
    const NodeList readers = map.outputs(from);
    for (WorkNode* reader : readers) {
      bool reads = false;
      for (WorkInput& in : reader->inputs) {
        if (in.node != from.name) continue;
        if (!reads) unique_.forget(*reader);
        reads = true;
        in.node = to.name;
      }
      if (!reads) continue;
      map.update_input(reader->name, from.name, to.name);
      sort_inputs(graph_, *reader);
    }
  }

  WorkGraph& graph_;
  const NameSet preserved_;
  const bool knows_fetches_;
  UniqueNodes unique_;
  std::vector<std::pair<NameId, NameId>> merged_;
};

}  // namespace

Result<std::vector<std::pair<NameId, NameId>>> merge_duplicates(WorkGraph& graph, const PassTarget& target) {
  return Merger(graph, target).run();
}

}  // namespace isotherm::passes
