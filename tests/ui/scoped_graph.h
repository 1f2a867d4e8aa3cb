// A small graph with scopes, forks and joins, for tests of the graph views.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/convert/converter.h"
#include "core/render/paint.h"
#include "core/render/scene.h"
#include "ui/graph_view.h"

namespace isotherm {

inline NodeRecord record(std::string name, std::string op, std::vector<std::string> inputs) {
  NodeRecord out;
  out.name = std::move(name);
  out.op = std::move(op);
  out.inputs = std::move(inputs);
  out.attrs.set(out.op == "Placeholder" ? "dtype" : "T", TypeValue(DType::float32));
  return out;
}

/// input -> `blocks` blocks, each of a fork of three and a join -> output. Every block is a scope "block_<i>".
inline std::shared_ptr<const Graph> scoped_graph(int blocks) {
  Graph::Parts parts;
  NodeRecord input = record("input", "Placeholder", {});
  input.attrs.set("shape", Shape{2, 8, 8, 4});
  parts.nodes.push_back(std::move(input));
  std::string last = "input";
  for (int i = 0; i < blocks; ++i) {
    const std::string scope = "block_" + std::to_string(i) + "/";
    parts.nodes.push_back(record(scope + "start", "Relu", {last}));
    parts.nodes.push_back(record(scope + "left", "Sigmoid", {scope + "start"}));
    parts.nodes.push_back(record(scope + "middle", "Tanh", {scope + "start"}));
    // Blocks of two kinds, so that they are no repeats of one another.
    parts.nodes.push_back(record(scope + "right", i % 2 == 0 ? "Relu6" : "Elu", {scope + "start"}));
    parts.nodes.push_back(record(scope + "sum", "AddV2", {scope + "left", scope + "middle"}));
    parts.nodes.push_back(record(scope + "join", "AddV2", {scope + "sum", scope + "right"}));
    last = scope + "join";
  }
  parts.nodes.push_back(record("output", "Identity", {last}));
  auto graph = Graph::build(std::move(parts));
  return graph.ok() ? *graph : nullptr;
}

inline std::shared_ptr<const ui::ScenePicture> picture_of(const std::shared_ptr<const Conversion>& conversion, render::SceneOptions options) {
  options.layout = render::LayoutChoice::layered;
  auto scene = render::build_scene(conversion, {}, std::move(options));
  if (!scene.ok()) return nullptr;
  auto out = std::make_shared<ui::ScenePicture>();
  out->scene = std::move(*scene);
  out->list = ui::PaintedList(render::paint_scene(out->scene), out->scene);
  return out;
}

inline std::shared_ptr<const Conversion> conversion_of(const std::shared_ptr<const Graph>& graph, const std::set<std::string>& excluded = {}) {
  ConversionParams params;
  params.excluded_nodes = excluded;
  auto out = convert(graph, params);
  return out.ok() ? std::make_shared<const Conversion>(std::move(*out)) : nullptr;
}

}  // namespace isotherm
