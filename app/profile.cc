// isotherm profile: records a session, both ways.
#include "app/command.h"
#include "app/json.h"
#include "app/options.h"
#include "core/formats/graph_file.h"
#include "app/session_text.h"
#include "core/workbench/devices.h"
#include "core/workbench/workload.h"
#include "profiler/profile.h"
#include "profiler/summary.h"

namespace isotherm::app {

void add_profile(CLI::App& app, Context& context) {
  struct Options {
    std::string model, out;
    std::vector<std::string> inputs;
    ConversionOptions conversion;
    RunOptionsTyped run;
    ProfileOptions profile;
    std::int64_t batch = 1;
    std::uint64_t seed = 7;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("profile", "Run natively and with engines, and record the time of every node, layer and GPU kernel");
  command->add_option("MODEL", options->model, "A GraphDef, binary or text")->required();
  command->add_option("-o,--out", options->out, "FILE.isotherm; default: the model's name with that ending");
  command->add_option("--warmup", options->profile.warmup, "Runs before anything is recorded")->check(CLI::NonNegativeNumber)->capture_default_str()->group("Run");
  command->add_option("--iterations", options->profile.iterations, "Traced runs each way; as many untraced ones are timed")->check(CLI::PositiveNumber)->capture_default_str()->group("Run");
  command->add_option("--input", options->inputs, "NAME=FILE.npy; other inputs get random numbers")->group("Run");
  command->add_option("--batch", options->batch, "Stands in for an unknown first dimension")->check(CLI::PositiveNumber)->capture_default_str()->group("Run");
  command->add_option("--seed", options->seed, "Of the random inputs")->capture_default_str()->group("Run");
  command->add_flag("--numeric-error", options->profile.numeric_error, "Run both ways once more and store the error of every tensor that both compute")->group("Run");
  options->run.add_to(*command);
  options->conversion.add_to(*command);
  command->add_flag("--json", options->json, "For scripts");
  command->callback([options, &context] {
    context.job = [options, &context]() -> Status {
      WorkloadOptions workload_options;
      ISO_ASSIGN(workload_options.conversion, options->conversion.params());
      ISO_TRY(require_fp32(workload_options.conversion, "profile"));
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
      if (options->profile.numeric_error && (options->run.no_engines || workload->conversion()->engines.empty()))
        return invalid_input(std::string("--numeric-error compares a run with engines with a native one, but ") + (options->run.no_engines ? "--no-engines switches engines off" : "the converted graph has no engine"));
      ProfileOptions profile_options = options->profile;
      profile_options.engines = !options->run.no_engines && !workload->conversion()->engines.empty();
      profile_options.model_path = options->model;
      profile_options.program_version = "isotherm " ISOTHERM_VERSION;
      if (gpu_index(options->run.device))
        profile_options.settings = {{"cuda-graph", options->run.cuda_graph}, {"tf32", options->run.tf32 ? "on" : "off"}, {"cudnn", options->run.no_cudnn ? "off" : "on where found"}};
      std::string out = options->out;
      if (out.empty()) out = std::filesystem::path(options->model).replace_extension(".isotherm").filename().string();
      ISO_ASSIGN(const SessionData session, profile(*workload, profile_options, out, context.progress));
      std::vector<Summary> summaries = {summarise(session, RunMode::native, GroupBy::op)};
      if (profile_options.engines) summaries.push_back(summarise(session, RunMode::engines, GroupBy::layer));
      if (options->json) {
        Json tables = Json::array();
        for (const Summary& s : summaries) tables.push_back(Json::parse(format_summary(s, TableFormat::json)));
        for (const auto& [mode, coverage] : session.coverage) tables.push_back(Json::parse(format_summary(summarise(session, mode, GroupBy::kernel_node), TableFormat::json)));
        return print(dump({{"out", out}, {"settings", pairs_json(session.settings)}, {"recorder", session.meta.at("recorder")}, {"coverage", coverage_json(session)}, {"values", values_json(session)}, {"tables", std::move(tables)}}));
      }
      std::string text = "settings: " + pairs_line(session.settings) + "\n" + recorder_lines(session);
      for (const Summary& s : summaries) {
        if (session.on_device(s.mode)) text += "\n" + std::string(run_mode_name(s.mode)) + " run, " + tracing_line(s) + "\n" + nvprof_table(session, s.mode) + "coverage: " + coverage_line(session.coverage.at(s.mode)) + "\n";
        else text += "\n" + format_summary(s, TableFormat::table, 15);
      }
      for (const EngineRecord& e : session.engines)
        if (!e.fallback.empty()) text += "engine " + e.name + " ran its native segment: " + e.fallback + "\n";
      return print(text + "\n" + value_lines(session) + "\nwritten: " + out + "\n");
    };
  });
}

}  // namespace isotherm::app
