#include "core/engine/evaluate.h"

#include "core/engine/network_edit.h"
#include "core/runtime/session_state.h"

namespace isotherm {

LayerContext::LayerContext(KernelContext& outer, std::span<const Tensor> inputs, std::size_t outputs)
    : outer_(&outer),
      device_(&outer.device()),
      stream_(&outer.stream()),
      state_(&outer.state()),
      threads_(outer.threads()),
      inputs_(inputs),
      outputs_(outputs) {}

LayerContext::LayerContext(Device& device, Stream& stream, SessionState& state, int threads,
                           std::span<const Tensor> inputs, std::size_t outputs, RunObserver* observer)
    : device_(&device),
      stream_(&stream),
      state_(&state),
      threads_(threads),
      observer_(observer),
      inputs_(inputs),
      outputs_(outputs) {}

Result<Tensor> LayerContext::allocate(DType dtype, Shape shape) {
  if (outer_) return outer_->allocate(dtype, std::move(shape));
  if (device_->memory_kind() != MemoryKind::device) return Tensor::make(dtype, std::move(shape));
  const auto elements = shape.elements();
  if (!elements) return internal_error("cannot allocate a tensor of shape " + shape.to_string());
  ISO_ASSIGN(auto buffer, device_->allocate(static_cast<std::size_t>(*elements) * dtype_size(dtype)));
  return Tensor(dtype, std::move(shape), std::move(buffer));
}

Result<Tensor> LayerContext::allocate_on_host(DType dtype, Shape shape) {
  return outer_ ? outer_->allocate_on_host(dtype, std::move(shape)) : Tensor::make(dtype, std::move(shape));
}

Result<Tensor> LayerContext::scratch(std::size_t bytes) {
  return outer_ ? outer_->scratch(bytes) : allocate(DType::uint8, Shape{static_cast<std::int64_t>(bytes)});
}

void LayerContext::set_output(int port, Tensor value) {
  if (port >= 0 && static_cast<std::size_t>(port) < outputs_.size())
    outputs_[static_cast<std::size_t>(port)] = std::move(value);
}

Result<std::unique_ptr<NodeKernel>> make_node_kernel(Device& device, const Network& network, const Layer& layer,
                                                     SessionState* state, int threads) {
  const Node& node = node_of(network, layer);
  auto made = std::make_unique<NodeKernel>();
  ISO_ASSIGN(made->signature, signature_of(node));
  const auto info = [&](int t) {
    const NetworkTensor& tensor = tensor_at(network, t);
    TensorInfo out;
    out.dtype = tensor.dtype;
    out.shape = tensor.shape;
    if (tensor.constant.valid()) out.value = std::make_shared<const Constant>(tensor.constant);
    return out;
  };
  for (const int t : layer.native_inputs) {
    made->inputs.push_back(info(t));
    Tensor constant = tensor_at(network, t).constant;
    if (constant.valid() && dtype_size(constant.dtype()) > 0) {
      ISO_ASSIGN(constant, constant.aligned(kHostAlignment));
    }
    made->constants.push_back(std::move(constant));
  }
  for (const int t : layer.outputs) made->outputs.push_back(info(t));
  const KernelRequest request{*network.segment, layer.native_node, node,  made->signature, made->inputs,
                              made->outputs,    made->constants,   state, threads};
  ISO_ASSIGN(made->kernel, device.make_kernel(request));
  return made;
}

Result<std::vector<Tensor>> evaluate_layer(Device& device, const Network& network, const Layer& layer) {
  SessionState state;
  ISO_ASSIGN(auto kernel, make_node_kernel(device, network, layer, &state, 1));
  ISO_ASSIGN(auto stream, device.make_stream());
  LayerContext context(device, *stream, state, 1, kernel->constants, layer.outputs.size());
  const Node& node = node_of(network, layer);
  Status status = kernel->kernel->run(context);
  if (status.ok()) status = stream->synchronise();
  if (!status.ok()) return status.error().at("node '" + node.name + "' (" + node.op + ")");
  return std::move(context.outputs());
}

}  // namespace isotherm
