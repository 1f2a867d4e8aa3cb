#include "core/workbench/models/graph_writer.h"

#include <cmath>
#include <numbers>

namespace isotherm {

double SeededNormal::uniform() {
  state_ += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return (static_cast<double>(z >> 11) + 0.5) * 0x1p-53;
}

float SeededNormal::next() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(uniform()));
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_ = static_cast<float>(radius * std::sin(angle));
  has_spare_ = true;
  return static_cast<float>(radius * std::cos(angle));
}

AttrValue ints_attr(std::vector<std::int64_t> values) {
  AttrList list;
  list.i = std::move(values);
  return make_list_attr(std::move(list));
}

std::string GraphWriter::placeholder(const std::string& name, DType dtype, const Shape& shape) {
  AttrMap attrs;
  attrs.set("dtype", TypeValue(dtype));
  attrs.set("shape", shape);
  nodes_.push_back({name, "Placeholder", "", {}, std::move(attrs), ""});
  return name;
}

std::string GraphWriter::constant(const std::string& name, const Tensor& value) {
  AttrMap attrs;
  attrs.set("dtype", TypeValue(value.dtype()));
  attrs.set("value", make_constant_attr(Constant(value)));
  nodes_.push_back({name, "Const", "", {}, std::move(attrs), ""});
  return name;
}

std::string GraphWriter::integers(const std::string& name, const std::vector<std::int32_t>& values) {
  return constant(name, Tensor::vector(values));
}

std::string GraphWriter::weights(const std::string& name, const Shape& shape, double stddev, double mean) {
  std::vector<float> values(static_cast<std::size_t>(shape.elements().value_or(0)));
  for (float& v : values) v = static_cast<float>(mean + stddev * normal_.next());
  return constant(name, Tensor::from<float>(shape, values));
}

std::string GraphWriter::node(const std::string& name, const std::string& op, std::vector<std::string> inputs, AttrMap attrs) {
  if (!attrs.contains("T") && op != "Cast") attrs.set("T", TypeValue(DType::float32));
  nodes_.push_back({name, op, "", std::move(inputs), std::move(attrs), ""});
  return name;
}

std::string GraphWriter::conv(const std::string& name, const std::string& input, int size, int in, int out, int stride,
                              const std::string& padding) {
  const std::string filter = weights(name + "/kernel", {size, size, in, out}, std::sqrt(2.0 / (size * size * in)));
  AttrMap attrs;
  attrs.set("strides", ints_attr({1, stride, stride, 1}));
  attrs.set("padding", padding);
  return node(name + "/Conv2D", "Conv2D", {input, filter}, std::move(attrs));
}

std::string GraphWriter::depthwise(const std::string& name, const std::string& input, int size, int channels, int stride,
                                   const std::string& padding) {
  const std::string filter = weights(name + "/kernel", {size, size, channels, 1}, std::sqrt(2.0 / (size * size)));
  AttrMap attrs;
  attrs.set("strides", ints_attr({1, stride, stride, 1}));
  attrs.set("padding", padding);
  return node(name + "/depthwise", "DepthwiseConv2dNative", {input, filter}, std::move(attrs));
}

std::string GraphWriter::batch_norm(const std::string& name, const std::string& input, int channels, float epsilon, double gamma) {
  const Shape shape{channels};
  std::vector<std::string> inputs = {input};
  inputs.push_back(weights(name + "/gamma", shape, 0.05 * gamma, gamma));
  inputs.push_back(weights(name + "/beta", shape, 0.1));
  inputs.push_back(weights(name + "/moving_mean", shape, 0.05));
  inputs.push_back(weights(name + "/moving_variance", shape, 0.05, 1));
  AttrMap attrs;
  attrs.set("U", TypeValue(DType::float32));
  attrs.set("epsilon", epsilon);
  attrs.set("is_training", false);
  return node(name + "/FusedBatchNormV3", "FusedBatchNormV3", std::move(inputs), std::move(attrs));
}

std::string GraphWriter::pad(const std::string& name, const std::string& input, int before, int after) {
  const std::string paddings =
      constant(name + "/paddings", Tensor::from<std::int32_t>({4, 2}, std::vector<std::int32_t>{0, 0, before, after, before, after, 0, 0}));
  return node(name + "/Pad", "Pad", {input, paddings});
}

std::string GraphWriter::max_pool(const std::string& name, const std::string& input, int size, int stride, const std::string& padding) {
  AttrMap attrs;
  attrs.set("ksize", ints_attr({1, size, size, 1}));
  attrs.set("strides", ints_attr({1, stride, stride, 1}));
  attrs.set("padding", padding);
  return node(name + "/MaxPool", "MaxPool", {input}, std::move(attrs));
}

std::string GraphWriter::mean_hw(const std::string& name, const std::string& input) {
  const std::string axes = integers(name + "/reduction_indices", {1, 2});
  return node(name + "/Mean", "Mean", {input, axes});
}

std::string GraphWriter::dense(const std::string& name, const std::string& input, int in, int out, double stddev) {
  std::vector<float> values(static_cast<std::size_t>(in) * static_cast<std::size_t>(out));
  for (float& v : values) v = static_cast<float>(stddev) * normal_.next();
  for (int column = 0; column < out; ++column) {
    double sum = 0;
    for (int row = 0; row < in; ++row) sum += values[static_cast<std::size_t>(row) * static_cast<std::size_t>(out) + static_cast<std::size_t>(column)];
    for (int row = 0; row < in; ++row) values[static_cast<std::size_t>(row) * static_cast<std::size_t>(out) + static_cast<std::size_t>(column)] -= static_cast<float>(sum / in);
  }
  const std::string kernel = constant(name + "/kernel", Tensor::from<float>({in, out}, values));
  const std::string bias = weights(name + "/bias", {out}, 0.05);
  const std::string product = node(name + "/MatMul", "MatMul", {input, kernel});
  return node(name + "/BiasAdd", "BiasAdd", {product, bias});
}

Result<std::shared_ptr<const Graph>> GraphWriter::finish() {
  Graph::Parts parts;
  parts.nodes = std::move(nodes_);
  parts.versions.producer = 1882;  // TensorFlow 2.17
  parts.versions.min_consumer = 12;
  return Graph::build(std::move(parts));
}

}  // namespace isotherm
