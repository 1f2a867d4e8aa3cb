// What the conditions of every op share: the node under test, sentences, roles of inputs and allowed types.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/ops/conditions/operand.h"

namespace isotherm::conditions {

struct Context {
  const Graph& graph;
  const GraphShapes& shapes;
  const Node& node;
  const ConditionOptions& options;
  std::vector<Operand> inputs;  ///< one per data input

  [[nodiscard]] bool implicit_batch() const { return options.implicit_batch; }
  [[nodiscard]] int count() const { return static_cast<int>(inputs.size()); }
  /// Requires 0 <= i < count().
  [[nodiscard]] const Operand& in(int i) const { return inputs[static_cast<std::size_t>(i)]; }
  [[nodiscard]] int trt_rank(int i) const { return in(i).trt_rank(options.implicit_batch); }
  /// "'a/b:1'": the tensor that input `i` reads.
  [[nodiscard]] std::string name(int i) const;
  [[nodiscard]] const std::string& op() const { return node.op; }
};

inline void append(std::string& text, std::string_view part) { text += part; }
template <class T>
requires std::is_integral_v<T>
void append(std::string& text, T part) { text += std::to_string(part); }

template <class... Parts>
std::string concat(const Parts&... parts) {
  std::string text;
  (append(text, parts), ...);
  return text;
}

/// A refusal of class condition, its sentence made of `parts`.
template <class... Parts>
Refusal refuse(const Parts&... parts) {
  return {Reason::condition, concat(parts...)};
}

/// Refusals that many ops share, of which TF-TRT has several wordings.
Refusal implicit_refusal(const Context& c, std::string_view what);

enum class RoleKind { tensor, weights, any };

/// What an input must be, and its name in messages.
struct Role {
  std::string_view name;
  RoleKind kind;
};

inline constexpr RoleKind kT = RoleKind::tensor;
inline constexpr RoleKind kW = RoleKind::weights;
inline constexpr RoleKind kB = RoleKind::any;

/// TF-TRT has two generations of converters. The older ones (functions) test roles before types, the newer ones
/// (structured) types before roles, and end the sentence about a role with the node's name.
enum class Style { function, structured };

/// Number of inputs, then their roles in order.
Verdict check_roles(const Context& c, std::span<const Role> roles, Style style);
/// One role, for ops whose roles depend on something.
Verdict check_role(const Context& c, int i, const Role& role, Style style);
/// Whether there are `expected` inputs.
Verdict check_input_count(const Context& c, int expected, Style style);

/// Whether the dtype attribute is one of `allowed`.
Verdict allowed_type(const Node& node, std::string_view attr, std::span<const DType> allowed);

using Check = Verdict (*)(const Context&);

/// The conditions of an op.
struct Conditions {
  Style style = Style::structured;
  std::vector<Role> roles = {};   ///< empty: `rest` looks after them
  std::vector<DType> types = {};  ///< allowed values of `type_attr`, in TF-TRT's order; empty: not tested here
  std::string_view type_attr = "T";
  Check rest = nullptr;  ///< what remains after roles and types
};

/// All conditions in order; nothing if the engine can take the node.
Verdict check(const Context& c, const Conditions& conditions);

}  // namespace isotherm::conditions
