// Segments and converted graphs after the graph passes, against those of the real TF-TRT (2.17.1) with its passes.
#include <gtest/gtest.h>

#include <cstdio>

#include "core/formats/graph_file.h"
#include "core/workbench/node_evaluator.h"
#include "tests/convert/golden_case.h"

namespace isotherm {
namespace {

TEST(PassSuite, Real) {
  const std::string unpacked = testing::folder_from_env("ISOTHERM_MODELS_UNPACKED"),
                    models = testing::folder_from_env("ISOTHERM_MODELS");
  if (unpacked.empty()) GTEST_SKIP() << "segments/real/*.full_* was not compared: ISOTHERM_MODELS_UNPACKED is not set";
  const auto goldens = testing::load_goldens(unpacked + "/segments/real", {models, unpacked + "/segments", unpacked},
                                             testing::Goldens::with_passes);
  EXPECT_GE(goldens.size(), 70u);
  const auto evaluator = make_cpu_node_evaluator();
  int equal = 0;
  for (const testing::GoldenCase& golden : goldens) {
    const auto loaded = load_graph(golden.graph_path);
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    ConversionParams params = golden.params;
    params.passes = GraphPasses::tftrt;
    params.evaluator = evaluator;
    const auto conversion = convert(loaded->graph, params);
    ASSERT_TRUE(conversion.ok()) << golden.name << ": " << conversion.error().message;
    EXPECT_EQ(testing::segment_difference(golden, *conversion), "") << golden.name;
    if (golden.converted_path.empty()) continue;
    const auto theirs = load_graph(golden.converted_path);
    if (!theirs.ok()) continue;  // TF-TRT writes some graphs that nobody can read
    const std::string difference = testing::graph_difference(*theirs->graph, *conversion->after);
    EXPECT_EQ(difference, "") << golden.name;
    equal += difference.empty();
  }
  std::printf("full_*: %zu compared, converted graphs equal %d\n", goldens.size(), equal);
}

}  // namespace
}  // namespace isotherm
