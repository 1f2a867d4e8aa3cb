#include "core/convert/parameter_table.h"

#include <algorithm>
#include <array>

namespace isotherm {
namespace {

constexpr const char* kSavedModel = "not yet available: SavedModel folders";
constexpr const char* kCalibration = "not yet available: calibration";

constexpr std::array kTable = {
    TrtParameter{"input_graph_def", "required", "None", "", "MODEL", ""},
    TrtParameter{"input_saved_model_dir", "None", "None", "None", "", kSavedModel},
    TrtParameter{"input_saved_model_tags", "None", "None", "None", "", kSavedModel},
    TrtParameter{"input_saved_model_signature_key", "None", "None", "None", "", kSavedModel},
    TrtParameter{"output_saved_model_dir", "None", "", "", "",
                 "not yet available: SavedModel folders; -o writes GraphDef"},
    TrtParameter{"outputs", "required", "", "", "--outputs", "default here: what no node consumes"},
    TrtParameter{"nodes_denylist", "", "None", "", "--outputs, --exclude-nodes", ""},
    TrtParameter{"max_batch_size", "1", "1", "", "--max-batch-size", "static engines in implicit batch mode"},
    TrtParameter{"max_workspace_size_bytes", "sys.maxsize - 512", "sys.maxsize - 512", "sys.maxsize - 512",
                 "--max-workspace-size", ""},
    TrtParameter{"precision_mode", "FP32", "FP32", "FP32", "--precision", ""},
    TrtParameter{"minimum_segment_size", "3", "3", "3", "--minimum-segment-size", ""},
    TrtParameter{"is_dynamic_op", "False", "False", "", "--dynamic-op",
                 "V2 is always dynamic; here the option decides"},
    TrtParameter{"maximum_cached_engines", "1", "1", "1", "--maximum-cached-engines", ""},
    TrtParameter{"use_calibration", "", "True", "True", "--no-calibration", "INT8 alone; writes the calibration graph"},
    TrtParameter{"use_dynamic_shape", "", "", "None", "--batch-mode explicit|implicit",
                 "default here: explicit (True); the others are always implicit"},
    TrtParameter{"dynamic_shape_profile_strategy", "", "", "None", "--profile-strategy", "None is Range"},
    TrtParameter{"allow_build_at_runtime", "", "", "True", "--no-build-at-runtime", ""},
    TrtParameter{"conversion_params", "", "", "None", "", "deprecated there; its fields are the options above"},
    TrtParameter{"convert(calibration_input_fn)", "", "", "None", "", kCalibration},
    TrtParameter{"calibrate(fetch_names, num_runs, feed_dict_fn, input_map_fn)", "", "required", "", "", kCalibration},
    TrtParameter{"build(input_fn)", "", "", "required", "--build, --input, --batch", "engines of FP32"},
    TrtParameter{"save(output_saved_model_dir)", "", "required", "required", "-o OUT.pb|OUT.pbtxt",
                 "not yet available: SavedModel folders"},
    TrtParameter{"save(save_gpu_specific_engines)", "", "", "True", "", "plans are never written into graphs"},
    TrtParameter{"save(options)", "", "", "None", "", kSavedModel},
    TrtParameter{"summary(line_length, detailed, print_fn)", "", "", "160, True, None", "",
                 "printed after every conversion, as wide as it has to be; --json for scripts"},
    TrtParameter{"calib_graph_to_infer_graph(calibration_graph_def, is_dynamic_op)", "", "", "", "", kCalibration},
};

std::string pad(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

/// The defaults, each with the functions that have it: "1 (create_inference_graph, V1)".
std::string defaults(const TrtParameter& p) {
  std::string out, last;
  for (const auto& [function, value] :
       {std::pair("create_inference_graph", p.inference_graph), std::pair("V1", p.v1), std::pair("V2", p.v2)}) {
    const std::string text = value;
    if (text.empty()) continue;
    if (text == last)
      out.back() = ',';
    else
      out += (out.empty() ? "" : ", ") + text;
    out += text == last ? std::string(" ") + function + ")" : std::string(" (") + function + ")";
    last = text;
  }
  return out;
}

std::string ours(const TrtParameter& p) {
  const std::string option = p.option, note = p.note;
  return option.empty() ? note : note.empty() ? option : option + " (" + note + ")";
}

/// '|' parts the cells of a table.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::span<const TrtParameter> trt_parameters() { return kTable; }

std::string trt_parameters_text() {
  std::size_t width = 0;
  constexpr std::size_t kWidest = 32;
  for (const TrtParameter& p : kTable) width = std::max(width, std::min(std::string(p.name).size(), kWidest));
  std::string out =
      "TF-TRT's parameters (create_inference_graph, TrtGraphConverter: V1, TrtGraphConverterV2: V2), their defaults "
      "there,\n"
      "and what stands for them here:\n";
  for (const TrtParameter& p : kTable) {
    const std::string name = p.name, value = defaults(p);
    out += "  " + pad(name, width) + (name.size() > width ? "\n  " + std::string(width, ' ') : "") + "  " +
           (value.empty() ? "" : value + ": ") + ours(p) + "\n";
  }
  return out;
}

std::string trt_parameters_markdown() {
  std::string out =
      "| parameter of TF-TRT | `create_inference_graph` | `TrtGraphConverter` | `TrtGraphConverterV2` | `isotherm "
      "convert` |\n"
      "|---|---|---|---|---|\n";
  for (const TrtParameter& p : kTable) {
    const std::string option = p.option, note = p.note;
    out += "| `" + std::string(p.name) + "` | " + p.inference_graph + " | " + p.v1 + " | " + p.v2 + " | " +
           (option.empty() ? "" : "`" + cell(option) + "`") + (!option.empty() && !note.empty() ? ": " : "") +
           cell(note) + " |\n";
  }
  return out;
}

}  // namespace isotherm
