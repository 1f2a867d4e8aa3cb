// The stored op cases that hold control flow, on the CPU device, against TensorFlow's outputs.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "core/cpu/cpu_device.h"
#include "core/formats/graph_file.h"
#include "core/formats/npy.h"
#include "core/graph/tensor_error.h"
#include "core/runtime/executor_ops.h"
#include "core/runtime/session.h"

namespace isotherm {
namespace {

namespace fs = std::filesystem;

/// "DIR/a/b:1.npy" names tensor "a/b:1".
Result<std::map<std::string, Tensor>> read_folder(const fs::path& folder) {
  std::map<std::string, Tensor> out;
  if (!fs::exists(folder)) return out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".npy") continue;
    const std::string name = fs::relative(entry.path(), folder).string();
    ISO_ASSIGN(out[name.substr(0, name.size() - 4)], read_npy(entry.path().string()));
  }
  return out;
}

bool has_control_flow(const Graph& graph) {
  return std::ranges::any_of(graph.nodes(), [](const Node& node) {
    const ExecutorOp op = executor_op(node.op);
    return is_control_flow(op) || op >= ExecutorOp::call;
  });
}

std::set<std::string> listed(const fs::path& file) {
  std::set<std::string> out;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find('\t'), second = line.find('\t', first + 1);
    if (first != std::string::npos) out.insert(line.substr(first + 1, second - first - 1));
  }
  return out;
}

TEST(OpCases, ControlFlowAsTensorFlow) {
  const char* root = std::getenv("ISOTHERM_MODELS_UNPACKED");
  if (!root) GTEST_SKIP() << "ISOTHERM_MODELS_UNPACKED is not set: the op cases with control flow did not run";
  const fs::path cases = fs::path(root) / "op_cases";
  const std::set<std::string> loose = listed(cases / "loose.tsv");
  const auto device = make_cpu_device(1);
  int equal = 0;
  std::map<std::string, int> waiting;
  for (const std::string& name : listed(cases / "index.tsv")) {
    SCOPED_TRACE(name);
    auto loaded = load_graph((cases / name / "graph.pb").string());
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    if (!has_control_flow(*loaded->graph)) continue;
    auto inputs = read_folder(cases / name / "inputs"), outputs = read_folder(cases / name / "outputs");
    ASSERT_TRUE(inputs.ok() && outputs.ok());
    auto session = Session::create(loaded->graph, device);
    ASSERT_TRUE(session.ok()) << session.error().message;
    std::vector<std::string> fetches;
    for (const auto& [tensor, value] : *outputs) fetches.push_back(tensor);
    for (int repeat = 0; repeat < 2; ++repeat) {
      auto result = (*session)->run({inputs->begin(), inputs->end()}, fetches);
      if (!result.ok() && result.error().code == ErrorCode::unsupported) {
        if (repeat == 0) ++waiting[result.error().message.substr(result.error().message.find('('))];
        break;
      }
      ASSERT_TRUE(result.ok()) << result.error().message;
      for (std::size_t i = 0; i < fetches.size(); ++i)
        EXPECT_LE(tensor_error(result->fetches[i], outputs->at(fetches[i])).error, loose.contains(name) ? 4e-3 : 1e-4)
            << fetches[i];
      equal += repeat;
    }
  }
  std::printf("%d cases with control flow equal TensorFlow's\n", equal);
  for (const auto& [what, count] : waiting) std::printf("%d wait: %s\n", count, what.c_str());
  EXPECT_GT(equal, 0);
}

}  // namespace
}  // namespace isotherm
