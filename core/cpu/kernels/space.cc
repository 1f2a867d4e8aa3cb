// DepthToSpace, SpaceToDepth, SpaceToBatchND, BatchToSpaceND and their first forms: transposes between blocks of space
// and channels or batch.
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

/// dst, row-major over dims[order[0]], dims[order[1]], .., from src, row-major over dims; the result has `shape`.
Status set_permuted(KernelContext& context, const Tensor& x, const std::vector<std::int64_t>& dims,
                    const std::vector<int>& order, Shape shape) {
  const std::vector<std::int64_t> strides = strides_of(Shape(dims));
  StridedCopy copy;
  for (const int axis : order) {
    copy.dims.push_back(dims[static_cast<std::size_t>(axis)]);
    copy.src_strides.push_back(strides[static_cast<std::size_t>(axis)]);
  }
  copy.dst_strides = strides_of(Shape(copy.dims));
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), std::move(shape)));
  copy_strided(std::move(copy), x, result, context.threads());
  context.set_output(0, std::move(result));
  return {};
}

Status run_depth_space(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_TRY(expect_rank(x, 4, "the input"));
  const std::int64_t b = node.attrs.get_int("block_size", 2);
  const std::string format = node.attrs.get_string("data_format", "NHWC");
  if (format != "NHWC" && format != "NCHW")
    return unsupported("data_format is '" + format + "'; expected NHWC or NCHW");
  const bool first = format == "NCHW", to_space = node.op == "DepthToSpace";
  const std::int64_t n = x.dim(0), c = x.dim(first ? 1 : 3), h = x.dim(first ? 2 : 1), w = x.dim(first ? 3 : 2);
  if (b < 1 || (to_space ? c % (b * b) != 0 : h % b != 0 || w % b != 0))
    return invalid_input("shape " + x.shape().to_string() + " does not divide into blocks of " + std::to_string(b));
  if (to_space) {
    const std::int64_t d = c / (b * b);
    if (first) return set_permuted(context, x, {n, b, b, d, h, w}, {0, 3, 4, 1, 5, 2}, Shape{n, d, h * b, w * b});
    return set_permuted(context, x, {n, h, w, b, b, d}, {0, 1, 3, 2, 4, 5}, Shape{n, h * b, w * b, d});
  }
  const std::int64_t hb = h / b, wb = w / b;
  if (first) return set_permuted(context, x, {n, c, hb, b, wb, b}, {0, 3, 5, 1, 2, 4}, Shape{n, c * b * b, hb, wb});
  return set_permuted(context, x, {n, hb, b, wb, b, c}, {0, 1, 3, 2, 4, 5}, Shape{n, hb, wb, b * b * c});
}

/// Block sizes and pads or crops (two per block dimension), from inputs or, for the 2-D forms, an attribute.
struct Blocks {
  std::vector<std::int64_t> sizes, edges;
};

Result<Blocks> blocks_of(KernelContext& context, const Node& node) {
  Blocks b;
  const bool two_d = node.op == "SpaceToBatch" || node.op == "BatchToSpace";
  ISO_TRY(expect_inputs(context, two_d ? 2 : 3));
  if (two_d)
    b.sizes.assign(2, node.attrs.get_int("block_size", 2));
  else
    b.sizes = integers_of(context.input(1));
  const Tensor& edges = context.input(two_d ? 1 : 2);
  if (edges.elements() != static_cast<std::int64_t>(2 * b.sizes.size()))
    return invalid_input("paddings or crops have shape " + edges.shape().to_string() + "; expected two for each of " +
                         std::to_string(b.sizes.size()) + " block sizes");
  b.edges = integers_of(edges);
  if (context.input(0).rank() <= static_cast<int>(b.sizes.size()))
    return invalid_input("the input has shape " + context.input(0).shape().to_string() + "; expected more than " +
                         std::to_string(b.sizes.size()) + " dimensions");
  for (const std::int64_t v : b.sizes)
    if (v < 1 || v > (1 << 20)) return invalid_input("a block size is " + std::to_string(v) + "; expected 1 or more");
  for (const std::int64_t v : b.edges)
    if (v < 0) return invalid_input("a padding or crop is " + std::to_string(v) + "; expected 0 or more");
  return b;
}

Status run_space_to_batch(KernelContext& context, const Node& node) {
  ISO_ASSIGN(const Blocks b, blocks_of(context, node));
  const Tensor& x = context.input(0);
  const std::size_t m = b.sizes.size();
  Shape padded = x.shape();
  std::vector<std::int64_t> offset(static_cast<std::size_t>(x.rank()), 0);
  std::int64_t blocks = 1;
  for (std::size_t i = 0; i < m; ++i) {
    const int d = static_cast<int>(i) + 1;
    padded.set_dim(d, x.dim(d) + b.edges[2 * i] + b.edges[2 * i + 1]);
    offset[i + 1] = b.edges[2 * i];
    if (padded[d] % b.sizes[i] != 0)
      return invalid_input("padded dimension " + std::to_string(d) + " of size " + std::to_string(padded[d]) +
                           " does not divide by " + std::to_string(b.sizes[i]));
    blocks *= b.sizes[i];
  }
  ISO_ASSIGN(Tensor whole, context.allocate(x.dtype(), padded));
  fill_with(whole, nullptr);
  StridedCopy copy{x.shape().dims(), strides_of(x.shape()), strides_of(padded)};
  for (std::size_t i = 0; i < offset.size(); ++i) copy.dst_offset += offset[i] * copy.dst_strides[i];
  copy_strided(std::move(copy), x, whole, context.threads());
  std::vector<std::int64_t> dims{x.dim(0)};
  std::vector<int> order;
  Shape shape{x.dim(0) * blocks};
  for (std::size_t i = 0; i < m; ++i) {
    dims.insert(dims.end(), {padded[static_cast<int>(i) + 1] / b.sizes[i], b.sizes[i]});
    order.push_back(2 + 2 * static_cast<int>(i));
    shape.add_dim(padded[static_cast<int>(i) + 1] / b.sizes[i]);
  }
  order.push_back(0);
  for (std::size_t i = 0; i < m; ++i) order.push_back(1 + 2 * static_cast<int>(i));
  for (int d = static_cast<int>(m) + 1; d < x.rank(); ++d) {
    order.push_back(static_cast<int>(dims.size()));
    dims.push_back(x.dim(d));
    shape.add_dim(x.dim(d));
  }
  return set_permuted(context, whole, dims, order, std::move(shape));
}

Status run_batch_to_space(KernelContext& context, const Node& node) {
  ISO_ASSIGN(const Blocks b, blocks_of(context, node));
  const Tensor& x = context.input(0);
  const std::size_t m = b.sizes.size();
  std::int64_t blocks = 1;
  for (const std::int64_t s : b.sizes) blocks *= s;
  if (x.dim(0) % blocks != 0)
    return invalid_input("the batch of " + std::to_string(x.dim(0)) + " does not divide by " + std::to_string(blocks));
  std::vector<std::int64_t> dims(b.sizes.begin(), b.sizes.end());
  dims.push_back(x.dim(0) / blocks);
  std::vector<int> order{static_cast<int>(m)};
  Shape whole{x.dim(0) / blocks}, shape{x.dim(0) / blocks};
  for (std::size_t i = 0; i < m; ++i) {
    const std::int64_t size = x.dim(static_cast<int>(i) + 1) * b.sizes[i],
                       cropped = size - b.edges[2 * i] - b.edges[2 * i + 1];
    if (cropped < 0)
      return invalid_input("the crops exceed dimension " + std::to_string(i + 1) + " of size " + std::to_string(size));
    dims.push_back(x.dim(static_cast<int>(i) + 1));
    order.insert(order.end(), {static_cast<int>(m + 1 + i), static_cast<int>(i)});
    whole.add_dim(size);
    shape.add_dim(cropped);
  }
  for (int d = static_cast<int>(m) + 1; d < x.rank(); ++d) {
    order.push_back(static_cast<int>(dims.size()));
    dims.push_back(x.dim(d));
    whole.add_dim(x.dim(d));
    shape.add_dim(x.dim(d));
  }
  const std::vector<std::int64_t> strides = strides_of(Shape(dims));
  StridedCopy copy;
  for (const int axis : order) {
    copy.dims.push_back(dims[static_cast<std::size_t>(axis)]);
    copy.src_strides.push_back(strides[static_cast<std::size_t>(axis)]);
  }
  copy.dst_strides = strides_of(Shape(copy.dims));
  ISO_ASSIGN(Tensor full, context.allocate(x.dtype(), whole));
  copy_strided(std::move(copy), x, full, context.threads());
  if (whole == shape) {
    context.set_output(0, std::move(full));
    return {};
  }
  StridedCopy crop{shape.dims(), strides_of(whole), strides_of(shape)};
  for (std::size_t i = 0; i < m; ++i) crop.src_offset += b.edges[2 * i] * crop.src_strides[i + 1];
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), shape));
  copy_strided(std::move(crop), full, result, context.threads());
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_space(KernelRegistry& r) {
  r.add({"DepthToSpace", "SpaceToDepth"}, run_depth_space);
  r.add({"SpaceToBatchND", "SpaceToBatch"}, run_space_to_batch);
  r.add({"BatchToSpaceND", "BatchToSpace"}, run_batch_to_space);
}

}  // namespace isotherm::cpu
