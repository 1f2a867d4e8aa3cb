#include "core/convert/lost_ties.h"

#include <algorithm>
#include <set>

#include "core/convert/dropped_attrs.h"

namespace isotherm {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

class Finder {
 public:
  Finder(const Graph& graph, const Segmentation& segmentation)
      : graph_(graph), segmentation_(segmentation), control_(segmentation.segments.size()), attrs_(control_.size()) {}

  std::vector<AttrMap> run() {
    std::vector<AttrMap> out(control_.size());
    if (out.empty()) return out;
    for (NodeId id = 0; id < graph_.size(); ++id) {
      find_control(id);
      find_attrs(id);
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (!control_[i].empty()) out[i].set(kLostControlAttr, control_list(control_[i]));
      if (!attrs_[i].func.empty()) out[i].set(kLostAttrsAttr, make_list_attr(std::move(attrs_[i])));
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

  void find_attrs(NodeId id) {
    AttrMap lost;
    for (const std::string_view name : kDroppedAttrs)
      if (const AttrValue* value = graph_[id].attrs.find(name)) lost.set(name, *value);
    if (lost.size() == 0) return;
    attrs_[at(std::max(segment_of(id), 0))].func.push_back(
        {graph_[id].name, std::make_shared<const AttrMap>(std::move(lost))});
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

  const Graph& graph_;
  const Segmentation& segmentation_;
  std::vector<std::set<NodeId>> control_;  // by segment
  std::vector<AttrList> attrs_;            // by segment
};

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

}  // namespace

std::vector<AttrMap> lost_ties(const Graph& graph, const Segmentation& segmentation) {
  return Finder(graph, segmentation).run();
}

RecordedTies recorded_ties(const AttrMap& attrs) {
  RecordedTies ties;
  if (const AttrList* list = attrs.get_list(kLostControlAttr)) {
    for (const std::string& entry : list->s) {
      std::vector<std::string> words = words_of(entry);
      ties.control[words[0]].assign(words.begin() + 1, words.end());
    }
  }
  if (const AttrList* list = attrs.get_list(kLostAttrsAttr))
    for (const FunctionRef& node : list->func)
      if (node.attrs) ties.attrs[node.name] = *node.attrs;
  return ties;
}

}  // namespace isotherm
