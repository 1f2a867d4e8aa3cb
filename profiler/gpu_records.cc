#include "profiler/gpu_records.h"

#include <cxxabi.h>

#include <cstdlib>
#include <unordered_map>

namespace isotherm {

std::string demangled_name(const std::string& name) {
  int status = 1;
  char* const text = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  std::string out = status == 0 && text ? std::string(text) : name;
  std::free(text);
  return out;
}

std::string short_kernel_name(std::string_view demangled) {
  // The end of the qualified name: the first bracket that opens arguments. "(anonymous namespace)" opens none.
  constexpr std::string_view kAnonymous = "(anonymous namespace)";
  std::size_t begin = 0, end = 0;
  while (end < demangled.size()) {
    const char c = demangled[end];
    if (demangled.substr(end).starts_with(kAnonymous)) {
      end += kAnonymous.size();
      continue;
    }
    if (c == '<') {  // template arguments: of an enclosing class ("<..>::") or of the function itself
      std::size_t close = end;
      int depth = 0;
      for (; close < demangled.size(); ++close) {
        if (demangled[close] == '<') ++depth;
        if (demangled[close] == '>' && --depth == 0) break;
      }
      if (close < demangled.size() && demangled.substr(close + 1).starts_with("::")) {
        end = begin = close + 3;
        continue;
      }
      break;
    }
    if (c == '(') break;
    if (c == ' ') begin = end + 1;
    if (c == ':' && end + 1 < demangled.size() && demangled[end + 1] == ':') {
      begin = end + 2;
      ++end;
    }
    ++end;
  }
  const std::string_view name = demangled.substr(begin, end - begin);
  return std::string(name.empty() ? demangled : name);
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
