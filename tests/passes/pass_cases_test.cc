// Each pass against what TensorFlow's (2.17.1) made of the same graph.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "core/formats/graph_file.h"
#include "core/passes/fold_constants.h"
#include "core/passes/graph_passes.h"
#include "core/passes/merge_duplicates.h"
#include "core/passes/optimise_dependencies.h"
#include "core/passes/prune_model.h"
#include "core/passes/strip_debug.h"
#include "core/workbench/node_evaluator.h"
#include "tests/passes/graph_equality.h"

namespace isotherm {
namespace {

namespace fs = std::filesystem;
using passes::PassTarget;
using passes::WorkGraph;

constexpr std::array<const char*, 6> kPasses = {
    "", "model_pruner", "debug_stripper", "dependency_optimizer", "constant_folding", "common_subgraph_elimination"};

struct PassCase {
  std::vector<std::string> outputs;
  std::vector<std::shared_ptr<const Graph>> graphs;  ///< the first, then after each pass
};

PassCase load_case(const fs::path& folder) {
  PassCase c;
  std::ifstream outputs(folder / "outputs");
  for (std::string line; std::getline(outputs, line);) c.outputs.push_back(line);
  for (std::size_t i = 0; i < kPasses.size(); ++i) {
    const fs::path file = folder / (std::to_string(i) + ".pb");
    if (!fs::exists(file)) {  // the pass changed nothing
      c.graphs.push_back(c.graphs.back());
      continue;
    }
    const auto loaded = load_graph(file);
    EXPECT_TRUE(loaded.ok()) << loaded.error().message;
    c.graphs.push_back(loaded->graph);
  }
  return c;
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(ISOTHERM_TEST_DATA "/passes", failed))
    if (entry.is_directory()) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

const NodeEvaluator& evaluator() {
  static const auto shared = make_cpu_node_evaluator();
  return *shared;
}

PassTarget target_of(const WorkGraph& graph, const std::vector<std::string>& outputs) {
  PassTarget target;
  for (const std::string& output : outputs)
    if (const auto name = graph.find(output)) target.fetches.push_back(*name);
  for (const passes::WorkNode* node : graph.nodes)
    if (node->is("Placeholder")) target.feeds.push_back(node->name);
  return target;
}

bool run_pass(std::size_t pass, WorkGraph& graph, const PassTarget& target) {
  switch (pass) {
    case 1:
      return passes::prune_model(graph, target).ok();
    case 2:
      passes::strip_debug(graph);
      return true;
    case 3:
      passes::optimise_dependencies(graph, target);
      return true;
    case 4:
      return passes::fold_constants(graph, target, &evaluator()).empty();
    default:
      return passes::merge_duplicates(graph, target).ok();
  }
}

class PassCases : public ::testing::TestWithParam<std::string> {};

TEST_P(PassCases, EachPass) {
  const PassCase c = load_case(fs::path(ISOTHERM_TEST_DATA "/passes") / GetParam());
  for (std::size_t pass = 1; pass < kPasses.size(); ++pass) {
    WorkGraph work(*c.graphs[pass - 1]);
    EXPECT_TRUE(run_pass(pass, work, target_of(work, c.outputs))) << kPasses[pass];
    const auto found = work.build();
    ASSERT_TRUE(found.ok()) << kPasses[pass] << ": " << found.error().message;
    EXPECT_EQ(testing::first_difference(*c.graphs[pass], **found), "") << kPasses[pass];
  }
}

TEST_P(PassCases, AllPasses) {
  const PassCase c = load_case(fs::path(ISOTHERM_TEST_DATA "/passes") / GetParam());
  const auto passed = run_passes_before_trt(c.graphs[0], c.outputs, &evaluator());
  ASSERT_TRUE(passed.ok()) << passed.error().message;
  EXPECT_EQ(testing::first_difference(*c.graphs.back(), *passed->graph), "");
  ASSERT_EQ(passed->passes.size(), kPasses.size() - 1);
  for (std::size_t pass = 1; pass < kPasses.size(); ++pass) {
    const PassReport& report = passed->passes[pass - 1];
    EXPECT_EQ(report.name, kPasses[pass]);
    EXPECT_EQ(report.nodes_before, c.graphs[pass - 1]->size()) << report.name;
    EXPECT_EQ(report.nodes_after, c.graphs[pass]->size()) << report.name;
    int balance = report.nodes_before;
    for (const PassStep& step : report.steps) {
      balance += step.kind == PassStep::Kind::added;
      balance -= step.kind == PassStep::Kind::removed || step.kind == PassStep::Kind::merged;
    }
    EXPECT_EQ(balance, report.nodes_after) << report.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Case, PassCases, ::testing::ValuesIn(case_names()), [](const auto& i) { return i.param; });

}  // namespace
}  // namespace isotherm
