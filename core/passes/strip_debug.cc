#include "core/passes/strip_debug.h"

#include "core/passes/node_edit.h"

namespace isotherm::passes {

void strip_debug(WorkGraph& graph) {
  for (WorkNode* node : graph.nodes) {
    std::size_t kept = 0;
    if (node->is("Assert") || node->is("PrintV2")) {
      graph.set_op(*node, "NoOp");
      erase_regular_attrs(*node);
    } else if (node->is("CheckNumerics") || node->is("Print")) {
      graph.set_op(*node, "Identity");
      AttrMap attrs;
      if (const AttrValue* type = node->attrs.find("T")) attrs.set("T", *type);
      node->attrs = std::move(attrs);
      kept = 1;
    } else {
      continue;
    }
    for (std::size_t i = kept; i < node->inputs.size(); ++i) node->inputs[i] = control_on(node->inputs[i].node);
  }
}

}  // namespace isotherm::passes
