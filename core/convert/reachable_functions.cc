#include "core/convert/reachable_functions.h"

#include <string>
#include <unordered_set>

namespace isotherm {
namespace {

void add_callees(const NodeRecord& node, std::vector<std::string>& names) {
  names.push_back(node.op);
  for (const auto& [key, value] : node.attrs) {
    if (const auto* ref = std::get_if<FunctionRef>(&value)) names.push_back(ref->name);
    if (const auto* list = std::get_if<std::shared_ptr<const AttrList>>(&value); list && *list)
      for (const FunctionRef& ref : (*list)->func) names.push_back(ref.name);
  }
}

}  // namespace

std::shared_ptr<const FunctionLibrary> reachable_functions(const std::vector<NodeRecord>& nodes,
                                                           const FunctionLibrary& library) {
  std::unordered_set<std::string> reached;
  std::vector<std::string> waiting;
  for (const NodeRecord& node : nodes) add_callees(node, waiting);
  while (!waiting.empty()) {
    const std::string name = std::move(waiting.back());
    waiting.pop_back();
    const Function* function = library.find(name);
    if (!function || !reached.insert(name).second) continue;
    for (const NodeRecord& node : function->nodes) add_callees(node, waiting);
  }
  auto kept = std::make_shared<FunctionLibrary>();
  kept->extra = library.extra;
  for (const auto& function : library.functions())
    if (reached.contains(function->name)) kept->add(*function);
  return kept;
}

}  // namespace isotherm
