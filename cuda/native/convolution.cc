// Conv2D and DepthwiseConv2dNative on float32. The first run of a shape times what can compute it and keeps the
// fastest; without cuDNN that is cuBLASLt and the project's own kernels.
#include <list>
#include <memory>

#include "cuda/device/gemm.h"
#include "cuda/kernels/strided.h"
#include "cuda/native/convolution_tactics.h"
#include "cuda/native/families.h"
#include "cuda/native/helpers.h"

namespace isotherm::cuda {
namespace {

/// What one pair of input and filter shapes needs, and the tactic once it is chosen.
struct Prepared {
  Shape src, filter;
  cpu::ConvolutionShapes shapes;
  ConvolutionProblem problem;
  bool chosen = false;
  ConvolutionTactic tactic;
  std::shared_ptr<const CudnnConvolutionPlan> cudnn[2];  // by channels_first
};

/// Orders of a filter in memory.
enum class FilterOrder : std::uint8_t { rsck, rsck_padded, kcrs, krsc };

class ConvolutionKernel final : public Kernel {
 public:
  ConvolutionKernel(cpu::WindowAttributes attributes, bool depthwise, bool constant_filter)
      : attributes_(std::move(attributes)), depthwise_(depthwise), constant_filter_(constant_filter) {}

  Status run(KernelContext& context) override {
    ISO_TRY(expect_inputs(context, 2));
    const Tensor& src = context.input(0);
    const Tensor& filter = context.input(1);
    ISO_ASSIGN(Prepared* const prepared, prepare(src.shape(), filter.shape()));
    ISO_ASSIGN(const Launch launch, launch_of(context));
    ISO_ASSIGN(Tensor dst, context.allocate(DType::float32, prepared->shapes.dst));
    if (dst.elements() > 0) {
      if (src.elements() == 0 || filter.elements() == 0) {  // sums of nothing
        ISO_CUDA(cudaMemsetAsync(dst.raw(), 0, dst.byte_size(), launch.handle()));
      } else {
        if (!prepared->chosen) ISO_TRY(choose(context, launch, *prepared, src, filter, dst));
        ISO_TRY(issue(context, launch, *prepared, prepared->tactic, src, filter, dst));
      }
    }
    context.set_output(0, std::move(dst));
    return {};
  }

 private:
  Result<Prepared*> prepare(const Shape& src, const Shape& filter) {
    for (auto& p : prepared_)
      if (p.src == src && p.filter == filter) return &p;
    Prepared p;
    p.src = src;
    p.filter = filter;
    ISO_ASSIGN(p.shapes, cpu::convolution_shapes(attributes_, src, filter, depthwise_));
    ISO_ASSIGN(p.problem, problem_of(p.shapes, attributes_.channels_first));
    if (prepared_.size() >= kMostShapes) prepared_.pop_front();
    prepared_.push_back(std::move(p));
    return &prepared_.back();
  }

  /// Takes what was chosen for such a problem before, or times all tactics.
  Status choose(KernelContext& context, const Launch& launch, Prepared& p, const Tensor& src, const Tensor& filter,
                const Tensor& dst) {
    ConvolutionChoices& choices = launch.device.convolution_choices();
    if (const auto known = choices.find(p.problem)) {
      p.tactic = *known;
      p.chosen = true;
      return {};
    }
    CudnnHandle handle = nullptr;
    if (launch.device.cudnn()) {
      ISO_ASSIGN(handle, launch.stream.cudnn());
    }
    const auto tactics = convolution_tactics(p.problem, launch.device.card().multiprocessors, launch.device.cudnn(),
                                             handle, launch.device.tf32());
    ConvolutionChoice choice{tactics.front(), {}};
    if (launch.stream.recording()) {  // nothing can be timed, and nothing is kept
      p.tactic = choice.tactic;
      return {};
    }
    if (tactics.size() > 1) {
      Error first_error = unsupported("no tactic computes this convolution");
      float least = -1;
      for (const ConvolutionTactic& tactic : tactics) {
        if (context.cancelled()) return cancelled();
        const auto once = [&] { return issue(context, launch, p, tactic, src, filter, dst); };
        // The first call loads code and packs the filter; then the clock runs.
        if (const Status warm = once(); !warm.ok()) {
          if (warm.error().code != ErrorCode::unsupported) first_error = warm.error();
          continue;
        }
        ISO_ASSIGN(float milliseconds, launch.stream.time(once, 2));
        ISO_ASSIGN(const float again, launch.stream.time(once, 3));
        milliseconds = std::min(milliseconds, again);
        choice.milliseconds.emplace_back(tactic.name(), milliseconds);
        if (least >= 0 && milliseconds >= least) continue;
        least = milliseconds;
        choice.tactic = tactic;
      }
      if (least < 0) return first_error;
      drop_filters_but(choice.tactic, p);
    }
    p.tactic = choice.tactic;
    p.chosen = true;
    choices.set(p.problem, std::move(choice));
    return {};
  }

  Status issue(KernelContext& context, const Launch& launch, Prepared& p, const ConvolutionTactic& tactic,
               const Tensor& src, const Tensor& filter, const Tensor& dst) {
    const ConvolutionShape& g = p.problem.shape;
    const std::int64_t in_pixels = static_cast<std::int64_t>(g.h) * g.w,
                       out_pixels = static_cast<std::int64_t>(g.p) * g.q;
    const bool swap = tactic.channels_first != p.problem.channels_first;
    const float* x = floats(src);
    float* y = floats_out(dst);
    Tensor swapped_x, swapped_y;
    if (swap) {
      ISO_ASSIGN(swapped_x, context.scratch(src.byte_size()));
      ISO_ASSIGN(swapped_y, context.scratch(dst.byte_size()));
      ISO_CUDA(launch_swap_last(x, floats_out(swapped_x), g.n, tactic.channels_first ? in_pixels : g.c,
                                tactic.channels_first ? g.c : in_pixels, launch.handle()));
      x = floats(swapped_x);
      y = floats_out(swapped_y);
    }
    Tensor workspace;
    if (tactic.workspace_bytes > 0) {
      ISO_ASSIGN(workspace, context.scratch(tactic.workspace_bytes));
    }
    ISO_TRY(compute(context, launch, p, tactic, x, filter, y, workspace));
    if (swap)
      ISO_CUDA(launch_swap_last(y, floats_out(dst), g.n, tactic.channels_first ? g.k : out_pixels,
                                tactic.channels_first ? out_pixels : g.k, launch.handle()));
    return {};
  }

  Status compute(KernelContext& context, const Launch& launch, Prepared& p, const ConvolutionTactic& tactic,
                 const float* x, const Tensor& filter, float* y, const Tensor& workspace) {
    const ConvolutionShape& g = p.problem.shape;
    const std::int64_t pixels = static_cast<std::int64_t>(g.p) * g.q;
    Tensor scratch;  // a filter that is packed for this call alone
    switch (tactic.method) {
      case ConvolutionMethod::matrix_product: {
        GemmShape shape{.m = g.n * pixels, .n = g.k, .k = g.c};
        if (!tactic.channels_first) return launch.device.gemm_plans().run(launch.stream, shape, x, floats(filter), y);
        shape = {.m = g.k, .n = pixels, .k = g.c, .transpose_a = true};
        shape.batch = g.n;
        shape.stride_b = g.c * pixels;
        shape.stride_c = g.k * pixels;
        return launch.device.gemm_plans().run(launch.stream, shape, floats(filter), x, y);
      }
      case ConvolutionMethod::implicit_gemm: {
        ISO_ASSIGN(
            const float* const weights,
            packed(context, launch, p, g.k % 4 == 0 ? FilterOrder::rsck : FilterOrder::rsck_padded, filter, scratch));
        ISO_CUDA(launch_implicit_gemm(g, tactic.gemm, x, weights, y, Epilogue(), workspace.raw(), launch.handle()));
        return {};
      }
      case ConvolutionMethod::depthwise:
        ISO_CUDA(launch_depthwise(g, x, floats(filter), y, Epilogue(), launch.handle()));
        return {};
      case ConvolutionMethod::direct: {
        DirectConvolution d{.shape = g, .groups = p.problem.groups};
        const auto fill = [&](std::int64_t* strides, std::int64_t height, std::int64_t width, std::int64_t channels) {
          const bool first = tactic.channels_first;
          strides[0] = height * width * channels;
          strides[1] = first ? height * width : 1;
          strides[2] = first ? width : width * channels;
          strides[3] = first ? 1 : channels;
        };
        fill(d.x_strides, g.h, g.w, g.c);
        fill(d.y_strides, g.p, g.q, g.k);
        ISO_CUDA(launch_direct_convolution(d, x, floats(filter), y, launch.handle()));
        return {};
      }
      case ConvolutionMethod::cudnn: {
        auto& plan = p.cudnn[tactic.channels_first ? 1 : 0];
        if (!plan) {
          ISO_ASSIGN(plan, CudnnConvolutionPlan::make(*launch.device.cudnn(), p.problem, tactic.channels_first,
                                                      launch.device.tf32()));
        }
        ISO_ASSIGN(const CudnnHandle handle, launch.stream.cudnn());
        ISO_ASSIGN(
            const float* const weights,
            packed(context, launch, p, tactic.channels_first ? FilterOrder::kcrs : FilterOrder::krsc, filter, scratch));
        return plan->run(handle, tactic.algorithm, x, weights, y, workspace.raw(), tactic.workspace_bytes);
      }
    }
    return internal_error("a tactic of no known method");
  }

  /// The filter in the order asked for. A constant one is packed once and kept; another one into `scratch`.
  Result<const float*> packed(KernelContext& context, const Launch& launch, const Prepared& p, FilterOrder order,
                              const Tensor& filter, Tensor& scratch) {
    if (order == FilterOrder::rsck) return floats(filter);
    auto& kept = packed_[static_cast<std::size_t>(order)];
    if (kept) return reinterpret_cast<const float*>(kept->data());
    const ConvolutionShape& g = p.problem.shape;
    const std::int64_t in = g.c / p.problem.groups, taps = static_cast<std::int64_t>(g.r) * g.s * in;
    const std::int64_t columns = order == FilterOrder::rsck_padded ? padded_columns(g.k) : g.k;
    const std::size_t bytes = static_cast<std::size_t>(taps * columns) * sizeof(float);
    float* to = nullptr;
    // What is issued while a stream records happens at replays alone: nothing that later runs find may come of it.
    if (constant_filter_ && !launch.stream.recording()) {
      ISO_ASSIGN(kept, launch.device.allocate(bytes));
      to = reinterpret_cast<float*>(kept->data());
    } else {
      ISO_ASSIGN(scratch, context.scratch(bytes));
      to = floats_out(scratch);
    }
    StridedMove move;
    const std::int64_t k = g.k, s_step = in * k, r_step = g.s * s_step;
    if (order == FilterOrder::rsck_padded) {
      ISO_CUDA(cudaMemsetAsync(to, 0, bytes, launch.handle()));
      move = {.rank = 2, .dims = {taps, k}, .src = {k, 1}, .dst = {columns, 1}};
    } else if (order == FilterOrder::kcrs) {
      move = {.rank = 4, .dims = {k, in, g.r, g.s}, .src = {1, k, r_step, s_step}, .dst = {taps, g.r * g.s, g.s, 1}};
    } else {
      move = {.rank = 4, .dims = {k, g.r, g.s, in}, .src = {1, r_step, s_step, k}, .dst = {taps, g.s * in, in, 1}};
    }
    ISO_CUDA(launch_strided_move(move, filter.raw(), to, launch.handle()));
    return static_cast<const float*>(to);
  }

  /// Gives back what only losing tactics needed. The stream may still read it: freeing waits.
  void drop_filters_but(const ConvolutionTactic& tactic, const Prepared& p) {
    if (prepared_.size() > 1) return;  // another shape may have chosen one
    const bool cudnn = tactic.method == ConvolutionMethod::cudnn;
    const auto drop = [&](FilterOrder order) { packed_[static_cast<std::size_t>(order)].reset(); };
    if (!cudnn || !tactic.channels_first) drop(FilterOrder::kcrs);
    if (!cudnn || tactic.channels_first) drop(FilterOrder::krsc);
    if (tactic.method != ConvolutionMethod::implicit_gemm || p.problem.shape.k % 4 == 0) drop(FilterOrder::rsck_padded);
  }

  static constexpr std::size_t kMostShapes = 8;
  cpu::WindowAttributes attributes_;
  bool depthwise_, constant_filter_;
  std::list<Prepared> prepared_;
  std::shared_ptr<Buffer> packed_[4];  // by FilterOrder
};

KernelFactory convolution_factory(bool depthwise) {
  return [depthwise](CudaDevice&, const KernelRequest& request) -> Result<std::unique_ptr<Kernel>> {
    if (!is_float_input(request, 0) || !is_float_input(request, 1)) return std::unique_ptr<Kernel>();
    ISO_ASSIGN(cpu::WindowAttributes attributes, cpu::window_attributes(request.node.attrs, 2));
    const bool constant = request.constants.size() > 1 && request.constants[1].valid();
    return std::unique_ptr<Kernel>(std::make_unique<ConvolutionKernel>(std::move(attributes), depthwise, constant));
  };
}

}  // namespace

void register_convolution(KernelRegistry& r) {
  r.add_factory("Conv2D", convolution_factory(false));
  r.add_factory("DepthwiseConv2dNative", convolution_factory(true));
}

}  // namespace isotherm::cuda
