#include "tests/engine/reference_ops.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace isotherm::test {

namespace {

std::int64_t count(const Dims& d) { return std::accumulate(d.begin(), d.end(), std::int64_t{1}, std::multiplies<>()); }
Array filled(Dims dims, double value = 0) {
  return {dims, std::vector<double>(static_cast<std::size_t>(count(dims)), value)};
}
double& at4(Array& a, std::int64_t n, std::int64_t h, std::int64_t w, std::int64_t c) {
  return a.values[static_cast<std::size_t>(((n * a.dims[1] + h) * a.dims[2] + w) * a.dims[3] + c)];
}
double at4(const Array& a, std::int64_t n, std::int64_t h, std::int64_t w, std::int64_t c) {
  return at4(const_cast<Array&>(a), n, h, w, c);
}

std::int64_t out_size(std::int64_t in, std::int64_t k, const Window2d& w, int i) {
  return (in + w.before[i] + w.after[i] - ((k - 1) * w.dilation[i] + 1)) / w.stride[i] + 1;
}

}  // namespace

Array convolve(const Array& x, const Array& f, const Window2d& w, std::int64_t groups) {
  const std::int64_t per_in = f.dims[2], out = f.dims[3], per_out = out / groups;
  Array y = filled({x.dims[0], out_size(x.dims[1], f.dims[0], w, 0), out_size(x.dims[2], f.dims[1], w, 1), out});
  for (std::int64_t n = 0; n < y.dims[0]; ++n)
    for (std::int64_t oh = 0; oh < y.dims[1]; ++oh)
      for (std::int64_t ow = 0; ow < y.dims[2]; ++ow)
        for (std::int64_t o = 0; o < out; ++o) {
          double sum = 0;
          for (std::int64_t kh = 0; kh < f.dims[0]; ++kh)
            for (std::int64_t kw = 0; kw < f.dims[1]; ++kw) {
              const std::int64_t h = oh * w.stride[0] + kh * w.dilation[0] - w.before[0],
                                 v = ow * w.stride[1] + kw * w.dilation[1] - w.before[1];
              if (h < 0 || v < 0 || h >= x.dims[1] || v >= x.dims[2]) continue;
              for (std::int64_t i = 0; i < per_in; ++i)
                sum += at4(x, n, h, v, o / per_out * per_in + i) * at4(f, kh, kw, i, o);
            }
          at4(y, n, oh, ow, o) = sum;
        }
  return y;
}

Array deconvolve(const Array& x, const Array& f, const Window2d& w, const Dims& out) {
  Array y = filled(out);
  for (std::int64_t n = 0; n < x.dims[0]; ++n)
    for (std::int64_t ih = 0; ih < x.dims[1]; ++ih)
      for (std::int64_t iw = 0; iw < x.dims[2]; ++iw)
        for (std::int64_t kh = 0; kh < f.dims[0]; ++kh)
          for (std::int64_t kw = 0; kw < f.dims[1]; ++kw) {
            const std::int64_t h = ih * w.stride[0] + kh * w.dilation[0] - w.before[0],
                               v = iw * w.stride[1] + kw * w.dilation[1] - w.before[1];
            if (h < 0 || v < 0 || h >= out[1] || v >= out[2]) continue;
            for (std::int64_t o = 0; o < out[3]; ++o)
              for (std::int64_t i = 0; i < x.dims[3]; ++i)
                at4(y, n, h, v, o) += at4(x, n, ih, iw, i) * at4(f, kh, kw, o, i);
          }
  return y;
}

Array pool(const Array& x, bool max, const Dims& k, const Window2d& w, bool count_padding) {
  Array y = filled({x.dims[0], out_size(x.dims[1], k[0], w, 0), out_size(x.dims[2], k[1], w, 1), x.dims[3]});
  for (std::int64_t n = 0; n < y.dims[0]; ++n)
    for (std::int64_t oh = 0; oh < y.dims[1]; ++oh)
      for (std::int64_t ow = 0; ow < y.dims[2]; ++ow)
        for (std::int64_t c = 0; c < y.dims[3]; ++c) {
          double sum = 0, best = -std::numeric_limits<double>::infinity(), places = 0;
          for (std::int64_t kh = 0; kh < k[0]; ++kh)
            for (std::int64_t kw = 0; kw < k[1]; ++kw) {
              const std::int64_t h = oh * w.stride[0] + kh - w.before[0], v = ow * w.stride[1] + kw - w.before[1];
              if (h < 0 || v < 0 || h >= x.dims[1] || v >= x.dims[2]) continue;
              sum += at4(x, n, h, v, c);
              best = std::max(best, at4(x, n, h, v, c));
              ++places;
            }
          at4(y, n, oh, ow, c) = max ? best : sum / (count_padding ? static_cast<double>(k[0] * k[1]) : places);
        }
  return y;
}

Array broadcast(const Array& a, const Array& b, const std::function<double(double, double)>& f) {
  const std::size_t rank = std::max(a.dims.size(), b.dims.size());
  Dims da(rank - a.dims.size(), 1), db(rank - b.dims.size(), 1), out(rank);
  da.insert(da.end(), a.dims.begin(), a.dims.end());
  db.insert(db.end(), b.dims.begin(), b.dims.end());
  for (std::size_t i = 0; i < rank; ++i) out[i] = std::max(da[i], db[i]);
  Array y = filled(out);
  for (std::int64_t flat = 0; flat < count(out); ++flat) {
    std::int64_t ia = 0, ib = 0, rest = flat, step = count(out);
    for (std::size_t i = 0; i < rank; ++i) {
      step /= out[i];
      const std::int64_t k = rest / step;
      rest %= step;
      ia = ia * da[i] + (da[i] == 1 ? 0 : k);
      ib = ib * db[i] + (db[i] == 1 ? 0 : k);
    }
    y.values[static_cast<std::size_t>(flat)] =
        f(a.values[static_cast<std::size_t>(ia)], b.values[static_cast<std::size_t>(ib)]);
  }
  return y;
}

double activate(const PostOp& op, double x) {
  switch (op.kind) {
    case PostOp::Kind::relu:
      return std::max(x, 0.0);
    case PostOp::Kind::relu6:
      return std::clamp(x, 0.0, 6.0);
    case PostOp::Kind::sigmoid:
      return 1 / (1 + std::exp(-x));
    case PostOp::Kind::tanh:
      return std::tanh(x);
    case PostOp::Kind::elu:
      return x > 0 ? x : op.alpha * std::expm1(x);
    case PostOp::Kind::leaky_relu:
      return x > 0 ? x : op.alpha * x;
    case PostOp::Kind::unary:
      if (op.op == "Abs") return std::abs(x);
      if (op.op == "Exp") return std::exp(x);
      if (op.op == "Square") return x * x;
      return std::log1p(std::exp(x));
    default:
      return std::nan("");
  }
}

Array mean(const Array& x, const Dims& axes, bool keep) {
  Dims kept = x.dims, out;
  for (const std::int64_t a : axes) kept[static_cast<std::size_t>(a)] = 1;
  for (std::size_t i = 0; i < x.dims.size(); ++i)
    if (keep || std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(i)) == axes.end()) out.push_back(kept[i]);
  Array y = filled(kept);
  for (std::int64_t flat = 0; flat < count(x.dims); ++flat) {
    std::int64_t rest = flat, step = count(x.dims), to = 0;
    for (std::size_t i = 0; i < x.dims.size(); ++i) {
      step /= x.dims[i];
      to = to * kept[i] + (kept[i] == 1 ? 0 : rest / step);
      rest %= step;
    }
    y.values[static_cast<std::size_t>(to)] += x.values[static_cast<std::size_t>(flat)] *
                                              static_cast<double>(count(kept)) / static_cast<double>(count(x.dims));
  }
  y.dims = out;
  return y;
}

Array matmul(const Array& x, const Array& w, bool transpose) {
  const std::int64_t out = w.dims[transpose ? 0 : 1], inner = x.dims[1];
  Array y = filled({x.dims[0], out});
  for (std::int64_t r = 0; r < x.dims[0]; ++r)
    for (std::int64_t o = 0; o < out; ++o)
      for (std::int64_t i = 0; i < inner; ++i)
        y.values[static_cast<std::size_t>(r * out + o)] +=
            x.values[static_cast<std::size_t>(r * inner + i)] *
            w.values[static_cast<std::size_t>(transpose ? o * inner + i : i * out + o)];
  return y;
}

Array softmax(Array x) {
  const auto n = static_cast<std::size_t>(x.dims.back());
  for (std::size_t row = 0; row < x.values.size(); row += n) {
    double top = -1e300, sum = 0;
    for (std::size_t i = 0; i < n; ++i) top = std::max(top, x.values[row + i]);
    for (std::size_t i = 0; i < n; ++i) sum += x.values[row + i] = std::exp(x.values[row + i] - top);
    for (std::size_t i = 0; i < n; ++i) x.values[row + i] /= sum;
  }
  return x;
}

Array concat(const std::vector<Array>& xs, std::size_t axis) {
  Dims dims = xs[0].dims;
  dims[axis] = 0;
  for (const Array& x : xs) dims[axis] += x.dims[axis];
  Array y{dims, {}};
  const std::int64_t outer = count(Dims(dims.begin(), dims.begin() + static_cast<std::ptrdiff_t>(axis)));
  for (std::int64_t o = 0; o < outer; ++o)
    for (const Array& x : xs) {
      const auto n = static_cast<std::ptrdiff_t>(x.values.size()) / outer;
      y.values.insert(y.values.end(), x.values.begin() + o * n, x.values.begin() + (o + 1) * n);
    }
  return y;
}

Array pad(const Array& x, const Dims& before, const Dims& after) {
  Array y = filled({x.dims[0], x.dims[1] + before[1] + after[1], x.dims[2] + before[2] + after[2], x.dims[3]});
  for (std::int64_t n = 0; n < x.dims[0]; ++n)
    for (std::int64_t h = 0; h < x.dims[1]; ++h)
      for (std::int64_t w = 0; w < x.dims[2]; ++w)
        for (std::int64_t c = 0; c < x.dims[3]; ++c) at4(y, n, h + before[1], w + before[2], c) = at4(x, n, h, w, c);
  return y;
}

Array transpose(const Array& x, const std::vector<double>& perm) {
  Dims dims;
  for (const double p : perm) dims.push_back(x.dims[static_cast<std::size_t>(p)]);
  Array y = filled(dims);
  for (std::int64_t flat = 0; flat < count(dims); ++flat) {
    Dims index(dims.size());
    for (std::int64_t i = static_cast<std::int64_t>(dims.size()) - 1, rest = flat; i >= 0; --i) {
      index[static_cast<std::size_t>(perm[static_cast<std::size_t>(i)])] = rest % dims[static_cast<std::size_t>(i)];
      rest /= dims[static_cast<std::size_t>(i)];
    }
    std::int64_t from = 0;
    for (std::size_t i = 0; i < dims.size(); ++i) from = from * x.dims[i] + index[i];
    y.values[static_cast<std::size_t>(flat)] = x.values[static_cast<std::size_t>(from)];
  }
  return y;
}

}  // namespace isotherm::test
