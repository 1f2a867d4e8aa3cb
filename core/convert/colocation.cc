#include "core/convert/colocation.h"

namespace isotherm {

void drop_dangling_colocations(AttrMap& attrs, const std::function<bool(std::string_view)>& exists) {
  constexpr std::string_view kPrefix = "loc:@";
  const AttrList* list = attrs.get_list("_class");
  if (!list) return;
  AttrList kept;
  for (const std::string& entry : list->s) {
    const std::string_view text = entry;
    if (!text.starts_with(kPrefix) || exists(text.substr(kPrefix.size()))) kept.s.push_back(entry);
  }
  if (kept.s.size() == list->s.size()) return;
  if (kept.s.empty())
    attrs.erase("_class");
  else
    attrs.set("_class", make_list_attr(std::move(kept)));
}

}  // namespace isotherm
