#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include <nlohmann/json.hpp>

#include "profiler/gpu_records.h"
#include "profiler/session_overlay.h"
#include "profiler/summary.h"

namespace isotherm {
namespace {

std::string fixed(double value, int digits) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; }));
}

std::string key_title(GroupBy by) {
  switch (by) {
    case GroupBy::node: return "Node";
    case GroupBy::layer: return "Layer";
    case GroupBy::engine: return "Engine";
    case GroupBy::op: return "Op";
    case GroupBy::scope: return "Scope";
    case GroupBy::kernel:
    case GroupBy::kernel_node: return "Kernel";
    case GroupBy::copy: return "Copy";
    case GroupBy::api: return "API call";
  }
  return "";
}

struct Cells {
  std::vector<std::string> head;
  std::vector<bool> right;  ///< aligned right: numbers
  std::vector<std::vector<std::string>> rows;
};

/// `text` in at most `width` characters: its middle makes room, the end keeps more than the start, as the last scope
/// tells most.
std::string elided(const std::string& text, std::size_t width) {
  if (characters(text) <= width) return text;
  std::vector<std::size_t> starts;  // of characters, in UTF-8
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0u) != 0x80u) starts.push_back(i);
  const std::size_t head = (width - 1) / 3, tail = width - 1 - head;
  return text.substr(0, starts[head]) + "…" + text.substr(starts[starts.size() - tail]);
}

/// "<<<784 | 128>>>" for "<<<784,1,1 | 128,1,1>>>".
std::string short_geometry(std::string text) {
  for (const char* end : {" |", ">>>"})
    for (std::size_t at = text.find(end); at != std::string::npos && at > 2 && text.compare(at - 2, 2, ",1") == 0; at = text.find(end)) text.erase(at - 2, 2);
  return text;
}

/// Rows of different kernels whose labels are the same get numbers: "f", "f (2)".
std::vector<std::string> kernel_labels(const Summary& s) {
  std::map<std::string, std::vector<std::string>> names;  // by label, in the order of the rows
  std::vector<std::string> out;
  for (const SummaryRow& r : s.rows) {
    std::string label = kernel_label(r.name);
    std::vector<std::string>& same = names[label];
    auto found = std::find(same.begin(), same.end(), r.name);
    if (found == same.end()) found = same.insert(same.end(), r.name);
    if (found != same.begin()) label += " (" + std::to_string(found - same.begin() + 1) + ")";
    out.push_back(std::move(label));
  }
  return out;
}

/// "a/b and 2 more"; "itself and 2 more" where the first one is the row's own name.
std::string few(const std::vector<std::string>& names, const std::string& row) {
  std::string out = names.empty() ? "" : names.front() == row ? "itself" : names.front();
  if (names.size() > 1) out += " and " + std::to_string(names.size() - 1) + " more";
  return out;
}

/// The one engine of all rows; empty where there are several, or none.
std::string only_engine(const Summary& s) {
  if (s.rows.size() < 2) return {};
  const std::string& first = s.rows.front().engine;
  return std::all_of(s.rows.begin(), s.rows.end(), [&](const SummaryRow& r) { return r.engine == first; }) ? first : std::string();
}

/// "1.5 MB", decimal, as rates are.
std::string format_bytes(double bytes) {
  if (bytes < 1e3) return fixed(bytes, 0) + " B";
  if (bytes < 1e6) return fixed(bytes / 1e3, 1) + " kB";
  if (bytes < 1e9) return fixed(bytes / 1e6, 2) + " MB";
  return fixed(bytes / 1e9, 2) + " GB";
}

/// `narrow`: for a terminal, without what its head says of all rows.
Cells cells_of(const Summary& s, std::size_t limit, bool narrow) {
  const bool with_op = s.by == GroupBy::node || s.by == GroupBy::layer || s.by == GroupBy::kernel_node;
  const bool kernels = s.by == GroupBy::kernel || s.by == GroupBy::kernel_node;
  Cells c;
  c.head = {"Share", "Per run", "Calls", "Median", "Min", "Max", "Spread", key_title(s.by)};
  c.right = {true, true, true, true, true, true, true, false};
  const auto add = [&](const char* title, bool right = false) {
    c.head.emplace_back(title);
    c.right.push_back(right);
  };
  if (with_op) add(s.by == GroupBy::node ? "Op" : s.by == GroupBy::layer ? "Kind" : "Op or kind");
  const bool with_engine = (s.by == GroupBy::layer || kernels) && !(narrow && !only_engine(s).empty());
  if (with_engine) add("Engine");
  if (s.by == GroupBy::layer) add("Tactic"), add("Nodes");
  if (kernels) add("Launch"), add("Nodes");
  if (s.by == GroupBy::copy) add("Bytes per run", true), add("GB/s", true);
  const std::vector<std::string> labels = kernels ? kernel_labels(s) : std::vector<std::string>();
  const bool with_memory = std::any_of(s.rows.begin(), s.rows.end(), [](const SummaryRow& r) { return r.output_bytes >= 0; });
  const bool with_error = std::any_of(s.rows.begin(), s.rows.end(), [](const SummaryRow& r) { return !(r.error < 0); });
  if (with_memory) add("Outputs", true), add("Arena peak", true);
  if (with_error) add("Error", true);
  for (std::size_t i = 0; i < std::min(limit, s.rows.size()); ++i) {
    const SummaryRow& r = s.rows[i];
    std::vector<std::string> row = {fixed(100 * r.share, 1) + " %", format_time(r.per_run), std::to_string(r.time.count),
                                    format_time(r.time.median), format_time(r.time.min), format_time(r.time.max),
                                    r.time.mean > 0 ? fixed(100 * r.time.stddev / r.time.mean, 1) + " %" : "–", kernels ? labels[i] : r.name};
    if (with_op) row.push_back(r.op);
    if (with_engine) row.push_back(r.engine.empty() ? "native" : r.engine);
    if (s.by == GroupBy::layer || kernels) row.insert(row.end(), {kernels && narrow ? short_geometry(r.detail) : r.detail, few(r.sources, narrow ? r.name : std::string())});
    if (s.by == GroupBy::copy) row.insert(row.end(), {s.runs > 0 ? format_bytes(r.bytes / s.runs) : "–", r.time.total > 0 ? fixed(r.bytes / r.time.total, 2) : "–"});
    if (with_memory) row.insert(row.end(), {r.output_bytes >= 0 ? format_memory(r.output_bytes) : "–", r.arena_peak >= 0 ? format_memory(r.arena_peak) : "–"});
    if (with_error) row.push_back(format_error(r.error));
    c.rows.push_back(std::move(row));
  }
  return c;
}

std::string head_lines(const Summary& s) {
  std::string out = std::string(run_mode_name(s.mode)) + " run, time " + (s.clock.empty() ? "" : s.clock + " ") + "by " + key_title(s.by) + ": " + tracing_line(s);
  out += "\nrows sum to " + format_time(s.rows_per_run) + " per run";
  const double outside = s.traced_wall.mean - s.rows_per_run;
  if (s.traced_wall.count && outside >= 0) out += ", " + format_time(outside) + " of the mean traced run lies outside them";
  else if (s.traced_wall.count) out += "; the mean traced run took " + format_time(s.traced_wall.mean) + ": they overlap";
  out += "\n";
  const bool members = s.by == GroupBy::layer || s.by == GroupBy::kernel || s.by == GroupBy::kernel_node;
  if (const std::string engine = only_engine(s); members && !engine.empty()) out += "engine of all rows: " + engine + "\n";
  return out;
}

std::vector<std::size_t> column_widths(const Cells& c) {
  std::vector<std::size_t> width(c.head.size());
  for (std::size_t k = 0; k < c.head.size(); ++k) {
    width[k] = characters(c.head[k]);
    for (const auto& row : c.rows) width[k] = std::max(width[k], characters(row[k]));
  }
  return width;
}

/// Makes a table fit a terminal: first without Min and Max, which Spread sums up, then with the widest columns of text
/// narrower. csv and json hold everything in full.
std::vector<std::size_t> fit_columns(Cells& c) {
  constexpr std::size_t kTable = 160, kNarrowest = 12;
  const auto sum = [](const std::vector<std::size_t>& width) {
    std::size_t total = 2 * (width.size() - 1);
    for (const std::size_t w : width) total += w;
    return total;
  };
  std::vector<std::size_t> width = column_widths(c);
  if (sum(width) > kTable) {
    for (const char* title : {"Min", "Max"}) {
      const auto k = std::find(c.head.begin(), c.head.end(), title) - c.head.begin();
      c.head.erase(c.head.begin() + k);
      c.right.erase(c.right.begin() + k);
      for (auto& row : c.rows) row.erase(row.begin() + k);
    }
    width = column_widths(c);
  }
  std::size_t total = sum(width);
  while (total > kTable) {
    std::size_t widest = width.size();
    for (std::size_t k = 0; k < width.size(); ++k)
      if (!c.right[k] && width[k] > kNarrowest && (widest == width.size() || width[k] > width[widest])) widest = k;
    if (widest == width.size()) break;
    --width[widest];
    --total;
  }
  for (auto& row : c.rows)
    for (std::size_t k = 0; k < row.size(); ++k)
      if (!c.right[k]) row[k] = elided(row[k], width[k]);
  return width;
}

std::string text_table(const Summary& s, int limit) {
  Cells c = cells_of(s, limit > 0 ? static_cast<std::size_t>(limit) : s.rows.size(), true);
  const std::vector<std::size_t> width = fit_columns(c);
  std::string out = head_lines(s);
  const auto line = [&](const std::vector<std::string>& row) {
    std::string text;
    for (std::size_t k = 0; k < row.size(); ++k) {
      const std::string pad(width[k] - characters(row[k]), ' ');
      if (k) text += "  ";
      text += c.right[k] ? pad + row[k] : row[k] + (k + 1 < row.size() ? pad : "");
    }
    out += text + "\n";
  };
  line(c.head);
  for (const auto& row : c.rows) line(row);
  if (c.rows.size() < s.rows.size()) out += "… and " + std::to_string(s.rows.size() - c.rows.size()) + " more rows (--limit 0 shows all)\n";
  return out;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char ch : text) {
    if (ch == '"') out += '"';
    out += ch;
  }
  return out + "\"";
}

std::string csv_table(const Summary& s) {
  std::string out = std::string("Mode,Name,Op,Engine,") + (needs_device(s.by) ? "Launch" : "Tactic") + ",Time (%),Total Time (ns),Per Run (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Bytes,Source Nodes";
  out += s.by == GroupBy::node ? ",Output Bytes,Arena Peak (bytes),Numeric Error\n" : "\n";
  for (const SummaryRow& r : s.rows) {
    std::string sources;
    for (const std::string& n : r.sources) sources += (sources.empty() ? "" : " ") + n;
    out += std::string(run_mode_name(s.mode)) + "," + csv_field(r.name) + "," + csv_field(r.op) + "," + csv_field(r.engine) + "," + csv_field(r.detail) + "," +
           fixed(100 * r.share, 3) + "," + fixed(r.time.total, 0) + "," + fixed(r.per_run, 1) + "," + std::to_string(r.time.count) + "," + fixed(r.time.mean, 1) + "," +
           fixed(r.time.median, 1) + "," + fixed(r.time.min, 0) + "," + fixed(r.time.max, 0) + "," + fixed(r.time.stddev, 1) + "," + fixed(r.bytes, 0) + "," + csv_field(sources);
    if (s.by == GroupBy::node) {  // empty: not recorded
      out += "," + (r.output_bytes >= 0 ? std::to_string(r.output_bytes) : "") + "," + (r.arena_peak >= 0 ? std::to_string(r.arena_peak) : "") + ",";
      if (!(r.error < 0)) out += format_error(r.error);
    }
    out += "\n";
  }
  return out;
}

std::string json_table(const Summary& s) {
  nlohmann::json rows = nlohmann::json::array();
  for (const SummaryRow& r : s.rows) {
    rows.push_back({{"name", r.name}, {"op", r.op}, {"engine", r.engine}, {needs_device(s.by) ? "launch" : "tactic", r.detail}, {"sources", r.sources}, {"share", r.share},
                    {"total_ns", r.time.total}, {"per_run_ns", r.per_run}, {"instances", r.time.count}, {"mean_ns", r.time.mean}, {"median_ns", r.time.median},
                    {"min_ns", r.time.min}, {"max_ns", r.time.max}, {"stddev_ns", r.time.stddev}, {"bytes", r.bytes}});
    if (r.output_bytes >= 0) rows.back()["output_bytes"] = r.output_bytes;
    if (r.arena_peak >= 0) rows.back()["arena_peak_bytes"] = r.arena_peak;
    if (std::isnan(r.error)) rows.back()["numeric_error"] = "differs";
    else if (r.error >= 0) rows.back()["numeric_error"] = r.error;
  }
  const nlohmann::json out = {{"mode", run_mode_name(s.mode)}, {"by", key_title(s.by)}, {"on_device", s.on_device}, {"clock", s.clock.empty() ? "of the host" : s.clock}, {"traced_runs", s.runs},
                              {"traced_median_ns", s.traced_wall.median}, {"untraced_median_ns", s.untraced_wall.median}, {"rows", rows}};
  return out.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string escaped(const std::string& text, TableFormat format) {
  std::string out;
  for (const char ch : text) {
    if (format == TableFormat::markdown && (ch == '|' || ch == '\\')) out += '\\';
    if (format == TableFormat::latex) {
      if (std::string_view("&%$#_{}").find(ch) != std::string_view::npos) out += '\\';
      if (ch == '\\') { out += "\\textbackslash{}"; continue; }
      if (ch == '~') { out += "\\textasciitilde{}"; continue; }
      if (ch == '^') { out += "\\textasciicircum{}"; continue; }
    }
    out += ch == '\n' ? ' ' : ch;
  }
  return out;
}

std::string markup_table(const Summary& s, TableFormat format, int limit) {
  const Cells c = cells_of(s, limit > 0 ? static_cast<std::size_t>(limit) : s.rows.size(), false);
  const bool latex = format == TableFormat::latex;
  std::string out;
  if (latex) {
    out += "\\begin{tabular}{";
    for (const bool right : c.right) out += right ? 'r' : 'l';
    out += "}\n\\hline\n";
  }
  const auto line = [&](const std::vector<std::string>& row) {
    if (!latex) out += "|";
    for (std::size_t k = 0; k < row.size(); ++k) out += latex ? (k ? " & " : "") + escaped(row[k], format) : " " + escaped(row[k], format) + " |";
    out += latex ? " \\\\\n" : "\n";
  };
  line(c.head);
  if (latex) out += "\\hline\n";
  else {
    out += "|";
    for (const bool right : c.right) out += right ? " ---: |" : " --- |";
    out += "\n";
  }
  for (const auto& row : c.rows) line(row);
  if (latex) out += "\\hline\n\\end{tabular}\n";
  return out;
}

}  // namespace

std::optional<TableFormat> table_format_from_name(std::string_view name) {
  if (name == "table") return TableFormat::table;
  if (name == "csv") return TableFormat::csv;
  if (name == "json") return TableFormat::json;
  if (name == "md") return TableFormat::markdown;
  if (name == "latex") return TableFormat::latex;
  return std::nullopt;
}

std::string tracing_line(const Summary& s) {
  std::string out = std::to_string(s.runs) + " traced runs";
  if (s.traced_wall.count) out += ", median " + format_time(s.traced_wall.median);
  if (s.untraced_wall.count) {
    out += "; untraced median " + format_time(s.untraced_wall.median);
    if (s.traced_wall.count && s.untraced_wall.median > 0)
      out += ", tracing cost " + fixed(100 * (s.traced_wall.median / s.untraced_wall.median - 1), 1) + " %";
  }
  return out;
}

std::string format_time(double ns) {
  const double magnitude = std::abs(ns);
  if (magnitude < 1e3) return fixed(ns, 0) + " ns";
  if (magnitude < 1e6) return fixed(ns / 1e3, 1) + " µs";
  if (magnitude < 1e9) return fixed(ns / 1e6, magnitude < 1e7 ? 3 : 2) + " ms";
  return fixed(ns / 1e9, 3) + " s";
}

std::string format_summary(const Summary& summary, TableFormat format, int limit) {
  switch (format) {
    case TableFormat::table: return text_table(summary, limit);
    case TableFormat::csv: return csv_table(summary);
    case TableFormat::json: return json_table(summary);
    case TableFormat::markdown:
    case TableFormat::latex: return markup_table(summary, format, limit);
  }
  return {};
}

}  // namespace isotherm
