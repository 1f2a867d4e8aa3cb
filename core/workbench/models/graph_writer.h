// Writes a graph node by node, with seeded weights.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/graph/graph.h"

namespace isotherm {

/// Normal random numbers that are the same with every compiler and library: a counter-based generator (SplitMix64) and
/// the Box-Muller transform.
class SeededNormal {
 public:
  explicit SeededNormal(std::uint64_t seed) : state_(seed) {}
  float next();

 private:
  double uniform();
  std::uint64_t state_;
  float spare_ = 0;
  bool has_spare_ = false;
};

/// Methods add a node and return its name; `name` is its full name.
class GraphWriter {
 public:
  explicit GraphWriter(std::uint64_t seed) : normal_(seed) {}

  std::string placeholder(const std::string& name, DType dtype, const Shape& shape);
  std::string constant(const std::string& name, const Tensor& value);
  std::string integers(const std::string& name, const std::vector<std::int32_t>& values);
  /// Normal weights of mean `mean` and standard deviation `stddev`.
  std::string weights(const std::string& name, const Shape& shape, double stddev, double mean = 0);
  /// A node of float32 type `T` with further attributes.
  std::string node(const std::string& name, const std::string& op, std::vector<std::string> inputs, AttrMap attrs = {});

  /// NHWC convolution with an HWIO filter of He's scale.
  std::string conv(const std::string& name, const std::string& input, int size, int in, int out, int stride, const std::string& padding);
  std::string depthwise(const std::string& name, const std::string& input, int size, int channels, int stride, const std::string& padding);
  /// Inference batch norm whose statistics are near those of normal data; `gamma` scales the result.
  std::string batch_norm(const std::string& name, const std::string& input, int channels, float epsilon, double gamma = 1);
  std::string activation(const std::string& name, const std::string& op, const std::string& input) { return node(name, op, {input}); }
  /// Zeros round H and W of an NHWC tensor.
  std::string pad(const std::string& name, const std::string& input, int before, int after);
  std::string max_pool(const std::string& name, const std::string& input, int size, int stride, const std::string& padding);
  std::string mean_hw(const std::string& name, const std::string& input);
  /// MatMul and BiasAdd. Columns of the weights sum to 0, so that what all inputs share does not drown what differs.
  std::string dense(const std::string& name, const std::string& input, int in, int out, double stddev);

  Result<std::shared_ptr<const Graph>> finish();

 private:
  std::vector<NodeRecord> nodes_;
  SeededNormal normal_;
};

/// A list(int) attribute.
AttrValue ints_attr(std::vector<std::int64_t> values);

}  // namespace isotherm
