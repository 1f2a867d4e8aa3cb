#include "core/cpu/engine/cpu_plan.h"

#include <algorithm>

#include "core/engine/network_edit.h"
#include "core/runtime/run.h"

namespace isotherm::cpu {

/// What belongs to one run.
struct CpuPlan::RunState {
  KernelContext& context;
  std::span<const Tensor> inputs;
  std::span<Tensor> outputs;
  std::vector<Tensor> values;       ///< by tensor: results of native layers
  std::vector<std::byte*> in, out;  ///< scratch of a step
};

Status CpuPlan::check_inputs(std::span<const Tensor> inputs) const {
  if (inputs.size() != network_.inputs.size())
    return invalid_input("found " + std::to_string(inputs.size()) + " inputs, the plan has " +
                         std::to_string(network_.inputs.size()));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const NetworkTensor& expected = tensor_at(network_, network_.inputs[i]);
    if (expected.dtype == DType::resource) continue;  // its variable's value is a weight
    const bool shape_fits = !expected.shape.is_static() || inputs[i].shape() == expected.shape;
    if (inputs[i].dtype() != expected.dtype || !shape_fits)
      return invalid_input("input " + std::to_string(i) + ": found " + std::string(dtype_name(inputs[i].dtype())) +
                           " " + inputs[i].shape().to_string() + ", the plan is for " +
                           std::string(dtype_name(expected.dtype)) + " " + expected.shape.to_string());
  }
  return {};
}

std::byte* CpuPlan::address(int tensor, const RunState& state) const {
  const Storage& s = storages_[static_cast<std::size_t>(
      places_[static_cast<std::size_t>(places_[static_cast<std::size_t>(tensor)].base)].storage)];
  switch (s.kind) {
    case Storage::Kind::arena:
      return arena_->data() + s.offset;
    case Storage::Kind::input:
      return state.inputs[static_cast<std::size_t>(s.index)].raw();
    case Storage::Kind::constant:
      return tensor_at(network_, s.index).constant.raw();
    case Storage::Kind::output:
      return state.outputs[static_cast<std::size_t>(s.index)].raw();
    case Storage::Kind::values:
      return state.values[static_cast<std::size_t>(s.index)].raw();
  }
  return nullptr;
}

Result<Tensor> CpuPlan::native_input(const Step& step, std::size_t i, RunState& state) {
  const int t = step.inputs[i];
  const TensorPlace& place = places_[static_cast<std::size_t>(places_[static_cast<std::size_t>(t)].base)];
  const Storage& s = storages_[static_cast<std::size_t>(place.storage)];
  const NetworkTensor& tensor = tensor_at(network_, t);
  const auto shaped = [&](const Tensor& value) {
    return value.shape() == tensor.shape || !tensor.shape.is_static() ? value : value.reshaped(tensor.shape);
  };
  if (s.kind == Storage::Kind::input) return shaped(state.inputs[static_cast<std::size_t>(s.index)]);
  if (s.kind == Storage::Kind::constant) return shaped(tensor_at(network_, s.index).constant);
  if (s.kind == Storage::Kind::values) return shaped(state.values[static_cast<std::size_t>(s.index)]);
  try {
    memory& plain = const_cast<InputPort&>(step.native_ports[i])
                        .bring(address(t, state), arena_->data() + workspace_offset_ + step.native_offsets[i]);
    onednn_stream().wait();
    auto* data = static_cast<std::byte*>(plain.get_data_handle());
    if (s.kind == Storage::Kind::output && step.native_ports[i].is_direct())
      return shaped(state.outputs[static_cast<std::size_t>(s.index)]);
    return Tensor(DType::float32, tensor.shape, arena_, static_cast<std::size_t>(data - arena_->data()));
  } catch (const dnnl::error& e) {
    return onednn_error(e);
  }
}

Status CpuPlan::run_native(const Step& step, RunState& state) {
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    ISO_ASSIGN(Tensor input, native_input(step, i, state));
    inputs.push_back(std::move(input));
  }
  LayerContext context(state.context, inputs, step.outputs.size());
  ISO_TRY(step.native->kernel->run(context));
  for (std::size_t o = 0; o < step.outputs.size(); ++o) {
    Tensor value = std::move(context.outputs()[o]);
    const NetworkTensor& expected = tensor_at(network_, step.outputs[o]);
    if (!value.valid()) continue;  // nobody reads it, or the reader will say what is missing
    if (expected.shape.is_static() && value.shape() != expected.shape)
      return internal_error("result " + std::to_string(o) + ": found shape " + value.shape().to_string() +
                            ", expected " + expected.shape.to_string());
    if (value.buffer() == arena_) {  // passed on from the arena, where its place will be used again
      ISO_ASSIGN(Tensor copy, state.context.allocate(value.dtype(), value.shape()));
      std::copy(value.raw(), value.raw() + value.byte_size(), copy.raw());
      value = std::move(copy);
    }
    state.values[static_cast<std::size_t>(step.outputs[o])] = std::move(value);
  }
  return {};
}

Status CpuPlan::run_step(std::size_t i, RunState& state) {
  Step& step = steps_[i];
  std::byte* const workspace = arena_->data() + workspace_offset_;
  if (step.tactic) {
    state.in.clear();
    for (const int t : step.inputs) state.in.push_back(address(t, state));
    state.out.assign(1, address(step.outputs[0], state));
    ISO_TRY(step.tactic->run({state.in, state.out, workspace}));
  } else {
    ISO_TRY(run_native(step, state));
  }
  for (Export& e : step.exports) {
    std::byte* from = address(e.tensor, state);
    try {
      const auto* plain = static_cast<const std::byte*>(e.port.bring(from, workspace).get_data_handle());
      onednn_stream().wait();
      Tensor& to = state.outputs[static_cast<std::size_t>(e.output)];
      std::copy(plain, plain + to.byte_size(), to.raw());
    } catch (const dnnl::error& error) {
      return onednn_error(error);
    }
  }
  return {};
}

Result<Tensor> CpuPlan::plain_result(int tensor, const RunState& state) const {
  const TensorPlace& place = places_[static_cast<std::size_t>(places_[static_cast<std::size_t>(tensor)].base)];
  const Storage& s = storages_[static_cast<std::size_t>(place.storage)];
  if (s.kind == Storage::Kind::values) return state.values[static_cast<std::size_t>(s.index)];
  const NetworkTensor& made = tensor_at(network_, tensor);
  if (made.shape.elements().value_or(0) == 0) return Tensor(made.dtype, made.shape, nullptr);
  if (s.kind == Storage::Kind::output) return state.outputs[static_cast<std::size_t>(s.index)].reshaped(made.shape);
  if (is_plain(place.layout.desc, place.layout.shape)) return Tensor(made.dtype, made.shape, arena_, s.offset);
  try {
    InputPort port(place.layout, place.layout.shape, plain_desc(place.layout.shape));
    const std::shared_ptr<Buffer> copy = allocate_host(port.workspace_bytes());
    if (!copy) return exhausted("no memory for a copy of '" + made.name + "'");
    const auto* data =
        static_cast<const std::byte*>(port.bring(address(tensor, state), copy->data()).get_data_handle());
    onednn_stream().wait();
    return Tensor(made.dtype, made.shape, copy, static_cast<std::size_t>(data - copy->data()));
  } catch (const dnnl::error& e) {
    return onednn_error(e);
  }
}

Status CpuPlan::show_step(std::size_t i, const ScopeInfo& scope, RunState& state, ValueObserver& observer) const {
  std::vector<LayerValue> values;
  for (const int t : steps_[i].outputs) {
    ISO_ASSIGN(Tensor value, plain_result(t, state));
    values.push_back({tensor_at(network_, t).name, std::move(value)});
  }
  return observer.layer_ran(scope, values, state.context.device(), state.context.stream());
}

Status CpuPlan::run(KernelContext& context, std::span<const Tensor> inputs, std::span<Tensor> outputs,
                    NodeId engine_node) {
  const std::lock_guard lock(running_);
  ISO_TRY(check_inputs(inputs));
  if (outputs.size() != network_.outputs.size())
    return invalid_input("found room for " + std::to_string(outputs.size()) + " outputs, the plan has " +
                         std::to_string(network_.outputs.size()));
  set_onednn_threads(threads_);
  RunState state{context, inputs, outputs, std::vector<Tensor>(network_.tensors.size()), {}, {}};
  const auto storage_of = [&](int tensor) -> const Storage& {
    return storages_[static_cast<std::size_t>(
        places_[static_cast<std::size_t>(places_[static_cast<std::size_t>(tensor)].base)].storage)];
  };
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    const NetworkTensor& tensor = tensor_at(network_, network_.outputs[o]);
    const Storage& s = storage_of(network_.outputs[o]);
    const bool made_here =
        s.kind == Storage::Kind::arena || (s.kind == Storage::Kind::output && s.index == static_cast<int>(o));
    if (!made_here) continue;
    ISO_ASSIGN(outputs[o], context.allocate(tensor.dtype, tensor.shape));
  }
  ValueObserver* const seen = context.observer() ? context.observer()->values() : nullptr;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (context.cancelled()) return cancelled();
    const ScopeInfo info = layer_scope(layers_[i], i, engine_node);
    Status status;
    {
      const Scope scope(context.observer(), info, &context.stream());
      status = run_step(i, state);
    }
    if (status.ok() && seen) status = show_step(i, info, state, *seen);
    if (!status.ok())
      return status.error().at("layer '" + layers_[i].name + "' (" + std::string(layer_kind_name(layers_[i].kind)) +
                               ")");
  }
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    const NetworkTensor& tensor = tensor_at(network_, network_.outputs[o]);
    const Storage& s = storage_of(network_.outputs[o]);
    if (s.kind == Storage::Kind::arena) continue;
    Tensor value;
    if (s.kind == Storage::Kind::output)
      value = outputs[static_cast<std::size_t>(s.index)];
    else if (s.kind == Storage::Kind::input)
      value = inputs[static_cast<std::size_t>(s.index)];
    else if (s.kind == Storage::Kind::constant)
      value = tensor_at(network_, s.index).constant;
    else
      value = state.values[static_cast<std::size_t>(s.index)];
    if (!value.valid())
      return internal_error("output " + std::to_string(o) + " ('" + tensor.name + "') was not computed");
    outputs[o] = value.shape() != tensor.shape && tensor.shape.is_static() ? value.reshaped(tensor.shape) : value;
  }
  return {};
}

}  // namespace isotherm::cpu
