// What an attached observer costs: ResNet-50, batch 1, on the CPU device, with an observer that counts events and with
// none, in turns, so that whatever else the machine does hits both alike.
//
//   bench_runtime_observer [RUNS [THREADS]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/cpu/cpu_device.h"
#include "core/runtime/session.h"
#include "core/workbench/models/model_zoo.h"

namespace {

using namespace isotherm;

class Counter final : public RunObserver {
 public:
  void scope_begin(const ScopeInfo&, Stream*) override { ++events; }
  void scope_end(const ScopeInfo&, Stream*) override { ++events; }
  void capture_begin(std::uint64_t, Stream*) override { ++events; }
  void capture_end(std::uint64_t, Stream*) override { ++events; }
  void replay(std::uint64_t, Stream*) override { ++events; }
  void fallback(std::int64_t, std::string_view) override { ++events; }
  std::uint64_t events = 0;
};

double quantile(std::vector<double> values, double q) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

int fail(const std::string& message) {
  std::fprintf(stderr, "bench_runtime_observer: %s\n", message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::max(1, std::atoi(argv[1])) : 200;
  const int threads = argc > 2 ? std::atoi(argv[2]) : 0;
  auto graph = make_model("resnet50");
  if (!graph.ok()) return fail(graph.error().message);
  auto device = make_cpu_device(threads);
  auto session = Session::create(*graph, device, {.threads = threads});
  if (!session.ok()) return fail(session.error().message);
  Feeds feeds;
  std::vector<std::string> fetches;
  for (NodeId id = 0; id < (*graph)->size(); ++id) {
    const Node& node = (**graph)[id];
    if (node.op == "Placeholder") {
      std::vector<float> image(224 * 224 * 3);
      for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i * 7919 % 1000) / 1000;
      feeds.emplace_back(node.name, Tensor::from<float>({1, 224, 224, 3}, image));
    }
    if ((*graph)->out_edges(id).empty() && node.op != "NoOp") fetches.push_back(node.name);
  }
  Counter counter;
  std::vector<double> milliseconds[2], ratios;
  for (int i = -3; i < runs; ++i) {
    double pair[2] = {};
    // Which of the two goes first alternates.
    for (int k = 0; k < 2; ++k) {
      const int with = (i + k) & 1;
      const auto start = std::chrono::steady_clock::now();
      auto result = (*session)->run(feeds, fetches, {.observer = with ? &counter : nullptr});
      if (!result.ok()) return fail(result.error().message);
      pair[with] = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    }
    if (i < 0) continue;
    for (int with = 0; with < 2; ++with) milliseconds[with].push_back(pair[with]);
    ratios.push_back(pair[1] / pair[0]);
  }
  std::printf("%s\nResNet-50, batch 1, native, %d runs each, in turns\n\n", device->description().c_str(), runs);
  std::printf("%-12s %10s %10s %10s\n", "", "min ms", "median ms", "p90 ms");
  for (int with = 0; with < 2; ++with)
    std::printf("%-12s %10.3f %10.3f %10.3f\n", with ? "observer" : "none", quantile(milliseconds[with], 0),
                quantile(milliseconds[with], 0.5), quantile(milliseconds[with], 0.9));
  std::printf("\n%llu events per run; median of the pairs' ratios %.4f, ratio of minima %.4f\n",
              static_cast<unsigned long long>(counter.events / static_cast<std::uint64_t>(runs + 3)),
              quantile(ratios, 0.5), quantile(milliseconds[1], 0) / quantile(milliseconds[0], 0));
}
