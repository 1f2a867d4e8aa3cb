// The signatures of TensorFlow's ops: the table that the project makes from TensorFlow's own registry.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/graph.h"

namespace isotherm {

struct AttrDef {
  std::string name;
  std::string type;  ///< "int", "float", "bool", "string", "type", "shape", "tensor", "func", "list(int)", ..
  std::optional<AttrValue> fallback;       ///< the default; an attribute without one must be present
  std::optional<std::int64_t> minimum;     ///< of an int, or of a list's length
  std::vector<DType> allowed_types;        ///< empty: any
  std::vector<std::string> allowed_strings;
};

struct OpDef {
  std::string name;
  std::vector<ArgDef> inputs;
  std::vector<ArgDef> outputs;
  std::vector<AttrDef> attrs;
  bool is_stateful = false;
  bool is_commutative = false;

  [[nodiscard]] const AttrDef* attr(std::string_view name) const;
};

/// The definition of an op of TensorFlow 2.17.1; null for an op that it does not know. Thread-safe; definitions live
/// as long as the program.
const OpDef* find_op(std::string_view name);
/// Number of ops in the table.
std::size_t op_count();

/// The dtypes of a node's data inputs and outputs, lists expanded.
struct Signature {
  std::vector<TypeValue> inputs;
  std::vector<TypeValue> outputs;
};

/// Expands the op's arguments with the node's attributes (defaults where missing). An error names the node, the
/// attribute, what was found and what was expected. For an op that is not in the table: outputs unknown, an error.
Result<Signature> signature_of(const Node& node);

/// Output index of "name:index" in a function body, e.g. ("y", 0) of FusedBatchNorm is 0; an error if there is none.
Result<int> output_port(const NodeRecord& node, std::string_view output_name, int index);

/// Adds the default of every attribute that a node of a known op lacks, in place; in function bodies too.
void add_default_attrs(Graph::Parts& parts);

/// Checks nodes of known ops against the table: number and dtypes of inputs, required and allowed attributes. One
/// sentence for the first fault found; unknown ops pass.
Status check_against_op_defs(const Graph& graph);

/// Body of a function as a graph: arguments become `_Arg`, results `_Retval` nodes; attribute placeholders are bound to
/// `attrs`. Port names resolve through the table.
Result<std::shared_ptr<const Graph>> function_body(const FunctionLibrary& library, std::string_view name, const AttrMap& attrs = {});

/// What an op is drawn and counted as.
enum class OpClass { conv, matmul, norm, activation, pool, elementwise, array, control, constant, io, unknown };
OpClass op_class(std::string_view op);
/// "convolution", "matrix product", ..: the words of a legend.
std::string_view op_class_label(OpClass c);
/// The key in the look's tokens: "conv", "matmul", ..
std::string_view op_class_key(OpClass c);

}  // namespace isotherm
