#include "core/render/scope_fold.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <unordered_set>

#include "core/ops/op_def.h"
#include "core/render/asking.h"

namespace isotherm::render {
namespace {

constexpr int kManyItems = 40;  // beyond, a group is cut into blocks
constexpr std::size_t kLongestPeriod = 6;

std::uint64_t mix(std::uint64_t h, std::uint64_t v) {
  h ^= v + 0x9E3779B97F4A7C15ULL + (h << 6U) + (h >> 2U);
  h *= 0xBF58476D1CE4E5B9ULL;
  return h ^ (h >> 31U);
}

std::uint64_t text_hash(std::string_view text) {
  std::uint64_t h = 0xCBF29CE484222325ULL;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return h;
}

std::string_view tail(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

class Folder {
 public:
  Folder(const Graph& graph, const std::vector<Fold>& fold, const std::vector<int>& position,
         std::vector<Group>& groups, const std::function<bool()>& cancelled)
      : graph_(graph), fold_(fold), position_(position), groups_(groups), stop_(cancelled) {}

  void run() {
    group_of_.assign(static_cast<std::size_t>(graph_.size()), -1);
    for (std::size_t g = 0; g < groups_.size(); ++g)
      for (NodeId id : groups_[g].leaves) group_of_[static_cast<std::size_t>(id)] = static_cast<int>(g);
    for (const Group& g : groups_) paths_.insert(g.path);
    ops();
    walk(0, 0);
  }

 private:
  Group& at(int g) { return groups_[static_cast<std::size_t>(g)]; }
  [[nodiscard]] bool drawn(NodeId id) const { return fold_[static_cast<std::size_t>(id)] == Fold::none; }

  /// What a node is, without its name and its tensors' sizes.
  void ops() {
    op_.resize(static_cast<std::size_t>(graph_.size()));
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (!drawn(id)) continue;
      if (stop_()) return;
      const Node& node = graph_[id];
      std::uint64_t h = text_hash(node.op);
      for (const char* name : {"strides", "ksize", "dilations"})
        for (const std::int64_t v : node.attrs.get_ints(name)) h = mix(h, static_cast<std::uint64_t>(v));
      op_[static_cast<std::size_t>(id)] = h;
    }
  }

  /// All drawn nodes inside, in no order.
  std::vector<NodeId> nodes_of(int g) {
    std::vector<NodeId> out;
    std::vector<int> stack = {g};
    while (!stack.empty()) {
      const Group& inner = at(stack.back());
      stack.pop_back();
      out.insert(out.end(), inner.leaves.begin(), inner.leaves.end());
      stack.insert(stack.end(), inner.children.begin(), inner.children.end());
    }
    return out;
  }

  struct Item {
    int group;     ///< -1: a leaf
    NodeId node;   ///< the leaf
    int position;  ///< of its last node: what follows it comes later
    std::uint64_t signature = 0;
    std::vector<int> in, out;  ///< items, without repetition, data edges only
  };

  /// A group's children and leaves with the edges between them. Sorted so that edges mostly point forwards.
  std::vector<Item> items_of(int g) {
    std::vector<Item> items;
    std::vector<std::vector<NodeId>> nodes;
    for (int c : at(g).children) {
      nodes.push_back(nodes_of(c));
      int last = 0;
      for (NodeId id : nodes.back()) last = std::max(last, position_[static_cast<std::size_t>(id)]);
      items.push_back({c, kNoNode, last, 0, {}, {}});
    }
    for (NodeId id : at(g).leaves) {
      nodes.push_back({id});
      items.push_back({-1, id, position_[static_cast<std::size_t>(id)], 0, {}, {}});
    }
    std::vector<std::size_t> order(items.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return items[a].position < items[b].position; });
    std::vector<Item> sorted;
    item_of_.resize(static_cast<std::size_t>(graph_.size()), -1);
    for (const std::size_t i : order) {
      for (NodeId id : nodes[i]) item_of_[static_cast<std::size_t>(id)] = static_cast<int>(sorted.size());
      sorted.push_back(std::move(items[i]));
    }
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      Item& item = sorted[i];
      for (NodeId id : nodes[order[i]]) {
        std::uint64_t h = op_[static_cast<std::size_t>(id)];
        std::uint64_t port = 0;
        for (const Input& in : graph_[id].data()) {
          ++port;
          if (!drawn(in.node)) continue;
          const int from = item_of_[static_cast<std::size_t>(in.node)];
          const bool inside = from == static_cast<int>(i);
          h = mix(h, inside ? mix(op_[static_cast<std::size_t>(in.node)], port) : 1);
          if (from >= 0 && !inside) {
            if (item.in.empty() || item.in.back() != from) item.in.push_back(from);
          }
        }
        item.signature += mix(h, 7);  // a sum: the order of branches does not matter
      }
      std::sort(item.in.begin(), item.in.end());
      item.in.erase(std::unique(item.in.begin(), item.in.end()), item.in.end());
      for (const int from : item.in) sorted[static_cast<std::size_t>(from)].out.push_back(static_cast<int>(i));
      if (item.group >= 0) at(item.group).signature = item.signature | 1;
    }
    for (const auto& list : nodes)
      for (NodeId id : list) item_of_[static_cast<std::size_t>(id)] = -1;
    return sorted;
  }

  void walk(int g, int depth) {
    constexpr int kDeepest = 48;
    if (depth > kDeepest) return;
    for (const int c : std::vector<int>(at(g).children)) walk(c, depth + 1);
    if (at(g).items() < 2 || stop_.now()) return;
    std::vector<Item> items = items_of(g);
    if (static_cast<int>(items.size()) > kManyItems && cut(g, items)) items = items_of(g);
    repeats(g, items);
  }

  /// Makes a group of items and hangs it where they were.
  int gather(int g, const std::vector<Item>& items, std::size_t from, std::size_t to, Group::Kind kind,
             std::string title) {
    Group made;
    made.kind = kind;
    made.parent = g;
    made.prefix = at(g).prefix;
    made.title = std::move(title);
    const std::string path = (at(g).path.empty() ? "" : at(g).path + "/") + made.title;
    made.path = path;
    for (int n = 2; !paths_.insert(made.path).second; ++n) made.path = path + "#" + std::to_string(n);
    const int id = static_cast<int>(groups_.size());
    for (std::size_t i = from; i < to; ++i) {
      const Item& item = items[i];
      if (item.group >= 0) {
        made.children.push_back(item.group);
        made.drawn += at(item.group).drawn;
        made.count += at(item.group).count;
        at(item.group).parent = id;
      } else {
        made.leaves.push_back(item.node);
        ++made.drawn;
        ++made.count;
        group_of_[static_cast<std::size_t>(item.node)] = id;
      }
    }
    std::sort(made.leaves.begin(), made.leaves.end());
    at(g).children.push_back(id);
    groups_.push_back(std::move(made));
    return id;
  }

  /// Takes out of a group what was gathered.
  void sweep(int g) {
    std::erase_if(at(g).children, [&](int c) { return at(c).parent != g; });
    std::erase_if(at(g).leaves, [&](NodeId id) { return group_of_[static_cast<std::size_t>(id)] != g; });
  }

  /// A short name of an item inside group g.
  std::string name_of(int g, const Item& item) {
    if (item.group >= 0) {
      const Group& group = at(item.group);
      return group.kind == Group::Kind::scope ? std::string(tail(group.path)) : group.title;
    }
    std::string_view name = graph_[item.node].name;
    if (const std::string& prefix = at(g).prefix; name.starts_with(prefix) && name.size() > prefix.size())
      name.remove_prefix(prefix.size());
    // "mixed0/concat" is the scope that a reader knows.
    return std::string(name.substr(0, name.find('/')));
  }

  [[nodiscard]] bool begins_unit(const Item& item) const {
    if (item.group >= 0) return false;
    const OpClass c = op_class(graph_[item.node].op);
    return c == OpClass::conv || c == OpClass::matmul;
  }

  /// Cuts a long group at the items that every path passes. False: it has no such structure.
  bool cut(int g, std::vector<Item>& items) {
    const std::size_t n = items.size();
    std::vector<bool> ends(n, false);
    int reach = 0;
    std::size_t cuts = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const Item& item = items[i];
      if (!item.in.empty() && item.in.back() >= static_cast<int>(i)) return false;  // a cycle of scopes
      if (reach <= static_cast<int>(i) && !item.in.empty()) ends[i] = true, ++cuts;
      // Inputs of the whole may be read anywhere.
      if (!item.in.empty() && !item.out.empty()) reach = std::max(reach, item.out.back());
    }
    if (cuts < 4) return false;
    struct Piece {
      std::size_t from, to;
      bool block;
    };
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < n;) {
      std::size_t end = i;
      while (end < n && !ends[end]) ++end;
      if (end >= n) break;  // what follows the last cut stays as it is
      if (end > i) {
        // Sources and what they feed alone, before the first cut, are no block.
        if (i > 0) pieces.push_back({i, end + 1, true});
        i = end + 1;
        continue;
      }
      // A chain: units begin at a convolution or product.
      std::size_t stop = i + 1;
      while (stop < n && ends[stop] && !begins_unit(items[stop])) ++stop;
      pieces.push_back({i, stop, false});
      i = stop;
    }
    bool any = false;
    for (const Piece& p : pieces) {
      if (p.to - p.from < (p.block ? 4U : 3U)) continue;
      const std::string first = name_of(g, items[p.from]), last = name_of(g, items[p.to - 1]);
      gather(g, items, p.from, p.to, Group::Kind::run,
             p.block                      ? last
             : begins_unit(items[p.from]) ? first
                                          : range_title(first, last));
      any = true;
    }
    if (any) sweep(g);
    return any;
  }

  [[nodiscard]] bool follows(const std::vector<Item>& items, std::size_t a, std::size_t b, std::size_t p) const {
    // Each of the p items of the second stretch is like its counterpart, and the second stretch reads the first.
    bool linked = false;
    for (std::size_t k = 0; k < p; ++k) {
      if (items[a + k].signature != items[b + k].signature || items[b + k].group < 0) return false;
      for (const int from : items[b + k].in) linked |= from >= static_cast<int>(a) && from < static_cast<int>(b);
    }
    return linked;
  }

  /// Siblings of one structure that follow each other become one group; single blocks before alternating ones.
  void repeats(int g, const std::vector<Item>& items) {
    const std::size_t n = items.size();
    std::vector<bool> taken(n, false);
    for (std::size_t p = 1; p <= kLongestPeriod; ++p) {
      for (std::size_t i = 0; i + 2 * p <= n;) {
        std::size_t count = 0;
        if (free_stretch(items, taken, i, p)) {
          count = 1;
          while (i + (count + 1) * p <= n && free_stretch(items, taken, i + count * p, p) &&
                 follows(items, i + (count - 1) * p, i + count * p, p))
            ++count;
        }
        if (count < 2) {
          ++i;
          continue;
        }
        const std::size_t end = i + p * count;
        const std::string title = range_title(name_of(g, items[i]), name_of(g, items[end - 1]));
        const int made = gather(g, items, i, end, Group::Kind::repeat, title);
        at(made).repeats = static_cast<int>(count);
        std::fill(taken.begin() + static_cast<std::ptrdiff_t>(i), taken.begin() + static_cast<std::ptrdiff_t>(end),
                  true);
        i = end;
      }
    }
    sweep(g);
  }

  bool free_stretch(const std::vector<Item>& items, const std::vector<bool>& taken, std::size_t from, std::size_t p) {
    for (std::size_t i = from; i < from + p; ++i)
      if (taken[i] || items[i].group < 0 || at(items[i].group).kind == Group::Kind::segment) return false;
    return true;
  }

  const Graph& graph_;
  const std::vector<Fold>& fold_;
  const std::vector<int>& position_;
  std::vector<Group>& groups_;
  std::vector<int> group_of_, item_of_;
  std::vector<std::uint64_t> op_;
  std::unordered_set<std::string> paths_;
  Asking stop_;
};

}  // namespace

std::string range_title(std::string_view first, std::string_view last) {
  if (first == last) return std::string(first);
  std::size_t same = 0;
  while (same < first.size() && same < last.size() && first[same] == last[same]) ++same;
  // Numbers stay whole, and so do characters of more than one byte.
  const auto digit = [&](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  while (same > 0 && (digit(first[same - 1]) || (static_cast<unsigned char>(first[same - 1]) & 0x80U) != 0)) --same;
  const std::string_view rest = last.substr(same);
  const bool numbers = !rest.empty() && std::all_of(rest.begin(), rest.end(), digit);
  return std::string(first) + "…" + std::string(numbers ? rest : last);
}

void fold_structure(const Graph& graph, const std::vector<Fold>& fold, const std::vector<int>& position,
                    const SceneOptions& options, std::vector<Group>& groups) {
  if (options.depth >= 0 || !options.repeats) return;
  Folder(graph, fold, position, groups, options.cancelled).run();
}

}  // namespace isotherm::render
