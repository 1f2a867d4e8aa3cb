// Pooling and reductions by the device's kernels, post-ops behind them.
#include <algorithm>

#include "cuda/engine/cuda_tactic.h"
#include "cuda/kernels/pool.h"
#include "cuda/kernels/reduce.h"

namespace isotherm::cuda {
namespace {

class PoolingTactic final : public CudaTactic {
 public:
  using CudaTactic::CudaTactic;

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    ISO_CUDA(launch_pool(op_, shape_, floats(memory.inputs[0]), floats(memory.outputs[0]), stream.handle()));
    return finish(memory, stream);
  }

 protected:
  Status plan() override {
    const PoolGeometry g = pool_geometry(layer_);
    op_ = g.max ? PoolOp::maximum : PoolOp::average;
    description_ = g.max ? "isotherm max pooling" : "isotherm average pooling";
    const Shape& in = input_shape(0);
    const Shape& out = output_shape();
    if (in.rank() != 4 || out.rank() != 4 || g.ksize.size() != 2 || g.strides.size() != 2 || g.pads_before.size() != 2)
      return unsupported("it is no 2-D pooling");
    const auto padded = [](const Spatial& pads) {
      return std::any_of(pads.begin(), pads.end(), [](std::int64_t p) { return p != 0; });
    };
    if (!g.max && g.count_padding && (padded(g.pads_before) || padded(g.pads_after)))
      return unsupported("its average counts the padding");
    const int c = g.channels_first ? 1 : 3, h = g.channels_first ? 2 : 1, w = h + 1;
    const std::int64_t values[] = {in.dim(0),    in.dim(h),    in.dim(w),        in.dim(c),
                                   out.dim(h),   out.dim(w),   g.ksize[0],       g.ksize[1],
                                   g.strides[0], g.strides[1], g.pads_before[0], g.pads_before[1]};
    for (const std::int64_t v : values)
      if (v < 0 || v >= std::int64_t{1} << 30) return unsupported("its sizes are outside of 0 to 2^30");
    const auto at = [&](std::size_t i) { return static_cast<int>(values[i]); };
    shape_ = {at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9), at(10), at(11), g.channels_first};
    ISO_TRY(take_steps());
    description_ += g.channels_first ? " nchw" : " nhwc";
    return {};
  }

 private:
  PoolOp op_ = PoolOp::maximum;
  PoolShape shape_;
};

/// Reduction over neighbouring axes: outer x reduced x inner.
class ReduceTactic final : public CudaTactic {
 public:
  using CudaTactic::CudaTactic;

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    ISO_CUDA(launch_reduce(op_, floats(memory.inputs[0]), floats(memory.outputs[0]), outer_, reduced_, inner_,
                           stream.handle()));
    return finish(memory, stream);
  }

 protected:
  Status plan() override {
    const std::string op = layer_.attrs.get_string("op");
    description_ = "isotherm reduction " + op;
    if (op == "Mean")
      op_ = ReduceOp::mean;
    else if (op == "Sum")
      op_ = ReduceOp::sum;
    else if (op == "Max")
      op_ = ReduceOp::maximum;
    else if (op == "Min")
      op_ = ReduceOp::minimum;
    else if (op == "Prod")
      op_ = ReduceOp::prod;
    else
      return unsupported("there is no kernel for " + op);
    const std::vector<std::int64_t> axes = layer_.attrs.get_ints("axes");
    if (!layer_.attrs.contains("axes") || axes.empty()) return unsupported("its axes are no constants");
    for (std::size_t i = 1; i < axes.size(); ++i)
      if (axes[i] != axes[i - 1] + 1) return unsupported("its axes are not neighbours");
    const Shape& in = input_shape(0);
    for (int i = 0; i < in.rank(); ++i) (i < axes.front() ? outer_ : i > axes.back() ? inner_ : reduced_) *= in.dim(i);
    if (outer_ * inner_ != output_shape().elements().value_or(0)) return unsupported("its result has another size");
    return take_steps();
  }

 private:
  ReduceOp op_ = ReduceOp::mean;
  std::int64_t outer_ = 1, reduced_ = 1, inner_ = 1;
};

}  // namespace

void add_pooling_tactics(const LayerProblem& problem, TacticList& list) {
  if (problem.layer.kind == LayerKind::pooling)
    list.push_back(std::make_unique<PoolingTactic>(problem));
  else
    list.push_back(std::make_unique<ReduceTactic>(problem));
}

}  // namespace isotherm::cuda
