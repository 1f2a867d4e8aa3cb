// Convolutions by the project's own kernels: implicit matrix product, depthwise, and by definition for other groups.
#include <algorithm>

#include "cuda/engine/cuda_tactic.h"
#include "cuda/kernels/direct_convolution.h"
#include "cuda/kernels/strided.h"

namespace isotherm::cuda {
namespace {

std::string size_words(const ConvolutionShape& g) { return std::to_string(g.r) + "x" + std::to_string(g.s); }

std::size_t input_bytes(const ConvolutionShape& g) {
  return static_cast<std::size_t>(g.n) * static_cast<std::size_t>(g.h) * static_cast<std::size_t>(g.w) *
         static_cast<std::size_t>(g.c) * sizeof(float);
}

std::size_t output_bytes(const ConvolutionShape& g) {
  return static_cast<std::size_t>(g.n) * static_cast<std::size_t>(g.p) * static_cast<std::size_t>(g.q) *
         static_cast<std::size_t>(g.k) * sizeof(float);
}

/// One kernel for convolution, bias, residual and activation. An NCHW layer is turned to NHWC and back around it, and
/// its post-ops follow as a kernel of their own.
class ImplicitGemmTactic final : public CudaTactic {
 public:
  using CudaTactic::CudaTactic;

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    std::byte* const parts = memory.workspace + parts_offset_;
    const float* x = floats(memory.inputs[0]);
    if (!channels_first_) {
      Epilogue e = epilogue(memory);
      e.bias = bias_;
      ISO_CUDA(
          launch_implicit_gemm(shape_, choice_, x, weights_, floats(memory.outputs[0]), e, parts, stream.handle()));
      return {};
    }
    float* const turned = floats(memory.workspace + input_offset_);
    float* const y = floats(memory.workspace + output_offset_);
    Epilogue e;
    e.bias = bias_;
    ISO_CUDA(launch_swap_last(x, turned, shape_.n, shape_.c, std::int64_t{shape_.h} * shape_.w, stream.handle()));
    ISO_CUDA(launch_implicit_gemm(shape_, choice_, turned, weights_, y, e, parts, stream.handle()));
    ISO_CUDA(launch_swap_last(y, floats(memory.outputs[0]), shape_.n, std::int64_t{shape_.p} * shape_.q, shape_.k,
                              stream.handle()));
    return finish(memory, stream);
  }

 protected:
  Status plan() override {
    description_ = "isotherm implicit gemm";
    if (!convolution_shape(network_, layer_, shape_)) return unsupported("it is no 2-D convolution with float weights");
    const ConvGeometry g = conv_geometry(layer_);
    if (g.groups != 1) return unsupported("it has groups");
    if (!implicit_gemm_fits(shape_)) return unsupported("it has 2^31 or more elements in one dimension of the product");
    ISO_TRY(take_steps());
    channels_first_ = g.channels_first;
    if (channels_first_) {
      input_offset_ = reserve(input_bytes(shape_));
      output_offset_ = reserve(output_bytes(shape_));
    } else {
      shareable_ = added_;
    }
    choice_ = choose_implicit_gemm(shape_, device_.card().multiprocessors, workspace_limit_);
    parts_offset_ = reserve(implicit_gemm_workspace(shape_, choice_));
    constexpr const char* kTiles[] = {"128x128", "128x64", "64x64"};
    description_ += std::string(" ") + kTiles[static_cast<int>(choice_.tile)];
    if (choice_.splits > 1) description_ += " in " + std::to_string(choice_.splits) + " parts";
    description_ += channels_first_ ? " nchw" : " nhwc";
    return {};
  }

  Status pack() override {
    ISO_ASSIGN(const Tensor weights, layer_.weights.aligned());
    const int padded = padded_columns(shape_.k);
    if (padded == shape_.k) {
      ISO_ASSIGN(weights_, upload(weights.raw(), weights.byte_size()));
    } else {
      const std::size_t rows = static_cast<std::size_t>(weights.elements() / shape_.k);
      const auto columns = static_cast<std::size_t>(shape_.k), pitch = static_cast<std::size_t>(padded);
      std::vector<float> packed(rows * pitch, 0.0f);
      const auto values = weights.data<float>();
      for (std::size_t r = 0; r < rows; ++r)
        std::copy_n(values.data() + r * columns, columns, packed.data() + r * pitch);
      ISO_ASSIGN(weights_, upload(packed));
    }
    if (const std::vector<float> bias = bias_values(layer_); !bias.empty()) {
      ISO_ASSIGN(bias_, upload(bias));
    }
    return {};
  }

 private:
  ConvolutionShape shape_;
  ImplicitGemmChoice choice_;
  bool channels_first_ = false;
  std::size_t input_offset_ = 0, output_offset_ = 0, parts_offset_ = 0;
  const float* weights_ = nullptr;
  const float* bias_ = nullptr;
};

/// One filter per channel, bias and post-ops fused.
class DepthwiseTactic final : public CudaTactic {
 public:
  using CudaTactic::CudaTactic;

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    Epilogue e = epilogue(memory);
    e.bias = bias_;
    ISO_CUDA(
        launch_depthwise(shape_, floats(memory.inputs[0]), weights_, floats(memory.outputs[0]), e, stream.handle()));
    return {};
  }

 protected:
  Status plan() override {
    description_ = "isotherm depthwise";
    if (!convolution_shape(network_, layer_, shape_)) return unsupported("it is no 2-D convolution with float weights");
    const ConvGeometry g = conv_geometry(layer_);
    if (g.groups != shape_.c || shape_.k != shape_.c) return unsupported("it has not one filter per channel");
    if (g.channels_first) return unsupported("its activations are NCHW");
    ISO_TRY(take_steps());
    shareable_ = added_;
    description_ += " " + size_words(shape_) + " nhwc";
    return {};
  }

  Status pack() override {
    ISO_ASSIGN(const Tensor weights, layer_.weights.aligned());
    ISO_ASSIGN(weights_, upload(weights.raw(), weights.byte_size()));
    if (const std::vector<float> bias = bias_values(layer_); !bias.empty()) {
      ISO_ASSIGN(bias_, upload(bias));
    }
    return {};
  }

 private:
  ConvolutionShape shape_;
  const float* weights_ = nullptr;
  const float* bias_ = nullptr;
};

/// Any groups and either layout, one output a thread; bias and post-ops follow.
class DirectTactic final : public CudaTactic {
 public:
  using CudaTactic::CudaTactic;

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    ISO_CUDA(launch_direct_convolution(problem_, floats(memory.inputs[0]), weights_, floats(memory.outputs[0]),
                                       stream.handle()));
    return finish(memory, stream, problem_.shape.k);
  }

 protected:
  Status plan() override {
    description_ = "isotherm direct convolution";
    ConvolutionShape& s = problem_.shape;
    if (!convolution_shape(network_, layer_, s)) return unsupported("it is no 2-D convolution with float weights");
    const ConvGeometry g = conv_geometry(layer_);
    if (g.groups < 1 || g.groups > s.c || s.c % g.groups != 0 || s.k % g.groups != 0)
      return unsupported("its channels do not divide into " + std::to_string(g.groups) + " groups");
    if (g.channels_first && layer_.bias.valid()) return unsupported("it is NCHW with a bias");
    problem_.groups = static_cast<int>(g.groups);
    const auto strides = [&](std::int64_t* to, std::int64_t h, std::int64_t w, std::int64_t c) {
      const std::int64_t last[4] = {h * w * c, 1, w * c, c}, first[4] = {c * h * w, h * w, w, 1};
      std::copy_n(g.channels_first ? first : last, 4, to);
    };
    strides(problem_.x_strides, s.h, s.w, s.c);
    strides(problem_.y_strides, s.p, s.q, s.k);
    ISO_TRY(take_steps());
    description_ +=
        " " + size_words(s) + " of " + std::to_string(g.groups) + " groups" + (g.channels_first ? " nchw" : " nhwc");
    return {};
  }

  Status pack() override {
    ISO_ASSIGN(const Tensor weights, layer_.weights.aligned());
    ISO_ASSIGN(weights_, upload(weights.raw(), weights.byte_size()));
    if (const std::vector<float> bias = bias_values(layer_); !bias.empty()) {
      ISO_ASSIGN(epilogue_.bias, upload(bias));
    }
    return {};
  }

 private:
  DirectConvolution problem_;
  const float* weights_ = nullptr;
};

}  // namespace

void add_convolution_tactics(const LayerProblem& problem, TacticList& list) {
  if (!problem.layer.weights.valid()) return;
  if (conv_geometry(problem.layer).groups == 1) {
    list.push_back(std::make_unique<ImplicitGemmTactic>(problem));
    return;
  }
  list.push_back(std::make_unique<DepthwiseTactic>(problem));
  list.push_back(std::make_unique<DirectTactic>(problem));
}

}  // namespace isotherm::cuda
