#include "core/convert/non_conversion_report.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace isotherm {
namespace {

std::string without_names(const Graph& graph, const std::string& sentence) {
  std::string out;
  for (std::size_t at = 0; at < sentence.size();) {
    const std::size_t open = sentence.find('\'', at);
    const std::size_t close = open == std::string::npos ? open : sentence.find('\'', open + 1);
    if (close == std::string::npos) {
      out += sentence.substr(at);
      break;
    }
    const std::string quoted = sentence.substr(open + 1, close - open - 1);
    const auto name = parse_tensor_name(quoted);
    const bool is_node = name.ok() && graph.find(name->node) != kNoNode;
    out += is_node ? sentence.substr(at, open - at) + "'*'" : sentence.substr(at, close + 1 - at);
    at = close + 1;
  }
  return out;
}

std::string field(const std::string& text, char separator) {
  if (separator != ',' || text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::vector<NonConversion> non_conversions(const Conversion& conversion) {
  const Graph& graph = *conversion.before;
  std::map<std::pair<std::string, std::string>, int> counts;
  std::map<std::string, int> of_op;
  for (const NativeNode& native : conversion.segmentation.native) {
    const std::string& op = graph[native.node].op;
    const std::string reason =
        std::string(reason_name(native.refusal.reason)) + ": " + without_names(graph, native.refusal.detail);
    ++counts[{op, reason}];
    ++of_op[op];
  }
  std::vector<NonConversion> rows;
  for (const auto& [key, count] : counts) rows.push_back({key.first, key.second, count});
  std::sort(rows.begin(), rows.end(), [&](const NonConversion& a, const NonConversion& b) {
    return std::forward_as_tuple(-of_op[a.op], a.op, -a.count, a.reason) <
           std::forward_as_tuple(-of_op[b.op], b.op, -b.count, b.reason);
  });
  return rows;
}

std::string non_conversion_csv(const std::vector<NonConversion>& rows, char separator) {
  std::string out = std::string("OP Name") + separator + "Reason" + separator + "Count\n";
  for (const NonConversion& row : rows)
    out += field(row.op, separator) + separator + field(row.reason, separator) + separator + std::to_string(row.count) +
           "\n";
  return out;
}

std::string non_conversion_text(const std::vector<NonConversion>& rows) {
  std::string out;
  int nodes = 0, ops = 0;
  for (std::size_t i = 0; i < rows.size();) {
    std::string reasons;
    int count = 0;
    const std::string& op = rows[i].op;
    for (; i < rows.size() && rows[i].op == op; ++i) {
      count += rows[i].count;
      reasons += "    " + std::to_string(rows[i].count) + " x " + rows[i].reason + "\n";
    }
    out += "  " + op + ": " + std::to_string(count) + "\n" + reasons;
    nodes += count;
    ++ops;
  }
  return "native nodes: " + std::to_string(nodes) + ", of " + std::to_string(ops) + (ops == 1 ? " op\n" : " ops\n") +
         out;
}

}  // namespace isotherm
