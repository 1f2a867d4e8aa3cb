// Ops that move space into depth or batch and back.
#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

/// `to_depth`: blocks become channels (SpaceToDepth), else channels become blocks (DepthToSpace).
template <bool to_depth>
Status space_depth(ShapeContext& c) {
  ISO_ASSIGN(const Layout layout, layout_of(c, 4));
  ISO_ASSIGN(const ShapeHandle input, c.with_rank(c.input(0), 4));
  const std::int64_t block = c.attrs().get_int("block_size");
  if (block < 1 || block > (1 << 20))
    return invalid_input("block_size " + std::to_string(block) + " found, expected 2 or more");
  DimHandle spatial[2];
  for (int i = 0; i < 2; ++i) {
    const DimHandle d = c.dim(input, layout.spatial(i));
    ISO_ASSIGN(spatial[i], to_depth ? c.divide(d, block, true) : c.multiply(d, block));
  }
  const DimHandle depth = c.dim(input, layout.channel());
  ISO_ASSIGN(const DimHandle channels,
             to_depth ? c.multiply(depth, block * block) : c.divide(depth, block * block, true));
  c.set_output(0, make_layout_shape(c, layout, c.dim(input, 0), spatial, channels));
  return {};
}

/// Inputs: data, block_shape, paddings or crops; `to_batch` for SpaceToBatchND.
template <bool to_batch>
Status space_batch(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle block_shape, c.with_rank(c.input(1), 1));
  const DimHandle block_dims = c.dim(block_shape, 0);
  if (!c.known(block_dims)) return invalid_input("the length of block_shape is unknown, expected a known one");
  const std::int64_t n = c.value(block_dims);
  if (n > 254) return invalid_input("block_shape has " + std::to_string(n) + " entries, expected at most 254");
  ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), n + 1));
  ISO_TRY(c.merge(c.input(2), c.matrix(n, 2)).status());
  const auto blocks = c.integers(1);
  const auto margins = c.integers(2);
  DimHandle batch = c.dim(input, 0);
  if (!blocks && n > 0) batch = c.unknown_dim();
  if (blocks) {
    for (const std::int64_t block : *blocks) {
      if (block < 1) return invalid_input("block_shape has " + std::to_string(block) + ", expected 1 or more");
      if (!c.known(batch)) {
        batch = c.unknown_dim();
      } else {
        ISO_ASSIGN(batch, to_batch ? c.multiply(batch, block) : c.divide(batch, block, true));
      }
    }
  }
  ShapeContext::Dims dims(static_cast<std::size_t>(n) + 1, n > 0 ? c.unknown_dim() : batch);
  dims[0] = batch;
  for (std::size_t i = 0; margins && i < static_cast<std::size_t>(n); ++i) {
    const std::int64_t before = (*margins)[2 * i];
    const std::int64_t after = (*margins)[2 * i + 1];
    std::int64_t both = 0;
    if (before < 0 || after < 0 || __builtin_add_overflow(before, after, &both)) {
      return invalid_input("a margin of " + std::to_string(before) + " and " + std::to_string(after) +
                           " found, expected 0 or more");
    }
    if (!blocks) continue;
    DimHandle d = c.dim(input, static_cast<std::int64_t>(i) + 1);
    if (to_batch) {
      ISO_ASSIGN(d, c.add(d, both));
      ISO_ASSIGN(d, c.divide(d, (*blocks)[i], true));
    } else {
      ISO_ASSIGN(d, c.multiply(d, (*blocks)[i]));
      ISO_ASSIGN(d, c.subtract(d, both));
    }
    dims[i + 1] = d;
  }
  ISO_ASSIGN(const ShapeHandle rest, c.subshape(input, n + 1));
  c.set_output(0, c.concatenate(c.make_shape(dims), rest));
  return {};
}

}  // namespace

void register_space_shapes(ShapeRegistry& registry) {
  registry.add("SpaceToDepth", space_depth<true>);
  registry.add("DepthToSpace", space_depth<false>);
  registry.add("SpaceToBatchND", space_batch<true>);
  registry.add("BatchToSpaceND", space_batch<false>);
}

}  // namespace isotherm::shapes
