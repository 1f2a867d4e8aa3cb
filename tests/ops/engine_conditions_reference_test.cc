// The candidate test against TF-TRT's own answers, node by node: TensorFlow 2.17.1's pass on graphs of single
// conditions (ops), random graphs and real graphs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/formats/graph_file.h"
#include "core/ops/engine_conditions.h"
#include "core/ops/shape_inference.h"

namespace isotherm::testing {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// Tests of the segmenter, made before the conditions.
bool is_generic(const std::string& words) {
  for (const char* begin : {"excluded by", "node can't be placed", "implicit batch mode requires input shape",
                            "dynamic non-batch dimensions", "not in the graph that the TRT pass saw"}) {
    if (words.rfind(begin, 0) == 0) return true;
  }
  return false;
}

Reason class_of(const std::string& words) {
  if (words.rfind("Op type ", 0) == 0) return Reason::unsupported_op;
  if (words.rfind("Failed to convert at least one input", 0) == 0) return Reason::input;
  if (words.rfind("Unsupported tensorflow data type", 0) == 0) return Reason::dtype;
  return Reason::condition;
}

/// TF-TRT's rewrite before an FP16 conversion: a Cast to float32 goes through half.
Result<std::shared_ptr<const Graph>> with_half_casts(const Graph& graph) {
  Graph::Parts parts = graph.parts();
  const std::size_t n = parts.nodes.size();
  for (std::size_t i = 0; i < n; ++i) {
    NodeRecord& node = parts.nodes[i];
    if (node.op != "Cast" || node.attrs.get_type("DstT") != DType::float32 ||
        node.attrs.get_type("SrcT") == DType::float16)
      continue;
    NodeRecord split = node;
    split.name += "_split";
    split.inputs.resize(1);
    split.attrs.set("DstT", TypeValue(DType::float16));
    node.inputs[0] = split.name;
    node.attrs.set("SrcT", TypeValue(DType::float16));
    parts.nodes.push_back(std::move(split));
  }
  return Graph::build(std::move(parts));
}

struct Score {
  int nodes = 0;
  int verdicts = 0;
  int refused = 0;
  int classes = 0;
  std::vector<std::string> unequal;

  void note(std::string text) {
    if (unequal.size() < 20) unequal.push_back(std::move(text));
  }
};

void compare(const Graph& as_loaded, const Json& golden, const std::string& name, Score& score) {
  const Json& params = golden.at("params");
  ConditionOptions options;
  options.precision = *precision_from_name(params.at("precision").get<std::string>());
  options.implicit_batch = params.at("implicit_batch").get<bool>();
  options.use_calibration = params.at("use_calibration").get<bool>();
  for (const Node& node : as_loaded.nodes()) options.explicit_precision |= node.op == "QuantizeAndDequantizeV2";

  std::shared_ptr<const Graph> rewritten;
  if (options.precision == Precision::fp16) {
    auto r = with_half_casts(as_loaded);
    ASSERT_TRUE(r.ok()) << name << ": " << r.error().message;
    rewritten = *r;
  }
  const Graph& graph = rewritten ? *rewritten : as_loaded;
  const auto shapes = infer_shapes(graph);
  ASSERT_TRUE(shapes.ok()) << name << ": " << shapes.error().message;

  const auto ask = [&](const std::string& node_name, const std::string* words) {
    const NodeId id = graph.find(node_name);
    if (id == kNoNode) return;
    const auto refusal = engine_refusal(graph, *shapes, id, options);
    ++score.nodes;
    score.refused += words != nullptr ? 1 : 0;
    const std::string where = name + ", " + graph[id].op + " '" + node_name + "': ";
    const std::string ours = refusal ? std::string(reason_name(refusal->reason)) + ": " + refusal->detail : "accepted";
    if (refusal.has_value() != (words != nullptr)) {
      score.note(where + "TF-TRT " + (words != nullptr ? *words : "accepts") + "; found " + ours);
      return;
    }
    ++score.verdicts;
    if (words == nullptr) return;
    EXPECT_FALSE(refusal->detail.empty()) << where;
    if (refusal->reason == class_of(*words))
      ++score.classes;
    else
      score.note(where + "TF-TRT " + *words + "; found " + ours);
  };

  std::set<std::string> accepted;
  for (const Json& node : golden.at("candidates")) accepted.insert(node.get<std::string>());
  for (const Json& entry : golden.at("native")) {
    const auto node = entry.at("node").get<std::string>();
    const auto words = entry.at("reason").get<std::string>();
    if (accepted.count(node) > 0 || is_generic(words)) continue;
    // Denied ops passed the conditions.
    if (words.rfind("Denylisted", 0) == 0)
      ask(node, nullptr);
    else
      ask(node, &words);
  }
  for (const std::string& node : accepted) ask(node, nullptr);
}

Json read_json(const fs::path& path) {
  std::ifstream in(path);
  return Json::parse(in, nullptr, false);
}

void report(const char* set, const Score& score) {
  std::cout << set << ": " << score.nodes << " nodes, verdicts equal " << score.verdicts << "; " << score.refused
            << " refused, classes equal " << score.classes << '\n';
  for (const std::string& line : score.unequal) ADD_FAILURE() << line;
  EXPECT_EQ(score.verdicts, score.nodes);
  EXPECT_EQ(score.classes, score.refused);
}

std::optional<fs::path> segments_folder() {
  const char* root = std::getenv("ISOTHERM_MODELS_UNPACKED");
  if (root == nullptr) return {};
  return fs::path(root) / "segments";
}

void compare_folders(const char* set) {
  const auto root = segments_folder();
  if (!root)
    GTEST_SKIP() << "ISOTHERM_MODELS_UNPACKED is not set: TF-TRT's answers on segments/" << set << " were not compared";
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(*root / set)) cases.push_back(entry.path());
  std::sort(cases.begin(), cases.end());
  ASSERT_FALSE(cases.empty());
  Score score;
  for (const fs::path& path : cases) {
    const auto loaded = load_graph((path / "graph.pb").string());
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    compare(*loaded->graph, read_json(path / "golden.json"), path.filename().string(), score);
  }
  report(set, score);
}

TEST(TfTrtAnswers, SingleConditions) { compare_folders("ops"); }
TEST(TfTrtAnswers, RandomGraphs) { compare_folders("random"); }

TEST(TfTrtAnswers, RealGraphs) {
  const auto root = segments_folder();
  const char* models = std::getenv("ISOTHERM_MODELS");
  if (!root || models == nullptr) {
    GTEST_SKIP()
        << "ISOTHERM_MODELS or ISOTHERM_MODELS_UNPACKED is not set: TF-TRT's answers on real graphs were not compared";
  }
  std::map<std::string, std::vector<fs::path>> by_model;
  std::map<fs::path, Json> goldens;
  for (const auto& entry : fs::directory_iterator(*root / "real")) {
    if (entry.path().extension() != ".json") continue;
    Json golden = read_json(entry.path());
    // The other sets belong to graphs that grappler has changed first.
    if (golden.at("params").value("passes", "") == "default") continue;
    by_model[golden.at("params").at("model").get<std::string>()].push_back(entry.path());
    goldens[entry.path()] = std::move(golden);
  }
  Score score;
  for (auto& [model, paths] : by_model) {
    fs::path file;
    for (const fs::path& folder : {fs::path(models), *root, root->parent_path()}) {
      if (fs::exists(folder / model)) file = folder / model;
    }
    if (file.empty()) continue;
    const auto loaded = load_graph(file.string());
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) compare(*loaded->graph, goldens[path], path.stem().string(), score);
  }
  report("real", score);
}

}  // namespace
}  // namespace isotherm::testing
