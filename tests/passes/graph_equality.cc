#include "tests/passes/graph_equality.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "core/passes/attr_equality.h"

namespace isotherm::testing {
namespace {

std::vector<std::string> data_inputs(const Graph& graph, const Node& node) {
  std::vector<std::string> names;
  for (const Input& in : node.data()) names.push_back(format_input_name(graph[in.node].name, in.port));
  return names;
}

std::set<std::string> control_inputs(const Graph& graph, const Node& node) {
  std::set<std::string> names;
  for (const Input& in : node.control()) names.insert(graph[in.node].name);
  return names;
}

template <class T>
std::string join(const T& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return "[" + out + "]";
}

bool nearly_same(const Constant& a, const Constant& b) {
  if (passes::same_constant(a, b)) return true;
  if (a.dtype() != b.dtype() || a.shape() != b.shape() || !is_floating(a.dtype())) return false;
  const auto x = a.materialise(), y = b.materialise();
  if (!x.ok() || !y.ok()) return false;
  double largest = 0, error = 0;
  for (std::int64_t i = 0; i < x->elements(); ++i) {
    largest = std::max(largest, std::abs(number_at(*x, i)));
    error = std::max(error, std::abs(number_at(*x, i) - number_at(*y, i)));
  }
  return error <= 1e-5 * largest;
}

bool nearly_same(const AttrValue& a, const AttrValue& b) {
  const auto* x = std::get_if<std::shared_ptr<const Constant>>(&a);
  const auto* y = std::get_if<std::shared_ptr<const Constant>>(&b);
  return x && y ? nearly_same(**x, **y) : passes::same_attr(a, b);
}

std::string attr_difference(const Node& expected, const Node& found) {
  for (const auto& [name, value] : expected.attrs) {
    const AttrValue* other = found.attrs.find(name);
    if (!other) return "has no attribute " + name;
    if (!nearly_same(value, *other))
      return "attribute " + name + " is " + to_string(*other) + " for " + to_string(value);
  }
  for (const auto& [name, value] : found.attrs)
    if (!expected.attrs.contains(name)) return "has the attribute " + name + " in addition";
  return {};
}

std::string node_difference(const Graph& expected, const Graph& found, const Node& a, const Node& b) {
  if (a.op != b.op) return "is " + b.op + " for " + a.op;
  if (a.device != b.device) return "is on '" + b.device + "' for '" + a.device + "'";
  if (data_inputs(expected, a) != data_inputs(found, b))
    return "reads " + join(data_inputs(found, b)) + " for " + join(data_inputs(expected, a));
  if (control_inputs(expected, a) != control_inputs(found, b))
    return "waits for " + join(control_inputs(found, b)) + " for " + join(control_inputs(expected, a));
  return attr_difference(a, b);
}

}  // namespace

std::string first_difference(const Graph& expected, const Graph& found) {
  for (const Node& node : expected.nodes())
    if (found.find(node.name) == kNoNode) return "node '" + node.name + "' (" + node.op + ") is missing";
  for (const Node& node : found.nodes())
    if (expected.find(node.name) == kNoNode) return "node '" + node.name + "' (" + node.op + ") is there in addition";
  for (NodeId id = 0; id < expected.size(); ++id) {
    const std::string difference = node_difference(expected, found, expected[id], found[found.find(expected[id].name)]);
    if (!difference.empty()) return "node '" + expected[id].name + "' " + difference;
  }
  for (NodeId id = 0; id < expected.size(); ++id)
    if (expected[id].name != found[id].name)
      return "node " + std::to_string(id) + " is '" + found[id].name + "' for '" + expected[id].name + "'";
  return {};
}

}  // namespace isotherm::testing
