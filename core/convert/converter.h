// From a graph to the same graph with engines in it, as TF-TRT's converter does it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/graph/node_map.h"
#include "core/ops/engine_conditions.h"
#include "core/passes/graph_passes.h"
#include "core/segment/segmenter.h"

namespace isotherm {

/// What simplifies the graph before it is segmented: nothing, or what TF-TRT's converter runs by default.
enum class GraphPasses { none, tftrt };

/// TF-TRT's parameters under their own names and with their defaults, where the two tools mean the same. Explicit
/// batch is our default (TF-TRT: use_dynamic_shape=True); implicit batch is its older one.
struct ConversionParams {
  std::int64_t max_workspace_size_bytes = INT64_MAX - 512;
  Precision precision_mode = Precision::fp32;
  int minimum_segment_size = 3;  ///< -1: no engines
  int maximum_cached_engines = 1;
  bool use_calibration = true;  ///< only with INT8
  bool allow_build_at_runtime = true;
  bool is_dynamic_op = false;
  bool implicit_batch = false;
  std::optional<int> max_batch_size;  ///< required by a static conversion in implicit batch mode
  std::string profile_strategy = "range";
  int max_engines = 20;              ///< TF_TRT_MAX_ALLOWED_ENGINES
  std::set<std::string> denied_ops;  ///< TF_TRT_OP_DENYLIST
  std::set<std::string> fake_ops;    ///< TF_TRT_OP_FAKELIST
  std::set<std::string> excluded_nodes;
  /// Cut there: these tensors become feeds (a Placeholder of the node's name; of another name for ports above 0), and
  /// what no output needs any more goes. Empty: the Placeholders, nothing is cut.
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;     ///< fetches; empty: what no node consumes (default_outputs)
  std::map<std::string, Shape> shapes;  ///< of feeds, by node name
  GraphPasses passes = GraphPasses::none;
  std::shared_ptr<const NodeEvaluator> evaluator;  ///< computes constants for the passes; null: they stay nodes
  bool clear_devices = false;           ///< drop the device of every node first, as TrtGraphConverterV2 does
  /// The first number of engine names, TRTEngineOp_<sequence>_<index>; the next that is free where the graph has
  /// engines of that number.
  int sequence = 0;
  /// What environment variables set here, for heads of reports (core/convert/environment.h).
  std::vector<std::string> environment;

  friend bool operator==(const ConversionParams&, const ConversionParams&) = default;
};

/// One engine of a conversion.
struct EngineSummary {
  std::string name;       ///< "TRTEngineOp_000_000"
  NodeId node = kNoNode;  ///< in the converted graph
  int segment = 0;        ///< index in Segmentation::segments
  std::string device;
  std::vector<TensorInfo> inputs, outputs;
  int node_count = 0;      ///< nodes of the original graph that it replaces
  int constant_count = 0;  ///< Const nodes outside that its native segment holds copies of
  Precision precision = Precision::fp32;
};

struct Conversion {
  std::shared_ptr<const Graph>
      before;  ///< the graph that was segmented: with cut inputs, shapes, graph passes and FP16 casts applied
  std::shared_ptr<const Graph> after;  ///< null after plan_conversion(), and `map` is empty
  NodeMap map;
  GraphShapes shapes_before;
  GraphShapes shapes_after;
  Segmentation segmentation;  ///< segments whose conversion failed are gone from it, their nodes are native
  std::vector<EngineSummary> engines;
  ConversionParams params;  ///< as used
  std::vector<PassReport> passes;  ///< what the graph passes did before the segmentation
  std::vector<std::string> warnings;
  /// TF-TRT's "% of OPs Converted: x [a/b]": a converted of b. As there, nodes of native segments count, copied
  /// constants included, against those and the nodes outside.
  int converted_ops = 0, all_ops = 0;
};

/// Tensors that nobody consumes ("a", "a:1": every port of a node none of whose outputs is consumed), less what is no
/// result (NoOp, Assert, Const, Placeholder, saving, summaries). The default fetches of a graph without a signature.
std::vector<std::string> default_outputs(const Graph& graph);
/// The Placeholders that are real inputs.
std::vector<std::string> default_inputs(const Graph& graph);

/// Conversions of files and of command lines go step by step through Converter (core/convert/trt_convert.h), which
/// calls these.

/// Segmentation alone, as convert() would do it: nothing is built. Errors: options that exclude each other, names that
/// do not exist, shapes that contradict the graph or each other, a cycle outside loops.
Result<Conversion> plan_conversion(std::shared_ptr<const Graph> graph, const ConversionParams& params);
/// The whole conversion. `graph` stays as it is, weights are shared. What an engine runs when it has no plan is in the
/// converted graph's library: function_body() of the node's `segment_func`.
Result<Conversion> convert(std::shared_ptr<const Graph> graph, const ConversionParams& params);

/// TF-TRT's table: engines, nodes, inputs, outputs, dtypes, shapes, and "% of OPs Converted".
std::string summary_table(const Conversion& conversion);

/// The values that the options in force had, one "name value" pair each, for a report's head.
std::vector<std::pair<std::string, std::string>> describe_params(const ConversionParams& params);

}  // namespace isotherm
