// MaxPool, AvgPool in two dimensions.
#include "cuda/kernels/pool.h"

#include "core/cpu/window.h"
#include "cuda/native/families.h"
#include "cuda/native/helpers.h"

namespace isotherm::cuda {
namespace {

template <PoolOp op>
Status run_pool(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  ISO_ASSIGN(const cpu::WindowAttributes a, cpu::window_attributes(node.attrs, 2));
  const Tensor& src = context.input(0);
  ISO_TRY(expect_rank(src, 4, "the input"));
  if (a.kernel.size() != 2) return invalid_input("attribute ksize is missing; expected a window");
  PoolShape g;
  cpu::Window w[2];
  for (int i = 0; i < 2; ++i) {
    ISO_ASSIGN(w[i], cpu::make_window(a, i, src.dim(a.spatial_dim(i)), a.kernel[static_cast<std::size_t>(i)]));
  }
  const std::int64_t batch = src.dim(0), channels = src.dim(a.channel_dim());
  for (const std::int64_t value : {batch, channels, w[0].in, w[1].in, w[0].out, w[1].out, w[0].kernel, w[1].kernel,
                                   w[0].stride, w[1].stride, w[0].pad_begin, w[1].pad_begin})
    ISO_TRY(fits_int(value, "a size of the pooling"));
  const auto narrow = [](std::int64_t value) { return static_cast<int>(value); };
  g = {.n = narrow(batch),
       .h = narrow(w[0].in),
       .w = narrow(w[1].in),
       .c = narrow(channels),
       .p = narrow(w[0].out),
       .q = narrow(w[1].out),
       .r = narrow(w[0].kernel),
       .s = narrow(w[1].kernel),
       .stride_h = narrow(w[0].stride),
       .stride_w = narrow(w[1].stride),
       .pad_h = narrow(w[0].pad_begin),
       .pad_w = narrow(w[1].pad_begin),
       .channels_first = a.channels_first};
  ISO_ASSIGN(const Launch launch, launch_of(context));
  ISO_ASSIGN(Tensor dst, context.allocate(DType::float32, a.make_shape(batch, {w[0].out, w[1].out}, channels)));
  ISO_CUDA(launch_pool(op, g, floats(src), floats_out(dst), launch.handle()));
  context.set_output(0, std::move(dst));
  return {};
}

template <PoolOp op>
KernelFactory factory() {
  return [](CudaDevice&, const KernelRequest& request) -> Result<std::unique_ptr<Kernel>> {
    class PoolKernel final : public Kernel {
     public:
      explicit PoolKernel(const Node& node) : node_(node) {}
      Status run(KernelContext& context) override { return run_pool<op>(context, node_); }

     private:
      const Node& node_;
    };
    if (!is_float_input(request, 0)) return std::unique_ptr<Kernel>();
    // Windows over channels are rare, and the host's.
    ISO_ASSIGN(const cpu::WindowAttributes a, cpu::window_attributes(request.node.attrs, 2));
    if (a.channel_window != 1 || a.channel_stride != 1) return std::unique_ptr<Kernel>();
    return std::unique_ptr<Kernel>(std::make_unique<PoolKernel>(request.node));
  };
}

}  // namespace

void register_pooling(KernelRegistry& r) {
  r.add_factory("MaxPool", factory<PoolOp::maximum>());
  r.add_factory("AvgPool", factory<PoolOp::average>());
}

}  // namespace isotherm::cuda
