// Pooling and batch normalization.
#include <algorithm>
#include <array>

#include "core/ops/conditions/registry.h"
#include "core/ops/conditions/rules.h"

namespace isotherm::conditions {
namespace {

constexpr DType f = DType::float32, h = DType::float16, i8 = DType::int8;

Verdict check_window(const Context& c, const std::vector<std::int64_t>& ksize, std::size_t first, std::size_t count,
                     std::int64_t bound) {
  std::int64_t product = 1;
  bool fits = true;
  for (std::size_t i = first; i < first + count && fits; ++i) {
    fits = ksize[i] >= 1 && ksize[i] < bound;
    product = fits ? product * ksize[i] : product;
    fits = fits && product < bound;
  }
  if (fits) return {};
  return refuse("Window dimensions are not within bounds: attribute 'ksize' of ", c.op(),
                " must be at least 1 in each spatial dimension, with a product below ", bound);
}

Verdict pool2d(const Context& c) {
  if (auto v = check_padding(c, "Unsupported padding type: ", "")) return v;
  const std::vector<std::int64_t> ksize = c.node.attrs.get_ints("ksize");
  if (ksize.size() != 4) return refuse("attribute 'ksize' of ", c.op(), " must have 4 entries, has ", ksize.size());
  const bool nhwc = c.node.attrs.get_string("data_format", "NHWC") == "NHWC";
  return check_window(c, ksize, nhwc ? 1 : 2, 2, 100000);
}

Verdict pool3d(const Context& c) {
  if (auto v = check_padding(c, "Unsupported padding type: ", "")) return v;
  const bool ndhwc = c.node.attrs.get_string("data_format", "NDHWC") == "NDHWC";
  const std::size_t channel = ndhwc ? 4 : 1;
  std::vector<std::int64_t> ksize;
  if (auto v = check_unit_at(c, "strides", 5, 0, channel, "stride must be 1 for batch and channel dimensions"))
    return v;
  if (auto v = check_unit_at(c, "ksize", 5, 0, channel, "ksize must be 1 for batch and channel dimensions", &ksize))
    return v;
  return check_window(c, ksize, ndhwc ? 1 : 2, 3, 31622776);
}

Verdict batch_norm(const Context& c) {
  if (c.node.attrs.get_bool("is_training", true)) {
    return refuse(c.op(), " only supports is_training=false (attribute 'is_training' is true)");
  }
  const Operand& x = c.in(0);
  // Every layout but NCHW is taken for NHWC, so that of NDHWC it is the width that must be static.
  const int channel = c.node.attrs.get_string("data_format", "NHWC") == "NCHW" ? 1 : 3;
  if (!c.implicit_batch() && x.dim(channel) == kUnknownDim) {
    return refuse("Channel dimension must be static; dimension ", channel, " of ", c.name(0), " ", x.shape_text(),
                  " is not");
  }
  constexpr std::array<std::string_view, 5> kNames = {"x", "scale", "offset", "mean", "variance"};
  std::int64_t largest = 0;
  for (int i = 1; i < 5; ++i) {
    const Operand& p = c.in(i);
    if (p.dtype != f && p.dtype != h) {
      return refuse("The data type of parameter ", kNames[static_cast<std::size_t>(i)], " of ", c.op(),
                    " must be float or half, is ", dtype_short_name(p.dtype));
    }
    if (p.dtype != c.in(1).dtype) {
      return refuse("Inconsistent parameter type for batchnorm is not supported: ", kNames[static_cast<std::size_t>(i)],
                    " is ", dtype_short_name(p.dtype), ", scale is ", dtype_short_name(c.in(1).dtype));
    }
    largest = std::max(largest, p.count().value_or(0));
  }
  for (int i = 1; i < 5; ++i) {
    const std::int64_t count = c.in(i).count().value_or(0);
    if (count != largest && count != 1) {
      return refuse("Inconsistent batchnorm parameter count: ", kNames[static_cast<std::size_t>(i)], " has ", count,
                    " values, expected ", largest, " or 1");
    }
  }
  return {};
}

}  // namespace

void register_pooling(Registry& r) {
  r.add({"MaxPool", "AvgPool"},
        {.style = Style::function, .roles = {{"input", kT}}, .types = {f, i8, h}, .rest = pool2d});
  r.add({"MaxPool3D", "AvgPool3D"},
        {.style = Style::function, .roles = {{"input", kT}}, .types = {f, h}, .rest = pool3d});
  r.add({"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"},
        {.style = Style::function,
         .roles = {{"x", kT}, {"scale", kW}, {"offset", kW}, {"mean", kW}, {"variance", kW}},
         .types = {f, h},
         .rest = batch_norm});
}

}  // namespace isotherm::conditions
