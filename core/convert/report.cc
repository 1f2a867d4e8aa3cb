// A conversion and its parameters in words.
#include <algorithm>
#include <array>
#include <cstdio>

#include "core/convert/converter.h"

namespace isotherm {
namespace {

constexpr std::size_t kColumns = 9;
using Row = std::array<std::string, kColumns>;

/// "[float32, int32]"; what repeats is counted, as an engine may have hundreds of inputs.
template <class F>
std::string list(const std::vector<TensorInfo>& tensors, F text) {
  std::string out = "[";
  for (std::size_t i = 0; i < tensors.size();) {
    const std::string word = text(tensors[i]);
    std::size_t same = 1;
    while (i + same < tensors.size() && text(tensors[i + same]) == word) ++same;
    if (i) out += ", ";
    out += word;
    if (same > 1) out += " x" + std::to_string(same);
    i += same;
  }
  return out + "]";
}

std::string dtype_text(const TensorInfo& info) { return std::string(dtype_name(info.dtype)); }

std::string shape_text(const TensorInfo& info) {
  if (!info.shape.has_rank()) return "?";
  std::string out = "(";
  for (int i = 0; i < info.shape.rank(); ++i)
    out += (i ? ", " : "") + std::to_string(std::max<std::int64_t>(info.shape.dim(i), -1));
  return out + ")";
}

std::string join(const std::set<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

/// Lines of at most `width` characters, broken after a comma where possible.
std::vector<std::string> wrap(const std::string& text, std::size_t width) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (text.size() - begin > width) {
    std::size_t end = text.rfind(", ", begin + width - 1);
    end = end == std::string::npos || end <= begin ? begin + width : end + 2;
    lines.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  lines.push_back(text.substr(begin));
  return lines;
}

void print_row(const Row& row, const std::array<std::size_t, kColumns>& widths, std::string& out) {
  std::array<std::vector<std::string>, kColumns> cells;
  std::size_t lines = 1;
  for (std::size_t c = 0; c < kColumns; ++c) {
    cells[c] = wrap(row[c], widths[c]);
    lines = std::max(lines, cells[c].size());
  }
  for (std::size_t line = 0; line < lines; ++line) {
    std::string text;
    for (std::size_t c = 0; c < kColumns; ++c) {
      std::string cell = line < cells[c].size() ? cells[c][line] : "";
      cell.resize(widths[c], ' ');
      text += cell + "  ";
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
}

}  // namespace

std::string summary_table(const Conversion& conversion) {
  constexpr std::size_t kWidest = 44;
  std::vector<Row> rows = {{"TRTEngineOP Name", "Device", "# Nodes", "# Inputs", "# Outputs", "Input DTypes",
                            "Output Dtypes", "Input Shapes", "Output Shapes"}};
  for (const EngineSummary& engine : conversion.engines) {
    const std::string device = engine.device.substr(engine.device.rfind('/') + 1);
    rows.push_back({engine.name, device, std::to_string(engine.node_count + engine.constant_count),
                    std::to_string(engine.inputs.size()), std::to_string(engine.outputs.size()),
                    list(engine.inputs, dtype_text), list(engine.outputs, dtype_text), list(engine.inputs, shape_text),
                    list(engine.outputs, shape_text)});
  }
  std::array<std::size_t, kColumns> widths{};
  std::size_t total = 0;
  for (std::size_t c = 0; c < kColumns; ++c) {
    for (const Row& row : rows) widths[c] = std::max(widths[c], std::min(row[c].size(), kWidest));
    total += widths[c] + 2;
  }
  std::string out;
  print_row(rows[0], widths, out);
  out += std::string(total - 2, '=') + "\n";
  for (std::size_t i = 1; i < rows.size(); ++i) print_row(rows[i], widths, out);
  if (rows.size() > 1) out += std::string(total - 2, '=') + "\n";
  out += "[*] Total number of TensorRT engines: " + std::to_string(conversion.engines.size()) + "\n";
  char text[96];
  const double share = conversion.all_ops > 0 ? 100.0 * conversion.converted_ops / conversion.all_ops : 0;
  std::snprintf(text, sizeof text, "[*] %% of OPs Converted: %.2f%% [%d/%d]\n", share, conversion.converted_ops,
                conversion.all_ops);
  return out + text;
}

std::vector<std::pair<std::string, std::string>> describe_params(const ConversionParams& params) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto add = [&](const char* name, std::string value) { out.emplace_back(name, std::move(value)); };
  const auto flag = [](bool value) { return std::string(value ? "true" : "false"); };
  add("precision_mode", std::string(precision_name(params.precision_mode)));
  add("batch_mode", params.implicit_batch ? "implicit" : "explicit");
  add("minimum_segment_size", std::to_string(params.minimum_segment_size));
  add("max_engines", params.max_engines > 0 ? std::to_string(params.max_engines) : "unlimited");
  if (params.max_batch_size) add("max_batch_size", std::to_string(*params.max_batch_size));
  add("is_dynamic_op", flag(params.is_dynamic_op));
  add("maximum_cached_engines", std::to_string(params.maximum_cached_engines));
  add("max_workspace_size_bytes", std::to_string(params.max_workspace_size_bytes));
  if (params.precision_mode == Precision::int8) add("use_calibration", flag(params.use_calibration));
  add("allow_build_at_runtime", flag(params.allow_build_at_runtime));
  if (!params.implicit_batch) add("profile_strategy", params.profile_strategy);
  if (params.passes == GraphPasses::tftrt) add("passes", "tftrt");
  if (!params.denied_ops.empty()) add("denied_ops", join(params.denied_ops));
  if (!params.fake_ops.empty()) add("fake_ops", join(params.fake_ops));
  if (!params.excluded_nodes.empty()) add("excluded_nodes", join(params.excluded_nodes));
  if (!params.inputs.empty()) add("inputs", join(params.inputs));
  if (!params.outputs.empty()) add("outputs", join(params.outputs));
  for (const auto& [name, shape] : params.shapes) add("shape", name + "=" + shape.to_string());
  if (params.clear_devices) add("clear_devices", "true");
  for (const std::string& note : params.environment) add("environment", note);
  return out;
}

}  // namespace isotherm
