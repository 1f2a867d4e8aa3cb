// isotherm report: tables over a recorded session.
#include "app/command.h"
#include "app/json.h"
#include "app/session_text.h"
#include "profiler/session_file.h"
#include "profiler/summary.h"

namespace isotherm::app {

void add_report(CLI::App& app, Context& context) {
  struct Options {
    std::string file, by = "layer", format = "table", mode;
    int limit = 40;
    bool json = false;
    bool nvprof = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("report", "Tables over a recorded session");
  command->add_option("FILE", options->file, "FILE.isotherm")->required();
  command->add_option("--by", options->by, "node, layer, engine, op, scope; of runs on a GPU also kernel, kernel-node (a row per kernel and node), copy, api")->check(CLI::IsMember({"node", "layer", "engine", "op", "scope", "kernel", "kernel-node", "copy", "api"}))->capture_default_str();
  command->add_option("--mode", options->mode, "native or engines; default: engines where they were recorded")->check(CLI::IsMember({"native", "engines"}));
  command->add_option("--format", options->format, "table, csv, json, md or latex")->check(CLI::IsMember({"table", "csv", "json", "md", "latex"}))->capture_default_str();
  command->add_option("--limit", options->limit, "Rows of a table; 0: all")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->add_flag("--nvprof", options->nvprof, "GPU activities and API calls, as nvprof printed them");
  command->add_flag("--json", options->json, "The same as --format json");
  command->callback([options, &context] {
    context.job = [options, &context]() -> Status {
      ISO_ASSIGN(const SessionData session, read_session(options->file));
      const bool has_engines = std::any_of(session.runs.begin(), session.runs.end(), [](const RunRecord& r) { return r.mode == RunMode::engines; });
      const GroupBy by = options->nvprof ? GroupBy::kernel : *group_by_from_name(options->by);
      const RunMode mode = options->mode == "native" || (options->mode.empty() && !has_engines) ? RunMode::native : RunMode::engines;
      if (by == GroupBy::layer && mode == RunMode::native)
        return invalid_input("a native run has no layers; use --by node, or record a session with engines");
      if (needs_device(by) && !session.on_device(mode)) {
        const auto device = session.meta.find("device");
        return invalid_input("session '" + options->file + "' holds no " + (by == GroupBy::api ? "API calls" : by == GroupBy::copy ? "copies" : "kernels") + " of a GPU: its " + std::string(run_mode_name(mode)) +
                             " runs were recorded on " + (device == session.meta.end() ? "an unknown device" : device->second) +
                             (session.timed_with_events() ? " without CUPTI; see isotherm doctor" : "; record one with isotherm profile --device cuda:0"));
      }
      const Summary summary = summarise(session, mode, by);
      if (summary.runs == 0) return invalid_input("session '" + options->file + "' holds no traced " + std::string(run_mode_name(mode)) + " run");
      const TableFormat format = options->json ? TableFormat::json : *table_format_from_name(options->format);
      std::string out = format == TableFormat::table ? "settings: " + pairs_line(session.settings) + "\n" + recorder_lines(session) : std::string();
      if (options->nvprof) return print(out + std::string(run_mode_name(mode)) + " run, " + tracing_line(summary) + "\n" + nvprof_table(session, mode) + "coverage: " + coverage_line(session.coverage.at(mode)) + "\n");
      out += format_summary(summary, format, options->limit);
      if (format == TableFormat::table && session.on_device(mode)) out += "coverage: " + coverage_line(session.coverage.at(mode)) + "\n";
      if (format == TableFormat::table)
        for (const EngineRecord& e : session.engines)
          if (!e.fallback.empty()) out += "engine " + e.name + " ran its native segment: " + e.fallback + "\n";
      if (format == TableFormat::table) out += value_lines(session);
      return print(out);
    };
  });
}

}  // namespace isotherm::app
