#include "profiler/error_recorder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace isotherm {
namespace {

/// The value on the host, the caller's own; invalid for what is no array of numbers or strings.
Result<Tensor> own_copy(const Tensor& value, Device& device, Stream& stream) {
  if (!value.valid() || value.dtype() == DType::string) return value;
  if (dtype_size(value.dtype()) == 0) return Tensor();
  if (value.byte_size() == 0) return Tensor(value.dtype(), value.shape(), nullptr);
  ISO_ASSIGN(Tensor copy, Tensor::make(value.dtype(), value.shape()));
  if (!value.on_host()) ISO_TRY(device.copy(value, copy, stream));
  ISO_TRY(stream.synchronise());
  if (value.on_host()) std::memcpy(copy.raw(), value.raw(), value.byte_size());
  return copy;
}

/// The value on the host for as long as the call lasts.
Result<Tensor> on_host(const Tensor& value, Device& device, Stream& stream) {
  if (!value.on_host()) return own_copy(value, device, stream);
  ISO_TRY(stream.synchronise());
  return value;
}

bool is_worse(const TensorError& error, const TensorErrorRecord& than) {
  if (!than.mismatch.empty()) return false;
  return !error.mismatch.empty() || error.error > than.error;
}

}  // namespace

double error_bound(ExecutedPrecision precision) {
  switch (precision) {
    case ExecutedPrecision::fp32: return 1e-4;
    case ExecutedPrecision::fp16: return 1e-2;
    default: return -1;
  }
}

TieCheck index_ties(const Node& node, int port, std::span<const Tensor> inputs, double bound) {
  const bool argument = node.op == "ArgMax" || node.op == "ArgMin";
  const bool top = (node.op == "TopKV2" || node.op == "TopK") && port == 1;
  const bool suppression = node.op.starts_with("NonMaxSuppression") && port == 0;
  if (!(argument && port == 0) && !top && !suppression) return {};
  const std::size_t which = suppression ? 1 : 0;
  if (inputs.size() <= which) return {};
  const Tensor scores = inputs[which];
  if (!scores.valid() || dtype_size(scores.dtype()) == 0 || scores.rank() < 1 || scores.elements() == 0) return {};
  // The index runs along `axis`; the output has one element for each place before and behind it, of TopK k.
  int axis = scores.rank() - 1;
  if (argument) {
    if (inputs.size() < 2 || inputs[1].elements() != 1) return {};
    const std::int64_t given = integer_at(inputs[1], 0);
    axis = static_cast<int>(given < 0 ? given + scores.rank() : given);
    if (axis < 0 || axis >= scores.rank()) return {};
  }
  std::int64_t behind = 1;
  for (int d = axis + 1; d < scores.rank(); ++d) behind *= scores.dim(d);
  const std::int64_t along = scores.dim(axis), rows = scores.elements() / (along * behind);
  double largest = 0;
  for (std::int64_t i = 0; i < scores.elements(); ++i)
    if (const double s = std::abs(number_at(scores, i)); std::isfinite(s)) largest = std::max(largest, s);
  std::int64_t each = 1;  // elements of the output for one row
  if (top) {
    if (inputs.size() < 2 || inputs[1].elements() != 1) return {};
    each = std::max<std::int64_t>(integer_at(inputs[1], 0), 1);
  } else if (suppression) {
    each = std::numeric_limits<std::int64_t>::max();  // one row
  }
  return [=](std::int64_t element, std::int64_t a, std::int64_t b) {
    const std::int64_t row = top || suppression ? element / each : element / behind;
    const std::int64_t inner = top || suppression ? 0 : element % behind;
    if (a < 0 || b < 0 || a >= along || b >= along || row >= rows) return false;
    const double x = number_at(scores, (row * along + a) * behind + inner), y = number_at(scores, (row * along + b) * behind + inner);
    return std::abs(x - y) <= bound * largest;
  };
}

class ErrorRecorder::Engines final : public ValueRecorder {
 public:
  explicit Engines(ErrorRecorder& to) : to_(to) {}

  Status node_ran(const ScopeInfo& node, const NodeValues& values, Device& device, Stream& stream) override {
    if (!node.function.empty()) return {};
    const Conversion& c = *to_.conversion_;
    const auto id = static_cast<NodeId>(node.id);
    const int execution = executions_[id]++;
    const auto engine = std::find_if(c.engines.begin(), c.engines.end(), [&](const EngineSummary& e) { return e.node == id; });
    const auto& before = c.map.before_of[static_cast<std::size_t>(id)];
    for (std::size_t port = 0; port < values.outputs.size(); ++port) {
      TensorRef tensor;
      if (engine != c.engines.end()) {
        const auto& outputs = c.segmentation.segments[static_cast<std::size_t>(engine->segment)].outputs;
        if (port >= outputs.size()) break;
        tensor = outputs[port];
      } else if (before.size() == 1) {
        tensor = {before[0], static_cast<int>(port)};
      } else {
        break;  // a node that the conversion added
      }
      ISO_TRY(keep(tensor, *values.outputs[port], {{}, execution, engine != c.engines.end() ? id : kNoNode, -1, engine != c.engines.end(), false}, device, stream));
    }
    return {};
  }

  Status layer_ran(const ScopeInfo& layer, std::span<const LayerValue> values, Device& device, Stream& stream) override {
    const int execution = layer_executions_[{layer.engine, layer.id}]++;
    for (const LayerValue& made : values) {
      const auto name = parse_tensor_name(made.tensor);
      const NodeId node = name.ok() ? to_.conversion_->before->find(name->node) : kNoNode;
      if (node == kNoNode) continue;
      ISO_TRY(keep({node, name->port}, made.value, {{}, execution, static_cast<NodeId>(layer.engine), static_cast<int>(layer.id), false, false}, device, stream));
    }
    return {};
  }

 private:
  Status keep(TensorRef tensor, const Tensor& value, Kept kept, Device& device, Stream& stream) {
    auto copy = own_copy(value, device, stream);
    if (!copy.ok()) return copy.error().at("keeping the value of '" + to_.conversion_->before->tensor_name(tensor) + "' for the numeric error");
    if (!copy->valid()) return {};
    kept.value = std::move(*copy);
    to_.kept_[tensor].push_back(std::move(kept));
    return {};
  }

  ErrorRecorder& to_;
  std::map<NodeId, int> executions_;
  std::map<std::pair<std::int64_t, std::int64_t>, int> layer_executions_;
};

class ErrorRecorder::Native final : public ValueRecorder {
 public:
  explicit Native(ErrorRecorder& to) : to_(to) {}

  Status node_ran(const ScopeInfo& node, const NodeValues& values, Device& device, Stream& stream) override {
    if (!node.function.empty()) return {};
    const auto id = static_cast<NodeId>(node.id);
    const int execution = to_.native_executions_[id]++;
    for (std::size_t port = 0; port < values.outputs.size(); ++port) {
      const TensorRef tensor{id, static_cast<int>(port)};
      const auto found = to_.kept_.find(tensor);
      if (found == to_.kept_.end()) continue;
      const Tensor& made = *values.outputs[port];
      Tensor value;
      if (made.valid()) {
        ISO_ASSIGN(value, on_host(made, device, stream));
      }
      TieCheck ties;
      for (Kept& kept : found->second) {
        if (kept.execution != execution || kept.compared) continue;
        if (!ties && is_integer(value.dtype())) {
          ISO_ASSIGN(ties, ties_of(id, static_cast<int>(port), values, device, stream));
        }
        to_.add(tensor, kept, tensor_error(kept.value, value, ties));
        kept.compared = true;
        kept.value = Tensor();
      }
    }
    return {};
  }
  Status layer_ran(const ScopeInfo&, std::span<const LayerValue>, Device&, Stream&) override { return {}; }

 private:
  Result<TieCheck> ties_of(NodeId id, int port, const NodeValues& values, Device& device, Stream& stream) {
    const Node& node = (*to_.conversion_->before)[id];
    if (!node.op.starts_with("Arg") && !node.op.starts_with("TopK") && !node.op.starts_with("NonMaxSuppression")) return TieCheck();
    std::vector<Tensor> inputs;
    for (const Tensor* input : values.inputs) {
      ISO_ASSIGN(Tensor value, own_copy(*input, device, stream));
      inputs.push_back(std::move(value));
    }
    return index_ties(node, port, inputs, error_bound(ExecutedPrecision::fp32));
  }

  ErrorRecorder& to_;
};

ErrorRecorder::ErrorRecorder(std::shared_ptr<const Conversion> conversion)
    : conversion_(std::move(conversion)), engines_(std::make_unique<Engines>(*this)), native_(std::make_unique<Native>(*this)) {}

ErrorRecorder::~ErrorRecorder() = default;

RunObserver& ErrorRecorder::engine_run() { return *engines_; }
RunObserver& ErrorRecorder::native_run() { return *native_; }

void ErrorRecorder::add(TensorRef tensor, const Kept& from, const TensorError& error) {
  const auto [at, is_new] = records_.try_emplace(tensor);
  TensorErrorRecord& record = at->second;
  if (is_new || is_worse(error, record)) {
    record.error = error.error;
    record.difference = error.difference;
    record.largest = error.largest;
    record.elements = error.elements;
    record.mismatch = error.mismatch;
  }
  record.node = tensor.node;
  record.port = tensor.port;
  if (from.engine != kNoNode) record.engine = from.engine;
  if (from.layer >= 0) record.layer = from.layer;
  record.engine_output |= from.engine_output;
}

void ErrorRecorder::compare_fetches(const std::vector<std::string>& names, const std::vector<Tensor>& engines, const std::vector<Tensor>& native) {
  for (std::size_t i = 0; i < names.size() && i < engines.size() && i < native.size(); ++i) {
    const auto tensor = conversion_->before->find_tensor(names[i]);
    const bool comparable = native[i].valid() && (dtype_size(native[i].dtype()) > 0 || native[i].dtype() == DType::string);
    if (!tensor.ok() || !comparable || kept_.contains(*tensor)) continue;
    add(*tensor, {}, tensor_error(engines[i], native[i]));
  }
}

std::vector<TensorErrorRecord> ErrorRecorder::take() {
  for (const auto& [tensor, values] : kept_) {
    const auto ran = native_executions_.find(tensor.node);
    if (ran == native_executions_.end()) continue;  // the native run made no such tensor
    for (const Kept& kept : values) {
      if (kept.compared) continue;
      TensorError error;
      error.error = std::numeric_limits<double>::quiet_NaN();
      error.mismatch = "it was computed more than " + std::to_string(kept.execution) + " times with engines and " + std::to_string(ran->second) + " times natively";
      add(tensor, kept, error);
    }
  }
  std::vector<TensorErrorRecord> out;
  for (auto& [tensor, record] : records_) out.push_back(std::move(record));
  kept_.clear();
  records_.clear();
  native_executions_.clear();
  return out;
}

}  // namespace isotherm
