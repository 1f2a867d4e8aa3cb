// isotherm run: any output from any input, values to .npy files.
#include <filesystem>
#include <set>

#include "app/command.h"
#include "app/json.h"
#include "app/options.h"
#include "core/convert/prepare.h"
#include "core/convert/trt_convert.h"
#include "core/formats/graph_file.h"
#include "core/formats/npy.h"
#include "core/workbench/devices.h"

namespace isotherm::app {
namespace {

struct Options {
  std::string model, output_dir;
  std::vector<std::string> inputs, outputs;
  ConversionOptions conversion;
  RunOptionsTyped run;
  bool all_nodes = false;
  bool json = false;
};

/// `a/b:1` goes to DIR/a/b:1.npy, port 0 without its number. A name that would leave DIR is refused.
Result<std::string> output_path(const std::string& dir, const std::string& name) {
  ISO_ASSIGN(const TensorName tensor, parse_tensor_name(name));
  const std::filesystem::path relative = format_input_name(tensor.node, tensor.port) + ".npy";
  for (const auto& part : relative)
    if (part == "..") return invalid_input("output '" + name + "' cannot be written: its name has a part '..' and would leave the folder " + dir);
  if (relative.is_absolute()) return invalid_input("output '" + name + "' cannot be written: its name begins with '/'");
  return (std::filesystem::path(dir) / relative).string();
}

Status write_output(const std::string& path, const Tensor& value) {
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  if (failed) return io_error("folder '" + std::filesystem::path(path).parent_path().string() + "' cannot be made: " + failed.message());
  return write_npy(path, value);
}

std::string range_text(const Tensor& t) {
  const bool number = is_floating(t.dtype()) || is_integer(t.dtype());
  if (!number || t.elements() == 0) return "";
  double low = number_at(t, 0), high = low;
  for (std::int64_t i = 1; i < t.elements(); ++i) {
    const double v = number_at(t, i);
    low = std::min(low, v);
    high = std::max(high, v);
  }
  char text[64];
  std::snprintf(text, sizeof text, "  %.6g .. %.6g", low, high);
  return text;
}

class RunJob {
 public:
  RunJob(const Options& options, const Progress& progress) : options_(options), progress_(progress) {}

  Status operator()() {
    ISO_TRY(prepare());
    ISO_ASSIGN(const std::unique_ptr<Session> session, Session::create(graph_, device_, session_options(options_.run.threads, !options_.run.no_engines, allow_native_segments_)));
    std::vector<std::string> fetches = fetches_;
    if (options_.all_nodes) add_all_nodes(*session, fetches);
    RunOptions run_options;
    run_options.cancel = progress_.cancel;
    run_options.allow_dead_fetches = options_.all_nodes;
    progress_.tell(-1, "running");
    ISO_ASSIGN(const RunResult result, session->run(feeds_, fetches, run_options));
    return report(fetches, result, engine_bytes(*session));
  }

 private:
  Status prepare() {
    ISO_ASSIGN(ConversionParams params, options_.conversion.params());
    ISO_TRY(require_fp32(params, "run"));
    allow_native_segments_ = allow_native_segments(params);
    ISO_ASSIGN(auto given, read_inputs(options_.inputs));
    progress_.tell(-1, "reading " + options_.model);
    ISO_ASSIGN(const LoadedGraph loaded, load_graph(options_.model));
    for (auto& [name, value] : given) feeds_.emplace_back(name, value);
    fetches_ = !options_.outputs.empty() ? options_.outputs : !params.outputs.empty() ? params.outputs : default_outputs(*loaded.graph);
    if (fetches_.empty()) return invalid_input("the graph has no node that nothing consumes; name what you want with --output");
    ISO_ASSIGN(const GpuOptions gpu, options_.run.gpu());
    ISO_ASSIGN(device_, open_device(options_.run.device, options_.run.threads, gpu));
    // What is fed or fetched must stay a node of its own.
    if (params.outputs.empty()) {
      for (const std::string& name : fetches_) {
        ISO_ASSIGN(const TensorRef ref, loaded.graph->find_tensor(name));
        params.outputs.push_back(loaded.graph->node(ref.node).name);
      }
    }
    for (const auto& [name, value] : feeds_) {
      ISO_ASSIGN(const TensorRef ref, loaded.graph->find_tensor(name));
      params.excluded_nodes.insert(loaded.graph->node(ref.node).name);
    }
    graph_ = loaded.graph;
    const bool converted_already = std::any_of(graph_->nodes().begin(), graph_->nodes().end(), [](const Node& n) { return n.op == "TRTEngineOp"; });
    if (options_.run.no_engines || options_.all_nodes || converted_already) {
      settings_ = "native, the graph as it stands";
      if (converted_already && !options_.run.no_engines) settings_ = "the engines that the graph holds";
      for (const std::string& note : params.environment) settings_ += ", environment " + note;
      return apply_shapes(params);
    }
    progress_.tell(-1, "converting");
    ISO_ASSIGN(const std::shared_ptr<const Conversion> conversion, converted(graph_, params));
    graph_ = conversion->after;
    const std::size_t engines = conversion->engines.size();
    settings_ = std::to_string(engines) + (engines == 1 ? " engine: " : " engines: ") + pairs_line(describe_params(conversion->params));
    return {};
  }

  Status apply_shapes(const ConversionParams& params) {
    if (params.shapes.empty() && params.inputs.empty()) return {};
    ISO_ASSIGN(const Prepared prepared, prepare_conversion(graph_, params));
    graph_ = prepared.graph;
    return {};
  }

  void add_all_nodes(Session& session, std::vector<std::string>& fetches) const {
    std::set<std::string> have;
    for (const std::string& name : fetches) have.insert(name.find(':') == std::string::npos ? name + ":0" : name);
    for (NodeId id = 0; id < graph_->size(); ++id) {
      if (session.in_loop(id)) continue;
      const std::span<const TensorInfo> outputs = session.shapes().outputs(id);
      for (int port = 0; port < static_cast<int>(outputs.size()); ++port) {
        const DType dtype = outputs[static_cast<std::size_t>(port)].dtype;
        if (dtype == DType::resource || dtype == DType::variant || dtype == DType::invalid) continue;
        const std::string name = graph_->tensor_name({id, port});
        if (!have.contains(name)) fetches.push_back(name);
      }
    }
  }

  Status report(const std::vector<std::string>& fetches, const RunResult& result, std::size_t engines) const {
    Json outputs = Json::array();
    std::string text = "settings: " + settings_ + "; device " + device_->description() + "\n";
    for (std::size_t i = 0; i < fetches.size(); ++i) {
      const Tensor& value = result.fetches[i];
      if (!value.valid() || value.dtype() == DType::resource || value.dtype() == DType::variant) continue;
      std::string written;
      if (!options_.output_dir.empty()) {
        ISO_ASSIGN(written, output_path(options_.output_dir, fetches[i]));
        ISO_TRY(write_output(written, value));
      }
      if (!options_.all_nodes || options_.json) {
        text += fetches[i] + "  " + std::string(dtype_name(value.dtype())) + "  " + value.shape().to_string() + range_text(value) + "\n";
        outputs.push_back({{"name", fetches[i]}, {"dtype", dtype_name(value.dtype())}, {"shape", shape_json(value.shape())}, {"file", written}});
      }
    }
    const RunStatistics& s = result.statistics;
    Json fallbacks = Json::array();
    for (const Fallback& f : s.fallbacks) {
      text += "engine " + f.node + " ran its native segment: " + f.reason + "\n";
      fallbacks.push_back({{"node", f.node}, {"reason", f.reason}});
    }
    char line[160];
    std::snprintf(line, sizeof line, "%zu nodes run, arena peak %.1f MiB\n", s.nodes_run, static_cast<double>(s.arena_peak_bytes) / 1048576);
    text += line;
    if (engines > 0) {
      std::snprintf(line, sizeof line, "plans of the engines %.1f MiB (weights and activations)\n", static_cast<double>(engines) / 1048576);
      text += line;
    }
    if (options_.all_nodes) text += std::to_string(fetches.size()) + " tensors asked for\n";
    if (!options_.json) return print(text);
    return print(dump({{"settings", settings_}, {"device", device_->description()}, {"outputs", std::move(outputs)}, {"fallbacks", std::move(fallbacks)},
                       {"nodes_run", s.nodes_run}, {"arena_peak_bytes", s.arena_peak_bytes}, {"engine_bytes", engines}}));
  }

  const Options& options_;
  const Progress& progress_;
  std::shared_ptr<const Graph> graph_;
  std::shared_ptr<Device> device_;
  Feeds feeds_;
  std::vector<std::string> fetches_;
  std::string settings_;
  bool allow_native_segments_ = true;
};

}  // namespace

void add_run(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("run", "Compute outputs from inputs");
  command->add_option("MODEL", options->model, "A GraphDef, binary or text")->required();
  command->add_option("--input", options->inputs, "NAME=FILE.npy; any tensor can be fed")->group("Run");
  command->add_option("--output", options->outputs, "A tensor to compute; default: what no node consumes")->group("Run");
  command->add_option("--output-dir", options->output_dir, "Folder for the results, NAME.npy each")->group("Run");
  command->add_flag("--all-nodes", options->all_nodes, "Every tensor of the graph, run natively")->group("Run");
  options->run.add_to(*command);
  options->conversion.add_to(*command);
  command->add_flag("--json", options->json, "For scripts");
  command->callback([options, &context] { context.job = [options, &context] { return RunJob(*options, context.progress)(); }; });
}

}  // namespace isotherm::app
