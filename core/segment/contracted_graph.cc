#include "core/segment/contracted_graph.h"

#include <algorithm>
#include <numeric>

namespace isotherm {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

std::int32_t find_root(std::vector<std::int32_t>& parent, std::int32_t i) {
  while (parent[at(i)] != i) i = parent[at(i)] = parent[at(parent[at(i)])];
  return i;
}

}  // namespace

ContractedGraph::ContractedGraph(const Graph& graph, const VisitOrder& order) : graph_(graph), order_(graph.size()) {
  const std::size_t count = at(graph.size());
  cluster_parent_.resize(count);
  std::iota(cluster_parent_.begin(), cluster_parent_.end(), 0);
  cluster_leader_ = next_member_ = place_parent_ = cluster_parent_;
  cluster_size_.assign(count, 1);
  place_size_.assign(count, 1);
  is_loop_.assign(count, 0);
  seen_.assign(count, 0);
  dedupe_.assign(count, 0);
  source_.assign(count, kNoNode);
  entered_.assign(count, kNoNode);
  came_from_.assign(count, -1);
  successors_.resize(count);
  find_loops(graph, order);
  for (NodeId id = 0; id < graph.size(); ++id) {
    std::vector<NodeId>& out = successors_[at(place(id))];
    for (const OutEdge& edge : graph.out_edges(id))
      if (out.empty() || out.back() != edge.node) out.push_back(edge.node);
  }
}

/// Kosaraju's algorithm: a walk against the edges, from nodes in the reverse of the order in which a walk along the
/// edges left them, finds the strongly connected parts in topological order.
void ContractedGraph::find_loops(const Graph& graph, const VisitOrder& order) {
  for (NodeId id = 0; id < graph.size() && !has_loops_; ++id)
    for (const Input& in : graph[id].inputs)
      if (is_loop_back_edge(graph, graph[id], in)) has_loops_ = true;
  if (!has_loops_) {
    for (auto it = order.postorder.rbegin(); it != order.postorder.rend(); ++it) order_.push_back(*it);
    return;
  }
  std::vector<bool> assigned(at(graph.size()), false);
  std::vector<NodeId> stack;
  for (auto it = order.postorder.rbegin(); it != order.postorder.rend(); ++it) {
    if (assigned[at(*it)]) continue;
    const Place representative = *it;
    order_.push_back(representative);
    assigned[at(representative)] = true;
    stack.push_back(representative);
    while (!stack.empty()) {
      const NodeId id = stack.back();
      stack.pop_back();
      for (const Input& in : graph[id].inputs) {
        if (in.node == id) is_loop_[at(representative)] = 1;
        if (assigned[at(in.node)]) continue;
        assigned[at(in.node)] = true;
        place_parent_[at(in.node)] = representative;
        ++place_size_[at(representative)];
        is_loop_[at(representative)] = 1;
        stack.push_back(in.node);
      }
    }
  }
}

NodeId ContractedGraph::leader(NodeId node) { return cluster_leader_[at(find_root(cluster_parent_, node))]; }

ContractedGraph::Place ContractedGraph::place(NodeId node) { return find_root(place_parent_, node); }

const std::vector<NodeId>& ContractedGraph::successors(Place from) {
  std::vector<NodeId>& out = successors_[at(from)];
  ++dedupe_number_;
  dedupe_[at(from)] = dedupe_number_;
  std::size_t kept = 0;
  for (const NodeId node : out) {
    std::int32_t& mark = dedupe_[at(place(node))];
    if (mark == dedupe_number_) continue;
    mark = dedupe_number_;
    out[kept++] = node;
  }
  out.resize(kept);
  return out;
}

NodeId ContractedGraph::neighbour_in_place(NodeId root, NodeId target) {
  const Place home = place(root);
  NodeId member = target;
  do {
    for (const Input& in : graph_[member].inputs)
      if (place(in.node) == home && leader(in.node) != root && leader(in.node) != leader(target)) return in.node;
    member = next_member_[at(member)];
  } while (member != target);
  return kNoNode;
}

void ContractedGraph::walk(Place start, std::uint64_t bound) {
  struct Source {
    std::uint64_t label;
    NodeId node;
  };
  std::vector<Source> sources;
  for (const NodeId node : successors(start)) sources.push_back({order_.label(place(node)), node});
  std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.label < b.label; });
  for (const Source& source : sources) {
    if (source.label > bound) break;
    const Place first = place(source.node);
    if (seen_[at(first)] == walk_number_) continue;
    seen_[at(first)] = walk_number_;
    source_[at(first)] = entered_[at(first)] = source.node;
    came_from_[at(first)] = start;
    touched_.push_back(first);
    stack_.assign(1, first);
    while (!stack_.empty()) {
      const Place from = stack_.back();
      stack_.pop_back();
      for (const NodeId node : successors(from)) {
        const Place to = place(node);
        if (seen_[at(to)] == walk_number_ || order_.label(to) > bound) continue;
        seen_[at(to)] = walk_number_;
        source_[at(to)] = source.node;
        entered_[at(to)] = node;
        came_from_[at(to)] = from;
        touched_.push_back(to);
        stack_.push_back(to);
      }
    }
  }
}

void ContractedGraph::decide(NodeId root, std::span<const NodeId> targets, std::vector<Decision>& decisions) {
  decisions.assign(targets.size(), {});
  const Place home = place(root);
  touched_.clear();
  ++walk_number_;
  std::uint64_t bound = 0;
  bool must_walk = false;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const Place to = place(targets[i]);
    if (to == home) {
      // Both in one loop: whatever else in that loop leads to the target is reached from the root.
      decisions[i].contractible = neighbour_in_place(root, targets[i]) == kNoNode;
    } else if (is_loop_[at(to)]) {
      // The target is on a loop that goes round without the root, so what closes it is reached through the target.
      decisions[i].contractible = false;
    } else {
      must_walk = true;
      bound = std::max(bound, order_.label(to));
    }
  }
  if (!must_walk || successors(home).size() == 1 || successors(home).empty()) {
    if (!is_loop_[at(home)] || !must_walk) return;
  } else {
    walk(home, bound);
  }
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const Place to = place(targets[i]);
    if (to == home || is_loop_[at(to)]) continue;
    if (is_loop_[at(home)] && neighbour_in_place(root, targets[i]) != kNoNode) {
      decisions[i].contractible = false;
    } else if (seen_[at(to)] == walk_number_ && place(source_[at(to)]) != to) {
      decisions[i].contractible = false;
      if (!is_loop_[at(home)]) decisions[i].witness = source_[at(to)];
    }
  }
}

bool ContractedGraph::still_refused(NodeId root, NodeId target, NodeId witness) {
  if (witness == kNoNode) return false;
  const Place between = place(witness);
  return between != place(target) && between != place(root);
}

std::vector<NodeId> ContractedGraph::path(NodeId root, NodeId target) {
  std::vector<NodeId> nodes;
  const Place home = place(root), to = place(target);
  if (to != home && seen_[at(to)] == walk_number_ && place(source_[at(to)]) != to) {
    if (entered_[at(to)] != target) nodes.push_back(target);
    for (Place p = to; p != home; p = came_from_[at(p)]) nodes.push_back(entered_[at(p)]);
    nodes.push_back(root);
    std::reverse(nodes.begin(), nodes.end());
    return nodes;
  }
  const NodeId between = neighbour_in_place(root, target);
  if (between != kNoNode) return {root, between, target};
  return {root, target};
}

void ContractedGraph::unite_clusters(NodeId root, NodeId other) {
  NodeId a = find_root(cluster_parent_, root), b = find_root(cluster_parent_, other);
  std::swap(next_member_[at(root)], next_member_[at(other)]);
  if (cluster_size_[at(a)] < cluster_size_[at(b)]) std::swap(a, b);
  cluster_parent_[at(b)] = a;
  cluster_size_[at(a)] += cluster_size_[at(b)];
  cluster_leader_[at(a)] = root;
}

void ContractedGraph::unite_places(std::span<const Place> parts, Place last) {
  Place largest = parts[0], richest = parts[0];
  bool is_loop = false;
  for (const Place part : parts) {
    if (place_size_[at(part)] > place_size_[at(largest)]) largest = part;
    if (successors_[at(part)].size() > successors_[at(richest)].size()) richest = part;
    is_loop |= is_loop_[at(part)] != 0;
  }
  std::vector<NodeId> out = std::move(successors_[at(richest)]);
  for (const Place part : parts) {
    if (part != last) order_.remove(part);
    if (part == richest) continue;
    out.insert(out.end(), successors_[at(part)].begin(), successors_[at(part)].end());
    std::vector<NodeId>().swap(successors_[at(part)]);
  }
  if (largest != last) {
    order_.insert_after(last, largest);
    order_.remove(last);
  }
  for (const Place part : parts) {
    if (part == largest) continue;
    place_parent_[at(part)] = largest;
    place_size_[at(largest)] += place_size_[at(part)];
  }
  is_loop_[at(largest)] = is_loop;
  successors_[at(largest)] = std::move(out);
}

void ContractedGraph::contract(NodeId root, std::span<const NodeId> targets) {
  std::vector<Place> parts{place(root)};
  Place last = parts[0];
  for (const NodeId target : targets) {
    const Place to = place(target);
    if (to != parts[0]) parts.push_back(to);
    if (order_.label(to) > order_.label(last)) last = to;
  }
  for (const NodeId target : targets) unite_clusters(root, leader(target));
  if (parts.size() == 1) return;
  // The merged cluster takes the place of its last part. What the root reaches before that place moves behind it.
  std::vector<Place> behind;
  for (const Place seen : touched_)
    if (order_.label(seen) < order_.label(last) && std::find(parts.begin(), parts.end(), seen) == parts.end())
      behind.push_back(seen);
  std::sort(behind.begin(), behind.end(), [&](Place a, Place b) { return order_.label(a) < order_.label(b); });
  unite_places(parts, last);
  Place after = place(root);
  for (const Place moved : behind) {
    order_.remove(moved);
    order_.insert_after(after, moved);
    after = moved;
  }
  touched_.clear();
}

}  // namespace isotherm
