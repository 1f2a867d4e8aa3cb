#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/render/layout.h"
#include "core/render/layout_numbers.h"

namespace isotherm::render {
namespace {

constexpr std::string_view kMagic = "isotherm-layout 1";

void put(std::string& out, std::int64_t value) {
  if (!out.empty() && out.back() != '\n') out += ' ';
  out += std::to_string(value);
}

std::int64_t hundredths(float px) { return std::llround(std::clamp(px, 0.0F, 1e6F) * 100.0F); }

}  // namespace

std::string encode_request(const LayoutRequest& request) {
  std::string out(kMagic);
  out += '\n';
  put(out, static_cast<std::int64_t>(request.boxes.size()));
  put(out, static_cast<std::int64_t>(request.group_parent.size()));
  put(out, static_cast<std::int64_t>(request.edges.size()));
  put(out, hundredths(request.box_gap));
  put(out, hundredths(request.group_margin));
  out += '\n';
  for (const LayoutBox& box : request.boxes) {
    put(out, hundredths(box.across));
    put(out, hundredths(box.along));
    put(out, box.group);
    out += '\n';
  }
  for (const int parent : request.group_parent) put(out, parent);
  out += '\n';
  for (const LayoutEdge& edge : request.edges) {
    put(out, edge.from);
    put(out, edge.to);
    put(out, (edge.back ? 1 : 0) + (edge.control ? 2 : 0));
    out += '\n';
  }
  return out;
}

Result<LayoutRequest> decode_request(const std::string& text) {
  const Error broken = invalid_input("the layout request is malformed");
  if (!text.starts_with(kMagic)) return broken;
  Numbers numbers(std::string_view(text).substr(kMagic.size()));
  std::int64_t boxes = 0, groups = 0, edges = 0, gap = 0, margin = 0;
  if (!numbers.next(boxes) || !numbers.next(groups) || !numbers.next(edges) || !numbers.next(gap) ||
      !numbers.next(margin))
    return broken;
  const auto limit = static_cast<std::int64_t>(text.size());
  if (boxes < 0 || groups < 1 || edges < 0 || boxes > limit || groups > limit || edges > limit) return broken;
  LayoutRequest request;
  request.box_gap = static_cast<float>(gap) / 100.0F;
  request.group_margin = static_cast<float>(margin) / 100.0F;
  for (std::int64_t i = 0; i < boxes; ++i) {
    std::int64_t w = 0, h = 0, g = 0;
    if (!numbers.next(w) || !numbers.next(h) || !numbers.next(g) || g < 0 || g >= groups) return broken;
    request.boxes.push_back({static_cast<float>(w) / 100.0F, static_cast<float>(h) / 100.0F, static_cast<int>(g)});
  }
  for (std::int64_t i = 0; i < groups; ++i) {
    std::int64_t parent = 0;
    if (!numbers.next(parent) || parent < -1 || parent >= i) return broken;
    request.group_parent.push_back(static_cast<int>(parent));
  }
  for (std::int64_t i = 0; i < edges; ++i) {
    std::int64_t from = 0, to = 0, flags = 0;
    if (!numbers.next(from) || !numbers.next(to) || !numbers.next(flags) || from < 0 || to < 0 || from >= boxes ||
        to >= boxes)
      return broken;
    request.edges.push_back({static_cast<int>(from), static_cast<int>(to), (flags & 1) != 0, (flags & 2) != 0});
  }
  return request;
}

}  // namespace isotherm::render
