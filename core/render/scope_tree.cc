#include "core/render/scope_tree.h"

#include <algorithm>
#include <map>
#include <span>
#include <unordered_map>
#include <unordered_set>

#include "core/render/asking.h"
#include "core/render/scope_fold.h"
#include "core/render/side_places.h"

namespace isotherm::render {
namespace {

constexpr int kFewNodes = 3;     // a scope of this many drawn nodes or fewer is no frame of its own
constexpr int kFewSiblings = 8;  // below this many siblings nobody needs blocks

std::string_view tail(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

class Builder {
 public:
  Builder(const Graph& graph, const std::vector<Fold>& fold, const std::vector<int>& segment_of, int segments,
          const std::vector<int>& position, const EngineNames& engine_names, const SceneOptions& options,
          const SidePlaces* before)
      : graph_(graph), fold_(fold), segment_of_(segment_of), position_(position), engine_names_(engine_names), options_(options), before_(before), stop_(options.cancelled) {
    Group root;
    root.kind = Group::Kind::root;
    groups_.push_back(std::move(root));
    for (int s = 0; s < segments; ++s) {
      Group g;
      g.kind = Group::Kind::segment;
      g.parent = 0;
      g.engine = s;
      groups_.push_back(std::move(g));
    }
  }

  ScopeTree build() {
    insert_nodes();
    if (stop_.now()) return nothing();
    count(0);
    prune(0);
    if (stop_.now()) return nothing();
    blocks(0);
    if (stop_.now()) return nothing();
    dissolve(0);
    if (stop_.now()) return nothing();
    // A graph that fits is drawn in full.
    if (at(0).drawn > options_.max_nodes / 2) fold_structure(graph_, fold_, position_, options_, groups_);
    if (stop_.now()) return nothing();
    runs(0);
    titles(0, 0);
    if (stop_.now()) return nothing();
    // What was open stays open, but not at any price.
    constexpr int kFarOver = 3;
    if (open_groups() > kFarOver * std::max(options_.max_nodes, 10) && before_ != nullptr) {
      before_ = nullptr;
      for (Group& g : groups_) g.open = false;
      open_groups();
    }
    show_engines();
    ScopeTree tree;
    tree.group_of.assign(static_cast<std::size_t>(graph_.size()), 0);
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (NodeId id : groups_[g].leaves) tree.group_of[static_cast<std::size_t>(id)] = static_cast<int>(g);
      for (NodeId id : groups_[g].folded) tree.group_of[static_cast<std::size_t>(id)] = static_cast<int>(g);
    }
    tree.groups = std::move(groups_);
    return tree;
  }

 private:
  [[nodiscard]] ScopeTree nothing() const {
    ScopeTree tree;
    tree.groups.emplace_back();
    tree.groups.front().kind = Group::Kind::root;
    tree.groups.front().open = true;
    tree.group_of.assign(static_cast<std::size_t>(graph_.size()), 0);
    return tree;
  }

  Group& at(int g) { return groups_[static_cast<std::size_t>(g)]; }

  int child(int parent, std::string_view component) {
    const auto [it, added] = index_.try_emplace({parent, component}, static_cast<int>(groups_.size()));
    if (added) {
      Group g;
      g.parent = parent;
      g.path = at(parent).path.empty() ? std::string(component) : at(parent).path + "/" + std::string(component);
      g.prefix = g.path + "/";
      groups_.push_back(std::move(g));
      at(parent).children.push_back(it->second);
    }
    return it->second;
  }

  void insert_nodes() {
    const int segments = static_cast<int>(groups_.size()) - 1;
    for (int s = 1; s <= segments; ++s) at(0).children.push_back(s);
    for (NodeId id = 0; id < graph_.size(); ++id) {
      const auto i = static_cast<std::size_t>(id);
      if (fold_[i] == Fold::outside) continue;
      int group = i < segment_of_.size() && segment_of_[i] >= 0 && segment_of_[i] < segments ? segment_of_[i] + 1 : 0;
      if (stop_()) return;
      std::string_view name = graph_[id].name;
      if (const auto engine = engine_names_.find(id); engine != engine_names_.end()) name = engine->second;
      // Neighbours in a file mostly stand in one scope.
      const std::size_t end = name.rfind('/');
      const std::string_view scope = end == std::string_view::npos ? std::string_view() : name.substr(0, end);
      if (const int outer = group; last_outer_ == outer && last_scope_ == scope) {
        (fold_[i] == Fold::none ? at(last_group_).leaves : at(last_group_).folded).push_back(id);
        continue;
      } else {
        last_outer_ = outer;
      }
      constexpr int kDeepest = 40;  // names may hold thousands of '/'; recursion must not
      int depth = 0;
      for (std::size_t from = 0;;) {
        const std::size_t slash = name.find('/', from);
        if (slash == std::string_view::npos || depth >= kDeepest) break;
        if (slash > from) group = child(group, name.substr(from, slash - from)), ++depth;
        from = slash + 1;
      }
      last_scope_ = scope;
      last_group_ = group;
      (fold_[i] == Fold::none ? at(group).leaves : at(group).folded).push_back(id);
    }
  }

  void count(int g) {
    at(g).count = static_cast<int>(at(g).leaves.size() + at(g).folded.size());
    at(g).drawn = static_cast<int>(at(g).leaves.size());
    for (int c : at(g).children) {
      count(c);
      at(g).count += at(c).count;
      at(g).drawn += at(c).drawn;
    }
  }

  void take_folded(int from, int to) {
    auto& target = at(to).folded;
    target.insert(target.end(), at(from).folded.begin(), at(from).folded.end());
    at(from).folded.clear();
  }

  /// Scopes without a drawn node (those of weights) go up into their parent.
  void prune(int g) {
    std::vector<int> kept;
    for (const int c : std::vector<int>(at(g).children)) {
      prune(c);
      if (at(c).drawn > 0) {
        kept.push_back(c);
        continue;
      }
      take_folded(c, g);
      at(c).parent = -1;
      at(c).children.clear();
    }
    at(g).children = std::move(kept);
  }

  /// Gathers children and leaves whose names share a block's prefix.
  void blocks(int g) {
    if (stop_()) return;
    if (at(g).items() >= kFewSiblings) {
      struct Block {
        std::vector<int> children;
        std::vector<NodeId> leaves;
        int drawn = 0;
      };
      std::map<std::string, Block, std::less<>> found;
      for (int c : at(g).children) {
        const std::string_view head =
            at(c).kind == Group::Kind::scope ? block_prefix(tail(at(c).path)) : std::string_view();
        if (head.empty()) continue;
        Block& block = found[std::string(head)];
        block.children.push_back(c);
        block.drawn += at(c).drawn;
      }
      for (NodeId id : at(g).leaves) {
        const std::string_view head = block_prefix(tail(graph_[id].name));
        if (head.empty()) continue;
        Block& block = found[std::string(head)];
        block.leaves.push_back(id);
        ++block.drawn;
      }
      const auto worth = [](const Block& b) { return b.children.size() + b.leaves.size() >= 2 && b.drawn > kFewNodes; };
      const auto many = std::count_if(found.begin(), found.end(), [&](const auto& b) { return worth(b.second); });
      std::vector<NodeId> gone;
      for (auto& [head, block] : found) {
        // One lone block that swallows all its siblings would only add a frame.
        if (!worth(block) || (many == 1 && block.drawn == at(g).drawn)) continue;
        Group b;
        b.parent = g;
        b.path = at(g).path.empty() ? head : at(g).path + "/" + head;
        b.prefix = b.path + "_";
        b.children = block.children;
        b.leaves = block.leaves;
        b.drawn = block.drawn;
        b.count = static_cast<int>(block.leaves.size());
        for (int c : block.children) b.count += at(c).count;
        const int made = static_cast<int>(groups_.size());
        for (int c : block.children) at(c).parent = made;
        groups_.push_back(std::move(b));
        at(g).children.push_back(made);
        gone.insert(gone.end(), block.leaves.begin(), block.leaves.end());
      }
      std::sort(gone.begin(), gone.end());
      std::erase_if(at(g).children, [&](int c) { return at(c).parent != g; });
      std::erase_if(at(g).leaves, [&](NodeId id) { return std::binary_search(gone.begin(), gone.end(), id); });
    }
    for (const int c : std::vector<int>(at(g).children)) blocks(c);
  }

  [[nodiscard]] bool is_named(const Group& g) const {
    return options_.expanded.contains(g.path) || options_.collapsed.contains(g.path);
  }

  void lift(int c, int g) {
    auto& up = at(g);
    auto& gone = at(c);
    for (int k : gone.children) at(k).parent = g;
    up.children.insert(up.children.end(), gone.children.begin(), gone.children.end());
    up.leaves.insert(up.leaves.end(), gone.leaves.begin(), gone.leaves.end());
    take_folded(c, g);
    gone.parent = -1;
    gone.children.clear();
    gone.leaves.clear();
  }

  void dissolve(int g) {
    if (stop_()) return;
    for (const int c : std::vector<int>(at(g).children)) dissolve(c);
    std::vector<int> few;
    std::erase_if(at(g).children, [&](int c) {
      if (at(c).kind != Group::Kind::scope || is_named(at(c)) || at(c).drawn > kFewNodes) return false;
      few.push_back(c);
      return true;
    });
    for (const int c : few) lift(c, g);
    if (at(g).children.size() == 1 && at(g).leaves.empty()) {
      const int only = at(g).children.front();
      // A scope and the one it holds are one, under the name of the inner; naming that one does not make them two.
      const bool one = at(g).kind == Group::Kind::scope && !is_named(at(g));
      if (at(only).kind == Group::Kind::scope && (one || !is_named(at(only)))) {
        if (at(g).kind == Group::Kind::scope) at(g).path = at(only).path;
        at(g).prefix = at(only).prefix;
        at(g).children.clear();
        lift(only, g);
      }
    }
    std::sort(at(g).leaves.begin(), at(g).leaves.end());
  }

  /// A child group or a leaf, where it first stands in topological order.
  struct Item {
    int position;
    int group;
    NodeId node;
  };

  int first_position(int g) {
    int first = static_cast<int>(position_.size());
    for (NodeId id : at(g).leaves) first = std::min(first, position_[static_cast<std::size_t>(id)]);
    for (int c : at(g).children) first = std::min(first, first_position(c));
    return first;
  }

  /// The same, remembered.
  int first_of(int g) {
    int& first = first_[static_cast<std::size_t>(g)];
    if (first < 0) {
      first = static_cast<int>(position_.size());
      for (NodeId id : at(g).leaves) first = std::min(first, position_[static_cast<std::size_t>(id)]);
      for (int c : at(g).children) first = std::min(first, first_of(c));
    }
    return first;
  }

  /// Splits a group of more items than the budget into runs of neighbours in topological order.
  void runs(int g) {
    for (const int c : std::vector<int>(at(g).children)) runs(c);
    const int budget = std::max(options_.max_nodes, 10);
    const int items = at(g).items();
    if (items <= budget || options_.depth >= 0) return;
    std::vector<Item> order;
    std::vector<int> segments;
    for (int c : at(g).children) {
      if (at(c).kind == Group::Kind::segment && at(g).children.size() < static_cast<std::size_t>(budget / 2)) {
        segments.push_back(c);
        continue;
      }
      order.push_back({first_position(c), c, kNoNode});
    }
    for (NodeId id : at(g).leaves) order.push_back({position_[static_cast<std::size_t>(id)], -1, id});
    std::sort(order.begin(), order.end(), [](const Item& a, const Item& b) { return a.position < b.position; });
    at(g).parts = true;
    const auto parts = static_cast<std::size_t>(std::max(4, budget / 4));
    const std::size_t each = std::max<std::size_t>(5, (order.size() + parts - 1) / parts);
    at(g).children = segments;
    at(g).leaves.clear();
    // Engines stay in sight; a run ends where one stands, so that no run lies on both sides of an engine.
    const auto is_engine = [&](const Item& item) { return item.node >= 0 && graph_[item.node].op == "TRTEngineOp"; };
    const auto engines = std::count_if(order.begin(), order.end(), is_engine);
    const bool apart = engines <= budget / 4;
    std::vector<std::pair<std::size_t, std::size_t>> cuts;
    for (std::size_t from = 0; from < order.size();) {
      std::size_t to = from;
      while (to < order.size() && to - from < each && !(apart && is_engine(order[to]))) ++to;
      if (to == from) ++to;
      cuts.emplace_back(from, to);
      from = to;
    }
    int number = 0;
    const auto numbered = std::count_if(cuts.begin(), cuts.end(), [](const auto& c) { return c.second - c.first > 2; });
    for (const auto& [from, to] : cuts) {
      if (to - from > 2) {
        make_run(g, std::span(order).subspan(from, to - from), ++number, static_cast<int>(numbered));
        continue;
      }
      for (std::size_t i = from; i < to; ++i) {
        if (order[i].group >= 0)
          at(g).children.push_back(order[i].group);
        else
          at(g).leaves.push_back(order[i].node);
      }
    }
    std::sort(at(g).leaves.begin(), at(g).leaves.end());
  }

  void make_run(int g, std::span<const Item> items, int number, int numbers) {
    Group run;
    run.kind = Group::Kind::run;
    run.parent = g;
    run.prefix = at(g).prefix;
    run.path = at(g).path + (at(g).path.empty() ? "#" : "/#") + std::to_string(number);
    run.title = "part " + std::to_string(number) + " of " + std::to_string(numbers);
    const int made = static_cast<int>(groups_.size());
    for (const Item& item : items) {
      if (item.group >= 0) {
        run.children.push_back(item.group);
        run.drawn += at(item.group).drawn;
        run.count += at(item.group).count;
        at(item.group).parent = made;
      } else {
        run.leaves.push_back(item.node);
        ++run.drawn;
        ++run.count;
      }
    }
    std::sort(run.leaves.begin(), run.leaves.end());
    groups_.push_back(std::move(run));
    at(g).children.push_back(made);
  }

  void titles(int g, int depth) {
    at(g).depth = depth;
    for (int c : at(g).children) {
      if (at(c).kind == Group::Kind::scope) {
        const std::string& prefix = at(g).prefix;
        const std::string& path = at(c).path;
        at(c).title = path.starts_with(prefix) && path.size() > prefix.size() ? path.substr(prefix.size()) : path;
      }
      titles(c, depth + (at(c).kind == Group::Kind::segment ? 0 : 1));
    }
  }

  [[nodiscard]] bool any_below(int g, const std::set<std::string>& paths) {
    if (paths.contains(at(g).path)) return true;
    return std::any_of(at(g).children.begin(), at(g).children.end(), [&](int c) { return any_below(c, paths); });
  }

  [[nodiscard]] bool engines_stay_in_sight() const {
    return static_cast<int>(engine_names_.size()) <= std::max(options_.max_nodes, 10) / 3;
  }

  /// Engines in collapsed scopes go up to where they are seen.
  void show_engines() {
    if (engine_names_.empty() || !engines_stay_in_sight()) return;
    std::vector<int> group_of(static_cast<std::size_t>(graph_.size()), 0);
    for (std::size_t g = 0; g < groups_.size(); ++g)
      for (const NodeId id : groups_[g].leaves) group_of[static_cast<std::size_t>(id)] = static_cast<int>(g);
    for (const auto& [id, name] : engine_names_) {
      if (fold_[static_cast<std::size_t>(id)] != Fold::none) continue;
      const int own = group_of[static_cast<std::size_t>(id)];
      int closed = -1;
      for (int g = own; g > 0; g = at(g).parent)
        if (!at(g).open) closed = g;
      if (closed < 0 || at(closed).kind == Group::Kind::repeat) continue;
      const int up = at(closed).parent;
      std::erase(at(own).leaves, id);
      for (int g = own; g != up; g = at(g).parent) --at(g).drawn, --at(g).count;
      auto& leaves = at(up).leaves;
      leaves.insert(std::lower_bound(leaves.begin(), leaves.end(), id), id);
      if (at(closed).drawn > 0) continue;
      // It held nothing else.
      std::erase(at(up).children, closed);
      for (std::vector<int> inner = {closed}; !inner.empty();) {
        const int g = inner.back();
        inner.pop_back();
        inner.insert(inner.end(), at(g).children.begin(), at(g).children.end());
        take_folded(g, up);
      }
      at(closed).children.clear();
      at(closed).parent = -1;
    }
  }

  /// Decides what is open. Returns how many boxes that makes.
  int open_groups() {
    at(0).open = true;
    int boxes = at(0).items() + (engines_stay_in_sight() ? static_cast<int>(engine_names_.size()) : 0);
    first_.assign(groups_.size(), -1);
    std::vector<int> level = at(0).children;
    bool room = true;
    std::unordered_set<std::uint64_t> shown;
    while (!level.empty()) {
      std::stable_sort(level.begin(), level.end(), [&](int a, int b) { return first_of(a) < first_of(b); });
      std::vector<int> may;
      for (int g : level) {
        Group& group = at(g);
        if (group.kind != Group::Kind::segment && options_.collapsed.contains(group.path)) continue;
        const bool was_open = before_ != nullptr && before_->frames.contains(place_key(group));
        if (group.kind == Group::Kind::repeat && !was_open && !any_below(g, options_.expanded)) continue;
        if (!options_.expanded.empty() && any_below(g, options_.expanded)) {
          group.open = true;
          boxes += group.items() - 1;
        } else if (before_ != nullptr) {
          group.open = was_open;
          if (group.open) boxes += group.items() - 1;
        } else if (options_.depth >= 0) {
          if (group.kind == Group::Kind::segment || group.depth <= options_.depth) {
            group.open = true;
            boxes += group.items() - 1;
          }
        } else if ((!group.parts || 2 * group.drawn > at(0).drawn) &&
                   (group.signature == 0 || shown.insert(group.signature).second)) {
          may.push_back(g);  // of several of one structure the first
        }
      }
      if (room && !may.empty()) room = open_by_budget(may, boxes);
      std::vector<int> next;
      for (int g : level)
        if (at(g).open) next.insert(next.end(), at(g).children.begin(), at(g).children.end());
      level = std::move(next);
    }
    return boxes;
  }

  /// Opens all of `may`, or of the smallest as many equal sizes as fit, if these are most of them: a few opened among
  /// many closed ones would look chosen. False when the budget is used up.
  bool open_by_budget(std::vector<int> may, int& boxes) {
    std::stable_sort(may.begin(), may.end(), [&](int a, int b) { return at(a).items() < at(b).items(); });
    std::size_t fitting = 0;
    for (int sum = boxes; fitting < may.size(); ++fitting) {
      sum += at(may[fitting]).items() - 1;
      if (sum > options_.max_nodes) break;
    }
    if (fitting < may.size() && 2 * fitting < may.size()) return false;
    for (std::size_t i = 0; i < may.size();) {
      std::size_t j = i;
      int cost = 0;
      while (j < may.size() && at(may[j]).items() == at(may[i]).items()) cost += at(may[j++]).items() - 1;
      if (boxes + cost > options_.max_nodes) return false;
      boxes += cost;
      for (; i < j; ++i) at(may[i]).open = true;
    }
    return true;
  }

  const Graph& graph_;
  const std::vector<Fold>& fold_;
  const std::vector<int>& segment_of_;
  const std::vector<int>& position_;
  const EngineNames& engine_names_;
  const SceneOptions& options_;
  const SidePlaces* before_;
  std::vector<Group> groups_;
  struct ChildHash {
    std::size_t operator()(const std::pair<int, std::string_view>& key) const {
      return std::hash<std::string_view>()(key.second) ^ (static_cast<std::size_t>(key.first) * 0x9E3779B97F4A7C15ULL);
    }
  };
  std::unordered_map<std::pair<int, std::string_view>, int, ChildHash> index_;  ///< names are the graph's
  int last_outer_ = -1, last_group_ = 0;
  std::string_view last_scope_;
  Asking stop_;
  std::vector<int> first_;  ///< by group: position of its first node, -1: not asked yet
};

}  // namespace

ScopeTree build_scope_tree(const Graph& graph, const std::vector<Fold>& fold, const std::vector<int>& segment_of,
                           int segments, const std::vector<int>& position,
                           const EngineNames& engine_names, const SceneOptions& options, const SidePlaces* before) {
  return Builder(graph, fold, segment_of, segments, position, engine_names, options, before).build();
}

}  // namespace isotherm::render
