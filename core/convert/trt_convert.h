// The converters that people know from TF-TRT (tensorflow/python/compiler/tensorrt/trt_convert.py), step by step.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/convert/converter.h"
#include "core/graph/tensor.h"

namespace isotherm {

/// One set of inputs for build(), by tensor name.
using BuildInputs = std::vector<std::pair<std::string, Tensor>>;
/// Gives the next set of inputs, nothing after the last: TF-TRT's `input_fn`.
using InputFunction = std::function<std::optional<BuildInputs>()>;

/// An engine after build().
struct BuiltEngine {
  std::string name;
  double seconds = 0;     ///< of all its builds
  std::size_t bytes = 0;  ///< device memory of its plan: weights and activations
  std::string failure;    ///< why the native segment runs instead; empty: it was built
};

/// Builds the engines of a converted graph for every set of inputs. core/workbench has one for each device.
using EngineBuilder = std::function<Result<std::vector<BuiltEngine>>(const Conversion& conversion,
                                                                     const std::vector<BuildInputs>& inputs)>;

/// A conversion in TF-TRT's order of steps. What comes in another order is refused with a sentence that names the
/// steps.
///
/// First form (TrtGraphConverter): implicit batch mode. convert(), save().
/// Second form (TrtGraphConverterV2): batch mode and engines as the parameters say. convert(), build() if wanted, once
/// and before save(), save(); summary() any time after convert(). TF-TRT's own second form always clears devices and
/// makes dynamic engines: here `clear_devices` and `is_dynamic_op` decide.
///
/// INT8 with calibration gives the calibration graph, and save() writes it.
class Converter {
 public:
  enum class Form { v1, v2 };

  /// Refuses what TF-TRT's constructors refuse: a minimum segment size that is neither positive nor -1. In the first
  /// form an unset `max_batch_size` of a static conversion is 1, as there; where engines are dynamic a given one is
  /// without effect, with a warning.
  static Result<Converter> create(Form form, std::shared_ptr<const Graph> graph, ConversionParams params);
  /// The form that has these parameters: the first for static engines in implicit batch mode, else the second.
  static Result<Converter> create(std::shared_ptr<const Graph> graph, ConversionParams params);

  /// What convert() would do, without the graph that holds it; at any time. As plan_conversion().
  [[nodiscard]] Result<Conversion> plan() const;
  /// Segments and converts. As isotherm::convert().
  Result<std::shared_ptr<const Conversion>> convert();
  /// Runs the converted graph once for each set of inputs, so that its engines are built: FP32 only.
  Result<std::vector<BuiltEngine>> build(const InputFunction& input_fn, const EngineBuilder& builder);
  /// Writes the converted graph: OUT.pb or OUT.pbtxt. Plans are never written.
  Status save(const std::string& path);
  /// TF-TRT's table, as summary_table().
  [[nodiscard]] Result<std::string> summary() const;

  [[nodiscard]] Form form() const { return form_; }
  /// As this form takes them.
  [[nodiscard]] const ConversionParams& params() const { return params_; }

 private:
  Converter(Form form, std::shared_ptr<const Graph> graph, ConversionParams params)
      : form_(form), graph_(std::move(graph)), params_(std::move(params)) {}
  [[nodiscard]] Status expect_converted(const char* step) const;

  Form form_;
  std::shared_ptr<const Graph> graph_;
  ConversionParams params_;
  std::vector<std::string> warnings_;
  std::shared_ptr<const Conversion> conversion_;  ///< null before convert()
  bool built_ = false, saved_ = false;
};

/// Converter::create() and its convert() in one call, for who goes no further.
Result<std::shared_ptr<const Conversion>> converted(std::shared_ptr<const Graph> graph, ConversionParams params);

/// The arguments of TF-TRT's create_inference_graph(), with its names and defaults. (It calibrates never.)
struct InferenceGraphArguments {
  std::shared_ptr<const Graph> input_graph_def;
  std::vector<std::string> outputs;  ///< tensors or nodes that stay
  int max_batch_size = 1;            ///< of static engines
  std::int64_t max_workspace_size_bytes = INT64_MAX - 512;
  Precision precision_mode = Precision::fp32;
  int minimum_segment_size = 3;
  bool is_dynamic_op = false;
  int maximum_cached_engines = 1;
  std::string input_saved_model_dir;                ///< in place of input_graph_def; not yet available
  std::vector<std::string> input_saved_model_tags;  ///< empty: "serve"
  std::string input_saved_model_signature_key;      ///< empty: "serving_default"
  std::string output_saved_model_dir;               ///< only with input_saved_model_dir; not yet available
};

/// The first form in one call. Errors: no graph, or a graph and a SavedModel folder; what Converter refuses.
Result<std::shared_ptr<const Conversion>> create_inference_graph(const InferenceGraphArguments& arguments);

}  // namespace isotherm
