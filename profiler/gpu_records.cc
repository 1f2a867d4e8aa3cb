#include "profiler/gpu_records.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <unordered_map>

namespace isotherm {

std::string demangled_name(const std::string& name) {
  int status = 1;
  char* const text = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  std::string out = status == 0 && text ? std::string(text) : name;
  std::free(text);
  return out;
}

namespace {

/// Where the name alone stands in a demangled one, without result, namespaces, template arguments and parameters.
struct NamePlace {
  std::size_t begin = 0, end = 0;
};

/// Position of the bracket that closes the one at `open`; the text's size where none does. "<0>" in an argument of an
/// enumeration, "(e)0", and shifts do not occur in demangled kernel names.
std::size_t closing_bracket(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    if (text[at] == '<') ++depth;
    if (text[at] == '>' && --depth == 0) return at;
  }
  return text.size();
}

NamePlace name_place(std::string_view demangled) {
  // The end of the qualified name: the first bracket that opens arguments. "(anonymous namespace)" opens none.
  constexpr std::string_view kAnonymous = "(anonymous namespace)";
  NamePlace place;
  while (place.end < demangled.size()) {
    const char c = demangled[place.end];
    if (demangled.substr(place.end).starts_with(kAnonymous)) {
      place.end += kAnonymous.size();
      continue;
    }
    if (c == '<') {  // template arguments: of an enclosing class ("<..>::") or of the function itself
      const std::size_t close = closing_bracket(demangled, place.end);
      if (close < demangled.size() && demangled.substr(close + 1).starts_with("::")) {
        place.end = place.begin = close + 3;
        continue;
      }
      break;
    }
    if (c == '(') break;
    if (c == ' ') place.begin = place.end + 1;
    if (c == ':' && place.end + 1 < demangled.size() && demangled[place.end + 1] == ':') {
      place.begin = place.end + 2;
      ++place.end;
    }
    ++place.end;
  }
  return place;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "float4" for " ns::float4", "UnaryOp 0" for "(ns::UnaryOp)0".
std::string short_argument(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  const std::size_t close = text.starts_with('(') ? text.find(')') : std::string_view::npos;
  if (close != std::string_view::npos && close + 1 < text.size())
    return short_argument(text.substr(1, close - 1)) + " " + std::string(text.substr(close + 1));
  const std::size_t colons = text.substr(0, text.find('<')).rfind("::");
  return std::string(colons == std::string_view::npos ? text : text.substr(colons + 2));
}

/// "<128x64,true>" for the template arguments "128, 64, true".
std::string short_arguments(std::string_view list) {
  constexpr std::size_t kLongest = 40;  // a type or two; what is cut is told by "…"
  std::string out;
  bool after_number = false;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= list.size(); ++at) {
    const char c = at < list.size() ? list[at] : ',';
    if (c == '<' || c == '(') ++depth;
    if (c == '>' || c == ')') --depth;
    if (c != ',' || (depth > 0 && at < list.size())) continue;
    const std::string argument = short_argument(list.substr(begin, at - begin));
    begin = at + 1;
    const bool number = is_number(argument);
    if (!out.empty() && out.size() + argument.size() > kLongest) return "<" + out + ",…>";
    if (!out.empty()) out += number && after_number ? 'x' : ',';
    out += argument;
    after_number = number;
  }
  return "<" + out + ">";
}

/// "sm80_xmma_gemm_f32_nn_n_64x64x8" for
/// "sm80_xmma_gemm_f32f32_f32f32_f32_nn_n_tilesize64x64x8_stage3_warpsize1x4x1_ffma_aligna4_alignc4_execute_kernel__5x_cublas".
std::string short_generated_name(std::string_view name) {
  constexpr std::string_view kTile = "tilesize";
  constexpr std::string_view kTold[] = {"stage", "warpsize", "align"};
  constexpr std::string_view kFiller[] = {"", "ffma", "execute", "kernel", "5x", "cublas", "cudnn"};
  std::string out, type;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('_', begin), name.size());
    std::string word(name.substr(begin, end - begin));
    begin = end + 1;
    // "f32f32_f32f32_f32", types of inputs, accumulators and output: one word where all are the same.
    if (word.size() >= 4 && word.size() % 2 == 0 && word.substr(0, word.size() / 2) == word.substr(word.size() / 2))
      word.resize(word.size() / 2);
    if (word == type) continue;
    if (word.starts_with('f') && is_number(std::string_view(word).substr(1))) type = word;
    if (word.starts_with(kTile)) word.erase(0, kTile.size());
    const auto begins = [&](std::string_view with) { return word.starts_with(with); };
    if (std::find(std::begin(kFiller), std::end(kFiller), word) != std::end(kFiller) || std::any_of(std::begin(kTold), std::end(kTold), begins)) continue;
    out += (out.empty() ? "" : "_") + word;
  }
  return out;
}

}  // namespace

std::string short_kernel_name(std::string_view demangled) {
  const NamePlace place = name_place(demangled);
  const std::string_view name = demangled.substr(place.begin, place.end - place.begin);
  return std::string(name.empty() ? demangled : name);
}

std::string kernel_label(std::string_view demangled) {
  const NamePlace place = name_place(demangled);
  const std::string name = short_kernel_name(demangled);
  if (name.find("_tilesize") != std::string::npos) return short_generated_name(name);
  if (place.end >= demangled.size() || demangled[place.end] != '<') return name;
  const std::size_t close = closing_bracket(demangled, place.end);
  return close < demangled.size() ? name + short_arguments(demangled.substr(place.end + 1, close - place.end - 1)) : name;
}

std::string_view api_name(std::string_view recorded) {
  const std::size_t version = recorded.rfind("_v");
  if (version == std::string_view::npos || version + 2 >= recorded.size()) return recorded;
  if (recorded.find_first_not_of("0123456789", version + 2) != std::string_view::npos) return recorded;
  return recorded.substr(0, version);
}

void append_activity(SessionData& data, RunMode mode, const ActivityBatch& batch, AttributedBatch records) {
  std::unordered_map<std::string, int> known;
  for (std::size_t i = 0; i < data.strings.size(); ++i) known.emplace(data.strings[i], static_cast<int>(i));
  const auto intern = [&](const std::string& text) {
    const auto [it, added] = known.try_emplace(text, static_cast<int>(data.strings.size()));
    if (added) data.strings.push_back(text);
    return it->second;
  };
  if (data.strings.empty()) intern("");
  struct Names {
    int mangled = 0, demangled = 0, short_name = 0;
  };
  std::unordered_map<int, Names> names;
  const auto text = [&](int index) -> std::string {
    return index >= 0 && static_cast<std::size_t>(index) < batch.strings.size()
               ? batch.strings[static_cast<std::size_t>(index)]
               : std::string();
  };
  for (const auto& raw : records.kernels) {
    const auto [it, added] = names.try_emplace(raw.name);
    if (added) {
      const std::string mangled = text(raw.name), readable = demangled_name(mangled);
      it->second = {intern(mangled), intern(readable), intern(short_kernel_name(readable))};
    }
    KernelRecord kernel;
    static_cast<Attributed<RawKernel>&>(kernel) = raw;
    kernel.name = it->second.mangled;
    kernel.demangled = it->second.demangled;
    kernel.short_name = it->second.short_name;
    data.kernels.push_back(kernel);
  }
  data.copies.insert(data.copies.end(), records.copies.begin(), records.copies.end());
  data.sets.insert(data.sets.end(), records.sets.begin(), records.sets.end());
  for (auto call : records.calls) {
    call.name = intern(text(call.name));
    data.calls.push_back(call);
  }
  for (RawOverhead overhead : batch.overheads) {
    overhead.name = intern(text(overhead.name));
    data.overheads.push_back(overhead);
  }
  data.coverage[mode].add(records.coverage);
}

}  // namespace isotherm
