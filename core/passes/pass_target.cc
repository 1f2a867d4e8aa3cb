#include "core/passes/pass_target.h"

namespace isotherm::passes {

NameSet nodes_to_preserve(const WorkGraph& graph, const PassTarget& target) {
  NameSet names;
  for (const auto* list : {&target.fetches, &target.feeds, &target.kept})
    for (const NameId name : *list) names.insert(name);
  for (const WorkNode* node : graph.nodes) {
    if (target.keeps_stateful && (node->op->is_stateful || node->op->is_dataset)) names.insert(node->name);
    if (node->attrs.get_bool("_grappler_do_not_remove")) names.insert(node->name);
  }
  return names;
}

}  // namespace isotherm::passes
