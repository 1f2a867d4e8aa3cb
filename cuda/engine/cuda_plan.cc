#include "cuda/engine/cuda_plan.h"

#include <algorithm>

#include "core/engine/network_edit.h"
#include "core/runtime/run.h"
#include "cuda/kernels/launch.h"

namespace isotherm::cuda {

/// What belongs to one run.
struct CudaPlan::RunState {
  KernelContext& context;
  DeviceStream& stream;
  std::vector<Tensor> inputs;
  std::span<Tensor> outputs;
  std::vector<Tensor> values;       ///< by tensor: results of native layers
  std::vector<Tensor> copies;       ///< by tensor: the same on the other side, once someone needed that
  std::vector<std::byte*> in, out;  ///< scratch of a step
};

Status CudaPlan::check_inputs(std::span<const Tensor> inputs) const {
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

Status CudaPlan::align_inputs(RunState& state) const {
  for (std::size_t i = 0; i < state.inputs.size(); ++i) {
    Tensor& input = state.inputs[i];
    if (dtype_size(input.dtype()) == 0 || input.byte_size() == 0) continue;
    if (input.on_host() ? input.dtype() != DType::float32 : aligned16(input.raw())) continue;
    // Floats that are on the host, and slices of a tensor that begin between the vectors that kernels read.
    ISO_ASSIGN(Tensor copy, state.context.allocate(input.dtype(), input.shape()));
    ISO_TRY(device_.copy(input, copy, state.stream));
    input = std::move(copy);
  }
  return {};
}

Status CudaPlan::take_stream(DeviceStream& stream) {
  if (last_stream_ && last_stream_ != stream.handle()) {
    // Both streams use the arena; the earlier one may be gone by now, so the whole card is waited for.
    if (stream.recording())
      return unsupported("the plan ran on another stream before, which a recording cannot wait for");
    ISO_CUDA(cudaDeviceSynchronize());
  }
  last_stream_ = stream.handle();
  return {};
}

Tensor CudaPlan::value(int tensor, const RunState& state) const {
  const Storage& s = storage_of(tensor);
  const NetworkTensor& wanted = tensor_at(network_, tensor);
  const auto shaped = [&](const Tensor& found) {
    return !found.valid() || found.shape() == wanted.shape || !wanted.shape.is_static() ? found
                                                                                        : found.reshaped(wanted.shape);
  };
  switch (s.kind) {
    case Storage::Kind::arena:
      return Tensor(wanted.dtype, wanted.shape, arena_, s.offset);
    case Storage::Kind::input:
      return shaped(state.inputs[static_cast<std::size_t>(s.index)]);
    case Storage::Kind::constant: {
      const Tensor& uploaded = constants_[static_cast<std::size_t>(s.index)];
      return shaped(uploaded.valid() ? uploaded : tensor_at(network_, s.index).constant);
    }
    case Storage::Kind::output:
      return shaped(state.outputs[static_cast<std::size_t>(s.index)]);
    case Storage::Kind::values:
      return shaped(state.values[static_cast<std::size_t>(s.index)]);
  }
  return {};
}

Result<std::byte*> CudaPlan::address(int tensor, RunState& state) const {
  const Storage& s = storage_of(tensor);
  switch (s.kind) {
    case Storage::Kind::arena:
      return arena_->data() + s.offset;
    case Storage::Kind::input:
      return state.inputs[static_cast<std::size_t>(s.index)].raw();
    case Storage::Kind::constant:
      return constants_[static_cast<std::size_t>(s.index)].raw();
    case Storage::Kind::output:
      return state.outputs[static_cast<std::size_t>(s.index)].raw();
    case Storage::Kind::values:
      break;
  }
  ISO_ASSIGN(const Tensor found, on_device(tensor, state));
  return found.raw();
}

Result<Tensor> CudaPlan::on_device(int tensor, RunState& state) const {
  Tensor found = value(tensor, state);
  if (!found.valid()) return internal_error("'" + tensor_at(network_, tensor).name + "' was not computed");
  if (!found.on_host() || dtype_size(found.dtype()) == 0) return found;
  Tensor& copy = state.copies[static_cast<std::size_t>(tensor)];
  if (!copy.valid()) {
    ISO_ASSIGN(copy, state.context.allocate(found.dtype(), found.shape()));
    ISO_TRY(device_.copy(found, copy, state.stream));
  }
  return copy;
}

Result<Tensor> CudaPlan::on_host(int tensor, RunState& state) const {
  const Storage& s = storage_of(tensor);
  if (s.kind == Storage::Kind::constant) {
    const NetworkTensor& wanted = tensor_at(network_, tensor);
    const Tensor& constant = tensor_at(network_, s.index).constant;
    return wanted.shape.is_static() && constant.shape() != wanted.shape ? constant.reshaped(wanted.shape) : constant;
  }
  Tensor found = value(tensor, state);
  if (!found.valid()) return internal_error("'" + tensor_at(network_, tensor).name + "' was not computed");
  if (found.on_host()) return found;
  Tensor& copy = state.copies[static_cast<std::size_t>(tensor)];
  if (!copy.valid()) {
    ISO_ASSIGN(copy, state.context.allocate_on_host(found.dtype(), found.shape()));
    ISO_TRY(device_.copy(found, copy, state.stream));
    ISO_TRY(state.stream.synchronise());
  }
  return copy;
}

Status CudaPlan::run_native(const Step& step, RunState& state) {
  Kernel& kernel = *step.native->kernel;
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    const int port = static_cast<int>(i);
    if (kernel.input_on_host(port) || !kernel.reads_input(port)) {
      ISO_ASSIGN(Tensor input, on_host(step.inputs[i], state));
      inputs.push_back(std::move(input));
    } else {
      ISO_ASSIGN(Tensor input, on_device(step.inputs[i], state));
      inputs.push_back(std::move(input));
    }
  }
  LayerContext context(state.context, inputs, step.outputs.size());
  ISO_TRY(kernel.run(context));
  for (std::size_t o = 0; o < step.outputs.size(); ++o) {
    Tensor result = std::move(context.outputs()[o]);
    const NetworkTensor& expected = tensor_at(network_, step.outputs[o]);
    if (!result.valid()) continue;  // nobody reads it, or the reader will say what is missing
    if (expected.shape.is_static() && result.shape() != expected.shape)
      return internal_error("result " + std::to_string(o) + ": found shape " + result.shape().to_string() +
                            ", expected " + expected.shape.to_string());
    if (result.buffer() == arena_) {  // passed on from the arena, where its place will be used again
      ISO_ASSIGN(Tensor copy, state.context.allocate(result.dtype(), result.shape()));
      ISO_TRY(device_.copy(result, copy, state.stream));
      result = std::move(copy);
    }
    state.values[static_cast<std::size_t>(step.outputs[o])] = std::move(result);
  }
  return {};
}

Status CudaPlan::run_step(const Step& step, RunState& state) {
  if (!step.tactic) return run_native(step, state);
  state.in.clear();
  for (const int t : step.inputs) {
    ISO_ASSIGN(std::byte* const input, address(t, state));
    state.in.push_back(input);
  }
  ISO_ASSIGN(std::byte* const output, address(step.outputs[0], state));
  state.out.assign(1, output);
  return step.tactic->issue({state.in, state.out, arena_->data() + workspace_offset_}, state.stream);
}

Status CudaPlan::show_step(const Step& step, const ScopeInfo& scope, RunState& state, ValueObserver& observer) const {
  std::vector<LayerValue> values;
  for (const int t : step.outputs) values.push_back({tensor_at(network_, t).name, value(t, state)});
  return observer.layer_ran(scope, values, device_, state.stream);
}

Status CudaPlan::run_steps(RunState& state, NodeId engine_node) {
  RunObserver* const observer = state.context.observer();
  ValueObserver* const seen = observer ? observer->values() : nullptr;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (state.context.cancelled()) return cancelled();
    const PlanLayer& layer = layers_[i];
    const ScopeInfo info = layer_scope(layer, i, engine_node);
    Status status;
    {
      const Scope scope(observer, info, &state.context.stream());
      status = run_step(steps_[i], state);
    }
    if (status.ok() && seen) status = show_step(steps_[i], info, state, *seen);
    if (!status.ok())
      return status.error().at("engine '" + network_.name + "': layer '" + layer.name + "' (" +
                               std::string(layer_kind_name(layer.kind)) + "), " + layer.tactic);
  }
  return {};
}

Status CudaPlan::give_outputs(RunState& state) const {
  for (std::size_t o = 0; o < state.outputs.size(); ++o) {
    const int t = network_.outputs[o];
    const Storage& s = storage_of(t);
    if (s.kind == Storage::Kind::output && s.index == static_cast<int>(o)) continue;  // written there
    ISO_ASSIGN(Tensor found, on_device(t, state));
    if (s.kind == Storage::Kind::constant && !found.on_host()) {  // whoever gets it may write over it
      ISO_ASSIGN(Tensor copy, state.context.allocate(found.dtype(), found.shape()));
      ISO_TRY(device_.copy(found, copy, state.stream));
      found = std::move(copy);
    }
    state.outputs[o] = std::move(found);
  }
  for (std::size_t o = 0; o < state.outputs.size(); ++o) {
    const NetworkTensor& tensor = tensor_at(network_, network_.outputs[o]);
    if (state.outputs[o].shape() != tensor.shape && tensor.shape.is_static())
      state.outputs[o] = state.outputs[o].reshaped(tensor.shape);
  }
  return {};
}

std::vector<const void*> CudaPlan::addresses_of(const RunState& state) const {
  std::vector<const void*> addresses{state.stream.handle()};
  for (const Tensor& t : state.inputs) addresses.push_back(t.raw());
  for (const Tensor& t : state.outputs) addresses.push_back(t.raw());
  return addresses;
}

Status CudaPlan::record_steps(RunState& state, NodeId engine_node) {
  RunObserver* const observer = state.context.observer();
  ISO_ASSIGN(const std::uint64_t number, device_.begin_recording(state.stream));
  if (observer) observer->capture_begin(number, &state.stream);
  const Status issued = run_steps(state, engine_node);
  auto recording = device_.end_recording(state.stream);
  if (observer) observer->capture_end(number, &state.stream);
  ISO_TRY(issued);
  if (!recording.ok()) return recording.error();
  replay_.recording = std::move(*recording);
  replay_.observer = observer;
  return {};
}

Result<bool> CudaPlan::replay_steps(RunState& state, NodeId engine_node) {
  // Native kernels allocate what a graph would have to keep. In a recording of the whole run the steps are issued as
  // they are.
  const auto is_native = [](const Step& step) { return !step.tactic; };
  if (!device_.records_runs() || state.stream.recording() || replay_.refused || steps_.empty() ||
      std::any_of(steps_.begin(), steps_.end(), is_native))
    return false;
  RunObserver* const observer = state.context.observer();
  if (observer && observer->values()) return false;  // every layer is to be seen by itself
  if (std::vector<const void*> addresses = addresses_of(state); addresses != replay_.addresses) {
    replay_.addresses = std::move(addresses);
    replay_.recording.reset();
    return false;
  }
  if (replay_.recording && observer && observer != replay_.observer) replay_.recording.reset();
  if (!replay_.recording) {
    if (const Status status = record_steps(state, engine_node); !status.ok()) {
      if (status.error().code == ErrorCode::cancelled) return status.error();
      replay_.refused = true;
      return false;
    }
  }
  if (observer) observer->replay(replay_.recording->number(), &state.stream);
  ISO_TRY(replay_.recording->replay(state.stream));
  return true;
}

Status CudaPlan::run(KernelContext& context, std::span<const Tensor> inputs, std::span<Tensor> outputs,
                     NodeId engine_node) {
  const std::lock_guard lock(running_);
  const std::string where = "engine '" + network_.name + "'";
  if (const Status status = check_inputs(inputs); !status.ok()) return status.error().at(where);
  if (outputs.size() != network_.outputs.size())
    return invalid_input(where + ": found room for " + std::to_string(outputs.size()) + " outputs, the plan has " +
                         std::to_string(network_.outputs.size()));
  ISO_ASSIGN(const Launch launch, launch_of(context));
  if (const Status status = take_stream(launch.stream); !status.ok()) return status.error().at(where);
  RunState state{context,
                 launch.stream,
                 {inputs.begin(), inputs.end()},
                 outputs,
                 std::vector<Tensor>(network_.tensors.size()),
                 std::vector<Tensor>(network_.tensors.size()),
                 {},
                 {}};
  if (const Status status = align_inputs(state); !status.ok()) return status.error().at(where);
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    const NetworkTensor& tensor = tensor_at(network_, network_.outputs[o]);
    const Storage& s = storage_of(network_.outputs[o]);
    if (s.kind != Storage::Kind::output || s.index != static_cast<int>(o)) continue;
    ISO_ASSIGN(outputs[o], context.allocate(tensor.dtype, tensor.shape));
  }
  const auto replayed = replay_steps(state, engine_node);
  if (!replayed.ok()) return replayed.error();
  if (!*replayed) ISO_TRY(run_steps(state, engine_node));
  if (const Status status = give_outputs(state); !status.ok()) return status.error().at(where);
  return {};
}

}  // namespace isotherm::cuda
