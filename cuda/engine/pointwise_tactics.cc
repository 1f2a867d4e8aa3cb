// Elementwise layers with their post-ops in one kernel: activations, arithmetic on two tensors, scale and shift by
// channel.
#include <algorithm>
#include <array>

#include "cuda/engine/cuda_tactic.h"
#include "cuda/kernels/fused_pointwise.h"

namespace isotherm::cuda {
namespace {

bool find_activation(const Layer& layer, EpilogueStep& step) {
  constexpr std::array<std::pair<std::string_view, EpilogueOp>, 9> kOps = {{{"Relu", EpilogueOp::relu},
                                                                            {"Relu6", EpilogueOp::relu6},
                                                                            {"Sigmoid", EpilogueOp::sigmoid},
                                                                            {"Tanh", EpilogueOp::tanh},
                                                                            {"Abs", EpilogueOp::abs},
                                                                            {"Exp", EpilogueOp::exp},
                                                                            {"Square", EpilogueOp::square},
                                                                            {"Softplus", EpilogueOp::softplus},
                                                                            {"Elu", EpilogueOp::elu}}};
  const std::string op = layer.attrs.get_string("op");
  if (op == "LeakyRelu") {
    step = {EpilogueOp::leaky_relu, layer.attrs.get_float("alpha", 0.2f)};
    return true;
  }
  const auto* found = std::find_if(kOps.begin(), kOps.end(), [&](const auto& o) { return o.first == op; });
  if (found == kOps.end()) return false;
  step = {found->second, op == "Elu" ? 1.0f : 0.0f};
  return true;
}

class ActivationTactic final : public CudaTactic {
 public:
  ActivationTactic(const LayerProblem& problem, EpilogueStep step) : CudaTactic(problem), step_(step) {}

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    ISO_CUDA(launch_epilogue(floats(memory.inputs[0]), floats(memory.outputs[0]), output_shape().elements().value_or(0),
                             1, epilogue(memory), stream.handle()));
    return {};
  }

 protected:
  Status plan() override {
    description_ = "isotherm " + layer_.attrs.get_string("op");
    if (input_shape(0) != output_shape()) return unsupported("its result has another shape than its input");
    epilogue_.steps[epilogue_.count++] = step_;
    ISO_TRY(take_steps());
    shareable_ = 0;
    return {};
  }

 private:
  EpilogueStep step_;
};

/// Two tensors, broadcast against each other.
class BinaryTactic final : public CudaTactic {
 public:
  BinaryTactic(const LayerProblem& problem, BinaryOp op) : CudaTactic(problem), op_(op) {}

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    ISO_CUDA(launch_fused_binary(op_, walk_, floats(memory.inputs[0]), floats(memory.inputs[1]),
                                 floats(memory.outputs[0]), epilogue(memory), stream.handle()));
    return {};
  }

 protected:
  Status plan() override {
    description_ = "isotherm " + layer_.attrs.get_string("op");
    const Shape& out = output_shape();
    if (out.rank() > kMaxDims) return unsupported("it has more than " + std::to_string(kMaxDims) + " dimensions");
    ISO_TRY(take_steps());
    if (input_shape(0) == out && input_shape(1) == out) {
      walk_ = {};
      walk_.dims[0] = out.elements().value_or(0);
      walk_.a[0] = walk_.b[0] = 1;
      shareable_ = 0;
      return {};
    }
    walk_.rank = std::max(out.rank(), 1);
    ISO_TRY(steps(input_shape(0), walk_.a));
    ISO_TRY(steps(input_shape(1), walk_.b));
    for (int d = 0; d < out.rank(); ++d) walk_.dims[d] = out.dim(d);
    description_ += " broadcast";
    return {};
  }

 private:
  Status steps(const Shape& shape, std::int64_t* to) const {
    const int shift = output_shape().rank() - shape.rank();
    if (shift < 0) return unsupported("an operand has more dimensions than the result");
    std::int64_t step = 1;
    for (int d = shape.rank() - 1; d >= 0; --d) {
      if (shape.dim(d) != 1 && shape.dim(d) != output_shape().dim(d + shift))
        return unsupported("an operand does not broadcast to the result");
      to[d + shift] = shape.dim(d) == 1 ? 0 : step;
      step *= shape.dim(d);
    }
    for (int d = 0; d < shift; ++d) to[d] = 0;
    return {};
  }

  BinaryOp op_;
  BroadcastWalk walk_;
};

/// x * scale[c] + shift[c].
class ScaleShiftTactic final : public CudaTactic {
 public:
  using CudaTactic::CudaTactic;

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    ISO_CUDA(launch_fused_scale(floats(memory.inputs[0]), scale_, shift_, floats(memory.outputs[0]), rows_, channels_,
                                inner_, epilogue(memory), stream.handle()));
    return {};
  }

 protected:
  Status plan() override {
    description_ = "isotherm scale and shift";
    const Shape& shape = input_shape(0);
    const auto axis = static_cast<int>(layer_.attrs.get_int("channel_axis"));
    if (shape != output_shape() || axis < 0 || axis >= shape.rank()) return unsupported("its channels lie on no axis");
    rows_ = inner_ = 1;
    for (int i = 0; i < axis; ++i) rows_ *= shape.dim(i);
    for (int i = axis + 1; i < shape.rank(); ++i) inner_ *= shape.dim(i);
    channels_ = shape.dim(axis);
    for (const Tensor* t : {&layer_.weights, &layer_.bias})
      if (t->valid() && t->elements() != 1 && t->elements() != channels_)
        return unsupported("it has another number of constants than channels");
    ISO_TRY(take_steps());
    shareable_ = 0;
    return {};
  }

  Status pack() override {
    const auto values = [&](const Tensor& t, double otherwise) {
      std::vector<float> out(static_cast<std::size_t>(channels_));
      for (std::int64_t c = 0; c < channels_; ++c)
        out[static_cast<std::size_t>(c)] =
            static_cast<float>(t.valid() ? number_at(t, t.elements() == 1 ? 0 : c) : otherwise);
      return out;
    };
    ISO_ASSIGN(scale_, upload(values(layer_.weights, 1)));
    ISO_ASSIGN(shift_, upload(values(layer_.bias, 0)));
    return {};
  }

 private:
  std::int64_t rows_ = 1, channels_ = 1, inner_ = 1;
  const float* scale_ = nullptr;
  const float* shift_ = nullptr;
};

}  // namespace

void add_pointwise_tactics(const LayerProblem& problem, TacticList& list) {
  const Layer& layer = problem.layer;
  const std::string op = layer.attrs.get_string("op");
  if (op == "ScaleShift") {
    list.push_back(std::make_unique<ScaleShiftTactic>(problem));
    return;
  }
  EpilogueStep step;
  if (find_activation(layer, step)) {
    list.push_back(std::make_unique<ActivationTactic>(problem, step));
    return;
  }
  constexpr std::array<std::pair<std::string_view, BinaryOp>, 6> kBinary = {{{"Add", BinaryOp::add},
                                                                             {"Sub", BinaryOp::sub},
                                                                             {"Mul", BinaryOp::mul},
                                                                             {"RealDiv", BinaryOp::div},
                                                                             {"Maximum", BinaryOp::maximum},
                                                                             {"Minimum", BinaryOp::minimum}}};
  const auto* found = std::find_if(kBinary.begin(), kBinary.end(), [&](const auto& b) { return b.first == op; });
  if (found == kBinary.end() || layer.inputs.size() < 2) return;
  list.push_back(std::make_unique<BinaryTactic>(problem, found->second));
}

}  // namespace isotherm::cuda
