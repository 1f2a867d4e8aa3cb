#include "core/convert/lost_ties.h"

#include <set>
#include <string_view>
#include <unordered_set>

#include "core/convert/colocation.h"

namespace isotherm {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

class Finder {
 public:
  Finder(const Graph& graph, const Segmentation& segmentation)
      : graph_(graph),
        segmentation_(segmentation),
        control_(segmentation.segments.size()),
        colocated_(control_.size()) {}

  std::vector<AttrMap> run() {
    for (NodeId id = 0; id < graph_.size(); ++id) {
      find_control(id);
      find_colocation(id);
    }
    std::vector<AttrMap> out(control_.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (!control_[i].empty()) out[i].set(kLostControlAttr, control_list(control_[i]));
      if (!colocated_[i].empty()) out[i].set(kLostColocationAttr, colocation_list(colocated_[i]));
    }
    return out;
  }

 private:
  [[nodiscard]] int segment_of(NodeId id) const { return segmentation_.segment_of[at(id)]; }

  /// A node inside keeps its list with its own segment, one outside with each segment that it waits for.
  void find_control(NodeId id) {
    const int own = segment_of(id);
    for (const Input& in : graph_[id].control()) {
      const int other = segment_of(in.node);
      if (other != own) control_[at(own >= 0 ? own : other)].insert(id);
    }
  }

  void find_colocation(NodeId id) {
    const AttrList* list = graph_[id].attrs.get_list("_class");
    if (!list || segmentation_.segments.empty()) return;
    const int own = segment_of(id);
    for (const std::string& entry : list->s) {
      const std::string_view name = colocated_node(entry);
      if (name.empty()) continue;
      const NodeId other = graph_.find(name);
      const int segment = other == kNoNode ? -1 : segment_of(other);
      if (own >= 0 && segment != own)
        colocated_[at(own)].insert(id);
      else if (own < 0 && (segment >= 0 || other == kNoNode))
        colocated_[at(segment >= 0 ? segment : 0)].insert(id);
    }
  }

  [[nodiscard]] AttrValue control_list(const std::set<NodeId>& nodes) const {
    AttrList list;
    for (const NodeId id : nodes) {
      std::string entry = graph_[id].name;
      for (const Input& in : graph_[id].control()) entry += " ^" + graph_[in.node].name;
      list.s.push_back(std::move(entry));
    }
    return make_list_attr(std::move(list));
  }

  [[nodiscard]] AttrValue colocation_list(const std::set<NodeId>& nodes) const {
    AttrList list;
    for (const NodeId id : nodes) {
      std::string entry = graph_[id].name;
      for (const std::string& item : graph_[id].attrs.get_list("_class")->s) entry += " " + item;
      list.s.push_back(std::move(entry));
    }
    return make_list_attr(std::move(list));
  }

  const Graph& graph_;
  const Segmentation& segmentation_;
  std::vector<std::set<NodeId>> control_, colocated_;  // by segment
};

void read_list(const AttrMap& attrs, const char* name, RecordedTies& ties,
               std::map<std::string, std::vector<std::string>>& out) {
  const AttrList* list = attrs.get_list(name);
  if (!list) return;
  ties.any = true;
  for (const std::string& entry : list->s) {
    std::vector<std::string> words;
    for (std::size_t begin = 0; begin <= entry.size();) {
      const std::size_t end = std::min(entry.find(' ', begin), entry.size());
      words.push_back(entry.substr(begin, end - begin));
      begin = end + 1;
    }
    out[words[0]].assign(words.begin() + 1, words.end());
  }
}

}  // namespace

std::vector<AttrMap> lost_ties(const Graph& graph, const Segmentation& segmentation) {
  return Finder(graph, segmentation).run();
}

RecordedTies recorded_ties(const AttrMap& attrs) {
  RecordedTies ties;
  read_list(attrs, kLostControlAttr, ties, ties.control);
  read_list(attrs, kLostColocationAttr, ties, ties.colocation);
  return ties;
}

}  // namespace isotherm
