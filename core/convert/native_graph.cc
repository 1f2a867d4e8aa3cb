#include "core/convert/native_graph.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "core/convert/lost_ties.h"
#include "core/convert/reachable_functions.h"
#include "core/convert/split_casts.h"
#include "core/ops/op_def.h"

namespace isotherm {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

bool same_values(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || a.elements() != b.elements()) return false;
  if (a.dtype() == DType::string) return a.elements() == 0 || a.string_values() == b.string_values();
  return std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin());
}

/// Whether two nodes are constants of one value, and so may stand for each other.
bool same_constant(const Node& a, const Node& b) {
  if (a.op != "Const" || b.op != "Const") return false;
  const Constant *x = a.attrs.get_constant("value"), *y = b.attrs.get_constant("value");
  return x && y && x->dtype() == y->dtype() && x->shape() == y->shape() && same_values(x->values(), y->values());
}

/// An engine that is being taken apart.
struct Opened {
  NodeId node = kNoNode;
  std::shared_ptr<const Graph> body;
  std::vector<std::string> names;  ///< by body node: its name in the result; empty for arguments and results
  std::vector<bool> is_copy;       ///< by body node: the result has this constant already
  std::vector<TensorRef> results;  ///< in the body
  std::vector<NodeId> last;        ///< body nodes that no other waits for
  RecordedTies ties;
};

class Expander {
 public:
  explicit Expander(const Graph& graph) : graph_(graph), engine_at_(at(graph.size()), -1) {}

  Result<NativeGraph> run() {
    for (NodeId id = 0; id < graph_.size(); ++id)
      if (graph_[id].op == "TRTEngineOp") ISO_TRY(open(id));
    name_nodes();
    Graph::Parts parts;
    parts.versions = graph_.versions();
    parts.extra = graph_.extra();
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (engine_at_[at(id)] >= 0) {
        ISO_TRY(add_body(engines_[at(engine_at_[at(id)])], parts.nodes));
      } else {
        ISO_TRY(add_native(id, parts.nodes));
      }
    }
    restore_ties(parts.nodes);
    const auto is_fp16 = [&](const Opened& e) { return graph_[e.node].attrs.get_string("precision_mode") == "FP16"; };
    if (std::any_of(engines_.begin(), engines_.end(), is_fp16)) join_split_casts(parts.nodes);
    parts.functions = reachable_functions(parts.nodes, graph_.functions());
    note_engines_of_functions(*parts.functions);
    NativeGraph out;
    out.engine_count = static_cast<int>(engines_.size());
    out.notes = std::move(notes_);
    ISO_ASSIGN(out.graph, Graph::build(std::move(parts)));
    return out;
  }

 private:
  [[nodiscard]] Error fault(const Opened& engine, const std::string& sentence) const {
    return invalid_input("engine '" + graph_[engine.node].name + "' cannot be taken apart: " + sentence);
  }

  Status open(NodeId id) {
    Opened engine;
    engine.node = id;
    const Node& node = graph_[id];
    const FunctionRef* segment = node.attrs.get_func("segment_func");
    if (!segment || segment->name.empty())
      return fault(engine, "it has no native segment (attribute 'segment_func' is empty)");
    auto body = function_body(graph_.functions(), segment->name, segment->attrs ? *segment->attrs : AttrMap());
    if (!body.ok()) return fault(engine, body.error().message);
    engine.body = *body;
    if (const Function* function = graph_.functions().find(segment->name)) engine.ties = recorded_ties(function->attrs);
    const Graph& inside = *engine.body;
    engine.names.resize(at(inside.size()));
    engine.is_copy.assign(at(inside.size()), false);
    for (NodeId b = 0; b < inside.size(); ++b) {
      if (inside[b].op == "_Arg") {
        const std::int64_t index = inside[b].attrs.get_int("index", -1);
        if (index < 0 || index >= node.data_inputs)
          return fault(engine, "function '" + segment->name + "' has argument " + std::to_string(index) +
                                   ", the node " + std::to_string(node.data_inputs) + " inputs");
      } else if (inside[b].op == "_Retval") {
        if (inside[b].data_inputs != 1) return fault(engine, "a result of '" + segment->name + "' has no value");
        engine.results.push_back({inside[b].inputs[0].node, inside[b].inputs[0].port});
      } else if (inside[b].op != "Const") {
        const auto edges = inside.out_edges(b);
        const auto is_result = [&](const OutEdge& edge) { return inside[edge.node].op == "_Retval"; };
        if (std::all_of(edges.begin(), edges.end(), is_result)) engine.last.push_back(b);
      }
    }
    engine_at_[at(id)] = static_cast<int>(engines_.size());
    engines_.push_back(std::move(engine));
    return {};
  }

  /// Nodes keep their names. Where two would share one, equal constants become one node; others are put into a scope
  /// of their engine's name.
  void name_nodes() {
    std::unordered_map<std::string, const Node*> taken;
    for (NodeId id = 0; id < graph_.size(); ++id)
      if (engine_at_[at(id)] < 0) taken.emplace(graph_[id].name, &graph_[id]);
    for (Opened& engine : engines_) {
      for (NodeId b = 0; b < engine.body->size(); ++b) {
        const Node& node = (*engine.body)[b];
        if (node.op == "_Arg" || node.op == "_Retval") continue;
        std::string name = node.name;
        const auto it = taken.find(name);
        if (it != taken.end() && same_constant(*it->second, node)) {
          engine.is_copy[at(b)] = true;
        } else if (it != taken.end()) {
          name = graph_[engine.node].name + "/" + name;
          while (taken.contains(name)) name += "_";
          notes_.push_back("node '" + node.name + "' of engine '" + graph_[engine.node].name + "' is now '" + name +
                           "': the graph has another node of its name");
        }
        taken.emplace(name, &node);
        engine.names[at(b)] = std::move(name);
      }
    }
  }

  /// The name of what an edge of the converted graph comes from; `passed`: engines that were only passed through.
  Result<std::string> source(const Input& in, std::size_t passed = 0) {
    const int index = engine_at_[at(in.node)];
    if (index < 0) return format_input_name(graph_[in.node].name, in.port);
    const Opened& engine = engines_[at(index)];
    if (in.port < 0 || at(in.port) >= engine.results.size())
      return fault(engine, "its output " + std::to_string(in.port) + " is read, its function has " +
                               std::to_string(engine.results.size()) + " results");
    if (passed > engines_.size()) return fault(engine, "its results are its own inputs");
    return source_inside(engine, engine.results[at(in.port)], passed + 1);
  }

  Result<std::string> source_inside(const Opened& engine, const TensorRef& tensor, std::size_t passed = 0) {
    const Node& node = (*engine.body)[tensor.node];
    if (node.op != "_Arg") return format_input_name(engine.names[at(tensor.node)], tensor.port);
    return source(graph_[engine.node].inputs[static_cast<std::size_t>(node.attrs.get_int("index"))], passed);
  }

  static std::string control_on(const std::string& tensor) { return "^" + tensor.substr(0, tensor.rfind(':')); }

  /// What a control edge of the converted graph means for the native nodes.
  Status add_control(const Input& in, std::vector<std::string>& names) {
    const int index = engine_at_[at(in.node)];
    if (index < 0) {
      names.push_back("^" + graph_[in.node].name);
      return {};
    }
    const Opened& engine = engines_[at(index)];
    for (const NodeId b : engine.last) names.push_back("^" + engine.names[at(b)]);
    if (!engine.last.empty()) return {};
    for (const Input& data : graph_[engine.node].data()) {
      ISO_ASSIGN(const std::string name, source(data));
      names.push_back(control_on(name));
    }
    return {};
  }

  static void append_once(std::vector<std::string>& inputs, const std::vector<std::string>& more) {
    for (const std::string& name : more)
      if (std::find(inputs.begin(), inputs.end(), name) == inputs.end()) inputs.push_back(name);
  }

  Status add_native(NodeId id, std::vector<NodeRecord>& nodes) {
    NodeRecord record = graph_.record(id);
    record.inputs.clear();
    std::vector<std::string> control;
    for (const Input& in : graph_[id].inputs) {
      if (in.is_control()) {
        ISO_TRY(add_control(in, control));
        continue;
      }
      ISO_ASSIGN(std::string name, source(in));
      record.inputs.push_back(std::move(name));
    }
    append_once(record.inputs, control);
    nodes.push_back(std::move(record));
    return {};
  }

  Status add_body(const Opened& engine, std::vector<NodeRecord>& nodes) {
    std::vector<std::string> outside;  // what the whole engine waited for
    if (engine.ties.control.empty())
      for (const Input& in : graph_[engine.node].control()) ISO_TRY(add_control(in, outside));
    for (NodeId b = 0; b < engine.body->size(); ++b) {
      if (engine.names[at(b)].empty() || engine.is_copy[at(b)]) continue;
      const Node& node = (*engine.body)[b];
      NodeRecord record = engine.body->record(b);
      record.name = engine.names[at(b)];
      record.inputs.clear();
      std::vector<std::string> control;
      bool is_first = node.op != "Const";
      for (const Input& in : node.inputs) {
        const Node& from = (*engine.body)[in.node];
        is_first = is_first && (from.op == "_Arg" || from.op == "Const");
        ISO_ASSIGN(std::string name, source_inside(engine, {in.node, in.is_control() ? 0 : in.port}));
        if (in.is_control())
          control.push_back(control_on(name));
        else
          record.inputs.push_back(std::move(name));
      }
      append_once(record.inputs, control);
      if (is_first) append_once(record.inputs, outside);
      nodes.push_back(std::move(record));
    }
    return {};
  }

  void restore_ties(std::vector<NodeRecord>& nodes) const {
    std::unordered_map<std::string, NodeRecord*> by_name;
    for (NodeRecord& node : nodes) by_name.emplace(node.name, &node);
    for (const Opened& engine : engines_) {
      for (const auto& [name, control] : engine.ties.control) {
        const auto it = by_name.find(name);
        if (it == by_name.end()) continue;
        std::vector<std::string>& inputs = it->second->inputs;
        std::erase_if(inputs, [](const std::string& input) { return input.starts_with('^'); });
        for (const std::string& input : control)
          if (input.starts_with('^') && by_name.contains(input.substr(1))) inputs.push_back(input);
      }
      for (const auto& [name, attrs] : engine.ties.attrs) {
        const auto it = by_name.find(name);
        if (it == by_name.end()) continue;
        for (const auto& [key, value] : attrs) it->second->attrs.set(key, value);
      }
    }
  }

  void note_engines_of_functions(const FunctionLibrary& functions) {
    for (const auto& function : functions.functions()) {
      const auto count = std::count_if(function->nodes.begin(), function->nodes.end(),
                                       [](const NodeRecord& node) { return node.op == "TRTEngineOp"; });
      if (count > 0)
        notes_.push_back("function '" + function->name + "' holds " + std::to_string(count) +
                         " engines, which stay: only those of the graph itself are taken apart");
    }
  }

  const Graph& graph_;
  std::vector<int> engine_at_;  // by node of the converted graph: index in engines_, -1
  std::vector<Opened> engines_;
  std::vector<std::string> notes_;
};

}  // namespace

Result<NativeGraph> native_graph(std::shared_ptr<const Graph> converted) {
  const auto nodes = converted->nodes();
  if (std::none_of(nodes.begin(), nodes.end(), [](const Node& node) { return node.op == "TRTEngineOp"; })) {
    NativeGraph out;
    Graph::Parts parts = converted->parts();
    if (join_split_casts(parts.nodes)) {
      ISO_ASSIGN(out.graph, Graph::build(std::move(parts)));
    } else {
      out.graph = std::move(converted);
    }
    return out;
  }
  return Expander(*converted).run();
}

}  // namespace isotherm
