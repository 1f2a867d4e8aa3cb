// The arithmetic of reference.h: one function per op, NHWC, in double precision.
#pragma once

#include <functional>
#include <vector>

#include "tests/engine/reference.h"

namespace isotherm::test {

using Dims = std::vector<std::int64_t>;

struct Window2d {
  std::int64_t stride[2], dilation[2], before[2], after[2];
};

/// Filter HWIO, `groups` outermost in O.
Array convolve(const Array& x, const Array& f, const Window2d& w, std::int64_t groups);
/// Gradient of the convolution with respect to its input; filter [h, w, out, in]; `out` are the result's dims.
Array deconvolve(const Array& x, const Array& f, const Window2d& w, const Dims& out);
Array pool(const Array& x, bool max, const Dims& k, const Window2d& w, bool count_padding);
Array broadcast(const Array& a, const Array& b, const std::function<double(double, double)>& f);
double activate(const PostOp& op, double x);
Array mean(const Array& x, const Dims& axes, bool keep);
Array matmul(const Array& x, const Array& w, bool transpose);
Array softmax(Array x);
Array concat(const std::vector<Array>& xs, std::size_t axis);
Array pad(const Array& x, const Dims& before, const Dims& after);
Array transpose(const Array& x, const std::vector<double>& perm);

}  // namespace isotherm::test
