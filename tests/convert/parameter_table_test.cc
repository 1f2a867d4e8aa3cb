// One table of TF-TRT's parameters: in code, in the help and in README.
#include "core/convert/parameter_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

namespace isotherm {
namespace {

/// Signatures of TensorFlow 2.17.1 (tensorflow/python/compiler/tensorrt/trt_convert.py).
const std::set<std::string> kInferenceGraph = {"input_graph_def",
                                               "outputs",
                                               "max_batch_size",
                                               "max_workspace_size_bytes",
                                               "precision_mode",
                                               "minimum_segment_size",
                                               "is_dynamic_op",
                                               "maximum_cached_engines",
                                               "input_saved_model_dir",
                                               "input_saved_model_tags",
                                               "input_saved_model_signature_key",
                                               "output_saved_model_dir"};
const std::set<std::string> kV1 = {
    "input_saved_model_dir", "input_saved_model_tags", "input_saved_model_signature_key", "input_graph_def",
    "nodes_denylist",        "max_batch_size",         "max_workspace_size_bytes",        "precision_mode",
    "minimum_segment_size",  "is_dynamic_op",          "maximum_cached_engines",          "use_calibration"};
const std::set<std::string> kV2 = {
    "input_saved_model_dir", "input_saved_model_tags",         "input_saved_model_signature_key",
    "use_dynamic_shape",     "dynamic_shape_profile_strategy", "max_workspace_size_bytes",
    "precision_mode",        "minimum_segment_size",           "maximum_cached_engines",
    "use_calibration",       "allow_build_at_runtime",         "conversion_params"};

std::set<std::string> parameters(const char* TrtParameter::*column) {
  std::set<std::string> out;
  for (const TrtParameter& p : trt_parameters())
    if (*(p.*column) && std::string(p.name).find('(') == std::string::npos) out.insert(p.name);
  return out;
}

TEST(ParameterTable, HasEveryParameter) {
  EXPECT_EQ(parameters(&TrtParameter::inference_graph), kInferenceGraph);
  EXPECT_EQ(parameters(&TrtParameter::v1), kV1);
  EXPECT_EQ(parameters(&TrtParameter::v2), kV2);
  for (const TrtParameter& p : trt_parameters()) EXPECT_TRUE(*p.option || *p.note) << p.name;
}

TEST(ParameterTable, NamesWhatIsNotYetAvailable) {
  for (const char* name : {"input_saved_model_dir", "output_saved_model_dir",
                           "calibrate(fetch_names, num_runs, feed_dict_fn, input_map_fn)",
                           "calib_graph_to_infer_graph(calibration_graph_def, is_dynamic_op)"}) {
    bool found = false;
    for (const TrtParameter& p : trt_parameters())
      if (std::string(p.name) == name) found = std::string(p.note).starts_with("not yet available");
    EXPECT_TRUE(found) << name;
  }
}

TEST(ParameterTable, ReadmeHasTheSame) {
  std::ifstream in(ISOTHERM_README);
  const std::string readme{std::istreambuf_iterator<char>(in), {}};
  ASSERT_FALSE(readme.empty());
  EXPECT_NE(readme.find(trt_parameters_markdown()), std::string::npos) << "README.md lacks this table:\n"
                                                                       << trt_parameters_markdown();
}

}  // namespace
}  // namespace isotherm
