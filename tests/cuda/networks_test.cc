// Whole networks run natively on the card: against what TensorFlow stored, and each op by itself, fed with the CPU
// device's inputs; launch by launch and as a CUDA Graph of the whole run.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/formats/graph_file.h"
#include "core/formats/npy.h"
#include "core/runtime/executor_ops.h"
#include "cuda/device/device.h"
#include "cuda/native/convolution_tactics.h"
#include "tests/cuda/card.h"

namespace isotherm::test {
namespace {

namespace fs = std::filesystem;

struct Network {
  std::shared_ptr<const Graph> graph;
  Feeds feeds;
  std::vector<std::string> fetches;
  std::vector<Tensor> expected;
};

std::string without_port_zero(std::string name) {
  if (name.ends_with(":0")) name.resize(name.size() - 2);
  return name;
}

Result<Network> read_network(const fs::path& folder) {
  const nlohmann::json spec = nlohmann::json::parse(std::ifstream(folder / "run.json"));
  Network network;
  ISO_ASSIGN(const LoadedGraph loaded, load_graph((folder / spec["model"].get<std::string>()).string()));
  network.graph = loaded.graph;
  for (const auto& [name, file] : spec["inputs"].items()) {
    ISO_ASSIGN(Tensor value, read_npy((folder / file.get<std::string>()).string()));
    network.feeds.emplace_back(without_port_zero(name), std::move(value));
  }
  for (const char* kind : {"outputs", "nodes"})
    for (const auto& [name, file] : spec[kind].items()) {
      ISO_ASSIGN(Tensor value, read_npy((folder / file.get<std::string>()).string()));
      network.fetches.push_back(without_port_zero(name));
      network.expected.push_back(std::move(value));
    }
  return network;
}

/// The parameters: the network's folder below arch, whether cuDNN may be used, whether runs are CUDA Graphs.
class CudaNetworks : public ::testing::TestWithParam<std::tuple<const char*, bool, bool>> {
 protected:
  void SetUp() override {
    const auto& [name, cudnn, graphs] = GetParam();
    GpuOptions options = with_cudnn(cudnn);
    options.device_graphs = graphs;
    ISO_FIRST_CARD(device, options);
    device_ = device;
    const char* unpacked = std::getenv("ISOTHERM_MODELS_UNPACKED");
    const fs::path folder = unpacked ? fs::path(unpacked) / "arch" / name : fs::path();
    if (!unpacked || !fs::exists(folder / "run.json"))
      GTEST_SKIP() << "not run: ISOTHERM_MODELS_UNPACKED names no folder with arch/" << name;
    auto network = read_network(folder);
    ASSERT_TRUE(network.ok()) << network.error().message;
    network_ = std::move(*network);
  }

  std::shared_ptr<Device> device_;
  Network network_;
};

std::string name_of(const ::testing::TestParamInfo<CudaNetworks::ParamType>& info) {
  const auto& [name, cudnn, graphs] = info.param;
  return std::string(name) + (cudnn ? "_cudnn" : "_own") + (graphs ? "_graph" : "_launches");
}
INSTANTIATE_TEST_SUITE_P(Ways, CudaNetworks,
                         ::testing::Combine(::testing::Values("resnet50", "mobilenet_v2"), ::testing::Bool(),
                                            ::testing::Bool()),
                         name_of);

TEST_P(CudaNetworks, StoredTensors) {
  auto session = Session::create(network_.graph, device_);
  ASSERT_TRUE(session.ok()) << session.error().message;
  const bool graphs = std::get<2>(GetParam());
  double worst = 0;
  for (int run = 0; run < 4; ++run) {
    const auto result = (*session)->run(network_.feeds, network_.fetches);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->statistics.not_recorded, "");
    EXPECT_EQ(result->statistics.replayed, graphs && run > 0);
    for (std::size_t i = 0; i < network_.fetches.size(); ++i)
      EXPECT_EQ(differs(result->fetches[i], network_.expected[i], 1e-4, &worst), "")
          << network_.fetches[i] << ", run " << run;
  }
  std::cout << "largest error of stored tensors: " << worst << "\n";
  for (const auto& choice : dynamic_cast<cuda::CudaDevice&>(*device_).convolution_choices().all()) {
    std::cout << "chosen " << choice.tactic.name() << ":";
    for (const auto& [tactic, milliseconds] : choice.milliseconds)
      std::cout << "  " << tactic << " " << milliseconds * 1e3f << " us";
    std::cout << "\n";
  }
}

TEST_P(CudaNetworks, EachOpOnTheCpuDevicesInputs) {
  if (std::get<2>(GetParam())) GTEST_SKIP() << "not run: one run of each op makes no recording";
  const Graph& graph = *network_.graph;
  std::vector<NodeId> nodes;
  std::vector<std::string> names;
  for (NodeId id = 0; id < graph.size(); ++id)
    if (executor_op(graph[id].op) == ExecutorOp::kernel) {
      nodes.push_back(id);
      names.push_back(graph[id].name);
    }
  auto cpu = Session::create(network_.graph, reference_device());
  ASSERT_TRUE(cpu.ok());
  const auto all = (*cpu)->run(network_.feeds, names);
  ASSERT_TRUE(all.ok()) << all.error().message;
  std::map<std::string, Tensor> values;
  for (std::size_t i = 0; i < names.size(); ++i) values[names[i]] = all->fetches[i];
  for (const auto& [name, value] : network_.feeds) values[name] = value;
  auto card = Session::create(network_.graph, device_);
  ASSERT_TRUE(card.ok());
  double worst = 0;
  std::string worst_node;
  for (const NodeId id : nodes) {
    Feeds feeds;
    for (const Input& in : graph[id].data()) {
      const std::string& name = graph[in.node].name;
      const bool fed_already = std::ranges::any_of(feeds, [&](const auto& feed) { return feed.first == name; });
      if (const auto it = values.find(name); in.port == 0 && it != values.end() && !fed_already)
        feeds.emplace_back(name, it->second);
    }
    const auto result = (*card)->run(feeds, {graph[id].name});
    ASSERT_TRUE(result.ok()) << result.error().message;
    double error = 0;
    EXPECT_EQ(differs(result->fetches[0], values[graph[id].name], 1e-5, &error), "")
        << graph[id].name << " (" << graph[id].op << ")";
    if (error < worst) continue;
    worst = error;
    worst_node = graph[id].name + " (" + graph[id].op + ")";
  }
  std::cout << nodes.size() << " nodes, largest error " << worst << " at " << worst_node << "\n";
}

}  // namespace
}  // namespace isotherm::test
