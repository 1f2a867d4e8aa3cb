#include "tests/convert/typed_sketch.h"

#include "core/ops/op_def.h"
#include "tests/segment/graph_sketch.h"

namespace isotherm::testing {

std::shared_ptr<const Graph> typed_sketch(const std::string& text, const std::map<std::string, Shape>& shapes) {
  const auto plain = sketch(text);
  if (!plain) return nullptr;
  Graph::Parts parts = plain->parts();
  parts.versions.producer = 1882;
  for (NodeRecord& node : parts.nodes) {
    if (node.op == "Placeholder") {
      const auto it = shapes.find(node.name);
      node.attrs.set("dtype", TypeValue(node.name.starts_with("int") ? DType::int32 : DType::float32));
      node.attrs.set("shape", it == shapes.end() ? Shape{-1, 8} : it->second);
    } else if (node.op == "Const") {
      node.attrs.set("dtype", TypeValue(DType::float32));
      node.attrs.set("value", make_constant_attr(Constant(Tensor::vector(std::vector<float>(8, 1.5f)))));
    } else if (node.op == "Cast") {
      node.attrs.set("SrcT", TypeValue(DType::int32));
      node.attrs.set("DstT", TypeValue(DType::float32));
    } else if (node.op != "NoOp") {
      node.attrs.set("T", TypeValue(DType::float32));
    }
  }
  add_default_attrs(parts);
  auto graph = Graph::build(std::move(parts));
  return graph.ok() ? *graph : nullptr;
}

}  // namespace isotherm::testing
