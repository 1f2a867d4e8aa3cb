#include "core/convert/colocation.h"

namespace isotherm {

std::string_view colocated_node(std::string_view entry) {
  constexpr std::string_view kPrefix = "loc:@";
  return entry.starts_with(kPrefix) ? entry.substr(kPrefix.size()) : std::string_view();
}

void drop_dangling_colocations(AttrMap& attrs, const std::function<bool(std::string_view)>& exists) {
  const AttrList* list = attrs.get_list("_class");
  if (!list) return;
  AttrList kept;
  for (const std::string& entry : list->s) {
    const std::string_view node = colocated_node(entry);
    if (node.empty() || exists(node)) kept.s.push_back(entry);
  }
  if (kept.s.size() == list->s.size()) return;
  if (kept.s.empty())
    attrs.erase("_class");
  else
    attrs.set("_class", make_list_attr(std::move(kept)));
}

}  // namespace isotherm
