// Native segments made by hand, for tests of the engine.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/layers.h"
#include "core/engine/network.h"
#include "core/graph/graph.h"

namespace isotherm::test {

using Attrs = std::vector<std::pair<std::string, AttrValue>>;

/// A segment's body under construction: arguments, constants, nodes, results.
class Body {
 public:
  std::string arg(const std::string& name, const Shape& shape) {
    NodeRecord r = record(name, "_Arg", {});
    r.attrs.set("T", TypeValue(DType::float32));
    r.attrs.set("index", static_cast<std::int64_t>(shapes.size()));
    shapes.push_back(shape);
    return add(std::move(r));
  }
  std::string constant(const std::string& name, Tensor value) {
    NodeRecord r = record(name, "Const", {});
    r.attrs.set("dtype", TypeValue(value.dtype()));
    r.attrs.set("value", make_constant_attr(Constant(std::move(value))));
    return add(std::move(r));
  }
  std::string ints(const std::string& name, const std::vector<std::int32_t>& values) {
    return constant(name, Tensor::vector(values));
  }
  std::string floats(const std::string& name, const Shape& shape, float low = -1, float high = 1) {
    std::uniform_real_distribution<float> uniform(low, high);
    std::vector<float> values(static_cast<std::size_t>(*shape.elements()));
    for (float& v : values) v = uniform(random);
    return constant(name, Tensor::from<float>(shape, values));
  }
  std::string node(const std::string& name, const std::string& op, const std::vector<std::string>& inputs,
                   const Attrs& attrs = {}) {
    NodeRecord r = record(name, op, inputs);
    r.attrs.set("T", TypeValue(DType::float32));
    for (const auto& [key, value] : attrs) r.attrs.set(key, value);
    return add(std::move(r));
  }
  void ret(const std::string& tensor) {
    NodeRecord r = record("ret" + std::to_string(results), "_Retval", {tensor});
    r.attrs.set("T", TypeValue(DType::float32));
    r.attrs.set("index", static_cast<std::int64_t>(results++));
    add(std::move(r));
  }

  // The usual nodes with their usual constants; each returns its name.
  std::string conv(const std::string& name, const std::string& x, const Shape& filter, std::int64_t stride = 1,
                   const std::string& padding = "SAME", std::int64_t dilation = 1) {
    const std::string w = floats(name + "/w", filter);
    return node(name, "Conv2D", {x, w},
                {{"strides", ints_attr({1, stride, stride, 1})},
                 {"dilations", ints_attr({1, dilation, dilation, 1})},
                 {"padding", padding}});
  }
  std::string depthwise(const std::string& name, const std::string& x, const Shape& filter, std::int64_t stride = 1,
                        const std::string& padding = "SAME") {
    const std::string w = floats(name + "/w", filter);
    return node(name, "DepthwiseConv2dNative", {x, w},
                {{"strides", ints_attr({1, stride, stride, 1})}, {"padding", padding}});
  }
  std::string bias(const std::string& name, const std::string& x, std::int64_t channels) {
    return node(name, "BiasAdd", {x, floats(name + "/b", {channels})});
  }
  std::string batch_norm(const std::string& name, const std::string& x, std::int64_t channels) {
    return node(name, "FusedBatchNormV3",
                {x, floats(name + "/scale", {channels}, 0.5f, 1.5f), floats(name + "/offset", {channels}),
                 floats(name + "/mean", {channels}), floats(name + "/variance", {channels}, 0.5f, 2.0f)},
                {{"U", TypeValue(DType::float32)}, {"is_training", false}, {"epsilon", 0.001f}});
  }
  std::string pool(const std::string& name, const std::string& op, const std::string& x, std::int64_t size,
                   std::int64_t stride, const std::string& padding) {
    return node(name, op, {x},
                {{"ksize", ints_attr({1, size, size, 1})},
                 {"strides", ints_attr({1, stride, stride, 1})},
                 {"padding", padding}});
  }
  std::string pad(const std::string& name, const std::string& x, std::int32_t before, std::int32_t after) {
    const std::vector<std::int32_t> p = {0, 0, before, after, before, after, 0, 0};
    const std::string c = constant(name + "/paddings", Tensor::from<std::int32_t>({4, 2}, p));
    return node(name, "Pad", {x, c}, {{"Tpaddings", TypeValue(DType::int32)}});
  }

  [[nodiscard]] std::shared_ptr<const Graph> build() const {
    Graph::Parts parts;
    parts.nodes = nodes;
    auto graph = Graph::build(std::move(parts));
    EXPECT_TRUE(graph.ok()) << (graph.ok() ? "" : graph.error().message);
    return graph.ok() ? *graph : nullptr;
  }
  [[nodiscard]] Result<Network> network(const NetworkOptions& options = {}) const {
    return build_network(*build(), "engine", shapes, options);
  }

  std::vector<NodeRecord> nodes;
  std::vector<Shape> shapes;
  int results = 0;
  std::mt19937 random{7};

 private:
  static NodeRecord record(const std::string& name, const std::string& op, const std::vector<std::string>& inputs) {
    NodeRecord r;
    r.name = name;
    r.op = op;
    r.inputs = inputs;
    return r;
  }
  std::string add(NodeRecord r) {
    nodes.push_back(std::move(r));
    return nodes.back().name;
  }
};

}  // namespace isotherm::test
