#include "core/runtime/frames.h"

#include "core/runtime/executor_ops.h"
#include "core/runtime/run.h"

namespace isotherm {
namespace {

std::string frame_label(const FrameMap& map, int frame) {
  return frame == 0 ? "outside every loop" : "in loop '" + map.frames[static_cast<std::size_t>(frame)].name + "'";
}

}  // namespace

Result<FrameMap> assign_frames(const Graph& graph, const std::vector<NodeId>& order,
                               const std::function<bool(const Node& consumer, const Input& in)>& counts) {
  FrameMap map;
  map.frames.push_back({});
  map.node_frame.assign(static_cast<std::size_t>(graph.size()), -1);
  map.output_frame.assign(static_cast<std::size_t>(graph.size()), -1);
  for (const NodeId id : order) {
    const Node& node = graph[id];
    int frame = -1;
    for (const Input& in : node.inputs) {
      if (is_loop_back_edge(graph, node, in) || !counts(node, in)) continue;
      const int from = map.output_frame[static_cast<std::size_t>(in.node)];
      if (frame < 0) frame = from;
      if (frame != from)
        return invalid_input(describe_node(node) + " reads a value that is " + frame_label(map, frame) +
                             " and one that is " + frame_label(map, from) + " ('" + graph[in.node].name +
                             "'); values enter a loop through Enter and leave it through Exit");
    }
    frame = std::max(frame, 0);
    int out = frame;
    const ExecutorOp op = executor_op(node.op);
    if (op == ExecutorOp::enter) {
      const std::string name = node.attrs.get_string("frame_name");
      out = -1;
      for (std::size_t i = 1; i < map.frames.size(); ++i)
        if (map.frames[i].parent == frame && map.frames[i].name == name) out = static_cast<int>(i);
      if (out < 0) {
        out = static_cast<int>(map.frames.size());
        map.frames.push_back({name, frame});
      }
    } else if (op == ExecutorOp::exit) {
      if (frame == 0) return invalid_input(describe_node(node) + " is outside every loop; an Exit follows an Enter");
      out = map.frames[static_cast<std::size_t>(frame)].parent;
    } else if (op == ExecutorOp::next_iteration && frame == 0) {
      return invalid_input(describe_node(node) + " is outside every loop; a NextIteration follows an Enter");
    }
    map.node_frame[static_cast<std::size_t>(id)] = frame;
    map.output_frame[static_cast<std::size_t>(id)] = out;
  }
  for (const NodeId id : order) {
    const Node& node = graph[id];
    for (const Input& in : node.inputs) {
      if (!is_loop_back_edge(graph, node, in)) continue;
      const int from = map.node_frame[static_cast<std::size_t>(in.node)];
      const int to = map.node_frame[static_cast<std::size_t>(id)];
      if (from != to)
        return invalid_input(describe_node(node) + " is " + frame_label(map, to) + ", its NextIteration '" +
                             graph[in.node].name + "' is " + frame_label(map, from));
    }
  }
  return map;
}

}  // namespace isotherm
