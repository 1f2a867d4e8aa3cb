// isotherm bench: untraced latency and throughput, native beside engines.
#include "app/command.h"
#include "app/json.h"
#include "app/options.h"
#include "core/formats/graph_file.h"
#include "core/workbench/statistics.h"
#include "core/workbench/workload.h"

namespace isotherm::app {
namespace {

struct Row {
  RunMode mode;
  Statistics ms;
  double items_per_second = 0;
  RunStatistics run;
  std::size_t engine_bytes = 0;
};

std::string number(double value, int digits = 3) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string table(const std::vector<Row>& rows) {
  std::string out = "             runs     min ms  median ms     p90 ms     p99 ms    items/s\n";
  for (const Row& r : rows) {
    char line[160];
    std::snprintf(line, sizeof line, "%-10s %6d %10.3f %10.3f %10.3f %10.3f %10.1f\n", std::string(run_mode_name(r.mode)).c_str(), r.ms.count, r.ms.min, r.ms.median,
                  r.ms.p90, r.ms.p99, r.items_per_second);
    out += line;
  }
  return out;
}

Json row_json(const Row& r) {
  Json fallbacks = Json::array();
  for (const Fallback& f : r.run.fallbacks) fallbacks.push_back({{"node", f.node}, {"reason", f.reason}});
  return {{"mode", run_mode_name(r.mode)}, {"runs", r.ms.count}, {"min_ms", r.ms.min}, {"median_ms", r.ms.median}, {"p90_ms", r.ms.p90}, {"p99_ms", r.ms.p99},
          {"mean_ms", r.ms.mean}, {"items_per_second", r.items_per_second}, {"arena_peak_bytes", r.run.arena_peak_bytes}, {"engine_bytes", r.engine_bytes}, {"replayed", r.run.replayed}, {"not_recorded", r.run.not_recorded}, {"fallbacks", std::move(fallbacks)}};
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
  struct Options {
    std::string model;
    std::vector<std::string> inputs;
    ConversionOptions conversion;
    RunOptionsTyped run;
    TimingOptions timing;
    std::int64_t batch = 1;
    std::uint64_t seed = 7;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("bench", "Untraced latency and throughput, native beside engines");
  command->add_option("MODEL", options->model, "A GraphDef, binary or text")->required();
  command->add_option("--input", options->inputs, "NAME=FILE.npy; other inputs get random numbers")->group("Run");
  command->add_option("--batch", options->batch, "Stands in for an unknown first dimension")->check(CLI::PositiveNumber)->capture_default_str()->group("Run");
  command->add_option("--seed", options->seed, "Of the random inputs")->capture_default_str()->group("Run");
  command->add_option("--warmup", options->timing.warmup, "Runs that are not counted")->check(CLI::NonNegativeNumber)->capture_default_str()->group("Run");
  command->add_option("--iterations", options->timing.iterations, "Counted runs each way; 0: as many as fit --seconds")->check(CLI::NonNegativeNumber)->capture_default_str()->group("Run");
  command->add_option("--seconds", options->timing.seconds, "Time each way")->check(CLI::PositiveNumber)->capture_default_str()->group("Run");
  command->add_flag("--resident", options->timing.resident, "Inputs are copied to the device before, outputs stay there")->group("Run");
  options->run.add_to(*command);
  options->conversion.add_to(*command);
  command->add_flag("--json", options->json, "For scripts");
  command->callback([options, &context] {
    context.job = [options, &context]() -> Status {
      WorkloadOptions workload_options;
      ISO_ASSIGN(workload_options.conversion, options->conversion.params());
      ISO_TRY(require_fp32(workload_options.conversion, "bench"));
      workload_options.allow_native_segments = allow_native_segments(workload_options.conversion);
      ISO_ASSIGN(workload_options.feeds.given, read_inputs(options->inputs));
      workload_options.feeds.batch = options->batch;
      workload_options.feeds.seed = options->seed;
      workload_options.device = options->run.device;
      ISO_ASSIGN(workload_options.gpu, options->run.gpu());
      workload_options.threads = options->run.threads;
      context.progress.tell(-1, "reading " + options->model);
      ISO_ASSIGN(const LoadedGraph loaded, load_graph(options->model));
      ISO_ASSIGN(const std::unique_ptr<Workload> workload, Workload::create(loaded.graph, workload_options));
      std::vector<Row> rows;
      std::vector<RunMode> modes = {RunMode::native};
      if (!options->run.no_engines && !workload->conversion()->engines.empty()) modes.push_back(RunMode::engines);
      for (const RunMode mode : modes) {
        ISO_ASSIGN(Timing timing, time_runs(*workload, mode, options->timing, context.progress));
        Row row{mode, statistics_of(std::move(timing.milliseconds)), 0, std::move(timing.statistics), timing.engine_bytes};
        row.items_per_second = 1e3 * static_cast<double>(workload->batch()) / row.ms.median;
        rows.push_back(std::move(row));
      }
      const bool fell_back = rows.size() == 2 && !rows[1].run.fallbacks.empty();
      if (options->json) {
        Json out = {{"model", options->model}, {"batch", workload->batch()}, {"settings", pairs_json(workload->settings())}, {"resident", options->timing.resident}, {"rows", Json::array()}};
        for (const Row& row : rows) out["rows"].push_back(row_json(row));
        if (rows.size() == 2 && !fell_back) out["ratio"] = rows[0].ms.median / rows[1].ms.median;
        return print(dump(out));
      }
      std::string out = "settings: " + pairs_line(workload->settings()) + "\n" + "wall time of untraced runs, inputs and outputs on the " + (options->timing.resident ? "device" : "host") + "\n\n" + table(rows);
      for (const Row& row : rows) out += std::string(run_mode_name(row.mode)) + ": arena peak " + number(static_cast<double>(row.run.arena_peak_bytes) / 1048576, 1) + " MiB" +
               (row.engine_bytes > 0 ? ", plans of the engines " + number(static_cast<double>(row.engine_bytes) / 1048576, 1) + " MiB (weights and activations)\n" : "\n");
      for (const Row& row : rows) {
        if (row.run.replayed) out += std::string(run_mode_name(row.mode)) + ": each run replayed one CUDA Graph\n";
        if (!row.run.not_recorded.empty()) out += std::string(run_mode_name(row.mode)) + ": launch by launch, since the run cannot be recorded: " + row.run.not_recorded + "\n";
      }
      if (fell_back) {
        for (const Fallback& f : rows[1].run.fallbacks) out += "engine " + f.node + " ran its native segment: " + f.reason + "\n";
        out += "no ratio: a run that fell back does not count as a run with engines\n";
      } else if (rows.size() == 2) {
        out += "engines are " + number(rows[0].ms.median / rows[1].ms.median, 2) + " x as fast as native (medians, same batch, precision, threads and feeds)\n";
      } else if (!options->run.no_engines) {
        out += "no ratio: no segment became an engine\n";
      }
      return print(out);
    };
  });
}

}  // namespace isotherm::app
