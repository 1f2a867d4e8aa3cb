#include "core/convert/environment.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace isotherm {
namespace {

constexpr std::string_view kPrefix = "TF_TRT_";
constexpr std::string_view kDenied = "TF_TRT_OP_DENYLIST";
constexpr std::string_view kFake = "TF_TRT_OP_FAKELIST";
constexpr std::string_view kMaxEngines = "TF_TRT_MAX_ALLOWED_ENGINES";
constexpr std::string_view kReport = "TF_TRT_SHOW_DETAILED_REPORT";
constexpr std::string_view kGraphViz = "TF_TRT_EXPORT_GRAPH_VIZ_PATH";
constexpr std::string_view kNativeSegments = "TF_TRT_ALLOW_ENGINE_NATIVE_SEGMENT_EXECUTION";

std::set<std::string> parse_list(std::string_view text) {
  std::set<std::string> out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) out.emplace(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::optional<int> parse_int(std::string_view text) {
  int value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

std::optional<bool> parse_bool(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (text == "1" || text == "true") return true;
  if (text == "0" || text == "false") return false;
  return {};
}

std::string assignment(std::string_view name, const std::set<std::string>& ops) {
  std::string out(name);
  char before = '=';
  for (const std::string& op : ops) {
    out += before + op;
    before = ',';
  }
  return out;
}

}  // namespace

TrtEnvironment read_trt_environment(const std::vector<std::string>& variables) {
  TrtEnvironment out;
  std::vector<std::string> sorted;
  for (const std::string& variable : variables)
    if (variable.starts_with(kPrefix)) sorted.push_back(variable);
  std::sort(sorted.begin(), sorted.end());
  for (const std::string& variable : sorted) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string::npos || equals + 1 == variable.size()) continue;
    const std::string name = variable.substr(0, equals), value = variable.substr(equals + 1);
    const auto means_nothing = [&](const char* expected) {
      out.without_effect.push_back(variable + " has no effect: " + expected + " was expected");
    };
    if (name == kDenied) {
      out.denied_ops = parse_list(value);
      if (out.denied_ops.empty()) means_nothing("a list of ops");
    } else if (name == kFake) {
      out.fake_ops = parse_list(value);
      if (out.fake_ops.empty()) means_nothing("a list of ops");
    } else if (name == kMaxEngines) {
      out.max_engines = parse_int(value);
      if (!out.max_engines) means_nothing("a number");
    } else if (name == kReport) {
      const auto number = parse_int(value);
      out.detailed_report = !number || *number > 0;
      if (!number) out.report_path = value;
    } else if (name == kGraphViz) {
      out.graph_viz_path = value;
    } else if (name == kNativeSegments) {
      const auto allowed = parse_bool(value);
      out.allow_native_segments = allowed.value_or(true);
      if (!allowed) means_nothing("0, 1, true or false");
    } else {
      out.without_effect.push_back(name + " is set and has no effect here");
    }
  }
  return out;
}

std::vector<std::string> process_environment() {
  std::vector<std::string> out;
  for (char** variable = environ; variable && *variable; ++variable) out.emplace_back(*variable);
  return out;
}

void apply_environment(const TrtEnvironment& environment, const GivenSettings& given, ConversionParams& params) {
  std::vector<std::string>& notes = params.environment;
  if (!environment.denied_ops.empty()) {
    const std::string text = assignment(kDenied, environment.denied_ops);
    if (given.denied_ops) {
      notes.push_back(text + " is overruled by the ops denied otherwise");
    } else {
      params.denied_ops = environment.denied_ops;
      notes.push_back(text + " denies these ops");
    }
  }
  if (!environment.fake_ops.empty()) {
    params.fake_ops = environment.fake_ops;
    notes.push_back(assignment(kFake, environment.fake_ops) + " makes these ops look convertible");
  }
  if (environment.max_engines) {
    const std::string text = std::string(kMaxEngines) + "=" + std::to_string(*environment.max_engines);
    if (given.max_engines) {
      notes.push_back(text + " is overruled by the limit given otherwise");
    } else {
      params.max_engines = *environment.max_engines;
      notes.push_back(text + " limits the number of engines");
    }
  }
  notes.insert(notes.end(), environment.without_effect.begin(), environment.without_effect.end());
}

}  // namespace isotherm
