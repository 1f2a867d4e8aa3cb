// Softmax, and what moves data about: concatenation, transposition, reshaping, padding.
#include <algorithm>

#include "cuda/engine/cuda_tactic.h"
#include "cuda/kernels/reduce.h"
#include "cuda/kernels/strided.h"

namespace isotherm::cuda {
namespace {

std::vector<std::int64_t> row_major(const Shape& shape) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(shape.rank()), 1);
  for (int i = shape.rank() - 1; i-- > 0;)
    strides[static_cast<std::size_t>(i)] = strides[static_cast<std::size_t>(i) + 1] * shape.dim(i + 1);
  return strides;
}

class SoftmaxTactic final : public CudaTactic {
 public:
  using CudaTactic::CudaTactic;

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    ISO_CUDA(
        launch_softmax(false, floats(memory.inputs[0]), floats(memory.outputs[0]), rows_, columns_, stream.handle()));
    return finish(memory, stream);
  }

 protected:
  Status plan() override {
    description_ = "isotherm softmax";
    const Shape& shape = output_shape();
    if (shape.rank() < 1 || layer_.attrs.get_int("axis") != shape.rank() - 1)
      return unsupported("it is not along the last axis");
    columns_ = shape.dim(shape.rank() - 1);
    rows_ = shape.elements().value_or(0) / columns_;
    shareable_ = 0;
    return take_steps();
  }

 private:
  std::int64_t rows_ = 1, columns_ = 1;
};

/// Each input to its place in the result: blocks of neighbouring elements, one move an input.
class ConcatTactic final : public CudaTactic {
 public:
  using CudaTactic::CudaTactic;

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    for (std::size_t i = 0; i < moves_.size(); ++i)
      ISO_CUDA(launch_strided_move(moves_[i], memory.inputs[i], memory.outputs[0], stream.handle()));
    return finish(memory, stream);
  }

 protected:
  Status plan() override {
    description_ = "isotherm concat";
    const Shape& out = output_shape();
    const auto axis = static_cast<int>(layer_.attrs.get_int("axis", -1));
    if (axis < 0 || axis >= out.rank()) return unsupported("its axis is no constant");
    std::int64_t outer = 1, inner = 1, offset = 0;
    for (int d = 0; d < axis; ++d) outer *= out.dim(d);
    for (int d = axis + 1; d < out.rank(); ++d) inner *= out.dim(d);
    const std::int64_t pitch = out.dim(axis) * inner;
    moves_.clear();
    const auto adds = [](const PostOp& op) { return op.kind == PostOp::Kind::add_tensor; };
    const std::size_t count = layer_.inputs.size() - static_cast<std::size_t>(std::count_if(
                                                         layer_.post_ops.begin(), layer_.post_ops.end(), adds));
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t block = input_shape(i).dim(axis) * inner;
      StridedMove move;
      move.rank = 2;
      move.dims[0] = outer;
      move.dims[1] = block;
      move.src[0] = block;
      move.src[1] = 1;
      move.dst[0] = pitch;
      move.dst[1] = 1;
      move.dst_offset = offset;
      offset += block;
      moves_.push_back(move);
    }
    if (offset != pitch) return unsupported("its inputs do not fill the result");
    return take_steps();
  }

 private:
  std::vector<StridedMove> moves_;
};

class TransposeTactic final : public CudaTactic {
 public:
  using CudaTactic::CudaTactic;

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    if (swaps_)
      ISO_CUDA(launch_swap_last(floats(memory.inputs[0]), floats(memory.outputs[0]), batch_, rows_, columns_,
                                stream.handle()));
    else
      ISO_CUDA(launch_strided_move(move_, memory.inputs[0], memory.outputs[0], stream.handle()));
    return finish(memory, stream);
  }

 protected:
  Status plan() override {
    description_ = "isotherm transpose";
    const Shape& in = input_shape(0);
    const Shape& out = output_shape();
    const std::vector<std::int64_t> perm = layer_.attrs.get_ints("perm");
    if (perm.size() != static_cast<std::size_t>(in.rank()) || in.rank() < 1 || in.rank() > kMaxDims ||
        out.rank() != in.rank())
      return unsupported("the permutation does not fit the rank");
    const std::vector<std::int64_t> from = row_major(in), to = row_major(out);
    move_ = {};
    move_.rank = in.rank();
    for (std::size_t d = 0; d < perm.size(); ++d) {
      if (perm[d] < 0 || perm[d] >= in.rank()) return unsupported("the permutation does not fit the rank");
      move_.dims[d] = out.dim(static_cast<int>(d));
      move_.src[d] = from[static_cast<std::size_t>(perm[d])];
      move_.dst[d] = to[d];
    }
    find_swap(perm, in);
    return take_steps();
  }

 private:
  /// [0, k.., 1..k-1]: two groups of axes behind the batch change places.
  void find_swap(const std::vector<std::int64_t>& perm, const Shape& in) {
    const auto rank = static_cast<std::int64_t>(perm.size());
    if (rank < 3 || perm[0] != 0 || perm[1] <= 1) return;
    const std::int64_t k = perm[1];
    for (std::int64_t i = 1; i < rank; ++i) {
      const std::int64_t expected = i <= rank - k ? k + i - 1 : i - (rank - k);
      if (perm[static_cast<std::size_t>(i)] != expected) return;
    }
    swaps_ = true;
    batch_ = in.dim(0);
    rows_ = columns_ = 1;
    for (std::int64_t i = 1; i < rank; ++i) (i < k ? rows_ : columns_) *= in.dim(static_cast<int>(i));
  }

  StridedMove move_;
  bool swaps_ = false;
  std::int64_t batch_ = 1, rows_ = 1, columns_ = 1;
};

/// A reshape that could not become a view.
class ReshapeTactic final : public CudaTactic {
 public:
  using CudaTactic::CudaTactic;

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    const auto bytes = static_cast<std::size_t>(output_shape().elements().value_or(0)) * sizeof(float);
    if (memory.inputs[0] != memory.outputs[0])
      ISO_CUDA(cudaMemcpyAsync(memory.outputs[0], memory.inputs[0], bytes, cudaMemcpyDeviceToDevice, stream.handle()));
    return finish(memory, stream);
  }

 protected:
  Status plan() override {
    description_ = "copy";
    if (input_shape(0).elements() != output_shape().elements()) return unsupported("its sizes differ");
    shareable_ = 0;
    return take_steps();
  }
};

class PadTactic final : public CudaTactic {
 public:
  using CudaTactic::CudaTactic;

  Status issue(const TacticMemory& memory, DeviceStream& stream) override {
    ISO_CUDA(launch_pad(frame_, floats(memory.inputs[0]), fill_, floats(memory.outputs[0]), stream.handle()));
    return finish(memory, stream);
  }

 protected:
  Status plan() override {
    description_ = "isotherm pad";
    const Shape& in = input_shape(0);
    const Shape& out = output_shape();
    const std::vector<std::int64_t> before = layer_.attrs.get_ints("pads_before");
    if (before.size() != static_cast<std::size_t>(in.rank()) || in.rank() < 1 || in.rank() > kMaxDims ||
        out.rank() != in.rank())
      return unsupported("its pads are no constants");
    frame_ = {};
    frame_.rank = in.rank();
    for (int d = 0; d < in.rank(); ++d) {
      frame_.before[d] = before[static_cast<std::size_t>(d)];
      if (frame_.before[d] < 0 || frame_.before[d] + in.dim(d) > out.dim(d))
        return unsupported("its pads are negative");
      frame_.dims[d] = out.dim(d);
      frame_.inner[d] = in.dim(d);
    }
    return take_steps();
  }

  Status pack() override {
    const float value = layer_.attrs.get_float("value", 0);
    if (value == 0) return {};
    ISO_ASSIGN(fill_, upload(std::vector<float>{value}));
    return {};
  }

 private:
  PaddedFrame frame_;
  const float* fill_ = nullptr;
};

}  // namespace

void add_array_tactics(const LayerProblem& problem, TacticList& list) {
  const Layer& layer = problem.layer;
  const std::string mode = layer.attrs.get_string("mode");
  if (layer.kind == LayerKind::softmax) list.push_back(std::make_unique<SoftmaxTactic>(problem));
  if (layer.kind == LayerKind::concat && layer.attrs.contains("axis"))
    list.push_back(std::make_unique<ConcatTactic>(problem));
  if (layer.kind == LayerKind::pad && layer.attrs.contains("pads_before"))
    list.push_back(std::make_unique<PadTactic>(problem));
  if (layer.kind == LayerKind::shuffle && mode == "reshape") list.push_back(std::make_unique<ReshapeTactic>(problem));
  if (layer.kind == LayerKind::shuffle && mode == "transpose")
    list.push_back(std::make_unique<TransposeTactic>(problem));
}

}  // namespace isotherm::cuda
