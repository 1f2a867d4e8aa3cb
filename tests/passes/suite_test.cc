// Segments and converted graphs after the graph passes, against those of the real TF-TRT (2.17.1) with its passes.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>

#include "core/formats/graph_file.h"
#include "core/workbench/node_evaluator.h"
#include "tests/convert/golden_case.h"

namespace isotherm {
namespace {

/// Reasons of the same class, of those that both give.
std::pair<int, int> count_reasons(const testing::GoldenCase& golden, const Conversion& conversion) {
  std::map<std::string, std::string> ours;
  for (const NativeNode& native : conversion.segmentation.native)
    ours[(*conversion.before)[native.node].name] = std::string(reason_name(native.refusal.reason));
  int same = 0, all = 0;
  for (const testing::GoldenNative& native : golden.native) {
    const auto it = ours.find(native.node);
    if (it == ours.end() || native.reason.find("not in the graph that the TRT pass saw") != std::string::npos) continue;
    ++all;
    same += it->second == native.reason_class;
  }
  return {same, all};
}

void compare_all(const std::string& folder, const std::vector<std::string>& roots, std::size_t fewest) {
  const auto goldens = testing::load_goldens(folder, roots, testing::Goldens::with_passes);
  EXPECT_GE(goldens.size(), fewest);
  const auto evaluator = make_cpu_node_evaluator();
  int same = 0, reasons = 0, graphs = 0;
  for (const testing::GoldenCase& golden : goldens) {
    const auto loaded = load_graph(golden.graph_path);
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    ConversionParams params = golden.params;
    params.passes = GraphPasses::tftrt;
    params.evaluator = evaluator;
    const auto conversion = convert(loaded->graph, params);
    ASSERT_TRUE(conversion.ok()) << golden.name << ": " << conversion.error().message;
    EXPECT_EQ(testing::segment_difference(golden, *conversion), "") << golden.name;
    const auto [equal, all] = count_reasons(golden, *conversion);
    EXPECT_EQ(equal, all) << golden.name;
    same += equal;
    reasons += all;
    if (golden.converted_path.empty()) continue;
    const auto theirs = load_graph(golden.converted_path);
    ASSERT_TRUE(theirs.ok()) << theirs.error().message;
    EXPECT_EQ(testing::graph_difference(*theirs->graph, *conversion->after), "") << golden.name;
    ++graphs;
  }
  std::printf("%zu compared, converted graphs %d, reasons of the same class %d of %d\n", goldens.size(), graphs, same,
              reasons);
}

TEST(PassSuite, Own) { compare_all(ISOTHERM_TEST_DATA "/convert", {}, 4); }

TEST(PassSuite, Real) {
  const std::string unpacked = testing::folder_from_env("ISOTHERM_MODELS_UNPACKED"),
                    models = testing::folder_from_env("ISOTHERM_MODELS");
  if (unpacked.empty()) GTEST_SKIP() << "segments/real/*.full_* was not compared: ISOTHERM_MODELS_UNPACKED is not set";
  compare_all(unpacked + "/segments/real", {models, unpacked + "/segments", unpacked}, 70);
}

}  // namespace
}  // namespace isotherm
