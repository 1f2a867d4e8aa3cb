#include "core/segment/device_name.h"

#include <algorithm>
#include <charconv>

namespace isotherm {
namespace {

bool consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool consume_word(std::string_view& text, std::string_view terminators, std::optional<std::string>& out) {
  const std::string_view word = text.substr(0, text.find_first_of(terminators));
  const auto in_word = [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; };
  if (word.empty() || !is_letter(word.front()) || !std::all_of(word.begin(), word.end(), in_word)) return false;
  out = std::string(word);
  text.remove_prefix(word.size());
  return true;
}

bool consume_number(std::string_view& text, std::optional<int>& out) {
  int value = 0;
  const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || value < 0) return false;
  out = value;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return true;
}

bool consume_number_or_star(std::string_view& text, std::optional<int>& out) {
  out.reset();
  return consume(text, "*") || consume_number(text, out);
}

template <class T>
bool merge_part(std::optional<T>& into, const std::optional<T>& from) {
  if (into && from) return *into == *from;
  if (from) into = from;
  return true;
}

}  // namespace

std::optional<DeviceName> parse_device_name(std::string_view text) {
  DeviceName name;
  if (text == "/") return name;
  while (!text.empty()) {
    if (consume(text, "/job:")) {
      name.job.reset();
      if (!consume(text, "*") && !consume_word(text, "/", name.job)) return std::nullopt;
    } else if (consume(text, "/replica:")) {
      if (!consume_number_or_star(text, name.replica)) return std::nullopt;
    } else if (consume(text, "/task:")) {
      if (!consume_number_or_star(text, name.task)) return std::nullopt;
    } else if (consume(text, "/device:")) {
      name.type.reset();
      if (!consume(text, "*") && !consume_word(text, "/:", name.type)) return std::nullopt;
      name.id.reset();
      if (consume(text, ":") && !consume_number_or_star(text, name.id)) return std::nullopt;
    } else if (consume(text, "/gpu:") || consume(text, "/GPU:")) {
      name.type = "GPU";
      if (!consume_number_or_star(text, name.id)) return std::nullopt;
    } else if (consume(text, "/cpu:") || consume(text, "/CPU:")) {
      name.type = "CPU";
      if (!consume_number_or_star(text, name.id)) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return name;
}

std::optional<DeviceName> merge_device_names(const DeviceName& a, const DeviceName& b) {
  DeviceName merged = a;
  const bool fits = merge_part(merged.job, b.job) && merge_part(merged.replica, b.replica) &&
                    merge_part(merged.task, b.task) && merge_part(merged.type, b.type) && merge_part(merged.id, b.id);
  if (!fits) return std::nullopt;
  return merged;
}

std::string to_string(const DeviceName& name) {
  std::string text;
  if (name.job) text += "/job:" + *name.job;
  if (name.replica) text += "/replica:" + std::to_string(*name.replica);
  if (name.task) text += "/task:" + std::to_string(*name.task);
  if (name.type) text += "/device:" + *name.type + ":" + (name.id ? std::to_string(*name.id) : "*");
  return text;
}

}  // namespace isotherm
