#include "core/convert/portability.h"

#include <algorithm>
#include <array>

#include "core/convert/native_segment.h"

namespace isotherm {
namespace {

/// The types that op TRTEngineOp allows at its border; resources may come in too.
constexpr std::array kEngineTypes = {DType::boolean, DType::int8, DType::float16, DType::float32, DType::int32};

bool is_calibration_graph(const Conversion& conversion) {
  return conversion.params.use_calibration &&
         std::any_of(conversion.engines.begin(), conversion.engines.end(),
                     [](const EngineSummary& engine) { return engine.precision == Precision::int8; });
}

bool is_dynamic(const Conversion& conversion) {
  return conversion.params.is_dynamic_op || conversion.params.use_calibration;
}

Place in_isotherm(const Conversion& conversion) {
  if (is_calibration_graph(conversion))
    return {"Isotherm", true,
            "in the native segments: this is a calibration graph, its engines need a calibration first (not yet "
            "available)"};
  return {"Isotherm", true, "engines are built when they first run; plans are never written into graphs"};
}

Place in_tf_trt(const Conversion& conversion) {
  if (const auto refusals = tensorflow_refusals(conversion); !refusals.empty())
    return {"TensorFlow with TF-TRT", false, "it refuses the graph: " + refusals[0]};
  if (is_calibration_graph(conversion))
    return {"TensorFlow with TF-TRT", true, "as TF-TRT's own calibration graph: runs calibrate its engines there"};
  if (is_dynamic(conversion))
    return {"TensorFlow with TF-TRT", true, "it builds its own engines from the native segments at run time"};
  return {"TensorFlow with TF-TRT", false,
          "static engines are Isotherm's alone (serialized_segment stays empty): convert with --dynamic-op"};
}

}  // namespace

std::vector<std::string> tensorflow_refusals(const Conversion& conversion) {
  std::vector<std::string> out;
  for (const Segment& segment : conversion.segmentation.segments) {
    const std::string engine = engine_name(conversion.params.sequence, segment.index);
    if (segment.outputs.empty())
      out.push_back(engine +
                    " has no outputs, as nothing reads what it computes; TensorFlow refuses such a node: name more "
                    "outputs, or raise the minimum segment size");
    for (const auto* tensors : {&segment.inputs, &segment.outputs}) {
      for (const TensorRef& tensor : *tensors) {
        const DType dtype = conversion.shapes_before.info(tensor).dtype;
        if (std::find(kEngineTypes.begin(), kEngineTypes.end(), dtype) != kEngineTypes.end()) continue;
        if (dtype == DType::resource && tensors == &segment.inputs) continue;
        out.push_back(engine + " has the tensor '" + conversion.before->tensor_name(tensor) + "' of type " +
                      std::string(dtype_name(dtype)) + " at its border; TensorFlow refuses such a node: exclude '" +
                      (*conversion.before)[tensor.node].name + "'");
      }
    }
  }
  return out;
}

std::vector<Place> where_it_runs(const Conversion& conversion, const std::string& path) {
  const auto nodes = conversion.before->nodes();
  const bool had_engines =
      std::any_of(nodes.begin(), nodes.end(), [](const Node& node) { return node.op == "TRTEngineOp"; });
  if (conversion.engines.empty() && !had_engines) return where_native_graph_runs();
  return {in_isotherm(conversion),
          in_tf_trt(conversion),
          {"any TensorFlow", false,
           "the op TRTEngineOp needs TF-TRT: `isotherm convert " + path +
               " --native -o NATIVE.pb` puts the native nodes back"}};
}

std::vector<Place> where_native_graph_runs() {
  return {{"Isotherm", true, "node by node; `isotherm convert` makes engines"},
          {"TensorFlow with TF-TRT", true, "node by node"},
          {"any TensorFlow", true, "no node is a TRTEngineOp"}};
}

std::string places_text(const std::vector<Place>& places) {
  std::size_t width = 0;
  for (const Place& place : places) width = std::max(width, place.name.size());
  std::string out = "where it runs:\n";
  for (const Place& place : places)
    out += "  " + place.name + std::string(width - place.name.size(), ' ') + (place.runs ? "  yes: " : "  no:  ") +
           place.sentence + "\n";
  return out;
}

}  // namespace isotherm
