#include "core/convert/environment.h"

#include <gtest/gtest.h>

namespace isotherm {
namespace {

using Names = std::set<std::string>;

bool any_note(const std::vector<std::string>& notes, const std::string& words) {
  for (const std::string& note : notes)
    if (note.find(words) != std::string::npos) return true;
  return false;
}

TEST(Environment, ReadsTheVariablesOfTfTrt) {
  const TrtEnvironment e = read_trt_environment({"PATH=/bin", "TF_TRT_OP_DENYLIST=Relu,,Add",
                                                 "TF_TRT_OP_FAKELIST=Log1p", "TF_TRT_MAX_ALLOWED_ENGINES=7",
                                                 "TF_TRT_SHOW_DETAILED_REPORT=1", "TF_TRT_EXPORT_GRAPH_VIZ_PATH=g.dot",
                                                 "TF_TRT_ALLOW_ENGINE_NATIVE_SEGMENT_EXECUTION=False"});
  EXPECT_EQ(e.denied_ops, (Names{"Relu", "Add"}));
  EXPECT_EQ(e.fake_ops, (Names{"Log1p"}));
  EXPECT_EQ(e.max_engines, 7);
  EXPECT_TRUE(e.detailed_report);
  EXPECT_TRUE(e.report_path.empty());
  EXPECT_EQ(e.graph_viz_path, "g.dot");
  EXPECT_FALSE(e.allow_native_segments);
  EXPECT_TRUE(e.without_effect.empty());
}

TEST(Environment, NothingSet) {
  const TrtEnvironment e = read_trt_environment({"TF_TRT_OP_DENYLIST=", "HOME=/root"});
  EXPECT_TRUE(e.denied_ops.empty());
  EXPECT_FALSE(e.max_engines.has_value());
  EXPECT_FALSE(e.detailed_report);
  EXPECT_TRUE(e.allow_native_segments);
  EXPECT_TRUE(e.without_effect.empty());
}

TEST(Environment, TheDetailedReportIsANumberOrAPath) {
  EXPECT_FALSE(read_trt_environment({"TF_TRT_SHOW_DETAILED_REPORT=0"}).detailed_report);
  const TrtEnvironment e = read_trt_environment({"TF_TRT_SHOW_DETAILED_REPORT=out/r.csv"});
  EXPECT_TRUE(e.detailed_report);
  EXPECT_EQ(e.report_path, "out/r.csv");
}

TEST(Environment, WhatHasNoEffectIsNamed) {
  const TrtEnvironment e =
      read_trt_environment({"TF_TRT_ENABLE_LAYOUT_OPTIMIZER=0", "TF_TRT_MAX_ALLOWED_ENGINES=many",
                            "TF_TRT_ALLOW_ENGINE_NATIVE_SEGMENT_EXECUTION=maybe", "TF_TRT_OP_FAKELIST=,"});
  EXPECT_EQ(e.without_effect.size(), 4u);
  EXPECT_TRUE(any_note(e.without_effect, "TF_TRT_ENABLE_LAYOUT_OPTIMIZER"));
  EXPECT_TRUE(any_note(e.without_effect, "many has no effect: a number"));
  EXPECT_TRUE(e.allow_native_segments);
}

TEST(Environment, OptionsWin) {
  const TrtEnvironment e = read_trt_environment(
      {"TF_TRT_OP_DENYLIST=Relu", "TF_TRT_OP_FAKELIST=Log1p", "TF_TRT_MAX_ALLOWED_ENGINES=7", "TF_TRT_OTHER=1"});
  ConversionParams params;
  apply_environment(e, {}, params);
  EXPECT_EQ(params.denied_ops, (Names{"Relu"}));
  EXPECT_EQ(params.fake_ops, (Names{"Log1p"}));
  EXPECT_EQ(params.max_engines, 7);
  EXPECT_EQ(params.environment.size(), 4u);
  EXPECT_TRUE(any_note(params.environment, "TF_TRT_OTHER"));
  ConversionParams given;
  given.denied_ops = {"Add"};
  given.max_engines = 3;
  apply_environment(e, {.denied_ops = true, .max_engines = true}, given);
  EXPECT_EQ(given.denied_ops, (Names{"Add"}));
  EXPECT_EQ(given.max_engines, 3);
  EXPECT_TRUE(any_note(given.environment, "TF_TRT_OP_DENYLIST=Relu is overruled"));
  EXPECT_TRUE(any_note(given.environment, "TF_TRT_MAX_ALLOWED_ENGINES=7 is overruled"));
  // A report's head has them all.
  int heads = 0;
  for (const auto& [name, value] : describe_params(params)) heads += name == "environment";
  EXPECT_EQ(heads, 4);
}

}  // namespace
}  // namespace isotherm
