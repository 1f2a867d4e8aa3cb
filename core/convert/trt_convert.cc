#include "core/convert/trt_convert.h"

#include "core/formats/graph_file.h"

namespace isotherm {
namespace {

const char* form_name(Converter::Form form) {
  return form == Converter::Form::v1 ? "TrtGraphConverter" : "TrtGraphConverterV2";
}

bool calibrates(const ConversionParams& params) {
  return params.precision_mode == Precision::int8 && params.use_calibration;
}

}  // namespace

Result<Converter> Converter::create(Form form, std::shared_ptr<const Graph> graph, ConversionParams params) {
  if (!graph) return invalid_input(std::string(form_name(form)) + " needs a graph; none was given");
  if (params.minimum_segment_size <= 0 && params.minimum_segment_size != -1)
    return invalid_input("minimum segment size " + std::to_string(params.minimum_segment_size) +
                         ": 1 or more was expected, or -1 for no engines");
  if (form == Form::v1) params.implicit_batch = true;
  const bool is_dynamic = params.is_dynamic_op || calibrates(params);
  std::vector<std::string> warnings;
  if (is_dynamic && params.max_batch_size) {
    warnings.push_back("maximum batch size " + std::to_string(*params.max_batch_size) +
                       " has no effect: dynamic engines take the batch that comes");
    params.max_batch_size.reset();
  }
  if (form == Form::v1 && !is_dynamic && !params.max_batch_size) {
    params.max_batch_size = 1;
    warnings.push_back(
        "the maximum batch size is 1, TF-TRT's default for static engines in implicit batch mode; larger batches run "
        "natively: give --max-batch-size N, or --dynamic-op, or --batch-mode explicit");
  }
  Converter converter(form, std::move(graph), std::move(params));
  converter.warnings_ = std::move(warnings);
  return converter;
}

Result<Converter> Converter::create(std::shared_ptr<const Graph> graph, ConversionParams params) {
  const bool is_static = !params.is_dynamic_op && !calibrates(params);
  const Form form = params.implicit_batch && is_static ? Form::v1 : Form::v2;
  return create(form, std::move(graph), std::move(params));
}

Status Converter::expect_converted(const char* step) const {
  if (conversion_) return {};
  return invalid_input(std::string(step) + " needs convert() first (" + form_name(form_) + ": " +
                       (form_ == Form::v1 ? "convert, save)" : "convert, build, save)"));
}

Result<Conversion> Converter::plan() const {
  ISO_ASSIGN(Conversion conversion, plan_conversion(graph_, params_));
  conversion.warnings.insert(conversion.warnings.begin(), warnings_.begin(), warnings_.end());
  return conversion;
}

Result<std::shared_ptr<const Conversion>> Converter::convert() {
  if (conversion_)
    return invalid_input("convert() was called already; a further conversion needs another " +
                         std::string(form_name(form_)));
  ISO_ASSIGN(Conversion conversion, isotherm::convert(graph_, params_));
  conversion.warnings.insert(conversion.warnings.begin(), warnings_.begin(), warnings_.end());
  conversion_ = std::make_shared<const Conversion>(std::move(conversion));
  return conversion_;
}

Result<std::vector<BuiltEngine>> Converter::build(const InputFunction& input_fn, const EngineBuilder& builder) {
  if (form_ == Form::v1)
    return invalid_input(
        "build() is a step of TrtGraphConverterV2; static engines in implicit batch mode (TrtGraphConverter) are built "
        "when they first run: convert with --dynamic-op, or --batch-mode explicit");
  ISO_TRY(expect_converted("build()"));
  if (built_) return invalid_input("build() was called already; TF-TRT builds the engines of a conversion once");
  if (saved_) return invalid_input("build() comes before save(), which was called already");
  if (calibrates(conversion_->params))
    return unsupported("build() of an INT8 conversion calibrates first, which is not yet available");
  for (const EngineSummary& engine : conversion_->engines)
    if (engine.precision != Precision::fp32)
      return unsupported("build() makes engines of FP32 so far; '" + engine.name + "' is " +
                         std::string(precision_name(engine.precision)));
  if (!input_fn) return invalid_input("build() needs inputs; no function that gives them was given");
  std::vector<BuildInputs> inputs;
  while (std::optional<BuildInputs> next = input_fn()) inputs.push_back(std::move(*next));
  if (inputs.empty()) return invalid_input("build() needs inputs; the function that gives them gave none");
  ISO_ASSIGN(std::vector<BuiltEngine> engines, builder(*conversion_, inputs));
  built_ = true;
  return engines;
}

Status Converter::save(const std::string& path) {
  ISO_TRY(expect_converted("save()"));
  ISO_ASSIGN(const GraphFormat format, graph_format_from_path(path));
  ISO_TRY(save_graph(*conversion_->after, path, format));
  saved_ = true;
  return {};
}

Result<std::string> Converter::summary() const {
  if (form_ == Form::v1) return invalid_input("summary() is a step of TrtGraphConverterV2; TrtGraphConverter has none");
  ISO_TRY(expect_converted("summary()"));
  return summary_table(*conversion_);
}

Result<std::shared_ptr<const Conversion>> converted(std::shared_ptr<const Graph> graph, ConversionParams params) {
  ISO_ASSIGN(Converter converter, Converter::create(std::move(graph), std::move(params)));
  return converter.convert();
}

Result<std::shared_ptr<const Conversion>> create_inference_graph(const InferenceGraphArguments& arguments) {
  const bool is_saved_model = !arguments.input_saved_model_dir.empty();
  if (arguments.input_graph_def && is_saved_model)
    return invalid_input("input_graph_def and input_saved_model_dir were both given; one of them was expected");
  if (is_saved_model)
    return unsupported("input_saved_model_dir '" + arguments.input_saved_model_dir +
                       "': SavedModel folders are not yet available; give the frozen graph as input_graph_def");
  if (!arguments.input_graph_def)
    return invalid_input("input_graph_def or input_saved_model_dir is needed; neither was given");
  if (!arguments.output_saved_model_dir.empty())
    return invalid_input("output_saved_model_dir '" + arguments.output_saved_model_dir +
                         "': a conversion that began with input_graph_def cannot be saved as a SavedModel");
  ConversionParams params;
  params.outputs = arguments.outputs;
  params.max_workspace_size_bytes = arguments.max_workspace_size_bytes;
  params.precision_mode = arguments.precision_mode;
  params.minimum_segment_size = arguments.minimum_segment_size;
  params.is_dynamic_op = arguments.is_dynamic_op;
  params.maximum_cached_engines = arguments.maximum_cached_engines;
  params.use_calibration = false;
  if (!arguments.is_dynamic_op) params.max_batch_size = arguments.max_batch_size;
  ISO_ASSIGN(Converter converter, Converter::create(Converter::Form::v1, arguments.input_graph_def, std::move(params)));
  return converter.convert();
}

}  // namespace isotherm
