// What graph passes ask of an op. The classes are those of grappler (TensorFlow's graph optimiser, op_types), which
// decide what it folds, merges and removes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/ops/op_def.h"

namespace isotherm::passes {

struct OpTraits {
  std::string name;
  const OpDef* def = nullptr;  ///< null for an op that the table does not have, or a function

  bool is_const = false;
  bool is_identity = false;  ///< Identity, RefIdentity
  bool is_identity_n = false;
  bool is_no_op = false;
  bool is_switch = false;  ///< Switch, RefSwitch, _SwitchN
  bool is_merge = false;   ///< Merge, RefMerge, _XlaMerge
  bool is_enter = false;   ///< Enter, RefEnter
  bool is_exit = false;    ///< Exit, RefExit
  bool is_next_iteration = false;
  bool is_placeholder = false;  ///< Placeholder, PlaceholderV2, PlaceholderWithDefault
  bool is_retval = false;
  bool is_reduction = false;  ///< Sum, Prod, Min, Max, Mean, Any, All
  bool is_variable = false;   ///< variables, their handles and reads
  bool is_receive = false;
  bool is_dataset = false;  ///< hands out elements of a dataset

  bool is_stateful = false;
  bool has_ref_input = false;
  bool is_aggregate = false;     ///< sums its inputs
  bool is_commutative = false;   ///< of Add only where it adds no strings: see commutes()
  bool has_side_effect = false;  ///< stateful, placeholder, unknown, writes a reference, queue, send
  bool works_in_place = false;   ///< by its name
  bool never_forwards = false;   ///< its outputs never share the memory of its inputs

  [[nodiscard]] bool changes_frame() const { return is_enter || is_exit || is_next_iteration; }
};

/// Traits by op name, each made when first asked for. Addresses stay valid.
class OpTraitsTable {
 public:
  const OpTraits& get(std::string_view op);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  std::unordered_map<std::string, std::unique_ptr<OpTraits>, Hash, std::equal_to<>> traits_;
};

}  // namespace isotherm::passes
