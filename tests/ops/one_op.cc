#include "tests/ops/one_op.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/ops/op_def.h"
#include "core/ops/shape_inference.h"

namespace isotherm::testing {
namespace {

Source constant(const Tensor& value) {
  Source s;
  s.dtype = value.dtype();
  s.record.op = "Const";
  s.record.attrs.set("dtype", TypeValue(value.dtype()));
  s.record.attrs.set("value", make_constant_attr(Constant(value)));
  return s;
}

/// The attributes that the op's signature ties to its inputs.
void set_signature_attrs(NodeRecord& node, const std::vector<Source>& inputs) {
  const OpDef* def = find_op(node.op);
  if (def == nullptr) return;
  const std::size_t lists = static_cast<std::size_t>(
      std::count_if(def->inputs.begin(), def->inputs.end(), [](const ArgDef& a) { return !a.number_attr.empty(); }));
  std::size_t next = 0;
  for (const ArgDef& arg : def->inputs) {
    const std::size_t single = def->inputs.size() - lists;
    const std::size_t count = arg.number_attr.empty() ? 1 : inputs.size() - std::min(single, inputs.size());
    if (next >= inputs.size()) return;
    if (!arg.type_attr.empty() && !node.attrs.contains(arg.type_attr))
      node.attrs.set(arg.type_attr, TypeValue(inputs[next].dtype));
    if (!arg.number_attr.empty() && !node.attrs.contains(arg.number_attr))
      node.attrs.set(arg.number_attr, static_cast<std::int64_t>(count));
    if (!arg.type_list_attr.empty()) {
      AttrList types;
      for (const Source& in : inputs) types.type.emplace_back(in.dtype);
      node.attrs.set(arg.type_list_attr, make_list_attr(types));
    }
    next += count;
  }
}

}  // namespace

Source tensor(Shape shape, DType dtype) {
  Source s;
  s.dtype = dtype;
  s.record.op = "Placeholder";
  s.record.attrs.set("dtype", TypeValue(dtype));
  s.record.attrs.set("shape", std::move(shape));
  return s;
}

Source weights(Shape shape, DType dtype) {
  Source s;
  s.dtype = dtype;
  s.record.op = "Const";
  s.record.attrs.set("dtype", TypeValue(dtype));
  s.record.attrs.set("value", make_constant_attr(Constant(dtype, std::move(shape), *Tensor::make(dtype, Shape{0}))));
  return s;
}

Source ints(const std::vector<std::int32_t>& values) { return constant(Tensor::vector(values)); }
Source longs(const std::vector<std::int64_t>& values) { return constant(Tensor::vector(values)); }
Source number(std::int32_t value) { return constant(Tensor::scalar(value)); }
Source number(float value) { return constant(Tensor::scalar(value)); }

Source variable(Shape shape, DType dtype) {
  Source s = tensor(std::move(shape), dtype);
  s.record.op = "VariableV2";
  return s;
}

AttrValue list(std::vector<std::int64_t> values) {
  AttrList l;
  l.i = std::move(values);
  return make_list_attr(std::move(l));
}

std::string ask(const std::string& op, const std::vector<Source>& inputs, const Attrs& attrs,
                const ConditionOptions& options) {
  Graph::Parts parts;
  // Below 24 a Placeholder of shape [] has an unknown shape.
  parts.versions.producer = 1882;
  NodeRecord node;
  node.name = "n";
  node.op = op;
  for (const auto& [name, value] : attrs) node.attrs.set(name, value);
  set_signature_attrs(node, inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    parts.nodes.push_back(inputs[i].record);
    parts.nodes.back().name = "in" + std::to_string(i);
    node.inputs.push_back(parts.nodes.back().name);
  }
  parts.nodes.push_back(std::move(node));
  add_default_attrs(parts);
  auto graph = Graph::build(std::move(parts));
  if (!graph.ok()) return "graph: " + graph.error().message;
  auto shapes = infer_shapes(**graph);
  if (!shapes.ok()) return "shapes: " + shapes.error().message;
  const auto refusal = engine_refusal(**graph, *shapes, (*graph)->find("n"), options);
  return refusal ? std::string(reason_name(refusal->reason)) + ": " + refusal->detail : "";
}

void check_rows(const std::vector<Row>& rows, Precision precision, bool explicit_precision) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const bool implicit : {false, true}) {
      const char* words = implicit ? rows[i].implicit_words : rows[i].explicit_words;
      if (words == nullptr) continue;
      ConditionOptions options;
      options.precision = precision;
      options.implicit_batch = implicit;
      options.explicit_precision = explicit_precision;
      const std::string answer = ask(rows[i].op, rows[i].inputs, rows[i].attrs, options);
      const bool as_expected = *words == '\0' ? answer.empty() : answer.find(words) != std::string::npos;
      EXPECT_TRUE(as_expected) << "row " << i << ", " << rows[i].op << (implicit ? " implicit" : " explicit")
                               << "\n  found    \"" << answer << "\"\n  expected \"" << words << '"';
    }
  }
}

}  // namespace isotherm::testing
