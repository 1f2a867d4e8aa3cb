#include "core/render/visible.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "core/render/asking.h"

namespace isotherm::render {
namespace {

/// Topological position by node id; a graph with a cycle keeps the file's order.
std::vector<int> positions(const Graph& graph) {
  std::vector<int> position(static_cast<std::size_t>(graph.size()));
  const auto order = graph.topological_order();
  if (!order.ok()) {
    std::iota(position.begin(), position.end(), 0);
    return position;
  }
  for (std::size_t i = 0; i < order->size(); ++i) position[static_cast<std::size_t>((*order)[i])] = static_cast<int>(i);
  return position;
}

class Edges {
 public:
  Edges(const Graph& graph, Visible& v, const std::function<bool()>& cancelled)
      : graph_(graph), v_(v), groups_(v.tree.groups), stop_(cancelled) {}

  void collect() {
    for (NodeId id = 0; id < graph_.size(); ++id) {
      const Node& node = graph_[id];
      const int to = v_.item_of_node[static_cast<std::size_t>(id)];
      if (to < 0) continue;
      if (stop_()) return;
      for (const Input& in : node.inputs) {
        const int from = v_.item_of_node[static_cast<std::size_t>(in.node)];
        if (in.is_control()) {
          control_.push_back({from, from < 0 ? v_.tree.group_of[static_cast<std::size_t>(in.node)] : -1, to});
        } else if (from >= 0 && from != to) {
          data(from, to, {in.node, in.port}, is_loop_back_edge(graph_, node, in));
        }
      }
    }
    controls();
  }

 private:
  struct Control {
    int from;         ///< item, -1: a folded node
    int from_hidden;  ///< group of a folded node
    int to;
  };

  void data(int from, int to, TensorRef tensor, bool back) {
    const auto [it, added] = index_.try_emplace({from, to, false}, static_cast<int>(v_.edges.size()));
    if (added) {
      VisibleEdge e;
      e.from = from;
      e.to = to;
      e.back = back;
      e.first = tensor;
      v_.edges.push_back(e);
    }
    VisibleEdge& e = v_.edges[static_cast<std::size_t>(it->second)];
    ++e.tensors;
    const auto same = [&](const TensorRef& t) { return t.node == tensor.node && t.port == tensor.port; };
    if (!same(e.first) && e.others.size() < kMostTensors && std::none_of(e.others.begin(), e.others.end(), same))
      e.others.push_back(tensor);
  }

  [[nodiscard]] bool inside(int item, int group) const {
    for (int g = v_.items[static_cast<std::size_t>(item)].parent; g > 0;
         g = groups_[static_cast<std::size_t>(g)].parent)
      if (g == group) return true;
    return group == 0;
  }

  /// The outermost open frame round group `g` (itself counted) that does not hold `item`; -1: none.
  [[nodiscard]] int outermost_without(int g, int item) const {
    int best = -1;
    for (; g > 0; g = groups_[static_cast<std::size_t>(g)].parent)
      if (groups_[static_cast<std::size_t>(g)].open && !inside(item, g)) best = g;
    return best;
  }

  /// One control edge per frame: edges of one frame to one box (or from one box into one frame) become a single one.
  void controls() {
    struct Key {
      int from, from_group, to, to_group;
      auto operator<=>(const Key&) const = default;
    };
    std::map<Key, int> first_pass;
    std::map<std::pair<int, int>, int> leaving;
    std::vector<Key> keys(control_.size());
    for (std::size_t i = 0; i < control_.size(); ++i) {
      const Control& c = control_[i];
      const int start = c.from >= 0 ? v_.items[static_cast<std::size_t>(c.from)].parent : c.from_hidden;
      keys[i] = {c.from, outermost_without(start, c.to), c.to, -1};
      if (keys[i].from_group > 0) ++leaving[{keys[i].from_group, c.to}];
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
      Key& k = keys[i];
      const bool many = k.from_group > 0 && (k.from < 0 || leaving[{k.from_group, k.to}] > 1);
      if (many)
        k.from = -1;
      else
        k.from_group = -1;
      if (k.from < 0 && k.from_group < 0) continue;  // a constant outside all frames holds nobody up
      if (k.from == k.to) continue;
      ++first_pass[k];
    }
    std::map<std::tuple<int, int, int>, int> entering;
    const auto target_frame = [&](const Key& k) {
      const int parent = v_.items[static_cast<std::size_t>(k.to)].parent;
      if (k.from >= 0) return outermost_without(parent, k.from);
      // From a frame: the outermost frame round the target that is not round that frame too.
      int best = -1;
      for (int g = parent; g > 0; g = groups_[static_cast<std::size_t>(g)].parent) {
        bool shared = false;
        for (int h = k.from_group; h > 0; h = groups_[static_cast<std::size_t>(h)].parent) shared |= h == g;
        if (!shared) best = g;
      }
      return best;
    };
    for (const auto& [k, n] : first_pass) ++entering[{k.from, k.from_group, target_frame(k)}];
    std::map<Key, int> second_pass;
    for (const auto& [k, n] : first_pass) {
      Key key = k;
      const int frame = target_frame(k);
      if (frame > 0 && entering[{k.from, k.from_group, frame}] > 1) {
        key.to = -1;
        key.to_group = frame;
      }
      second_pass[key] += n;
    }
    for (const auto& [k, n] : second_pass) {
      // A control edge beside a data edge of the same two boxes says nothing new.
      if (k.from >= 0 && k.to >= 0 && index_.contains({k.from, k.to, false})) continue;
      VisibleEdge e;
      e.from = k.from;
      e.from_group = k.from_group;
      e.to = k.to;
      e.to_group = k.to_group;
      e.control = true;
      e.tensors = n;
      v_.edges.push_back(e);
    }
  }

  const Graph& graph_;
  Visible& v_;
  const std::vector<Group>& groups_;
  std::map<std::tuple<int, int, bool>, int> index_;
  std::vector<Control> control_;
  Asking stop_;
};

void add_items(Visible& v, int g) {
  const Group& group = v.tree.groups[static_cast<std::size_t>(g)];
  if (g > 0) v.frames.push_back(g);
  for (NodeId id : group.leaves) {
    v.item_of_node[static_cast<std::size_t>(id)] = static_cast<int>(v.items.size());
    v.items.push_back({id, -1, g, false, -1, {}});
  }
  for (int c : group.children) {
    if (v.tree.groups[static_cast<std::size_t>(c)].open) {
      add_items(v, c);
      continue;
    }
    const int item = static_cast<int>(v.items.size());
    v.items.push_back({kNoNode, c, g, false, -1, {}});
    std::vector<int> stack = {c};
    while (!stack.empty()) {
      const Group& inner = v.tree.groups[static_cast<std::size_t>(stack.back())];
      stack.pop_back();
      for (NodeId id : inner.leaves) v.item_of_node[static_cast<std::size_t>(id)] = item;
      for (NodeId id : inner.folded) v.item_of_node[static_cast<std::size_t>(id)] = item;
      stack.insert(stack.end(), inner.children.begin(), inner.children.end());
    }
  }
}

void copy_leaves(Visible& v) {
  const std::size_t originals = v.items.size();
  std::vector<int> ins(originals, 0), outs(originals, 0);
  for (const VisibleEdge& e : v.edges) {
    if (e.to >= 0) ++ins[static_cast<std::size_t>(e.to)];
    if (e.from >= 0) ++outs[static_cast<std::size_t>(e.from)];
  }
  std::vector<bool> used(originals, false);
  const std::size_t edges = v.edges.size();
  for (std::size_t i = 0; i < edges; ++i) {
    VisibleEdge& e = v.edges[i];
    if (e.from < 0 || e.to < 0) continue;
    const auto from = static_cast<std::size_t>(e.from);
    if (v.items[from].node == kNoNode || ins[from] > 0 || outs[from] < kCopyFanOut) continue;
    const int parent = v.items[static_cast<std::size_t>(e.to)].parent;
    if (!used[from]) {
      used[from] = true;
      continue;
    }
    v.items.push_back({v.items[from].node, -1, parent, true, -1, {}});
    e.from = static_cast<int>(v.items.size()) - 1;
  }
}

/// The innermost scope that holds nearly all of these nodes, with its '/'; empty: none.
std::string scope_of_most(const Graph& graph, const std::vector<NodeId>& nodes) {
  std::string scope;
  std::vector<NodeId> inside = nodes;
  for (;;) {
    std::map<std::string_view, std::size_t> parts;
    for (const NodeId id : inside) {
      const std::string_view rest = std::string_view(graph[id].name).substr(scope.size());
      if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) ++parts[rest.substr(0, slash)];
    }
    const auto most = std::max_element(parts.begin(), parts.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == parts.end() || 10 * most->second < 9 * nodes.size()) return scope;
    scope += std::string(most->first) + "/";
    std::erase_if(inside, [&](NodeId id) { return !graph[id].name.starts_with(scope); });
  }
}

EngineNames engine_names(const Graph& graph, const Conversion& made_by) {
  EngineNames names;
  for (const NodeId id : made_by.map.engines) {
    if (id < 0 || id >= graph.size() || graph[id].name.find('/') != std::string::npos) continue;
    const auto i = static_cast<std::size_t>(id);
    if (i >= made_by.map.before_of.size() || made_by.before == nullptr) continue;
    const std::string scope = scope_of_most(*made_by.before, made_by.map.before_of[i]);
    if (!scope.empty()) names.emplace(id, scope + graph[id].name);
  }
  return names;
}

}  // namespace

GraphFacts graph_facts(const Graph& graph, const Conversion* made_by) {
  GraphFacts facts{folded_nodes(graph), positions(graph), {}};
  if (made_by != nullptr) facts.engine_names = engine_names(graph, *made_by);
  return facts;
}

Visible visible_part(const Graph& graph, const GraphFacts& facts, const std::vector<int>& segment_of, int segments,
                     const SceneOptions& options, const std::vector<bool>& shown, const SidePlaces* before) {
  Visible v;
  v.fold = facts.fold;
  if (!shown.empty()) {
    for (std::size_t i = 0; i < v.fold.size(); ++i) {
      if (shown[i]) continue;
      v.fold[i] = Fold::outside;
      ++v.outside;
    }
  }
  v.folded = static_cast<int>(
      std::count_if(v.fold.begin(), v.fold.end(), [](Fold f) { return f != Fold::none && f != Fold::outside; }));
  v.tree = build_scope_tree(graph, v.fold, segment_of, segments, facts.position, facts.engine_names, options, before);
  v.item_of_node.assign(static_cast<std::size_t>(graph.size()), -1);
  add_items(v, 0);
  Edges(graph, v, options.cancelled).collect();
  copy_leaves(v);
  return v;
}

}  // namespace isotherm::render
