#include "core/convert/assemble.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "core/convert/dropped_attrs.h"
#include "core/convert/lost_ties.h"
#include "core/convert/reachable_functions.h"

namespace isotherm {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

class Assembler {
 public:
  Assembler(Conversion& conversion, const Prepared& prepared)
      : conversion_(conversion),
        prepared_(prepared),
        graph_(*conversion.before),
        segmentation_(conversion.segmentation) {}

  Status run() {
    for (const Segment& segment : segmentation_.segments)
      for (std::size_t i = 0; i < segment.outputs.size(); ++i) port_of_[segment.outputs[i]] = static_cast<int>(i);
    Graph::Parts parts;
    parts.versions = graph_.versions();
    parts.extra = graph_.extra();
    NodeMap& map = conversion_.map;
    map.after_of.assign(at(graph_.size()), kNoNode);
    map.engine_of = segmentation_.segment_of;
    map.engines.assign(segmentation_.segments.size(), kNoNode);
    for (NodeId id = 0; id < graph_.size(); ++id) {
      const int segment = segmentation_.segment_of[at(id)];
      if (segment >= 0 && map.engines[at(segment)] != kNoNode) {
        const NodeId engine = map.engines[at(segment)];
        map.after_of[at(id)] = engine;
        map.before_of[at(engine)].push_back(id);
        continue;
      }
      const auto after = static_cast<NodeId>(parts.nodes.size());
      map.after_of[at(id)] = after;
      map.before_of.push_back({id});
      if (segment >= 0) {
        map.engines[at(segment)] = after;
        parts.nodes.push_back(engine_node(segment));
      } else {
        parts.nodes.push_back(native_node(id));
      }
    }
    ISO_TRY(add_functions(parts));
    ISO_ASSIGN(conversion_.after, Graph::build(std::move(parts)));
    carry_shapes();
    for (std::size_t i = 0; i < conversion_.engines.size(); ++i) conversion_.engines[i].node = map.engines[i];
    return {};
  }

 private:
  [[nodiscard]] int segment_of(NodeId id) const { return segmentation_.segment_of[at(id)]; }

  /// What an edge comes from in the converted graph.
  std::string source_name(const Input& in) const {
    const int segment = segment_of(in.node);
    if (segment < 0) return format_input_name(graph_[in.node].name, in.port);
    const std::string& engine = conversion_.engines[at(segment)].name;
    return format_input_name(engine, in.is_control() ? kControlPort : port_of_.at({in.node, in.port}));
  }

  NodeRecord native_node(NodeId id) const {
    const Node& node = graph_[id];
    NodeRecord record{node.name, node.op, node.device, {}, node.attrs, node.extra};
    // Without engines the graph stays as it is.
    if (!segmentation_.segments.empty()) drop_attrs(record.attrs);
    std::unordered_set<std::string> engines;
    for (const Input& in : node.inputs) {
      // A control edge out of an engine comes from a member that is no Const; several become one.
      const bool is_from_engine = in.is_control() && segment_of(in.node) >= 0;
      if (is_from_engine && graph_[in.node].op == "Const") continue;
      std::string name = source_name(in);
      if (is_from_engine && !engines.insert(name).second) continue;
      record.inputs.push_back(std::move(name));
    }
    return record;
  }

  NodeRecord engine_node(int index) const {
    const Segment& segment = segmentation_.segments[at(index)];
    const EngineSummary& engine = conversion_.engines[at(index)];
    NodeRecord record = engine_record(conversion_.shapes_before, segment, engine.name, prepared_, engine.precision);
    for (const TensorRef& tensor : segment.inputs) record.inputs.push_back(source_name({tensor.node, tensor.port}));
    std::unordered_set<std::string> control;
    for (const NodeId id : segment.nodes) {
      for (const Input& in : graph_[id].control()) {
        if (segment_of(in.node) == index || graph_[in.node].op == "Const") continue;
        std::string name = source_name(in);
        if (control.insert(name).second) record.inputs.push_back(std::move(name));
      }
    }
    return record;
  }

  /// Nothing is inferred anew: tensors after the conversion are tensors from before it.
  void carry_shapes() {
    const GraphShapes& before = conversion_.shapes_before;
    std::vector<TensorInfo> tensors;
    std::vector<std::int32_t> begin{0};
    std::vector<bool> known;
    for (NodeId id = 0; id < conversion_.after->size(); ++id) {
      const NodeId first = conversion_.map.before_of[at(id)][0];
      const int segment = segmentation_.segment_of[at(first)];
      if (segment < 0) {
        const auto outputs = before.outputs(first);
        tensors.insert(tensors.end(), outputs.begin(), outputs.end());
      } else {
        for (const TensorRef& tensor : segmentation_.segments[at(segment)].outputs)
          tensors.push_back(before.info(tensor));
      }
      known.push_back(segment >= 0 || before.has_shape_function(first));
      begin.push_back(static_cast<std::int32_t>(tensors.size()));
    }
    conversion_.shapes_after =
        GraphShapes::assemble(std::move(tensors), std::move(begin), std::move(known), before.symbol_count());
  }

  Status add_functions(Graph::Parts& parts) const {
    FunctionLibrary all = graph_.functions();
    const std::vector<AttrMap> ties = lost_ties(graph_, segmentation_);
    for (std::size_t i = 0; i < segmentation_.segments.size(); ++i) {
      const std::string& engine = conversion_.engines[i].name;
      ISO_ASSIGN(Function function, native_segment_function(graph_, conversion_.shapes_before, segmentation_,
                                                            segmentation_.segments[i], engine));
      for (const auto& [name, value] : ties[i]) function.attrs.set(name, value);
      all.add(std::move(function));
    }
    parts.functions = reachable_functions(parts.nodes, all);
    return {};
  }

  Conversion& conversion_;
  const Prepared& prepared_;
  const Graph& graph_;
  const Segmentation& segmentation_;
  std::map<TensorRef, int> port_of_;
};

}  // namespace

Status assemble(Conversion& conversion, const Prepared& prepared) { return Assembler(conversion, prepared).run(); }

}  // namespace isotherm
