// Nodes whose inputs are constants are computed and become constants.
#include <algorithm>
#include <cstring>
#include <deque>

#include "core/passes/constant_folder.h"
#include "core/passes/node_order.h"

namespace isotherm::passes {
namespace {

/// Larger constants only where they replace more bytes than they have.
constexpr std::int64_t kMaxConstantBytes = 100 * 1024;
/// Above this a constant is not even spread out to be computed with.
constexpr std::size_t kMaxInputBytes = std::size_t{1} << 31;

std::int64_t byte_size(const TensorInfo& info) {
  const auto elements = info.shape.elements();
  std::int64_t bytes = 0;
  if (!elements || __builtin_mul_overflow(*elements, static_cast<std::int64_t>(dtype_size(info.dtype)), &bytes))
    return -1;
  return bytes;
}

/// Bytes that a TensorProto's list takes for one element of the types it packs; 0 for types written as they lie.
std::int64_t packed_size(DType dtype) {
  switch (dtype) {
    case DType::float32:
    case DType::int32:
    case DType::uint32:
    case DType::int16:
    case DType::uint16:
    case DType::int8:
    case DType::uint8:
      return 4;
    case DType::float64:
    case DType::int64:
    case DType::uint64:
      return 8;
    case DType::boolean:
      return 1;
    default:
      return 0;
  }
}

/// How many elements must be written so that the last one can stand for the rest.
std::int64_t distinct_length(const Tensor& tensor) {
  const std::size_t size = dtype_size(tensor.dtype());
  const std::int64_t count = tensor.elements();
  if (size == 0 || count == 0) return count;
  const std::byte* data = tensor.raw();
  const std::byte* last = data + static_cast<std::size_t>(count - 1) * size;
  std::int64_t n = count;
  while (n > 1 && std::memcmp(data + static_cast<std::size_t>(n - 2) * size, last, size) == 0) --n;
  return n;
}

/// The tensor as a constant, without the repetitions at its end.
Constant compact_constant(const Tensor& tensor) {
  const std::int64_t length = distinct_length(tensor);
  if (length == tensor.elements()) return Constant(tensor);
  const std::size_t bytes = static_cast<std::size_t>(length) * dtype_size(tensor.dtype());
  auto buffer = allocate_host(bytes);
  if (!buffer) return Constant(tensor);
  std::memcpy(buffer->data(), tensor.raw(), bytes);
  return Constant(tensor.dtype(), tensor.shape(), Tensor(tensor.dtype(), Shape{length}, std::move(buffer)));
}

/// Bytes of the tensor as a GraphDef would hold it.
std::int64_t encoded_size(const Tensor& tensor) {
  const std::int64_t packed = packed_size(tensor.dtype());
  if (tensor.elements() > 4 && packed > 0) return distinct_length(tensor) * packed;
  return static_cast<std::int64_t>(tensor.byte_size());
}

bool has_tpu_attrs(const WorkNode& n) {
  return std::any_of(n.attrs.begin(), n.attrs.end(),
                     [](const AttrMap::Entry& e) { return e.first.find("_tpu_") != std::string::npos; });
}

}  // namespace

bool ConstantFolder::is_foldable(const WorkNode& n) {
  auto& answers = may_fold_[n.name];
  auto it = std::find_if(answers.begin(), answers.end(), [&](const auto& a) { return a.first == n.op; });
  if (it == answers.end()) it = answers.insert(it, {n.op, may_be_foldable(n)});
  return it->second && is_foldable_now(n);
}

bool ConstantFolder::may_be_foldable(const WorkNode& n) const {
  const std::string& op = n.op->name;
  if (n.op->is_const || !is_free_of_side_effect(n)) return false;
  if (preserved_.contains(n.name) && !foldable_fetches_.contains(n.name)) return false;
  if (n.op->changes_frame() || n.op->is_placeholder) return false;
  // LoopCond shows where a loop is; AccumulateNV2 has no kernel of its own; FakeParam has no value.
  if (op == "FakeParam" || op == "AccumulateNV2" || op == "LoopCond") return false;
  // Quantization that is emulated tells TF-TRT the ranges.
  if (op.starts_with("QuantizeAndDequantize") || op.starts_with("FakeQuantWithMinMax")) return false;
  for (const char* word : {"Save", "Restore", "Reader", "Quantized"})
    if (op.find(word) != std::string::npos) return false;
  if (op.starts_with("Sparse") || has_tpu_attrs(n)) return false;
  const auto& outputs = n.op->def->outputs;
  const auto is_variant = [](const ArgDef& arg) { return arg.type_attr.empty() && arg.type.dtype == DType::variant; };
  if (outputs.empty() || std::any_of(outputs.begin(), outputs.end(), is_variant)) return false;
  return !map_->outputs(n).empty() || foldable_fetches_.contains(n.name);
}

bool ConstantFolder::is_foldable_now(const WorkNode& n) const {
  if (n.inputs.empty()) return false;
  bool free_constant = false;
  for (const WorkInput& in : n.inputs) {
    if (in.is_control()) continue;
    const WorkNode* source = node(in);
    if (!source) return false;
    if (is_constant(*source)) {
      // Strings name checkpoints; they stay.
      const DType dtype = source->attrs.get_type("dtype");
      if (dtype == DType::invalid || dtype == DType::string) return false;
      free_constant = free_constant || !source->has_control_inputs();
    } else if (!n.op->is_merge) {
      return false;
    }
  }
  // A Merge takes what comes first: a constant that waits for nothing.
  if (n.op->is_merge && !free_constant) return false;
  if (!properties_.has_outputs(n.name)) return true;
  std::int64_t in_bytes = 0;
  for (int i = 0; i < properties_.input_count(n.name); ++i) {
    const std::int64_t bytes = byte_size(properties_.input(n.name, i));
    if (bytes > 0) in_bytes += bytes;
  }
  for (int i = 0; i < properties_.output_count(n.name); ++i) {
    const TensorInfo& output = properties_.output(n.name, i);
    if (!output.shape.is_static()) continue;
    const std::int64_t bytes = byte_size(output);
    if (bytes < 0 || (bytes > in_bytes && bytes > kMaxConstantBytes)) return false;
  }
  return true;
}

void ConstantFolder::fold_graph() {
  std::deque<WorkNode*> queue;
  for (WorkNode* n : *nodes_)
    if (is_foldable(*n)) queue.push_back(n);
  NodeList made;
  nodes_ = &made;
  std::vector<bool> done;
  while (!queue.empty()) {
    WorkNode* n = queue.front();
    queue.pop_front();
    const auto index = static_cast<std::size_t>(n->index);
    if (index >= done.size()) done.resize(index + 1);
    if (done[index]) continue;
    done[index] = true;
    const NodeList readers = map_->outputs_by_name(n->name);
    const Folded result = fold(*n);
    if (result == Folded::too_large) too_large_.insert(n->name);
    if (result != Folded::yes) continue;
    for (WorkNode* reader : readers)
      if (is_foldable(*reader) && !too_large_.contains(reader->name)) queue.push_back(reader);
  }
  std::vector<int> unread;
  for (std::size_t i = 0; i < made.size(); ++i)
    if (map_->outputs(*made[i]).empty()) unread.push_back(static_cast<int>(i));
  erase_positions(made, unread);
  for (WorkNode* n : graph_.nodes)
    if (!map_->outputs(*n).empty() || fetches_.empty() || preserved_.contains(n->name)) made.push_back(n);
  graph_.nodes = std::move(made);
  nodes_ = &graph_.nodes;
}

std::vector<WorkInput> ConstantFolder::controls_of(const WorkNode& n) const {
  std::vector<WorkInput> controls;
  const auto add = [&](const WorkInput& in) {
    if (std::find(controls.begin(), controls.end(), in) == controls.end()) controls.push_back(in);
  };
  for (const WorkInput& in : n.inputs) {
    if (in.is_control()) {
      add(in);
      continue;
    }
    for (const WorkInput& behind : node(in)->inputs) add(behind);
  }
  return controls;
}

std::optional<std::vector<Tensor>> ConstantFolder::compute(const WorkNode& n, std::int64_t& input_bytes) {
  const auto refuse = [&](std::string reason) {
    not_folded_.push_back({n.name, std::move(reason)});
    return std::nullopt;
  };
  std::vector<Tensor> inputs;
  for (const WorkInput& in : n.inputs) {
    if (in.is_control()) break;
    const WorkNode* source = node(in);
    const Constant* value = source && is_constant(*source) ? source->attrs.get_constant("value") : nullptr;
    if (!value) return std::nullopt;
    auto tensor = value->materialise(kMaxInputBytes);
    if (tensor.ok()) tensor = tensor->aligned();
    if (!tensor.ok()) return refuse(tensor.error().message);
    input_bytes += static_cast<std::int64_t>(tensor->byte_size());
    inputs.push_back(std::move(*tensor));
  }
  if (!evaluator_) return refuse("no device computes constants here");
  auto values = evaluator_->evaluate(graph_.record(n), inputs);
  if (!values.ok()) return refuse(values.error().message);
  if (values->empty()) return std::nullopt;
  return std::move(*values);
}

ConstantFolder::Folded ConstantFolder::fold(WorkNode& n) {
  if (n.op->is_merge) return fold_merge(n);
  std::int64_t input_bytes = 0;
  const auto values = compute(n, input_bytes);
  if (!values) return Folded::no;
  for (const Tensor& value : *values) {
    if (!value.valid()) continue;
    if (value.dtype() == DType::resource || value.dtype() == DType::variant) return Folded::no;
    const std::int64_t bytes = encoded_size(value);
    if (bytes > input_bytes && bytes >= kMaxConstantBytes) return Folded::too_large;
  }
  const std::vector<WorkInput> controls = controls_of(n);
  if (values->size() == 1) {
    if (!(*values)[0].valid()) return Folded::no;
    graph_.set_op(n, "Const");
    map_->remove_inputs(n.name);
    n.inputs = controls;
    for (const WorkInput& in : n.inputs) map_->add_output(in.node, n.name);
    n.attrs = {};
    n.attrs.set("dtype", TypeValue((*values)[0].dtype()));
    n.attrs.set("value", make_constant_attr(compact_constant((*values)[0])));
    return Folded::yes;
  }
  std::vector<WorkNode*> constants(values->size(), nullptr);
  for (std::size_t i = 0; i < constants.size(); ++i) {
    if (!(*values)[i].valid()) continue;  // dead: its readers stay with the node
    const std::string name = made_name(n, "-folded-" + std::to_string(i));
    if (exists(name)) return Folded::no;
    constants[i] = &add_constant(name, compact_constant((*values)[i]), n);
    constants[i]->inputs = controls;
    for (const WorkInput& in : controls) map_->add_output(in.node, constants[i]->name);
  }
  replace_outputs(n, constants);
  return Folded::yes;
}

void ConstantFolder::replace_outputs(WorkNode& n, const std::vector<WorkNode*>& values) {
  WorkNode* any = nullptr;
  for (WorkNode* value : values)
    if (value) any = value;
  const NodeList readers = map_->outputs(n);
  for (WorkNode* reader : readers)
    for (WorkInput& in : reader->inputs) {
      if (in.node != n.name) continue;
      if (in.is_control()) {
        if (!any) continue;
        // As in TensorFlow: what is noted is that `n` itself reads the constant, which keeps the constant alive.
        map_->update_input(n.name, in.node, any->name);
        in = control_on(any->name);
      } else if (static_cast<std::size_t>(in.port) < values.size() && values[static_cast<std::size_t>(in.port)]) {
        const NameId value = values[static_cast<std::size_t>(in.port)]->name;
        map_->update_input(reader->name, in.node, value);
        in = {value, 0};
      }
    }
  if (map_->outputs(n).empty() && !fetches_.empty() && !preserved_.contains(n.name)) {
    map_->remove_inputs(n.name);
    n.inputs.clear();
  }
}

ConstantFolder::Folded ConstantFolder::fold_merge(WorkNode& n) {
  for (std::size_t i = 0; i < n.inputs.size(); ++i) {
    if (n.inputs[i].is_control()) continue;
    const WorkNode* source = input_node(n, i);
    if (!source || !is_constant(*source) || source->has_control_inputs()) continue;
    const Constant* value = source->attrs.get_constant("value");
    const std::string value_name = made_name(n, "_const"), index_name = made_name(n, "_index");
    if (!value || exists(value_name) || exists(index_name)) return Folded::no;
    WorkNode* made[2] = {&add_constant(value_name, *value, n),
                         &add_constant(index_name, integer_scalar(DType::int32, static_cast<std::int64_t>(i)), n)};
    for (WorkNode* constant : made) {
      constant->inputs = {control_on(n.name)};
      map_->add_output(n.name, constant->name);
    }
    const NodeList readers = map_->outputs(n);
    for (WorkNode* reader : readers)
      for (WorkInput& in : reader->inputs) {
        if (in.node != n.name || in.port < 0 || in.port > 1) continue;
        in = {made[in.port]->name, 0};
        map_->add_output(in.node, reader->name);
      }
    return Folded::yes;
  }
  return Folded::yes;
}

}  // namespace isotherm::passes
