#include "core/render/shown_part.h"

#include <algorithm>

#include "core/render/fold.h"

namespace isotherm::render {
namespace {

class Part {
 public:
  Part(const SideSource& source, const SceneOptions& options)
      : source_(source), options_(options), graph_(*source.graph), fold_(folded_nodes(graph_)) {}

  Result<std::vector<bool>> run() {
    std::vector<bool> shown;
    if (!options_.focus.empty()) {
      ISO_ASSIGN(const std::vector<NodeId> start, named(options_.focus, "focus"));
      shown = within(start);
    }
    if (!options_.path_from.empty() && !options_.path_to.empty()) {
      ISO_ASSIGN(const std::vector<NodeId> from, named(options_.path_from, "start of the path"));
      ISO_ASSIGN(const std::vector<NodeId> to, named(options_.path_to, "end of the path"));
      const std::vector<bool> after = reach(from, true), before = reach(to, false);
      std::vector<bool> between(after.size());
      for (std::size_t i = 0; i < between.size(); ++i) between[i] = after[i] && before[i];
      if (std::none_of(to.begin(), to.end(), [&](NodeId id) { return after[static_cast<std::size_t>(id)]; }))
        return invalid_input("no path leads from '" + options_.path_from + "' to '" + options_.path_to +
                             "' in the graph " + (source_.after ? "after" : "before") + " conversion");
      if (shown.empty())
        shown = std::move(between);
      else
        for (std::size_t i = 0; i < shown.size(); ++i) shown[i] = shown[i] || between[i];
    }
    // Weights of what is shown, through their reads.
    if (shown.empty()) return shown;
    for (int step = 0; step < 3; ++step)
      for (NodeId id = 0; id < graph_.size(); ++id) {
        if (!shown[static_cast<std::size_t>(id)]) continue;
        for (const Input& in : graph_[id].data())
          if (fold_[static_cast<std::size_t>(in.node)] != Fold::none) shown[static_cast<std::size_t>(in.node)] = true;
      }
    return shown;
  }

 private:
  Result<std::vector<NodeId>> named(const std::string& name, const char* what) const {
    std::vector<NodeId> found;
    const auto add_named = [&](const Graph& graph, std::vector<NodeId>& to) {
      if (const NodeId id = graph.find(name); id != kNoNode) {
        to.push_back(id);
        return;
      }
      // A scope; or a block, whose path in pictures is what its nodes' names begin with.
      for (const char end : {'/', '_'}) {
        for (NodeId id = 0; id < graph.size(); ++id)
          if (graph[id].name.size() > name.size() && graph[id].name.starts_with(name) &&
              graph[id].name[name.size()] == end)
            to.push_back(id);
        if (!to.empty()) return;
      }
    };
    add_named(graph_, found);
    const Conversion& conversion = *source_.conversion;
    if (found.empty() && conversion.after != nullptr) {
      const NodeMap& map = conversion.map;
      std::vector<NodeId> other;
      add_named(source_.after ? *conversion.before : *conversion.after, other);
      for (const NodeId id : other) {
        const auto i = static_cast<std::size_t>(id);
        if (!source_.after && i < map.before_of.size())
          found.insert(found.end(), map.before_of[i].begin(), map.before_of[i].end());
        if (source_.after && i < map.after_of.size()) {
          const int engine = i < map.engine_of.size() ? map.engine_of[i] : -1;
          const NodeId after = engine >= 0 && static_cast<std::size_t>(engine) < map.engines.size()
                                   ? map.engines[static_cast<std::size_t>(engine)]
                                   : map.after_of[i];
          if (after != kNoNode) found.push_back(after);
        }
      }
    }
    if (found.empty())
      return invalid_input(std::string("the ") + what + ", '" + name + "', is no node and no scope of the graph " +
                           (source_.after ? "after" : "before") + " conversion, which has " +
                           std::to_string(graph_.size()) + " nodes");
    return found;
  }

  [[nodiscard]] bool drawn(NodeId id) const { return fold_[static_cast<std::size_t>(id)] == Fold::none; }

  std::vector<bool> within(const std::vector<NodeId>& start) const {
    std::vector<bool> shown(static_cast<std::size_t>(graph_.size()), false);
    std::vector<NodeId> front = start;
    for (const NodeId id : start) shown[static_cast<std::size_t>(id)] = true;
    for (int hop = 0; hop < options_.hops; ++hop) {
      std::vector<NodeId> next;
      const auto visit = [&](NodeId id) {
        if (!drawn(id) || shown[static_cast<std::size_t>(id)]) return;
        shown[static_cast<std::size_t>(id)] = true;
        next.push_back(id);
      };
      for (const NodeId id : front) {
        for (const Input& in : graph_[id].inputs) visit(in.node);
        for (const OutEdge& out : graph_.out_edges(id)) visit(out.node);
      }
      front = std::move(next);
    }
    return shown;
  }

  std::vector<bool> reach(const std::vector<NodeId>& start, bool forwards) const {
    std::vector<bool> seen(static_cast<std::size_t>(graph_.size()), false);
    std::vector<NodeId> stack = start;
    for (const NodeId id : start) seen[static_cast<std::size_t>(id)] = true;
    while (!stack.empty()) {
      const NodeId id = stack.back();
      stack.pop_back();
      const auto visit = [&](NodeId other) {
        if (seen[static_cast<std::size_t>(other)]) return;
        seen[static_cast<std::size_t>(other)] = true;
        stack.push_back(other);
      };
      if (forwards)
        for (const OutEdge& out : graph_.out_edges(id)) visit(out.node);
      else
        for (const Input& in : graph_[id].inputs) visit(in.node);
    }
    return seen;
  }

  const SideSource& source_;
  const SceneOptions& options_;
  const Graph& graph_;
  const std::vector<Fold> fold_;
};

}  // namespace

Result<std::vector<bool>> shown_part(const SideSource& source, const SceneOptions& options) {
  if (options.focus.empty() && (options.path_from.empty() || options.path_to.empty())) return std::vector<bool>();
  return Part(source, options).run();
}

}  // namespace isotherm::render
