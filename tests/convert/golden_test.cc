// Segments and converted graphs against those of the real TF-TRT (2.17.1).
#include <gtest/gtest.h>

#include <cstdio>
#include <map>

#include "core/formats/graph_file.h"
#include "tests/convert/golden_case.h"

namespace isotherm {
namespace {

using testing::GoldenCase;

struct Tally {
  int compared = 0, equal = 0, waiting = 0, graphs = 0, graphs_equal = 0;
  int reasons = 0, reasons_equal = 0;
  std::map<std::string, int> reason_pairs;
};

/// Ops of the graph whose shapes cannot be inferred yet: what depends on them may be judged otherwise.
std::set<std::string> unknown_ops(const Conversion& conversion) {
  std::set<std::string> ops;
  for (NodeId id = 0; id < conversion.before->size(); ++id)
    if (!conversion.shapes_before.has_shape_function(id)) ops.insert((*conversion.before)[id].op);
  return ops;
}

void count_reasons(const GoldenCase& golden, const Conversion& conversion, Tally& tally) {
  std::map<std::string, std::string> ours;
  for (const NativeNode& native : conversion.segmentation.native)
    ours[(*conversion.before)[native.node].name] = std::string(reason_name(native.refusal.reason));
  for (const auto& native : golden.native) {
    const auto it = ours.find(native.node);
    if (it == ours.end() || native.reason.find("not in the graph that the TRT pass saw") != std::string::npos) continue;
    ++tally.reasons;
    if (it->second == native.reason_class)
      ++tally.reasons_equal;
    else
      ++tally.reason_pairs[native.op + ": " + it->second + " for " + native.reason_class];
  }
}

void compare(const GoldenCase& golden, const std::string& set, Tally& tally) {
  const auto loaded = load_graph(golden.graph_path);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  auto conversion = convert(loaded->graph, golden.params);
  ++tally.compared;
  if (!conversion.ok()) {
    ADD_FAILURE() << set << "/" << golden.name << ": " << conversion.error().message;
    return;
  }
  count_reasons(golden, *conversion, tally);
  const std::string difference = testing::segment_difference(golden, *conversion);
  if (!difference.empty()) {
    const auto unknown = unknown_ops(*conversion);
    if (unknown.empty())
      ADD_FAILURE() << set << "/" << golden.name << ": " << difference;
    else
      ++tally.waiting;
    return;
  }
  ++tally.equal;
  if (golden.converted_path.empty()) return;
  const auto theirs = load_graph(golden.converted_path);
  if (!theirs.ok()) return;  // TF-TRT writes some graphs that nobody can read
  ++tally.graphs;
  const std::string found = testing::graph_difference(*theirs->graph, *conversion->after);
  EXPECT_TRUE(found.empty()) << set << "/" << golden.name << ": " << found;
  tally.graphs_equal += found.empty();
}

void compare_all(const std::string& folder, const std::string& set, const std::vector<std::string>& roots) {
  Tally tally;
  int without_graph = 0;
  for (const GoldenCase& golden : testing::load_goldens(folder, roots)) {
    if (golden.graph_path.empty())
      ++without_graph;
    else
      compare(golden, set, tally);
  }
  EXPECT_GT(tally.compared, 0);
  std::printf(
      "%s: %d compared, segments equal %d, waiting for an op %d; converted graphs equal %d of %d; reasons of the same "
      "class %d of %d; without their graph %d\n",
      set.c_str(), tally.compared, tally.equal, tally.waiting, tally.graphs_equal, tally.graphs, tally.reasons_equal,
      tally.reasons, without_graph);
  for (const auto& [pair, count] : tally.reason_pairs) std::printf("  %d x %s\n", count, pair.c_str());
}

void compare_reference(const std::string& set) {
  const std::string unpacked = testing::folder_from_env("ISOTHERM_MODELS_UNPACKED"),
                    models = testing::folder_from_env("ISOTHERM_MODELS");
  if (unpacked.empty()) GTEST_SKIP() << "segments/" << set << " was not compared: ISOTHERM_MODELS_UNPACKED is not set";
  compare_all(unpacked + "/segments/" + set, set, {models, unpacked + "/segments", unpacked});
}

TEST(GoldenConversions, Own) { compare_all(ISOTHERM_TEST_DATA "/convert", "own", {}); }
TEST(GoldenConversions, Random) { compare_reference("random"); }
TEST(GoldenConversions, Ops) { compare_reference("ops"); }
TEST(GoldenConversions, Real) { compare_reference("real"); }

}  // namespace
}  // namespace isotherm
