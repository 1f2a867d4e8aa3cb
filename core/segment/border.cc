#include "core/segment/border.h"

#include <algorithm>

namespace isotherm {
namespace {

std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

class Trimmer {
 public:
  Trimmer(const Graph& graph, const SegmentCallbacks& callbacks, int segment, std::vector<int>& segment_of,
          std::vector<SegmentStep>& steps)
      : graph_(graph), callbacks_(callbacks), segment_(segment), segment_of_(segment_of), steps_(steps) {}

  bool round(std::vector<NodeId>& members) {
    std::vector<NodeId> inputs, outputs;
    for (const NodeId id : members) {
      if (reads_forbidden(id))
        inputs.push_back(id);
      else if (is_read_forbidden(id))
        outputs.push_back(id);
    }
    if (inputs.empty() && outputs.empty()) return false;
    remove(std::move(inputs), true);
    remove(std::move(outputs), false);
    std::erase_if(members, [&](NodeId id) { return !is_member(id); });
    return true;
  }

 private:
  [[nodiscard]] bool is_member(NodeId id) const { return segment_of_[at(id)] == segment_; }

  [[nodiscard]] bool reads_forbidden(NodeId id) const {
    if (!callbacks_.input_allowed) return false;
    const auto inputs = graph_[id].data();
    return std::any_of(inputs.begin(), inputs.end(),
                       [&](const Input& in) { return !is_member(in.node) && !callbacks_.input_allowed(id, in); });
  }

  [[nodiscard]] bool is_read_forbidden(NodeId id) const {
    if (!callbacks_.output_allowed) return false;
    const auto edges = graph_.out_edges(id);
    return std::any_of(edges.begin(), edges.end(), [&](const OutEdge& edge) {
      return edge.port != kControlPort && !is_member(edge.node) && !callbacks_.output_allowed(id, edge);
    });
  }

  void remove(std::vector<NodeId> queue, bool upstream) {
    for (std::size_t next = 0; next < queue.size(); ++next) {
      const NodeId id = queue[next];
      if (!is_member(id)) continue;
      segment_of_[at(id)] = -1;
      const bool is_const = graph_[id].op == "Const";
      steps_.push_back({SegmentStep::Kind::trim,
                        id,
                        kNoNode,
                        {},
                        upstream   ? "leads to an input that an engine may not have"
                        : is_const ? "a Const may not be an output of a segment"
                                   : "follows an output that an engine may not have"});
      if (upstream || is_const) {
        for (const Input& in : graph_[id].inputs) queue.push_back(in.node);
      } else {
        for (const OutEdge& edge : graph_.out_edges(id)) queue.push_back(edge.node);
      }
    }
  }

  const Graph& graph_;
  const SegmentCallbacks& callbacks_;
  int segment_;
  std::vector<int>& segment_of_;
  std::vector<SegmentStep>& steps_;
};

}  // namespace

void trim_border(const Graph& graph, const SegmentCallbacks& callbacks, int segment, std::vector<NodeId>& members,
                 std::vector<int>& segment_of, std::vector<SegmentStep>& steps) {
  Trimmer trimmer(graph, callbacks, segment, segment_of, steps);
  while (trimmer.round(members)) {
  }
}

}  // namespace isotherm
