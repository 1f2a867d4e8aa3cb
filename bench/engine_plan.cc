// The engines of a graph on the CPU device: network and plan build times, latency, and where a run's time goes, layer
// by layer with the tactic that was chosen.
//   engine_plan MODEL.pb [BATCH [THREADS [deterministic]]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/convert/converter.h"
#include "core/cpu/cpu_device.h"
#include "core/cpu/engine/backend.h"
#include "core/engine/plan_runner.h"
#include "core/formats/graph_file.h"
#include "core/workbench/statistics.h"

namespace {

using namespace isotherm;
using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// Sums the time of each layer over all runs.
class LayerClock final : public RunObserver {
 public:
  explicit LayerClock(std::size_t layers) : ms(layers, 0.0) {}
  void scope_begin(const ScopeInfo&, Stream*) override { begin_ = Clock::now(); }
  void scope_end(const ScopeInfo& scope, Stream*) override {
    if (scope.kind == ScopeKind::layer) ms[static_cast<std::size_t>(scope.id)] += ms_since(begin_);
  }
  void capture_begin(std::uint64_t, Stream*) override {}
  void capture_end(std::uint64_t, Stream*) override {}
  void replay(std::uint64_t, Stream*) override {}
  void fallback(std::int64_t, std::string_view) override {}
  std::vector<double> ms;

 private:
  Clock::time_point begin_;
};

/// Zeros of the engine's input shapes, unknown dimensions as the batch.
Result<std::vector<Tensor>> make_inputs(const EngineSummary& engine, std::int64_t batch) {
  std::vector<Tensor> inputs;
  for (const TensorInfo& info : engine.inputs) {
    if (!info.shape.has_rank()) return unsupported(engine.name + " has an input of unknown rank");
    Shape shape = info.shape;
    for (int i = 0; i < shape.rank(); ++i)
      if (shape.dim(i) < 0) shape.set_dim(i, batch);
    ISO_ASSIGN(Tensor input, Tensor::make(info.dtype, shape));
    std::fill_n(input.raw(), input.byte_size(), std::byte{0});
    inputs.push_back(std::move(input));
  }
  return inputs;
}

Status measure(const Conversion& conversion, const EngineSummary& engine, std::int64_t batch, int threads,
               bool deterministic) {
  const auto device = make_cpu_device(threads, make_cpu_engine_backend);
  ISO_ASSIGN(const std::vector<Tensor> inputs, make_inputs(engine, batch));
  std::vector<Shape> shapes;
  for (const Tensor& t : inputs) shapes.push_back(t.shape());

  auto begin = Clock::now();
  NetworkOptions network_options;
  network_options.evaluator = device.get();
  ISO_ASSIGN(const Network network,
             build_network(*conversion.after, conversion.after->node(engine.node), shapes, network_options));
  std::printf("%s: %d nodes, %zu layers, network in %.1f ms\n", engine.name.c_str(), engine.node_count,
              network.layers.size(), ms_since(begin));
  for (const std::string& note : network.notes) std::printf("  %s\n", note.c_str());

  begin = Clock::now();
  BuildOptions options;
  options.threads = threads;
  options.deterministic = deterministic;
  ISO_ASSIGN(const std::unique_ptr<Plan> plan, device->engine_backend()->build(network, options));
  std::printf("plan in %.1f ms, %.1f MiB of weights and activations\n", ms_since(begin),
              static_cast<double>(plan->device_bytes()) / 1048576.0);

  PlanRunner runner(*device, threads);
  std::vector<double> times;
  for (begin = Clock::now(); times.size() < 5 || ms_since(begin) < 3000;) {
    const auto start = Clock::now();
    ISO_TRY(runner.run(*plan, inputs).status());
    times.push_back(ms_since(start));
  }
  const auto summary = statistics_of(times);
  std::printf("batch %lld, %d threads: median %.3f ms, min %.3f ms, %zu runs\n", static_cast<long long>(batch), threads,
              summary.median, summary.min, times.size());

  LayerClock clock(plan->layers().size());
  constexpr int kRuns = 20;
  for (int i = 0; i < kRuns; ++i) ISO_TRY(runner.run(*plan, inputs, &clock).status());
  std::printf("%8s %9s  %-13s %-44s %s\n", "ms", "GFLOP/s", "kind", "tactic", "layer");
  for (std::size_t i = 0; i < plan->layers().size(); ++i) {
    const PlanLayer& layer = plan->layers()[i];
    const double ms = clock.ms[i] / kRuns;
    std::printf("%8.3f %9.1f  %-13s %-44s %s (%zu nodes)\n", ms, layer.flops / ms * 1e-6,
                std::string(layer_kind_name(layer.kind)).c_str(), layer.tactic.c_str(), layer.name.c_str(),
                layer.sources.size());
  }
  return {};
}

Status run(int argc, char** argv) {
  ISO_ASSIGN(const LoadedGraph loaded, load_graph(argv[1]));
  ISO_ASSIGN(const Conversion conversion, convert(loaded.graph, ConversionParams()));
  for (const EngineSummary& engine : conversion.engines)
    ISO_TRY(
        measure(conversion, engine, argc > 2 ? std::atoi(argv[2]) : 1, argc > 3 ? std::atoi(argv[3]) : 2, argc > 4));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: engine_plan MODEL.pb [BATCH [THREADS [deterministic]]]\n");
    return 2;
  }
  const Status status = run(argc, argv);
  if (!status.ok()) std::fprintf(stderr, "engine_plan: %s\n", status.error().message.c_str());
  return status.ok() ? 0 : 1;
}
