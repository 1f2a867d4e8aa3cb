#include "core/passes/constant_folder.h"

#include <algorithm>

#include "core/ops/signature.h"

namespace isotherm::passes {
namespace {

/// Most elements of a shape, permutation or list of axes that is looked at.
constexpr std::int64_t kMaxIntegers = std::int64_t{1} << 20;

int output_count(const WorkGraph& graph, const WorkNode& node) {
  if (!node.op->def) {
    const Function* function = graph.functions().find(node.op->name);
    return function ? static_cast<int>(function->outputs.size()) : 0;
  }
  std::int64_t count = 0;
  for (const ArgDef& arg : node.op->def->outputs) {
    const auto n = arg_count(arg, node.attrs, node.op->def);
    if (n.ok()) count += *n;
  }
  return static_cast<int>(count);
}

}  // namespace

ConstantFolder::ConstantFolder(WorkGraph& graph, const PassTarget& target, const NodeEvaluator* evaluator)
    : graph_(graph),
      evaluator_(evaluator),
      preserved_(nodes_to_preserve(graph, target)),
      fetches_(target.fetches),
      properties_(graph, target) {
  for (const NameId name : target.feeds) fed_.insert(name);
  has_updates_ = std::any_of(graph.nodes.begin(), graph.nodes.end(),
                             [](const WorkNode* n) { return works_in_place(*n) || n->op->has_ref_input; });
}

void ConstantFolder::run() {
  std::size_t before = 0;
  do {
    changed_ = false;
    before = graph_.nodes.size();
    round();
  } while (changed_ || graph_.nodes.size() != before);
}

std::vector<NotFolded> ConstantFolder::not_folded() {
  NameSet seen;
  std::vector<NotFolded> out;
  for (NotFolded& node : not_folded_) {
    if (seen.contains(node.node)) continue;
    seen.insert(node.node);
    out.push_back(std::move(node));
  }
  return out;
}

void ConstantFolder::round() {
  map_.emplace(graph_, graph_.nodes);
  nodes_ = &graph_.nodes;
  foldable_fetches_ = {};
  too_large_ = {};
  for (const NameId name : fetches_) {
    const WorkNode* fetch = map_->node(name);
    if (fetch && output_count(graph_, *fetch) == 1) foldable_fetches_.insert(name);
  }
  if (!properties_.empty()) {
    materialise_shapes();
    materialise_constants();
    fold_graph();
  }
  map_.emplace(graph_, graph_.nodes);
  simplify_all();
}

void ConstantFolder::simplify_all() {
  // New nodes come to the end and are looked at too.
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    WorkNode& n = *graph_.nodes[i];
    if (!too_large_.contains(n.name)) simplify(n);
  }
}

void ConstantFolder::simplify(WorkNode& n) {
  using Rewrite = bool (ConstantFolder::*)(WorkNode&);
  static constexpr Rewrite kRewrites[] = {
      &ConstantFolder::remove_split,
      &ConstantFolder::remove_transpose,
      &ConstantFolder::remove_random_shuffle,
      &ConstantFolder::remove_reverse,
      &ConstantFolder::remove_slice,
      &ConstantFolder::remove_strided_slice,
      &ConstantFolder::remove_tile,
      &ConstantFolder::remove_pad,
      &ConstantFolder::remove_squeeze,
      &ConstantFolder::simplify_pack,
      &ConstantFolder::move_constant_past_enter,
      &ConstantFolder::simplify_switch,
      &ConstantFolder::simplify_reduction,
      &ConstantFolder::simplify_reshape,
      &ConstantFolder::simplify_arithmetic,
      &ConstantFolder::divide_by_multiplying,
      &ConstantFolder::push_down,
      &ConstantFolder::push_into_convolution,
      &ConstantFolder::forward_identity_n,
      &ConstantFolder::fold_sum_partly,
      &ConstantFolder::merge_concat,
      &ConstantFolder::fold_concat_partly,
      &ConstantFolder::push_down_bias,
      &ConstantFolder::simplify_select,
  };
  for (const Rewrite rewrite : kRewrites) {
    if (!(this->*rewrite)(n)) continue;
    changed_ = true;
    return;
  }
}

const Constant* ConstantFolder::constant_input(const WorkNode& n, std::size_t i) const {
  const WorkNode* source = input_node(n, i);
  return source && is_constant(*source) ? source->attrs.get_constant("value") : nullptr;
}

std::optional<std::vector<std::int64_t>> ConstantFolder::integer_input(const WorkNode& n, std::size_t i) const {
  const Constant* value = constant_input(n, i);
  if (!value || (value->dtype() != DType::int32 && value->dtype() != DType::int64)) return std::nullopt;
  return value->integers(kMaxIntegers);
}

bool ConstantFolder::is_all(const WorkNode& n, int value) const {
  if (fed_.contains(n.name)) return false;
  if (n.is("OnesLike")) return value == 1;
  if (n.is("ZerosLike")) return value == 0;
  if (n.is("Fill")) {
    const WorkNode* filler = input_node(n, 1);
    return filler && is_all(*filler, value);
  }
  if (!n.op->is_const) return false;
  const Constant* constant = n.attrs.get_constant("value");
  if (!constant) return false;
  const Tensor& values = constant->values();
  const std::int64_t given = values.valid() ? values.elements() : 0;
  if (given == 0) return value == 0 || constant->shape().elements() == 0;
  switch (constant->dtype()) {
    case DType::string:
    case DType::resource:
    case DType::variant:
    case DType::uint32:
    case DType::uint64:
    case DType::float8_e5m2:
    case DType::float8_e4m3fn:
    case DType::int4:
    case DType::uint4:
      return false;  // TensorFlow does not look into these
    case DType::complex64:
    case DType::complex128: {
      const DType part = constant->dtype() == DType::complex64 ? DType::float32 : DType::float64;
      const Tensor parts(part, Shape{2 * given}, values.buffer(), values.offset());
      for (std::int64_t i = 0; i < given; ++i)
        if (number_at(parts, 2 * i) != value || number_at(parts, 2 * i + 1) != 0) return false;
      return true;
    }
    default:
      for (std::int64_t i = 0; i < given; ++i)
        if (number_at(values, i) != value) return false;
      return true;
  }
}

std::string ConstantFolder::made_name(const WorkNode& n, std::string_view suffix) const {
  return "ConstantFolding/" + graph_.text(n) + std::string(suffix);
}

bool ConstantFolder::exists(std::string_view name) const {
  const auto known = graph_.find(name);
  return known && map_->node(*known);
}

WorkNode& ConstantFolder::add_node(std::string_view name, std::string_view op, const WorkNode& like) {
  WorkNode& made = graph_.make_node(name, op);
  made.device = like.device;
  nodes_->push_back(&made);
  map_->add_node(made);
  return made;
}

WorkNode& ConstantFolder::add_constant(std::string_view name, Constant value, const WorkNode& like) {
  WorkNode& made = add_node(name, "Const", like);
  made.attrs.set("dtype", TypeValue(value.dtype()));
  made.attrs.set("value", make_constant_attr(std::move(value)));
  return made;
}

void ConstantFolder::add_control(WorkNode& n, const WorkInput& after) {
  const WorkInput control = control_after(after);
  n.inputs.push_back(control_on(control.node));
  map_->add_output(control.node, n.name);
}

void ConstantFolder::make_controls(WorkNode& n, std::size_t first) {
  for (std::size_t i = first; i < n.inputs.size(); ++i) {
    const WorkInput in = n.inputs[i];
    if (in.is_control()) break;
    const WorkInput control = control_after(in);
    map_->update_input(n.name, in.node, control.node);
    n.inputs[i] = control;
  }
}

std::vector<NotFolded> fold_constants(WorkGraph& graph, const PassTarget& target, const NodeEvaluator* evaluator) {
  ConstantFolder folder(graph, target, evaluator);
  folder.run();
  return folder.not_folded();
}

}  // namespace isotherm::passes
