#include <algorithm>
#include <array>
#include <cctype>

#include "core/render/scope_tree.h"

namespace isotherm::render {
namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::string_view block_prefix(std::string_view component) {
  static constexpr std::array<std::string_view, 11> kWords = {
      "block", "unit", "layer", "stage", "cell", "mixed", "module", "level", "bottleneck", "inception", "group"};
  std::size_t first_end = std::string_view::npos;
  bool word_before = false;
  for (std::size_t from = 0; from < component.size();) {
    const std::size_t end = std::min(component.find('_', from), component.size());
    if (end >= component.size()) break;  // nothing follows: the name is not inside a block
    std::string_view token = component.substr(from, end - from);
    if (first_end == std::string_view::npos) first_end = end;
    if (token.size() > 1 && std::islower(static_cast<unsigned char>(token.back())) && is_digit(token[token.size() - 2]))
      token.remove_suffix(1);  // EfficientNet's "block1a"
    const bool numbered = !token.empty() && is_digit(token.back());
    std::string_view letters = token;
    while (!letters.empty() && is_digit(letters.back())) letters.remove_suffix(1);
    const bool word =
        std::any_of(kWords.begin(), kWords.end(), [&](std::string_view w) { return letters.ends_with(w); });
    if (numbered && (word || (letters.empty() && word_before))) return component.substr(0, end);
    word_before = word;
    from = end + 1;
  }
  // "conv1_bn": a numbered first word.
  if (first_end != std::string_view::npos && first_end > 1 && is_digit(component[first_end - 1]) &&
      !is_digit(component[0]))
    return component.substr(0, first_end);
  return {};
}

}  // namespace isotherm::render
