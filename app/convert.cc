// isotherm convert: the graph with its engines in it, or with its engines back to native nodes.
#include <limits>
#include <utility>

#include "app/command.h"
#include "app/json.h"
#include "app/non_conversion.h"
#include "app/options.h"
#include "app/passes_report.h"
#include "core/convert/native_graph.h"
#include "core/convert/parameter_table.h"
#include "core/convert/portability.h"
#include "core/convert/trt_convert.h"
#include "core/formats/graph_file.h"
#include "core/render/render_file.h"
#include "core/render/scene.h"
#include "core/workbench/build_engines.h"
#include "core/workbench/devices.h"
#include "core/workbench/feeds.h"

namespace isotherm::app {
namespace {

struct Options {
  std::string model, out;
  std::vector<std::string> inputs;
  ConversionOptions conversion;
  int threads = 0;
  std::int64_t batch = 1;
  bool build = false, native = false, json = false;
};

Json places_json(const std::vector<Place>& places) {
  Json out = Json::array();
  for (const Place& place : places)
    out.push_back({{"where", place.name}, {"runs", place.runs}, {"detail", place.sentence}});
  return out;
}

Json engine_json(const EngineSummary& e) {
  Json inputs = Json::array(), outputs = Json::array();
  for (const TensorInfo& t : e.inputs) inputs.push_back(tensor_json(t));
  for (const TensorInfo& t : e.outputs) outputs.push_back(tensor_json(t));
  return {{"name", e.name},
          {"device", e.device},
          {"nodes", e.node_count},
          {"inputs", std::move(inputs)},
          {"outputs", std::move(outputs)}};
}

class ConvertJob {
 public:
  ConvertJob(const Options& options, const Progress& progress) : options_(options), progress_(progress) {}

  Status operator()() {
    ISO_ASSIGN(ConversionParams params, options_.conversion.params());
    ISO_ASSIGN(const GraphFormat format, graph_format_from_path(options_.out));
    if (options_.native && options_.build)
      return invalid_input("--native takes engines apart and --build builds them; one of them was expected");
    if (!options_.build && !options_.inputs.empty())
      return invalid_input("--input gives values to build engines for; it goes with --build");
    progress_.tell(-1, "reading " + options_.model);
    ISO_ASSIGN(const LoadedGraph loaded, load_graph(options_.model));
    if (options_.native) return write_native(loaded.graph, format);
    const TrtEnvironment& environment = trt_environment();
    name_detailed_report(environment, params);
    if (!environment.graph_viz_path.empty())
      params.environment.push_back("TF_TRT_EXPORT_GRAPH_VIZ_PATH=" + environment.graph_viz_path +
                                   " writes the converted graph there as DOT");
    progress_.tell(-1, "converting");
    ISO_ASSIGN(Converter converter, Converter::create(loaded.graph, std::move(params)));
    ISO_ASSIGN(conversion_, converter.convert());
    if (progress_.cancelled()) return cancelled();
    if (options_.build) ISO_TRY(build(converter));
    progress_.tell(-1, "writing " + options_.out);
    ISO_TRY(converter.save(options_.out));
    if (!environment.graph_viz_path.empty()) ISO_TRY(draw(environment.graph_viz_path));
    for (const std::string& warning : conversion_->warnings)
      std::fprintf(stderr, "isotherm: warning: %s\n", warning.c_str());
    return report();
  }

 private:
  Status write_native(std::shared_ptr<const Graph> graph, GraphFormat format) const {
    ISO_ASSIGN(const NativeGraph native, native_graph(std::move(graph)));
    ISO_TRY(save_graph(*native.graph, options_.out, format));
    for (const std::string& note : native.notes) std::fprintf(stderr, "isotherm: warning: %s\n", note.c_str());
    if (options_.json)
      return print(dump({{"out", options_.out},
                         {"engines_replaced", native.engine_count},
                         {"nodes", native.graph->size()},
                         {"warnings", native.notes},
                         {"runs_on", places_json(where_native_graph_runs())}}));
    const std::string engines = native.engine_count == 0 ? "there were no engines; the graph is as it was"
                                : native.engine_count == 1
                                    ? "1 engine back to its native nodes"
                                    : std::to_string(native.engine_count) + " engines back to their native nodes";
    return print(engines + ", " + std::to_string(native.graph->size()) + " nodes now\nwritten: " + options_.out + "\n" +
                 places_text(where_native_graph_runs()));
  }

  Status build(Converter& converter) {
    progress_.tell(-1, "building engines");
    FeedOptions feed_options;
    feed_options.batch = options_.batch;
    ISO_ASSIGN(feed_options.given, read_inputs(options_.inputs));
    ISO_ASSIGN(const Feeds feeds, make_feeds(*conversion_->before, conversion_->shapes_before,
                                             default_inputs(*conversion_->before), feed_options));
    for (const auto& [name, value] : feeds) built_for_ += (built_for_.empty() ? "" : ", ") + describe_feed(name, value);
    ISO_ASSIGN(std::shared_ptr<Device> device, open_device("cpu", options_.threads));
    bool is_given = false;
    const InputFunction input_fn = [&]() -> std::optional<BuildInputs> {
      if (std::exchange(is_given, true)) return {};
      return feeds;
    };
    ISO_ASSIGN(built_, converter.build(input_fn, engine_builder(std::move(device), options_.threads)));
    return {};
  }

  Status draw(const std::string& path) const {
    render::SceneOptions options;
    options.view = render::View::after;
    options.max_nodes = std::numeric_limits<int>::max();
    options.cancelled = [this] { return progress_.cancelled(); };
    ISO_ASSIGN(const render::Scene scene, render::build_scene(conversion_, render::Overlay(), std::move(options)));
    return render::render_file(scene, path, render::Format::dot);
  }

  Status report() const {
    const Conversion& c = *conversion_;
    const std::vector<Place> places = where_it_runs(c, options_.out);
    ISO_ASSIGN(const DetailedReport detailed, write_detailed_report(trt_environment(), c));
    if (!options_.json) {
      std::string text = "settings: " + pairs_line(describe_params(c.params)) + "\n\n" + passes_text(c.passes) + summary_table(c) +
                         detailed.text + built_text();
      text += "written: " + options_.out + "\n";
      return print(text + places_text(places));
    }
    Json engines = Json::array();
    for (const EngineSummary& e : c.engines) engines.push_back(engine_json(e));
    Json out = {{"out", options_.out},
                {"engines", std::move(engines)},
                {"converted_ops", c.converted_ops},
                {"all_ops", c.all_ops},
                {"warnings", c.warnings},
                {"settings", pairs_json(describe_params(c.params))},
                {"runs_on", places_json(places)}};
    if (!c.passes.empty()) out["passes"] = passes_json(c.passes);
    if (trt_environment().detailed_report) out["not_converted"] = detailed.json;
    if (options_.build) {
      Json built = Json::array();
      for (const BuiltEngine& e : built_)
        built.push_back({{"name", e.name}, {"seconds", e.seconds}, {"bytes", e.bytes}, {"failure", e.failure}});
      out["built"] = std::move(built);
    }
    return print(dump(out));
  }

  [[nodiscard]] std::string built_text() const {
    if (!options_.build) return {};
    std::string text = "built for " + (built_for_.empty() ? "no inputs" : built_for_) + ":\n";
    for (const BuiltEngine& e : built_) {
      char line[96];
      std::snprintf(line, sizeof line, " in %.3f s, %.1f MiB", e.seconds, static_cast<double>(e.bytes) / 1048576);
      text += "  " + e.name + (e.failure.empty() ? line : ": not built: " + e.failure) + "\n";
    }
    return text;
  }

  const Options& options_;
  const Progress& progress_;
  std::shared_ptr<const Conversion> conversion_;
  std::vector<BuiltEngine> built_;
  std::string built_for_;
};

}  // namespace

void add_convert(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("convert", "Write the graph with a TRTEngineOp node in place of each segment");
  command->add_option("MODEL", options->model, "A GraphDef, binary or text")->required();
  command->add_option("-o,--out", options->out, "OUT.pb or OUT.pbtxt")->required();
  command->add_flag("--native", options->native,
                    "MODEL is converted: put the native nodes back in place of its engines");
  command
      ->add_flag("--build", options->build,
                 "Build the engines once, for --input or random values, and say how long it took")
      ->group("Build");
  command->add_option("--input", options->inputs, "NAME=FILE.npy to build for; other inputs get random numbers")
      ->group("Build");
  command->add_option("--batch", options->batch, "Stands in for an unknown first dimension")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group("Build");
  command->add_option("--threads", options->threads, "Threads of the CPU device; 0: all cores")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->group("Build");
  options->conversion.add_to(*command);
  command->add_flag("--json", options->json, "For scripts");
  command->footer(trt_parameters_text());
  command->callback(
      [options, &context] { context.job = [options, &context] { return ConvertJob(*options, context.progress)(); }; });
}

}  // namespace isotherm::app
