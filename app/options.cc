#include "app/options.h"

#include "core/formats/npy.h"
#include "core/workbench/devices.h"
#include "core/workbench/node_evaluator.h"

namespace isotherm::app {

void ConversionOptions::add_to(CLI::App& command) {
  const char* group = "Conversion (TF-TRT's names and defaults)";
  command.add_option("--inputs", inputs, "Cut the graph at these tensors; they become its inputs")->delimiter(',')->group(group);
  command.add_option("--outputs", outputs, "Results that must stay; default: what no node consumes")->delimiter(',')->group(group);
  command.add_option("--precision", precision, "FP32, FP16 or INT8")->check(CLI::IsMember({"FP32", "FP16", "INT8"}))->capture_default_str()->group(group);
  command.add_option("--batch-mode", batch_mode, "explicit (use_dynamic_shape=True) or implicit")->check(CLI::IsMember({"explicit", "implicit"}))->capture_default_str()->group(group);
  command.add_option("--max-batch-size", max_batch_size, "Largest batch, implicit batch mode")->check(CLI::PositiveNumber)->group(group);
  command.add_option("--max-workspace-size", max_workspace_size, "Bytes of scratch memory an engine may use")->check(CLI::NonNegativeNumber)->group(group);
  command.add_option("--minimum-segment-size", minimum_segment_size, "Smallest segment that becomes an engine; -1: none does")->capture_default_str()->group(group);
  command.add_option("--maximum-cached-engines", maximum_cached_engines, "Plans that an engine node keeps")->check(CLI::PositiveNumber)->capture_default_str()->group(group);
  max_engines_option_ = command.add_option("--max-engines", max_engines, "Most engines in a graph; 0: no limit")->capture_default_str()->group(group);
  command.add_flag("--dynamic-op", dynamic_op, "Engines are built at run time for the shapes that come")->group(group);
  deny_option_ = command.add_option("--deny", deny, "Op types that stay native")->delimiter(',')->group(group);
  command.add_option("--exclude-nodes", exclude_nodes, "Nodes that stay native")->delimiter(',')->group(group);
  profile_strategy_option_ = command.add_option("--profile-strategy", profile_strategy, "range, optimal, range+optimal or implicitbatchmodecompatible")
      ->check(CLI::IsMember({"range", "optimal", "range+optimal", "implicitbatchmodecompatible"}, CLI::ignore_case))->capture_default_str()->group(group);
  command.add_flag("--no-build-at-runtime", no_build_at_runtime, "No engine is built for shapes that come later")->group(group);
  command.add_flag("--no-calibration", no_calibration, "INT8 without calibration")->group(group);
  command.add_option("--shape", shapes, "Shape of an input: NAME=1x224x224x3, '?' for an unknown dimension")->group(group);
  command.add_flag("--clear-devices", clear_devices, "Drop the device of every node first")->group(group);
  command.add_option("--passes", passes, "none: the graph as it stands; tftrt: first simplified as TF-TRT does by default")->check(CLI::IsMember({"none", "tftrt"}))->capture_default_str()->group(group);
}

Result<ConversionParams> ConversionOptions::params() const {
  ConversionParams p;
  p.max_workspace_size_bytes = max_workspace_size;
  p.precision_mode = *precision_from_name(precision);
  p.minimum_segment_size = minimum_segment_size;
  p.maximum_cached_engines = maximum_cached_engines;
  p.use_calibration = !no_calibration && p.precision_mode == Precision::int8;
  p.allow_build_at_runtime = !no_build_at_runtime;
  p.is_dynamic_op = dynamic_op;
  p.implicit_batch = batch_mode == "implicit";
  if (max_batch_size > 0) p.max_batch_size = max_batch_size;
  p.profile_strategy = profile_strategy;
  p.max_engines = max_engines;
  p.denied_ops.insert(deny.begin(), deny.end());
  p.excluded_nodes.insert(exclude_nodes.begin(), exclude_nodes.end());
  p.inputs = inputs;
  p.outputs = outputs;
  if (passes == "tftrt") {
    p.passes = GraphPasses::tftrt;
    p.evaluator = make_cpu_node_evaluator();
  }
  for (const std::string& spec : shapes) {
    const std::size_t equals = spec.find('=');
    if (equals == std::string::npos || equals == 0)
      return invalid_input("--shape " + spec + ": expected NAME=SHAPE, as in input=1x224x224x3");
    auto shape = parse_shape(std::string_view(spec).substr(equals + 1));
    if (!shape.ok()) return shape.error().at("--shape " + spec);
    ISO_ASSIGN(const TensorName name, parse_tensor_name(spec.substr(0, equals)));
    p.shapes[name.node] = std::move(*shape);
  }
  const auto is_given = [](const CLI::Option* option) { return option && option->count() > 0; };
  if (p.implicit_batch && is_given(profile_strategy_option_))
    return invalid_input("--profile-strategy " + profile_strategy + " is of explicit batch mode, where dimensions are dynamic; found --batch-mode implicit");
  apply_environment(trt_environment(), {.denied_ops = is_given(deny_option_), .max_engines = is_given(max_engines_option_)}, p);
  return p;
}

const TrtEnvironment& trt_environment() {
  static const TrtEnvironment environment = read_trt_environment(process_environment());
  return environment;
}

bool allow_native_segments(ConversionParams& params) {
  if (!trt_environment().allow_native_segments)
    params.environment.emplace_back("TF_TRT_ALLOW_ENGINE_NATIVE_SEGMENT_EXECUTION=0 lets no native segment run for an engine");
  return trt_environment().allow_native_segments;
}

void RunOptionsTyped::add_to(CLI::App& command) {
  const auto is_device = [](const std::string& name) {
    return name == "cpu" || gpu_index(name) ? std::string() : "there is no device '" + name + "'; expected cpu or cuda:N";
  };
  command.add_option("--device", device, "Where to run: cpu, cuda:N")->check(CLI::Validator(is_device, ""))->capture_default_str()->group("Run");
  command.add_option("--threads", threads, "Threads of the CPU device; 0: all cores")->check(CLI::NonNegativeNumber)->capture_default_str()->group("Run");
  command.add_flag("--no-engines", no_engines, "Run the graph natively, as it stands")->group("Run");
  const char* group = "GPU";
  command.add_flag("--tf32", tf32, "Convolutions and matrix products may round their inputs to TF32")->group(group);
  command.add_flag("--no-cudnn", no_cudnn, "The project's own convolution kernels, though cuDNN be there")->group(group);
  command.add_option("--cuda-graph", cuda_graph, "on: runs and engines are recorded as CUDA Graphs and replayed; off: launch by launch")
      ->check(CLI::IsMember({"on", "off"}))->capture_default_str()->group(group);
}

Result<GpuOptions> RunOptionsTyped::gpu() const {
  GpuOptions options;
  options.tf32 = tf32;
  options.cudnn = !no_cudnn;
  options.device_graphs = cuda_graph == "on";
  const char* given = tf32 ? "--tf32" : no_cudnn ? "--no-cudnn" : options.device_graphs ? "--cuda-graph on" : nullptr;
  if (given && !gpu_index(device)) return invalid_input(std::string(given) + " is for GPUs; found --device " + device + ", expected cuda:N");
  return options;
}

Status require_fp32(const ConversionParams& params, const std::string& command) {
  if (params.precision_mode == Precision::fp32) return {};
  return unsupported("`" + command + "` runs engines in FP32 so far; found --precision " + std::string(precision_name(params.precision_mode)) +
                     ", which `segment` and `convert` take");
}

Result<std::map<std::string, Tensor>> read_inputs(const std::vector<std::string>& specs) {
  std::map<std::string, Tensor> out;
  for (const std::string& spec : specs) {
    const std::size_t equals = spec.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == spec.size())
      return invalid_input("--input " + spec + ": expected NAME=FILE.npy");
    ISO_ASSIGN(Tensor value, read_npy(spec.substr(equals + 1)));
    if (!out.emplace(spec.substr(0, equals), std::move(value)).second)
      return invalid_input("--input gives '" + spec.substr(0, equals) + "' twice");
  }
  return out;
}

}  // namespace isotherm::app
