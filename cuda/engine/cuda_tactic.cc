#include "cuda/engine/cuda_tactic.h"

#include <algorithm>

#include "cuda/kernels/fused_pointwise.h"

namespace isotherm::cuda {
namespace {

constexpr std::size_t kAlignment = 256;

bool find_step(const PostOp& op, EpilogueStep& step) {
  using Kind = PostOp::Kind;
  switch (op.kind) {
    case Kind::relu:
      step = {EpilogueOp::relu, 0};
      return true;
    case Kind::relu6:
      step = {EpilogueOp::relu6, 0};
      return true;
    case Kind::sigmoid:
      step = {EpilogueOp::sigmoid, 0};
      return true;
    case Kind::tanh:
      step = {EpilogueOp::tanh, 0};
      return true;
    case Kind::elu:
      step = {EpilogueOp::elu, op.alpha};
      return true;
    case Kind::leaky_relu:
      step = {EpilogueOp::leaky_relu, op.alpha};
      return true;
    case Kind::add_tensor:
      step = {EpilogueOp::add, 0};
      return true;
    case Kind::unary:
      if (op.op == "Abs")
        step.op = EpilogueOp::abs;
      else if (op.op == "Exp")
        step.op = EpilogueOp::exp;
      else if (op.op == "Square")
        step.op = EpilogueOp::square;
      else if (op.op == "Softplus")
        step.op = EpilogueOp::softplus;
      else
        return false;
      return true;
    default:
      return false;
  }
}

}  // namespace

bool epilogue_steps(const Layer& layer, std::size_t first, Epilogue& epilogue, std::string& refusal) {
  for (std::size_t i = first; i < layer.post_ops.size(); ++i) {
    if (epilogue.count == kMaxEpilogueSteps) {
      refusal = "it has more than " + std::to_string(kMaxEpilogueSteps) + " post-ops";
      return false;
    }
    if (!find_step(layer.post_ops[i], epilogue.steps[epilogue.count])) {
      refusal = "post-op '" + layer.post_ops[i].op + "' has no counterpart";
      return false;
    }
    ++epilogue.count;
  }
  return true;
}

int added_input(const Layer& layer) {
  for (const PostOp& op : layer.post_ops) {
    if (op.kind != PostOp::Kind::add_tensor) continue;
    for (std::size_t i = layer.inputs.size(); i-- > 1;)
      if (layer.inputs[i] == op.tensor) return static_cast<int>(i);
  }
  return -1;
}

std::vector<float> bias_values(const Layer& layer) {
  std::vector<float> values;
  if (!layer.bias.valid()) return values;
  values.resize(static_cast<std::size_t>(output_channels(layer)));
  for (std::size_t c = 0; c < values.size(); ++c)
    values[c] =
        static_cast<float>(number_at(layer.bias, layer.bias.elements() == 1 ? 0 : static_cast<std::int64_t>(c)));
  return values;
}

Status CudaTactic::can_implement() {
  workspace_ = 0;
  epilogue_ = Epilogue();
  return plan();
}

Status CudaTactic::prepare() {
  if (prepared_) return {};
  ISO_TRY(pack());
  prepared_ = true;
  return {};
}

std::size_t CudaTactic::reserve(std::size_t bytes) {
  const std::size_t offset = workspace_;
  workspace_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  return offset;
}

Result<const float*> CudaTactic::upload(const void* data, std::size_t bytes) {
  ISO_ASSIGN(auto buffer, device_.upload(data, bytes));
  weight_bytes_ += bytes;
  constants_.push_back(std::move(buffer));
  return reinterpret_cast<const float*>(constants_.back()->data());
}

Result<const float*> CudaTactic::upload(const std::vector<float>& values) {
  return upload(values.data(), values.size() * sizeof(float));
}

Status CudaTactic::take_steps(std::size_t first) {
  std::string refusal;
  if (!epilogue_steps(layer_, first, epilogue_, refusal)) return unsupported(refusal);
  added_ = added_input(layer_);
  for (int i = 0; i < epilogue_.count; ++i)
    if (epilogue_.steps[i].op == EpilogueOp::add &&
        (added_ < 0 || input_shape(static_cast<std::size_t>(added_)) != output_shape()))
      return unsupported("the tensor to add is no input of the result's shape");
  return {};
}

Epilogue CudaTactic::epilogue(const TacticMemory& memory) const {
  Epilogue e = epilogue_;
  if (added_ >= 0) e.added = floats(memory.inputs[static_cast<std::size_t>(added_)]);
  return e;
}

Status CudaTactic::finish(const TacticMemory& memory, DeviceStream& stream, std::int64_t columns) const {
  if (epilogue_.count == 0 && !epilogue_.bias) return {};
  float* const y = floats(memory.outputs[0]);
  ISO_CUDA(launch_epilogue(y, y, output_shape().elements().value_or(0), columns, epilogue(memory), stream.handle()));
  return {};
}

TacticList make_tactics(const LayerProblem& problem) {
  TacticList list;
  const Layer& layer = problem.layer;
  const auto usable = [&](int t) {
    const NetworkTensor& tensor = tensor_at(problem.network, t);
    return tensor.dtype == DType::float32 && tensor.shape.is_static() && tensor.shape.rank() <= kMaxDims &&
           tensor.shape.elements().value_or(0) > 0;
  };
  if (layer.outputs.size() != 1 || layer.inputs.empty() || !usable(layer.outputs[0])) return list;
  if (!std::all_of(layer.inputs.begin(), layer.inputs.end(), usable)) return list;
  switch (layer.kind) {
    case LayerKind::convolution:
      add_product_tactics(problem, list);
      add_convolution_tactics(problem, list);
      add_cudnn_tactics(problem, list);
      break;
    case LayerKind::matmul:
      add_product_tactics(problem, list);
      break;
    case LayerKind::pooling:
    case LayerKind::reduce:
      add_pooling_tactics(problem, list);
      break;
    case LayerKind::elementwise:
      add_pointwise_tactics(problem, list);
      break;
    case LayerKind::softmax:
    case LayerKind::concat:
    case LayerKind::shuffle:
    case LayerKind::pad:
      add_array_tactics(problem, list);
      break;
    default:
      break;
  }
  return list;
}

bool convolution_shape(const Network& network, const Layer& layer, ConvolutionShape& shape) {
  const Shape& in = tensor_at(network, layer.inputs[0]).shape;
  const Shape& out = tensor_at(network, layer.outputs[0]).shape;
  if (!layer.weights.valid() || layer.weights.dtype() != DType::float32 || layer.weights.rank() != 4 ||
      in.rank() != 4 || out.rank() != 4)
    return false;
  const ConvGeometry g = conv_geometry(layer);
  if (g.strides.size() != 2 || g.dilations.size() != 2 || g.pads_before.size() != 2) return false;
  const int c = g.channels_first ? 1 : 3, h = g.channels_first ? 2 : 1, w = h + 1;
  const std::int64_t values[] = {in.dim(0),
                                 in.dim(h),
                                 in.dim(w),
                                 in.dim(c),
                                 out.dim(h),
                                 out.dim(w),
                                 out.dim(c),
                                 layer.weights.dim(0),
                                 layer.weights.dim(1),
                                 g.strides[0],
                                 g.strides[1],
                                 g.pads_before[0],
                                 g.pads_before[1],
                                 g.dilations[0],
                                 g.dilations[1]};
  for (const std::int64_t v : values)
    if (v < 0 || v >= std::int64_t{1} << 30) return false;
  int* const to[] = {&shape.n,        &shape.h,     &shape.w,     &shape.c,          &shape.p,
                     &shape.q,        &shape.k,     &shape.r,     &shape.s,          &shape.stride_h,
                     &shape.stride_w, &shape.pad_h, &shape.pad_w, &shape.dilation_h, &shape.dilation_w};
  for (std::size_t i = 0; i < std::size(values); ++i) *to[i] = static_cast<int>(values[i]);
  return true;
}

}  // namespace isotherm::cuda
