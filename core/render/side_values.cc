// What a side's boxes show of an overlay's values.
#include <algorithm>

#include "core/render/display_list.h"
#include "core/render/overlay_words.h"
#include "core/render/side_words.h"
#include "core/render/text.h"

namespace isotherm::render {
namespace {

constexpr std::size_t kMostParts = 24;

}  // namespace

double SideWords::value_of(NodeId node) const {
  return source_.values == nullptr ? -1 : read_value(scene_.overlay, *source_.values, node);
}

void SideWords::add_parts(const std::vector<Overlay::Part>& parts, Box& box) {
  box.first_row = static_cast<std::int32_t>(scene_.rows.size());
  std::size_t layers = 0, layers_left = 0;
  double left = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Overlay::Part& part = parts[i];
    layers += part.kernel ? 0 : 1;
    if (layers > kMostParts) {
      if (part.kernel) continue;
      ++layers_left;
      left += std::max(part.value, 0.0);
      continue;
    }
    const Font font{FontRole::sans, part.kernel ? 400 : 500, part.kernel ? 10.5F : 11.0F};
    HistogramRow row{keep(elide(clean_text(part.name), font, kOpenEngineWidth - (part.kernel ? 100 : 90))),
                     OpClass::unknown, 0, false};
    row.value = part.value;
    row.kernel = part.kernel;
    scene_.rows.push_back(row);
  }
  if (layers_left > 0) {
    HistogramRow row{keep("and " + plural(static_cast<int>(layers_left), "more layer")), OpClass::unknown, 0, true};
    row.value = left;
    scene_.rows.push_back(row);
  }
  box.rows = static_cast<std::int32_t>(scene_.rows.size()) - box.first_row;
}

void SideWords::mark_first_over(const Visible& visible) {
  Box* first = nullptr;
  int least = 0;
  for (std::size_t i = 0; i < visible.items.size(); ++i) {
    Box& box = scene_.boxes[first_box_ + i];
    if (!is_over_bound(scene_.overlay, box.value)) continue;
    // A scope or an engine stands for its nodes: the earliest one inside decides.
    int at = first_over_inside(visible, visible.items[i]);
    if (first == nullptr || at < least) first = &box, least = at;
  }
  if (first != nullptr) first->first_over_bound = true;
}

int SideWords::first_over_inside(const Visible& visible, const Item& item) const {
  if (item.group < 0) return position(item);
  int first = position(item);
  std::vector<int> stack = {item.group};
  while (!stack.empty()) {
    const Group& g = visible.tree.groups[static_cast<std::size_t>(stack.back())];
    stack.pop_back();
    stack.insert(stack.end(), g.children.begin(), g.children.end());
    for (const auto* list : {&g.leaves, &g.folded})
      for (NodeId id : *list)
        if (is_over_bound(scene_.overlay, value_of(id)))
          first = std::min(first, position_[static_cast<std::size_t>(id)]);
  }
  return first;
}

}  // namespace isotherm::render
