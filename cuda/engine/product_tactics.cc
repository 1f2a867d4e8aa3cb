// Matrix products through cuBLASLt with bias, residual and ReLU in its epilogue: matmul layers, and convolutions of
// 1x1, which are the same over pixels.
#include <cublasLt.h>

#include <algorithm>
#include <array>

#include "cuda/engine/cuda_tactic.h"

namespace isotherm::cuda {
namespace {

/// Of the algorithms that cuBLASLt proposes for one problem, how many are candidates.
constexpr int kAlgorithms = 4;

/// y[rows, out] = relu(x[rows, in] weights[in, out] + residual + bias). cuBLASLt sees column-major matrices, that is
/// the transposes: y' = weights' x', with y' of out rows, along which its bias runs.
class ProductTactic final : public CudaTactic {
 public:
  ProductTactic(const LayerProblem& problem, int which) : CudaTactic(problem), which_(which) {
    description_ = "cublaslt #" + std::to_string(which);
  }
  ~ProductTactic() override {
    if (operation_) (void)cublasLtMatmulDescDestroy(operation_);
    for (cublasLtMatrixLayout_t layout : {weights_layout_, x_layout_, y_layout_})
      if (layout) (void)cublasLtMatrixLayoutDestroy(layout);
  }

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    const float one = 1, beta = adds_ ? 1.0f : 0.0f;
    float* const y = floats(memory.outputs[0]);
    const float* const residual = adds_ ? floats(memory.inputs[static_cast<std::size_t>(added_)]) : y;
    ISO_BLAS(cublasLtMatmul(device_.blas(), operation_, &one, weights_, weights_layout_, floats(memory.inputs[0]),
                            x_layout_, &beta, residual, y_layout_, y, y_layout_, &algorithm_, memory.workspace,
                            workspace_bytes(), stream.handle()));
    return finish(memory, stream, out_);
  }

 protected:
  Status plan() override {
    ISO_TRY(read_sizes());
    // The epilogue computes relu(product + residual + bias); what does not fit that order follows as a kernel.
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
    if (added_ >= 0) shareable_ = added_;
    ISO_TRY(describe_product());
    return choose();
  }

  Status pack() override {
    ISO_ASSIGN(const Tensor weights, layer_.weights.aligned());
    ISO_ASSIGN(weights_, upload(weights.raw(), weights.byte_size()));
    if (const std::vector<float> bias = bias_values(layer_); !bias.empty()) {
      ISO_ASSIGN(const float* data, upload(bias));
      ISO_BLAS(cublasLtMatmulDescSetAttribute(operation_, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &data, sizeof data));
    }
    return {};
  }

 private:
  Status read_sizes() {
    if (!layer_.weights.valid() || layer_.weights.dtype() != DType::float32)
      return unsupported("it has no constant weights");
    if (layer_.kind == LayerKind::matmul) {
      if (layer_.weights.rank() != 2 || output_shape().rank() != 2) return unsupported("it is no product of matrices");
      transposed_ = layer_.attrs.get_bool("transpose_b");
      in_ = layer_.weights.dim(transposed_ ? 1 : 0);
      out_ = layer_.weights.dim(transposed_ ? 0 : 1);
      rows_ = output_shape().dim(0);
      return {};
    }
    const ConvGeometry g = conv_geometry(layer_);
    ConvolutionShape s;
    if (!convolution_shape(network_, layer_, s) || g.groups != 1 || g.channels_first || s.r != 1 || s.s != 1 ||
        s.stride_h != 1 || s.stride_w != 1 || s.p != s.h || s.q != s.w || s.pad_h != 0 || s.pad_w != 0)
      return unsupported("it is no 1x1 convolution of every pixel");
    in_ = s.c;
    out_ = s.k;
    rows_ = static_cast<std::int64_t>(s.n) * s.p * s.q;
    return {};
  }

  Status describe_product() {
    if (operation_) return {};
    const cublasComputeType_t compute = device_.tf32() ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
    ISO_BLAS(cublasLtMatmulDescCreate(&operation_, compute, CUDA_R_32F));
    const cublasOperation_t first = transposed_ ? CUBLAS_OP_T : CUBLAS_OP_N;
    ISO_BLAS(cublasLtMatmulDescSetAttribute(operation_, CUBLASLT_MATMUL_DESC_TRANSA, &first, sizeof first));
    const bool bias = layer_.bias.valid();
    const cublasLtEpilogue_t epilogue = bias && relu_ ? CUBLASLT_EPILOGUE_RELU_BIAS
                                        : bias        ? CUBLASLT_EPILOGUE_BIAS
                                        : relu_       ? CUBLASLT_EPILOGUE_RELU
                                                      : CUBLASLT_EPILOGUE_DEFAULT;
    ISO_BLAS(cublasLtMatmulDescSetAttribute(operation_, CUBLASLT_MATMUL_DESC_EPILOGUE, &epilogue, sizeof epilogue));
    const auto layout = [](cublasLtMatrixLayout_t& to, std::int64_t rows, std::int64_t columns) -> Status {
      ISO_BLAS(cublasLtMatrixLayoutCreate(&to, CUDA_R_32F, static_cast<std::uint64_t>(rows),
                                          static_cast<std::uint64_t>(columns), rows));
      return {};
    };
    ISO_TRY(layout(weights_layout_, transposed_ ? in_ : out_, transposed_ ? out_ : in_));
    ISO_TRY(layout(x_layout_, in_, rows_));
    return layout(y_layout_, out_, rows_);
  }

  Status choose() {
    struct Preference {
      ~Preference() {
        if (handle) (void)cublasLtMatmulPreferenceDestroy(handle);
      }
      cublasLtMatmulPreference_t handle = nullptr;
    } preference;
    ISO_BLAS(cublasLtMatmulPreferenceCreate(&preference.handle));
    const std::size_t limit = std::min(workspace_limit_, DeviceStream::kWorkspaceBytes);
    ISO_BLAS(cublasLtMatmulPreferenceSetAttribute(preference.handle, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &limit,
                                                  sizeof limit));
    const std::uint32_t alignment = 16;
    for (const auto attribute :
         {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
          CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
      ISO_BLAS(cublasLtMatmulPreferenceSetAttribute(preference.handle, attribute, &alignment, sizeof alignment));
    std::array<cublasLtMatmulHeuristicResult_t, kAlgorithms> found{};
    int count = 0;
    ISO_BLAS(cublasLtMatmulAlgoGetHeuristic(device_.blas(), operation_, weights_layout_, x_layout_, y_layout_,
                                            y_layout_, preference.handle, kAlgorithms, found.data(), &count));
    const auto i = static_cast<std::size_t>(which_);
    if (which_ >= count || found[i].state != CUBLAS_STATUS_SUCCESS)
      return unsupported("cuBLASLt proposes only " + std::to_string(count) + " algorithms");
    algorithm_ = found[i].algo;
    reserve(found[i].workspaceSize);
    description_ = "cublaslt #" + std::to_string(which_) + " " + std::to_string(rows_) + "x" + std::to_string(in_) +
                   "x" + std::to_string(out_) + (device_.tf32() ? " tf32" : "") +
                   (layer_.kind == LayerKind::convolution ? " nhwc" : "");
    return {};
  }

  int which_;
  bool transposed_ = false, adds_ = false, relu_ = false;
  std::int64_t rows_ = 0, in_ = 0, out_ = 0;
  cublasLtMatmulDesc_t operation_ = nullptr;
  cublasLtMatrixLayout_t weights_layout_ = nullptr, x_layout_ = nullptr, y_layout_ = nullptr;
  cublasLtMatmulAlgo_t algorithm_ = {};
  const float* weights_ = nullptr;
};

}  // namespace

void add_product_tactics(const LayerProblem& problem, TacticList& list) {
  const Layer& layer = problem.layer;
  if (!layer.weights.valid()) return;
  if (layer.kind == LayerKind::convolution &&
      (layer.weights.rank() != 4 || layer.weights.dim(0) != 1 || layer.weights.dim(1) != 1))
    return;
  for (int i = 0; i < kAlgorithms; ++i) list.push_back(std::make_unique<ProductTactic>(problem, i));
}

}  // namespace isotherm::cuda
