// A function of the library as a graph of its own.
#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <unordered_set>

#include "core/ops/op_def.h"
#include "core/ops/signature.h"

namespace isotherm {
namespace {

constexpr int kMaxNesting = 64;

Result<AttrMap> bind_all(const AttrMap& attrs, const AttrMap& values, int depth);

Result<FunctionRef> bind(const FunctionRef& ref, const AttrMap& values, int depth) {
  if (!ref.attrs || ref.attrs->size() == 0) return ref;
  ISO_ASSIGN(AttrMap bound, bind_all(*ref.attrs, values, depth + 1));
  return FunctionRef{ref.name, std::make_shared<const AttrMap>(std::move(bound))};
}

/// `attrs` with every placeholder replaced by its value.
Result<AttrMap> bind_all(const AttrMap& attrs, const AttrMap& values, int depth) {
  if (depth > kMaxNesting)
    return invalid_input("its function attributes are nested more than " + std::to_string(kMaxNesting) + " deep");
  AttrMap out;
  for (const auto& [name, value] : attrs) {
    if (const auto* placeholder = std::get_if<AttrPlaceholder>(&value)) {
      const AttrValue* bound = values.find(placeholder->name);
      if (!bound)
        return invalid_input("attribute '" + name + "' stands for the function's attribute '" + placeholder->name +
                             "', to which the call gives no value");
      out.set(name, *bound);
    } else if (const auto* ref = std::get_if<FunctionRef>(&value)) {
      ISO_ASSIGN(FunctionRef bound, bind(*ref, values, depth));
      out.set(name, std::move(bound));
    } else if (const auto* shared = std::get_if<std::shared_ptr<const AttrList>>(&value);
               shared && !(*shared)->func.empty()) {
      AttrList list = **shared;
      for (FunctionRef& f : list.func) {
        ISO_ASSIGN(f, bind(f, values, depth));
      }
      out.set(name, make_list_attr(std::move(list)));
    } else {
      out.set(name, value);
    }
  }
  return out;
}

/// Where the name of an input inside a function leads: arguments first, then nodes.
class Body {
 public:
  Body(const FunctionLibrary& library, const Function& function, const AttrMap& values)
      : library_(library), function_(function), values_(values) {}

  Result<std::shared_ptr<const Graph>> build() {
    // Names of nodes first: arguments must not take them.
    for (const NodeRecord& node : function_.nodes) taken_.insert(node.name);
    ISO_TRY(add_arguments());
    for (std::size_t i = 0; i < function_.nodes.size(); ++i) nodes_.emplace(function_.nodes[i].name, i);
    for (const NodeRecord& node : function_.nodes) {
      NodeRecord copy = node;
      auto bound = bind_all(node.attrs, values_, 0);
      if (!bound.ok()) return bound.error().at(describe_node(node.name, node.op));
      copy.attrs = std::move(bound).value();
      bodies_.push_back(std::move(copy));
    }
    for (NodeRecord node : bodies_) {
      for (std::string& input : node.inputs) {
        auto resolved = resolve(input);
        if (!resolved.ok()) return resolved.error().at(describe_node(node.name, node.op));
        input = std::move(resolved).value();
      }
      parts_.nodes.push_back(std::move(node));
    }
    ISO_TRY(add_results());
    return Graph::build(std::move(parts_));
  }

 private:
  std::string unused(std::string name) {
    while (!taken_.insert(name).second) name += "_";
    return name;
  }

  Status add_arguments() {
    std::int64_t index = 0;
    for (std::size_t a = 0; a < function_.inputs.size(); ++a) {
      const ArgDef& arg = function_.inputs[a];
      std::vector<TypeValue> types;
      ISO_TRY(append_types({arg}, values_, nullptr, types));
      auto& names = arguments_[arg.name];
      for (std::size_t k = 0; k < types.size(); ++k) {
        const bool one = types.size() == 1 && arg.type_list_attr.empty();
        NodeRecord node;
        node.name = unused(one ? arg.name : arg.name + "_" + std::to_string(k));
        node.op = "_Arg";
        for (const auto& [i, attrs] : function_.arg_attrs)
          if (i == static_cast<int>(a))
            for (const auto& [name, value] : attrs) node.attrs.set(name, value);
        node.attrs.set("T", types[k]);
        node.attrs.set("index", index++);
        names.push_back(node.name);
        parts_.nodes.push_back(std::move(node));
      }
    }
    return {};
  }

  Status add_results() {
    std::int64_t index = 0;
    for (const ArgDef& arg : function_.outputs) {
      const auto it =
          std::find_if(function_.ret.begin(), function_.ret.end(), [&](const auto& r) { return r.first == arg.name; });
      if (it == function_.ret.end())
        return invalid_input("its result '" + arg.name + "' has no entry among the returned tensors");
      std::vector<TypeValue> types;
      ISO_TRY(append_types({arg}, values_, nullptr, types));
      for (std::size_t k = 0; k < types.size(); ++k) {
        const bool one = types.size() == 1 && arg.type_list_attr.empty();
        auto source = resolve(it->second, static_cast<int>(k), types.size() > 1);
        if (!source.ok()) return source.error().at("result '" + arg.name + "'");
        NodeRecord node;
        node.name = unused(one ? arg.name + "_RetVal" : arg.name + "_RetVal_" + std::to_string(k));
        node.op = "_Retval";
        node.inputs.push_back(std::move(source).value());
        node.attrs.set("T", types[k]);
        node.attrs.set("index", index++);
        parts_.nodes.push_back(std::move(node));
      }
    }
    return {};
  }

  /// "argument", "argument:index", "node:output:index" or "^node" as an input of a graph. A result of several tensors
  /// is written "node:output", and `k` counts its tensors.
  Result<std::string> resolve(std::string_view text, int k = 0, bool list = false) {
    if (text.starts_with('^')) {
      const auto argument = arguments_.find(std::string(text.substr(1)));
      if (argument != arguments_.end() && !argument->second.empty()) return "^" + argument->second.front();
      return std::string(text);
    }
    const std::size_t first = std::min(text.find(':'), text.size());
    const std::string name(text.substr(0, first));
    std::string_view rest = text.substr(std::min(first + 1, text.size()));
    if (const auto it = arguments_.find(name); it != arguments_.end()) {
      int i = k;
      if (!rest.empty() && !parse_index(rest, i)) return malformed(text);
      if (i < 0 || static_cast<std::size_t>(i) >= it->second.size())
        return invalid_input("input '" + std::string(text) + "' asks for tensor " + std::to_string(i) +
                             " of an argument of " + std::to_string(it->second.size()));
      return it->second[static_cast<std::size_t>(i)];
    }
    const auto it = nodes_.find(name);
    if (it == nodes_.end())
      return invalid_input("input '" + std::string(text) + "' names neither an argument nor a node of the function");
    const NodeRecord& node = bodies_[it->second];
    int i = k;
    const std::size_t second = rest.find(':');
    std::string_view output = rest.substr(0, second);
    if (second != std::string_view::npos) {
      int from_text = 0;
      if (!parse_index(rest.substr(second + 1), from_text)) return malformed(text);
      i = list ? from_text + k : from_text;
    }
    // Bodies written before outputs had names give a port alone.
    if (output.empty()) return format_input_name(name, i);
    if (int port = 0; second == std::string_view::npos && parse_index(output, port))
      return format_input_name(name, port + (list ? k : 0));
    auto port = port_of(node, output, i);
    if (!port.ok()) return port.error().at("input '" + std::string(text) + "'");
    return format_input_name(name, *port);
  }

  /// A node's op may be a function of the library, called by its name.
  Result<int> port_of(const NodeRecord& node, std::string_view output, int index) {
    if (find_op(node.op)) return output_port(node, output, index);
    if (const Function* called = library_.find(node.op))
      return output_port_of(called->outputs, node.attrs, nullptr, output, index);
    return output_port(node, output, index);
  }

  static bool parse_index(std::string_view digits, int& out) {
    const auto [stop, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return failed == std::errc() && stop == digits.data() + digits.size() && out >= 0;
  }
  static Error malformed(std::string_view text) {
    return invalid_input("input '" + std::string(text) +
                         "' is not of the form argument:index, node:output:index or ^node");
  }

  const FunctionLibrary& library_;
  const Function& function_;
  const AttrMap& values_;
  Graph::Parts parts_;
  std::vector<NodeRecord> bodies_;  ///< nodes with their attributes bound
  std::unordered_map<std::string, std::size_t> nodes_;
  std::unordered_map<std::string, std::vector<std::string>> arguments_;
  std::unordered_set<std::string> taken_;
};

}  // namespace

Result<std::shared_ptr<const Graph>> function_body(const FunctionLibrary& library, std::string_view name,
                                                   const AttrMap& attrs) {
  const Function* function = library.find(name);
  if (!function) return not_found("the library has no function '" + std::string(name) + "'");
  Body body(library, *function, attrs);
  auto graph = body.build();
  if (!graph.ok()) return graph.error().at("function '" + std::string(name) + "'");
  return graph;
}

}  // namespace isotherm
