#include "core/ops/shapes/propagation.h"

#include <algorithm>

#include "core/ops/op_def.h"
#include "core/ops/signature.h"

namespace isotherm::shapes {
namespace {

constexpr std::string_view kCallOps[] = {"PartitionedCall", "StatefulPartitionedCall"};

/// Positions still to be worked on, lowest first.
class WorkList {
 public:
  explicit WorkList(std::size_t n) : bits_((n + 63) / 64) {}
  void add(std::size_t i) {
    bits_[i / 64] |= std::uint64_t{1} << (i % 64);
    first_ = std::min(first_, i / 64);
  }
  std::optional<std::size_t> pop() {
    while (first_ < bits_.size() && bits_[first_] == 0) ++first_;
    if (first_ == bits_.size()) return std::nullopt;
    const auto bit = static_cast<std::size_t>(__builtin_ctzll(bits_[first_]));
    bits_[first_] &= bits_[first_] - 1;
    return first_ * 64 + bit;
  }

 private:
  std::vector<std::uint64_t> bits_;
  std::size_t first_ = 0;
};

bool same_handle(const std::optional<HandleData>& a, const std::optional<HandleData>& b) {
  if (!a || !b) return !a && !b;
  return a->dtype == b->dtype && a->shape == b->shape;
}

}  // namespace

Propagation::Propagation(const Graph& graph, CallState& calls, const std::vector<Argument>* arguments)
    : graph_(graph), calls_(calls), arguments_(arguments), context_(arena_, graph.versions().producer) {}

const Propagation::OpInfo& Propagation::op_info(const std::string& op) {
  if (const auto it = ops_.find(op); it != ops_.end()) return it->second;
  OpInfo info;
  info.function = shape_registry().find(op);
  if (op == "Enter" || op == "RefEnter")
    info.kind = Kind::enter;
  else if (op == "Merge" || op == "RefMerge")
    info.kind = Kind::merge;
  else if (op == "_Arg" && arguments_)
    info.kind = Kind::argument;
  else if (std::find(std::begin(kCallOps), std::end(kCallOps), op) != std::end(kCallOps))
    info.kind = Kind::call;
  else if (!find_op(op) && calls_.functions->find(op))
    info.kind = Kind::call;
  static const std::map<std::string_view, ValueRule> rules = {{"Const", ValueRule::constant},
                                                              {"Rank", ValueRule::rank},
                                                              {"Size", ValueRule::size},
                                                              {"Shape", ValueRule::shape},
                                                              {"ShapeN", ValueRule::shape},
                                                              {"Pack", ValueRule::pack},
                                                              {"ConcatV2", ValueRule::concat},
                                                              {"Identity", ValueRule::identity},
                                                              {"RefIdentity", ValueRule::identity},
                                                              {"Slice", ValueRule::slice},
                                                              {"StridedSlice", ValueRule::strided_slice}};
  if (const auto it = rules.find(op); it != rules.end()) info.rule = it->second;
  return ops_.emplace(op, info).first->second;
}

void Propagation::prepare() {
  const auto n = static_cast<std::size_t>(graph_.size());
  states_.resize(n);
  begin_.reserve(n + 1);
  std::int32_t edges = 0;
  for (NodeId id = 0; id < graph_.size(); ++id) {
    const Node& node = graph_[id];
    begin_.push_back(static_cast<std::int32_t>(types_.size()));
    NodeState& s = states_[static_cast<std::size_t>(id)];
    s.op = &op_info(node.op);
    s.inputs_begin = edges;
    edges += node.data_inputs;
    if (auto signature = signature_of(node); signature.ok()) {
      types_.insert(types_.end(), signature->outputs.begin(), signature->outputs.end());
      continue;
    }
    // Nobody knows the op's outputs: as many as are used.
    int ports = 0;
    for (const OutEdge& edge : graph_.out_edges(id)) ports = std::max(ports, edge.port + 1);
    if (const AttrList* shapes = node.attrs.get_list("_output_shapes")) {
      ports = std::max(ports, static_cast<int>(std::min<std::size_t>(shapes->shape.size(), 1 << 16)));
    }
    types_.resize(types_.size() + static_cast<std::size_t>(std::min(ports, 1 << 16)));
  }
  begin_.push_back(static_cast<std::int32_t>(types_.size()));
  tensors_.resize(types_.size());
  last_inputs_.resize(static_cast<std::size_t>(edges));
}

Status Propagation::run() {
  prepare();
  ISO_TRY(propagate());
  join_equalities();
  return {};
}

Status Propagation::propagate() {
  ISO_ASSIGN(const std::vector<NodeId> order, graph_.topological_order());
  std::vector<std::int32_t> position(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    position[static_cast<std::size_t>(order[i])] = static_cast<std::int32_t>(i);
  std::int64_t loops = 0;
  WorkList work(order.size());
  for (NodeId id = 0; id < graph_.size(); ++id) {
    const Node& node = graph_[id];
    if (node.op == "NextIteration" || node.op == "RefNextIteration") ++loops;
    work.add(static_cast<std::size_t>(position[static_cast<std::size_t>(id)]));
  }
  // grappler's bound: a dimension or a rank can only become unknown, in at most loops^2 rounds.
  loops = std::min<std::int64_t>(loops, 1000);
  std::int64_t left = 5 * (graph_.size() + 1) * std::max<std::int64_t>(1, loops * loops);
  while (const auto at = work.pop()) {
    const NodeId id = order[*at];
    if (left-- <= 0) {
      return invalid_input(describe_node(graph_[id].name, graph_[id].op) + ": the shapes of its loop do not settle");
    }
    ISO_ASSIGN(const bool changed, update(id));
    if (!changed) continue;
    for (const OutEdge& edge : graph_.out_edges(id)) {
      if (edge.port == kControlPort) continue;
      work.add(static_cast<std::size_t>(position[static_cast<std::size_t>(edge.node)]));
    }
  }
  return {};
}

void Propagation::join_equalities() {
  equal_.emplace(arena_);
  for (const NodeState& s : states_) {
    bool agree = true;
    for (std::int32_t i = 0; agree && i < s.shape_merge_count; ++i) {
      const auto& [a, b] = shape_merges_[static_cast<std::size_t>(s.shape_merges + i)];
      agree = equal_->merge(a, b);
    }
    for (std::int32_t i = 0; agree && i < s.dim_merge_count; ++i) {
      const auto& [a, b] = dim_merges_[static_cast<std::size_t>(s.dim_merges + i)];
      agree = equal_->merge(a, b);
    }
    if (!agree) {
      // The equalities contradict each other, so none can be trusted.
      equal_.emplace(arena_);
      return;
    }
  }
}

Shape Propagation::shape(NodeId node, int port) { return equal_->resolve(tensor(node, port).shape); }

TensorState Propagation::source(const Input& in) {
  TensorState s;
  if (in.port >= 0 && in.port < outputs(in.node)) s = tensor(in.node, in.port);
  if (!s.shape.is_set()) s.shape = arena_.unknown_shape();
  return s;
}

Result<bool> Propagation::update(NodeId id) {
  switch (state(id).op->kind) {
    case Kind::enter:
      return update_enter(id);
    case Kind::merge:
      return update_merge(id);
    default:
      return update_ordinary(id);
  }
}

Result<bool> Propagation::update_enter(NodeId id) {
  const Node& node = graph_[id];
  NodeState& s = states_[static_cast<std::size_t>(id)];
  bool changed = !s.visited;
  s.visited = s.inferred = true;
  if (node.data_inputs < 1 || outputs(id) < 1) return changed;
  const TensorState in = source(node.inputs[0]);
  TensorState& out = tensor(id, 0);
  if (out.shape != in.shape || !same_handle(out.handle, in.handle)) changed = true;
  out.shape = in.shape;
  out.handle = in.handle;
  return changed;
}

Result<bool> Propagation::update_merge(NodeId id) {
  const Node& node = graph_[id];
  NodeState& s = states_[static_cast<std::size_t>(id)];
  bool changed = !s.visited;
  if (!s.visited && outputs(id) >= 2) tensor(id, 1).shape = context_.scalar();
  s.visited = s.inferred = true;
  if (outputs(id) < 1) return changed;
  ShapeHandle merged;
  std::optional<HandleData> handle;
  for (const Input& in : node.data()) {
    // A back edge has nothing to say in the first round.
    if (!state(in.node).visited || in.port >= outputs(in.node)) continue;
    const TensorState from = source(in);
    if (!merged.is_set()) {
      merged = from.shape;
      handle = from.handle;
    } else {
      merged = union_of(id, from.shape, merged);
    }
  }
  TensorState& out = tensor(id, 0);
  if (changed || !out.shape.is_set() || !equivalent(merged, out.shape)) {
    out.shape = merged.is_set() ? merged : arena_.unknown_shape();
    if (handle) out.handle = handle;
    changed = true;
  }
  return changed;
}

ShapeHandle Propagation::union_of(NodeId node, ShapeHandle a, ShapeHandle b) {
  if (a == b) return a;
  const int rank = arena_.rank(a);
  if (rank < 0 || arena_.rank(b) != rank) {
    const auto [it, added] = loop_shapes_.try_emplace(node);
    if (added) it->second = arena_.unknown_shape();
    return it->second;
  }
  std::vector<DimHandle> dims;
  bool same = true;
  for (int i = 0; i < rank; ++i) {
    const DimHandle x = arena_.dim(a, i);
    const DimHandle y = arena_.dim(b, i);
    if (x == y || (arena_.value(x) == arena_.value(y) && arena_.value(x) >= 0)) {
      dims.push_back(x);
      continue;
    }
    const auto [it, added] = loop_dims_.try_emplace({node, i});
    if (added) it->second = arena_.unknown_dim();
    dims.push_back(it->second);
    same = false;
  }
  return same ? a : arena_.make_shape(dims);
}

bool Propagation::equivalent(ShapeHandle a, ShapeHandle b) const {
  if (a == b) return true;
  const int rank = arena_.rank(a);
  if (rank != arena_.rank(b)) return false;
  for (int i = 0; i < rank; ++i) {
    const DimHandle x = arena_.dim(a, i);
    const DimHandle y = arena_.dim(b, i);
    if (x != y && (arena_.value(x) < 0 || arena_.value(x) != arena_.value(y))) return false;
  }
  return true;
}

Result<bool> Propagation::update_ordinary(NodeId id) {
  const Node& node = graph_[id];
  NodeState& s = states_[static_cast<std::size_t>(id)];
  const auto inputs = static_cast<std::size_t>(node.data_inputs);
  bool changed = !s.visited || inputs == 0 || s.reads_partial_values;
  context_.reset(node, inputs, static_cast<std::size_t>(outputs(id)));
  for (std::size_t i = 0; i < inputs; ++i) {
    TensorState& in = context_.input_state(i);
    in = source(node.inputs[i]);
    ShapeHandle& last = last_inputs_[static_cast<std::size_t>(s.inputs_begin) + i];
    if (last != in.shape || in.handle) changed = true;
    last = in.shape;
  }
  if (!changed) return false;
  s.visited = true;
  infer(id);
  ISO_TRY(apply_override(id));
  return true;
}

void Propagation::infer(NodeId id) {
  const Node& node = graph_[id];
  NodeState& s = states_[static_cast<std::size_t>(id)];
  contradictions_.erase(id);
  std::vector<ShapeHandle> inputs_as_shapes(static_cast<std::size_t>(context_.inputs()));
  for (std::size_t i = 0; i < inputs_as_shapes.size(); ++i) {
    ShapeHandle& value = context_.input_state(i).as_shape;
    inputs_as_shapes[i] = value;
    value = without_const_unknowns(value);
  }
  s.inferred = true;
  if (s.op->kind == Kind::argument) {
    infer_argument(node);
  } else if (s.op->kind == Kind::call) {
    if (!infer_call(node).ok()) {
      context_.clear_results();
      s.inferred = false;
    }
  } else if (s.op->function) {
    if (Status status = s.op->function(context_); !status.ok()) {
      contradictions_.emplace(id, status.error());
      context_.clear_results();
    }
  } else {
    s.inferred = false;
    if (const AttrList* shapes = node.attrs.get_list("_output_shapes"); shapes && !find_op(node.op)) {
      for (std::size_t i = 0; i < shapes->shape.size(); ++i) {
        if (auto shape = context_.from_shape(shapes->shape[i]); shape.ok())
          context_.set_output(static_cast<int>(i), *shape);
      }
    }
  }
  const auto fed = fed_.find(id);
  if (fed != fed_.end()) {
    if (!fed->second.is_set()) fed->second = arena_.unknown_shape();
    context_.set_output(0, fed->second);
    context_.forget_merges();
  } else if (s.op->kind == Kind::function_of_inputs) {
    propagate_values(node, s.op->rule, inputs_as_shapes);
  }
  take_results(id);
}

void Propagation::take_results(NodeId id) {
  NodeState& s = states_[static_cast<std::size_t>(id)];
  for (int i = 0; i < context_.outputs(); ++i) {
    TensorState& out = context_.output_state(static_cast<std::size_t>(i));
    if (!out.shape.is_set()) out.shape = arena_.unknown_shape();
    tensor(id, i) = std::move(out);
  }
  s.reads_partial_values = context_.read_partial_value();
  s.shape_merges = static_cast<std::int32_t>(shape_merges_.size());
  s.dim_merges = static_cast<std::int32_t>(dim_merges_.size());
  s.shape_merge_count = static_cast<std::int32_t>(context_.merged_shapes().size());
  s.dim_merge_count = static_cast<std::int32_t>(context_.merged_dims().size());
  shape_merges_.insert(shape_merges_.end(), context_.merged_shapes().begin(), context_.merged_shapes().end());
  dim_merges_.insert(dim_merges_.end(), context_.merged_dims().begin(), context_.merged_dims().end());
}

Status Propagation::apply_override(NodeId id) {
  const auto it = overrides_.find(id);
  if (it == overrides_.end() || outputs(id) < 1) return {};
  const Node& node = graph_[id];
  const ShapeHandle own = tensor(id, 0).shape;
  const auto disagree = [&] {
    return invalid_input(describe_node(node.name, node.op) + " has shape " + context_.to_string(own) +
                         ", which the shape " + it->second->to_tf_string() + " given for it contradicts");
  };
  ISO_ASSIGN(ShapeHandle wanted, context_.from_shape(*it->second));
  if (arena_.rank(wanted) < 0) return {};
  if (arena_.rank(own) >= 0) {
    if (arena_.rank(own) != arena_.rank(wanted)) return disagree();
    std::vector<DimHandle> dims;
    for (int i = 0; i < arena_.rank(own); ++i) {
      const DimHandle x = arena_.dim(own, i);
      const DimHandle y = arena_.dim(wanted, i);
      if (arena_.value(x) >= 0 && arena_.value(y) >= 0 && arena_.value(x) != arena_.value(y)) return disagree();
      dims.push_back(arena_.value(y) >= 0 ? y : x);
    }
    wanted = arena_.make_shape(dims);
  }
  tensor(id, 0).shape = wanted;
  return {};
}

}  // namespace isotherm::shapes
