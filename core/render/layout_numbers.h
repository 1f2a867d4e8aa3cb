// Integers in text, as the layout request and its answer hold them.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

namespace isotherm::render {

/// Reads whitespace-separated integers.
class Numbers {
 public:
  explicit Numbers(std::string_view text) : text_(text) {}
  bool next(std::int64_t& value) {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    const auto [stop, failed] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (failed != std::errc()) return false;
    at_ = static_cast<std::size_t>(stop - text_.data());
    return true;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace isotherm::render
