#include "tests/engine/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "core/engine/layers.h"
#include "core/engine/network_edit.h"

namespace isotherm::test {
namespace {

using Dims = std::vector<std::int64_t>;

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

struct Window2d {
  std::int64_t stride[2], dilation[2], before[2], after[2];
};

std::int64_t out_size(std::int64_t in, std::int64_t k, const Window2d& w, int i) {
  return (in + w.before[i] + w.after[i] - ((k - 1) * w.dilation[i] + 1)) / w.stride[i] + 1;
}

/// NHWC by HWIO, `groups` outermost in O.
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

/// Gradient of the convolution with respect to its input; filter [h, w, out, in].
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

Window2d node_window(const Node& node, const Dims& in, const Dims& kernel) {
  const Dims strides = node.attrs.get_ints("strides");
  Dims dilations = node.attrs.get_ints("dilations");
  if (dilations.empty()) dilations = {1, 1, 1, 1};
  Window2d w{};
  for (std::size_t i = 0; i < 2; ++i) {
    w.stride[i] = strides[i + 1];
    w.dilation[i] = dilations[i + 1];
    if (node.attrs.get_string("padding") != "SAME") continue;
    const std::int64_t out = (in[i] + w.stride[i] - 1) / w.stride[i];
    const std::int64_t total =
        std::max<std::int64_t>(0, (out - 1) * w.stride[i] + (kernel[i] - 1) * w.dilation[i] + 1 - in[i]);
    w.before[i] = total / 2;
    w.after[i] = total - total / 2;
  }
  return w;
}

Dims to_dims(const Array& a) {
  Dims out;
  for (const double v : a.values) out.push_back(static_cast<std::int64_t>(v));
  return out;
}

Array run_node(const Node& node, const std::vector<Array>& in) {
  const std::string& op = node.op;
  const auto spatial = [&](const Array& a) { return Dims{a.dims[1], a.dims[2]}; };
  if (op == "Identity" || op == "StopGradient") return in[0];
  if (op == "Conv2D")
    return convolve(in[0], in[1], node_window(node, spatial(in[0]), {in[1].dims[0], in[1].dims[1]}),
                    in[0].dims[3] / in[1].dims[2]);
  if (op == "DepthwiseConv2dNative") {
    const Array f{{in[1].dims[0], in[1].dims[1], 1, in[1].dims[2] * in[1].dims[3]}, in[1].values};
    return convolve(in[0], f, node_window(node, spatial(in[0]), {f.dims[0], f.dims[1]}), in[0].dims[3]);
  }
  if (op == "Conv2DBackpropInput") {
    const Dims out = to_dims(in[0]);
    return deconvolve(in[2], in[1], node_window(node, {out[1], out[2]}, {in[1].dims[0], in[1].dims[1]}), out);
  }
  if (op == "MaxPool" || op == "AvgPool") {
    const Dims k = node.attrs.get_ints("ksize");
    return pool(in[0], op == "MaxPool", {k[1], k[2]}, node_window(node, spatial(in[0]), {k[1], k[2]}), false);
  }
  if (op == "BiasAdd" || op == "Add" || op == "AddV2") return broadcast(in[0], in[1], std::plus<>());
  if (op == "Sub") return broadcast(in[0], in[1], std::minus<>());
  if (op == "Mul") return broadcast(in[0], in[1], std::multiplies<>());
  if (op == "RealDiv") return broadcast(in[0], in[1], std::divides<>());
  if (op == "Maximum") return broadcast(in[0], in[1], [](double a, double b) { return std::max(a, b); });
  if (op == "FusedBatchNormV3") {
    Array y = in[0];
    const auto channels = in[1].values.size();
    for (std::size_t i = 0; i < y.values.size(); ++i) {
      const std::size_t c = i % channels;
      y.values[i] = (y.values[i] - in[3].values[c]) / std::sqrt(in[4].values[c] + node.attrs.get_float("epsilon")) *
                        in[1].values[c] +
                    in[2].values[c];
    }
    return y;
  }
  if (op == "Pad") {
    const Dims p = to_dims(in[1]);
    return pad(in[0], {p[0], p[2], p[4], p[6]}, {p[1], p[3], p[5], p[7]});
  }
  if (op == "Mean") return mean(in[0], to_dims(in[1]), node.attrs.get_bool("keep_dims"));
  if (op == "MatMul") return matmul(in[0], in[1], node.attrs.get_bool("transpose_b"));
  if (op == "Softmax") return softmax(in[0]);
  if (op == "ConcatV2") return concat({in.begin(), in.end() - 1}, static_cast<std::size_t>(in.back().values[0]));
  if (op == "Transpose") return transpose(in[0], in[1].values);
  if (op == "Reshape") return {to_dims(in[1]), in[0].values};
  if (op == "Squeeze") {
    Array y = in[0];
    std::erase(y.dims, 1);
    return y;
  }
  PostOp activation;
  if (activation_post_op(node, activation)) {
    Array y = in[0];
    for (double& v : y.values) v = activate(activation, v);
    return y;
  }
  ADD_FAILURE() << "the reference does not know " << op;
  return {};
}

Window2d layer_window(const Spatial& strides, const Spatial& dilations, const Spatial& before, const Spatial& after) {
  return {{strides[0], strides[1]}, {dilations[0], dilations[1]}, {before[0], before[1]}, {after[0], after[1]}};
}

Array run_layer(const Network& network, const Layer& layer, const std::vector<Array>& tensors) {
  const auto value = [&](int t) { return tensors[static_cast<std::size_t>(t)]; };
  const Array x = value(layer.inputs[0]);
  Array y;
  if (layer.kind == LayerKind::convolution && layer.weights.valid()) {
    const ConvGeometry g = conv_geometry(layer);
    y = convolve(x, to_array(layer.weights), layer_window(g.strides, g.dilations, g.pads_before, g.pads_after),
                 g.groups);
  } else if (layer.kind == LayerKind::deconvolution) {
    const ConvGeometry g = conv_geometry(layer);
    y = deconvolve(x, to_array(layer.weights), layer_window(g.strides, g.dilations, g.pads_before, g.pads_after),
                   tensor_at(network, layer.outputs[0]).shape.dims());
  } else if (layer.kind == LayerKind::matmul && layer.weights.valid()) {
    y = matmul(x, to_array(layer.weights), layer.attrs.get_bool("transpose_b"));
  } else if (layer.kind == LayerKind::pooling) {
    const PoolGeometry g = pool_geometry(layer);
    y = pool(x, g.max, g.ksize, layer_window(g.strides, {1, 1}, g.pads_before, g.pads_after), g.count_padding);
  } else if (layer.attrs.get_string("op") == "ScaleShift") {
    y = x;
    const std::int64_t channels = x.dims.back();
    for (std::size_t i = 0; i < y.values.size(); ++i) {
      const auto of = [&](const Tensor& t, double otherwise) {
        return t.valid() ? number_at(t, t.elements() == 1 ? 0 : static_cast<std::int64_t>(i) % channels) : otherwise;
      };
      y.values[i] = y.values[i] * of(layer.weights, 1) + of(layer.bias, 0);
    }
  } else if (layer.kind == LayerKind::elementwise && layer.inputs.size() == 2 && layer.native_node == kNoNode) {
    const std::string op = layer.attrs.get_string("op");
    Node node;
    node.op = op;
    y = run_node(node, {x, value(layer.inputs[1])});
  } else {
    std::vector<Array> in;
    for (const int t : layer.native_inputs) in.push_back(value(t));
    y = run_node(node_of(network, layer), in);
  }
  const bool has_bias = layer.bias.valid() && layer.attrs.get_string("op") != "ScaleShift";
  if (has_bias) y = broadcast(y, to_array(layer.bias), std::plus<>());
  for (const PostOp& op : layer.post_ops) {
    if (op.kind == PostOp::Kind::add_tensor)
      y = broadcast(y, value(op.tensor), std::plus<>());
    else
      for (double& v : y.values) v = activate(op, v);
  }
  return y;
}

}  // namespace

Array to_array(const Tensor& t) {
  Array a{t.shape().dims(), {}};
  for (std::int64_t i = 0; i < t.elements(); ++i) a.values.push_back(number_at(t, i));
  return a;
}

std::map<std::string, Array> run_body(const Graph& body, const std::vector<Array>& arguments) {
  std::map<std::string, Array> values;
  const auto order = body.topological_order();
  if (!order.ok()) return values;
  for (const NodeId id : *order) {
    const Node& node = body[id];
    if (node.op == "_Arg") {
      values[node.name + ":0"] = arguments[static_cast<std::size_t>(node.attrs.get_int("index"))];
    } else if (node.op == "Const") {
      const auto value = node.attrs.get_constant("value")->materialise();
      values[node.name + ":0"] = to_array(*value);
    } else {
      std::vector<Array> in;
      for (const Input& i : node.data()) in.push_back(values[body.tensor_name({i.node, i.port})]);
      values[node.name + ":0"] = node.op == "_Retval" ? in[0] : run_node(node, in);
    }
  }
  return values;
}

std::vector<Array> run_network(const Network& network, const std::vector<Array>& arguments) {
  std::vector<Array> values(network.tensors.size());
  for (std::size_t i = 0; i < network.inputs.size(); ++i)
    values[static_cast<std::size_t>(network.inputs[i])] = arguments[i];
  const auto fill_views = [&] {
    for (std::size_t t = 0; t < values.size(); ++t) {
      const NetworkTensor& tensor = network.tensors[t];
      if (tensor.constant.valid() && values[t].values.empty()) values[t] = to_array(tensor.constant);
      if (tensor.view_of >= 0)
        values[t] = {tensor.shape.dims(), values[static_cast<std::size_t>(tensor.view_of)].values};
    }
  };
  fill_views();
  for (const Layer& layer : network.layers) {
    values[static_cast<std::size_t>(layer.outputs[0])] = run_layer(network, layer, values);
    fill_views();
  }
  std::vector<Array> out;
  for (const int t : network.outputs) out.push_back(values[static_cast<std::size_t>(t)]);
  return out;
}

double error_of(const Array& a, const Array& b) {
  if (a.dims != b.dims || a.values.size() != b.values.size()) return std::numeric_limits<double>::infinity();
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    worst = std::max(worst, std::abs(a.values[i] - b.values[i]));
    if (std::isnan(a.values[i]) != std::isnan(b.values[i])) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, std::abs(b.values[i]));
  }
  return largest > 0 ? worst / largest : worst;
}

}  // namespace isotherm::test
