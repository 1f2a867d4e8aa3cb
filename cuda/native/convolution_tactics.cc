#include "cuda/native/convolution_tactics.h"

#include <algorithm>

#include "cuda/native/helpers.h"

namespace isotherm::cuda {
namespace {

constexpr std::size_t kWorkspaceLimit = std::size_t{256} << 20;

std::string tile_name(GemmTile tile) {
  switch (tile) {
    case GemmTile::m128n128:
      return "128x128";
    case GemmTile::m128n64:
      return "128x64";
    case GemmTile::m64n64:
      return "64x64";
  }
  return "?";
}

bool is_pointwise(const ConvolutionShape& g) {
  return g.r == 1 && g.s == 1 && g.stride_h == 1 && g.stride_w == 1 && g.p == g.h && g.q == g.w && g.pad_h == 0 &&
         g.pad_w == 0;
}

}  // namespace

std::array<int, 18> ConvolutionProblem::key() const {
  const ConvolutionShape& g = shape;
  return {g.n,
          g.h,
          g.w,
          g.c,
          g.p,
          g.q,
          g.k,
          g.r,
          g.s,
          g.stride_h,
          g.stride_w,
          g.pad_h,
          g.pad_w,
          g.dilation_h,
          g.dilation_w,
          groups,
          channels_first ? 1 : 0,
          0};
}

Result<ConvolutionProblem> problem_of(const cpu::ConvolutionShapes& shapes, bool channels_first) {
  const cpu::ConvolutionGeometry& from = shapes.geometry;
  ConvolutionProblem problem;
  ConvolutionShape& g = problem.shape;
  const auto put = [](int& to, std::int64_t value, const char* what) -> Status {
    ISO_TRY(fits_int(value, what));
    to = static_cast<int>(value);
    return {};
  };
  ISO_TRY(put(g.n, from.batch, "the batch"));
  ISO_TRY(put(g.h, from.in[1], "the height"));
  ISO_TRY(put(g.w, from.in[2], "the width"));
  ISO_TRY(put(g.c, from.in_channels, "the number of input channels"));
  ISO_TRY(put(g.p, from.out[1], "the output's height"));
  ISO_TRY(put(g.q, from.out[2], "the output's width"));
  ISO_TRY(put(g.k, from.out_channels, "the number of output channels"));
  ISO_TRY(put(g.r, from.kernel[1], "the filter's height"));
  ISO_TRY(put(g.s, from.kernel[2], "the filter's width"));
  ISO_TRY(put(g.stride_h, from.stride[1], "a stride"));
  ISO_TRY(put(g.stride_w, from.stride[2], "a stride"));
  ISO_TRY(put(g.pad_h, from.pad[1], "a padding"));
  ISO_TRY(put(g.pad_w, from.pad[2], "a padding"));
  ISO_TRY(put(g.dilation_h, from.dilation[1], "a dilation"));
  ISO_TRY(put(g.dilation_w, from.dilation[2], "a dilation"));
  ISO_TRY(put(problem.groups, from.groups, "the number of groups"));
  problem.channels_first = channels_first;
  return problem;
}

std::string ConvolutionTactic::name() const {
  const std::string layout = channels_first ? "NCHW" : "NHWC";
  switch (method) {
    case ConvolutionMethod::matrix_product:
      return "cuBLASLt " + layout;
    case ConvolutionMethod::implicit_gemm:
      return "implicit gemm " + tile_name(gemm.tile) + (gemm.splits > 1 ? " split " + std::to_string(gemm.splits) : "");
    case ConvolutionMethod::depthwise:
      return "depthwise";
    case ConvolutionMethod::direct:
      return "direct";
    case ConvolutionMethod::cudnn:
      return "cuDNN " + layout + " " + std::string(cudnn_algorithm_name(algorithm));
  }
  return "?";
}

Result<std::shared_ptr<const CudnnConvolutionPlan>> CudnnConvolutionPlan::make(const CudnnApi& api,
                                                                               const ConvolutionProblem& problem,
                                                                               bool channels_first, bool tf32) {
  std::shared_ptr<CudnnConvolutionPlan> plan(new CudnnConvolutionPlan(api));
  ISO_TRY(plan->initialise(problem, channels_first, tf32));
  return std::shared_ptr<const CudnnConvolutionPlan>(std::move(plan));
}

Status CudnnConvolutionPlan::initialise(const ConvolutionProblem& problem, bool channels_first, bool tf32) {
  const ConvolutionShape& g = problem.shape;
  const int format = channels_first ? kCudnnNchw : kCudnnNhwc;
  ISO_CUDNN(api_, create_tensor(&x_));
  ISO_CUDNN(api_, create_tensor(&y_));
  ISO_CUDNN(api_, create_filter(&w_));
  ISO_CUDNN(api_, create_convolution(&convolution_));
  ISO_CUDNN(api_, set_tensor(x_, format, kCudnnFloat, g.n, g.c, g.h, g.w));
  ISO_CUDNN(api_, set_tensor(y_, format, kCudnnFloat, g.n, g.k, g.p, g.q));
  ISO_CUDNN(api_, set_filter(w_, kCudnnFloat, format, g.k, g.c / problem.groups, g.r, g.s));
  ISO_CUDNN(api_, set_convolution(convolution_, g.pad_h, g.pad_w, g.stride_h, g.stride_w, g.dilation_h, g.dilation_w,
                                  kCudnnCrossCorrelation, kCudnnFloat));
  ISO_CUDNN(api_, set_groups(convolution_, problem.groups));
  ISO_CUDNN(api_, set_math(convolution_, tf32 ? kCudnnDefaultMath : kCudnnFmaMath));
  return {};
}

CudnnConvolutionPlan::~CudnnConvolutionPlan() {
  if (convolution_) (void)api_.destroy_convolution(convolution_);
  if (w_) (void)api_.destroy_filter(w_);
  if (y_) (void)api_.destroy_tensor(y_);
  if (x_) (void)api_.destroy_tensor(x_);
}

std::optional<std::size_t> CudnnConvolutionPlan::workspace(CudnnHandle handle, int algorithm) const {
  std::size_t bytes = 0;
  if (api_.workspace_size(handle, x_, w_, convolution_, y_, algorithm, &bytes) != kCudnnSuccess) return std::nullopt;
  return bytes;
}

Status CudnnConvolutionPlan::run(CudnnHandle handle, int algorithm, const float* x, const float* weights, float* y,
                                 void* workspace, std::size_t workspace_bytes) const {
  const float one = 1, zero = 0;
  ISO_CUDNN(api_, convolve(handle, &one, x_, x, w_, weights, convolution_, algorithm, workspace, workspace_bytes, &zero,
                           y_, y));
  return {};
}

bool cudnn_pads_alike(const ConvolutionShape& g) {
  const auto same = [](int in, int pad, int kernel, int dilation, int stride, int out) {
    const std::int64_t room =
        static_cast<std::int64_t>(in) + 2 * pad - (static_cast<std::int64_t>(kernel - 1) * dilation + 1);
    return room >= 0 && room / stride + 1 == out;
  };
  return same(g.h, g.pad_h, g.r, g.dilation_h, g.stride_h, g.p) &&
         same(g.w, g.pad_w, g.s, g.dilation_w, g.stride_w, g.q);
}

std::vector<ConvolutionTactic> convolution_tactics(const ConvolutionProblem& problem, int multiprocessors,
                                                   const CudnnApi* cudnn, CudnnHandle handle, bool tf32) {
  const ConvolutionShape& g = problem.shape;
  std::vector<ConvolutionTactic> tactics;
  const bool depthwise = problem.groups > 1 && problem.groups == g.c && g.k == g.c;
  if (problem.groups == 1 && is_pointwise(g))
    tactics.push_back(
        {.method = ConvolutionMethod::matrix_product, .channels_first = problem.channels_first, .gemm = {}});
  if (depthwise) tactics.push_back({.method = ConvolutionMethod::depthwise, .gemm = {}});
  if (problem.groups == 1 && implicit_gemm_fits(g)) {
    std::vector<ImplicitGemmChoice> choices = {choose_implicit_gemm(g, multiprocessors, kWorkspaceLimit)};
    for (const GemmTile tile : {GemmTile::m128n128, GemmTile::m128n64, GemmTile::m64n64})
      for (const int splits : {1, 2, 4, 8})
        if ((tile != choices[0].tile || splits != choices[0].splits) &&
            static_cast<std::int64_t>(g.r) * g.s * g.c >= 256 * (splits - 1))
          choices.push_back({tile, splits});
    for (const ImplicitGemmChoice& choice : choices) {
      ConvolutionTactic tactic{.method = ConvolutionMethod::implicit_gemm, .gemm = choice};
      tactic.workspace_bytes = implicit_gemm_workspace(g, choice);
      if (tactic.workspace_bytes <= kWorkspaceLimit) tactics.push_back(tactic);
    }
  }
  if (cudnn && handle && !depthwise && cudnn_pads_alike(g)) {
    for (const bool channels_first : {true, false}) {
      if (!channels_first && problem.channels_first) continue;
      auto plan = CudnnConvolutionPlan::make(*cudnn, problem, channels_first, tf32);
      if (!plan.ok()) continue;
      // Direct, implicit and fused Winograd. FFT and Winograd in passes of their own err more than 1e-5 on deep inputs.
      for (const int algorithm : {0, 1, 2, 6}) {
        const auto bytes = (*plan)->workspace(handle, algorithm);
        if (!bytes || *bytes > kWorkspaceLimit) continue;
        tactics.push_back({.method = ConvolutionMethod::cudnn,
                           .channels_first = channels_first,
                           .gemm = {},
                           .algorithm = algorithm,
                           .workspace_bytes = *bytes});
      }
    }
  }
  if (tactics.empty() || (problem.groups > 1 && !depthwise))
    tactics.push_back({.method = ConvolutionMethod::direct, .channels_first = problem.channels_first, .gemm = {}});
  return tactics;
}

std::optional<ConvolutionTactic> ConvolutionChoices::find(const ConvolutionProblem& problem) const {
  const std::lock_guard lock(mutex_);
  const auto it = choices_.find(problem.key());
  if (it == choices_.end()) return std::nullopt;
  return it->second.tactic;
}

void ConvolutionChoices::set(const ConvolutionProblem& problem, ConvolutionChoice choice) {
  const std::lock_guard lock(mutex_);
  choices_.insert_or_assign(problem.key(), std::move(choice));
}

std::vector<ConvolutionChoice> ConvolutionChoices::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<ConvolutionChoice> choices;
  for (const auto& [key, choice] : choices_) choices.push_back(choice);
  return choices;
}

}  // namespace isotherm::cuda
