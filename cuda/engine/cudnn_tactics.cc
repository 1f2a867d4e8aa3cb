// Convolution through cuDNN, NHWC, with bias, residual and ReLU in the same call.
#include <algorithm>

#include "cuda/engine/cuda_tactic.h"
#include "cuda/engine/cudnn_fused.h"

namespace isotherm::cuda {
namespace {

/// Status of a call that is not in the device's table.
Status fused_status(const CudnnApi& api, int status, const char* call) {
  if (status == kCudnnSuccess) return {};
  return cudnn_error(api, status, call);
}

class CudnnTactic final : public CudaTactic {
 public:
  explicit CudnnTactic(const LayerProblem& problem) : CudaTactic(problem), api_(*problem.device.cudnn()) {
    description_ = "cudnn implicit precomputed gemm";
  }
  ~CudnnTactic() override {
    for (CudnnTensor tensor : {x_desc_, y_desc_, bias_desc_})
      if (tensor) (void)api_.destroy_tensor(tensor);
    if (filter_desc_) (void)api_.destroy_filter(filter_desc_);
    if (convolution_) (void)api_.destroy_convolution(convolution_);
    if (activation_) (void)fused_->destroy_activation(activation_);
  }

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    ISO_ASSIGN(const CudnnHandle handle, stream.cudnn());
    const float one = 1, beta = adds_ ? 1.0f : 0.0f;
    float* const y = floats(memory.outputs[0]);
    const float* const z = adds_ ? floats(memory.inputs[static_cast<std::size_t>(added_)]) : y;
    ISO_TRY(
        fused_status(api_,
                     fused_->convolve(handle, &one, x_desc_, floats(memory.inputs[0]), filter_desc_, weights_,
                                      convolution_, kCudnnImplicitPrecomputedGemm, memory.workspace, library_workspace_,
                                      &beta, y_desc_, z, bias_desc_, bias_, activation_, y_desc_, y),
                     "cudnnConvolutionBiasActivationForward"));
    return finish(memory, stream);
  }

 protected:
  Status plan() override {
    const ConvGeometry g = conv_geometry(layer_);
    if (!convolution_shape(network_, layer_, shape_)) return unsupported("it is no 2-D convolution with float weights");
    if (g.groups != 1 || g.channels_first) return unsupported("it has groups or is NCHW");
    const auto symmetric = [](int in, int out, int filter, int stride, int pad, int dilation) {
      return (in + 2 * pad - dilation * (filter - 1) - 1) / stride + 1 == out;
    };
    const ConvolutionShape& s = shape_;
    if (!symmetric(s.h, s.p, s.r, s.stride_h, s.pad_h, s.dilation_h) ||
        !symmetric(s.w, s.q, s.s, s.stride_w, s.pad_w, s.dilation_w))
      return unsupported("its padding is not the same on both sides");
    std::size_t fused = 0;
    const auto next_is = [&](PostOp::Kind kind) {
      return fused < layer_.post_ops.size() && layer_.post_ops[fused].kind == kind;
    };
    adds_ = next_is(PostOp::Kind::add_tensor);
    if (adds_) ++fused;
    relu_ = next_is(PostOp::Kind::relu);
    if (relu_) ++fused;
    ISO_TRY(take_steps(fused));
    if (adds_ && (added_ < 0 || input_shape(static_cast<std::size_t>(added_)) != output_shape()))
      return unsupported("the tensor to add is no input of the result's shape");
    ISO_ASSIGN(fused_, open_cudnn_fused());
    ISO_TRY(make_descriptors());
    ISO_ASSIGN(const CudnnHandle handle, build_stream_->cudnn());
    ISO_CUDNN(api_, workspace_size(handle, x_desc_, filter_desc_, convolution_, y_desc_, kCudnnImplicitPrecomputedGemm,
                                   &library_workspace_));
    reserve(library_workspace_);
    description_ = std::string("cudnn implicit precomputed gemm") + (device_.tf32() ? " tf32" : "") + " nhwc";
    return {};
  }

  Status pack() override {
    ISO_ASSIGN(const Tensor weights, layer_.weights.aligned());
    const auto values = weights.data<float>();
    const auto k = static_cast<std::size_t>(shape_.k), rows = values.size() / k;  // HWIO to OHWI
    std::vector<float> packed(values.size());
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t o = 0; o < k; ++o) packed[o * rows + r] = values[r * k + o];
    ISO_ASSIGN(weights_, upload(packed));
    std::vector<float> bias = bias_values(layer_);
    bias.resize(k, 0.0f);
    ISO_ASSIGN(bias_, upload(bias));
    return {};
  }

 private:
  Status make_descriptors() {
    if (x_desc_) return {};
    const ConvolutionShape& s = shape_;
    ISO_CUDNN(api_, create_tensor(&x_desc_));
    ISO_CUDNN(api_, set_tensor(x_desc_, kCudnnNhwc, kCudnnFloat, s.n, s.c, s.h, s.w));
    ISO_CUDNN(api_, create_tensor(&y_desc_));
    ISO_CUDNN(api_, set_tensor(y_desc_, kCudnnNhwc, kCudnnFloat, s.n, s.k, s.p, s.q));
    ISO_CUDNN(api_, create_tensor(&bias_desc_));
    ISO_CUDNN(api_, set_tensor(bias_desc_, kCudnnNhwc, kCudnnFloat, 1, s.k, 1, 1));
    ISO_CUDNN(api_, create_filter(&filter_desc_));
    ISO_CUDNN(api_, set_filter(filter_desc_, kCudnnFloat, kCudnnNhwc, s.k, s.c, s.r, s.s));
    ISO_CUDNN(api_, create_convolution(&convolution_));
    ISO_CUDNN(api_, set_convolution(convolution_, s.pad_h, s.pad_w, s.stride_h, s.stride_w, s.dilation_h, s.dilation_w,
                                    kCudnnCrossCorrelation, kCudnnFloat));
    ISO_CUDNN(api_, set_math(convolution_, device_.tf32() ? kCudnnDefaultMath : kCudnnFmaMath));
    ISO_TRY(fused_status(api_, fused_->create_activation(&activation_), "cudnnCreateActivationDescriptor"));
    ISO_TRY(fused_status(api_,
                         fused_->set_activation(activation_, relu_ ? kCudnnActivationRelu : kCudnnActivationIdentity,
                                                kCudnnPropagateNan, 0),
                         "cudnnSetActivationDescriptor"));
    return {};
  }

  const CudnnApi& api_;
  const CudnnFusedApi* fused_ = nullptr;
  ConvolutionShape shape_;
  bool adds_ = false, relu_ = false;
  CudnnTensor x_desc_ = nullptr, y_desc_ = nullptr, bias_desc_ = nullptr;
  CudnnFilter filter_desc_ = nullptr;
  CudnnConvolution convolution_ = nullptr;
  CudnnActivation activation_ = nullptr;
  std::size_t library_workspace_ = 0;
  const float* weights_ = nullptr;
  const float* bias_ = nullptr;
};

}  // namespace

void add_cudnn_tactics(const LayerProblem& problem, TacticList& list) {
  if (!problem.device.cudnn() || !problem.layer.weights.valid() || conv_geometry(problem.layer).groups != 1) return;
  list.push_back(std::make_unique<CudnnTactic>(problem));
}

}  // namespace isotherm::cuda
