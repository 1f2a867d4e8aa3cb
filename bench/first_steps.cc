// From file to first picture, step by step: what a user waits for before anything runs. Prints one line per step with the
// median of several repetitions, and the resident memory after loading.
//   first_steps MODEL.pb [REPETITIONS]
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "core/convert/converter.h"
#include "core/formats/graph_file.h"
#include "core/render/render_file.h"
#include "core/render/scene.h"
#include "core/workbench/statistics.h"

namespace {

using namespace isotherm;

double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  long pages = 0, resident = 0;
  statm >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1048576.0;
}

double median_ms(int repetitions, const std::function<Status()>& step) {
  std::vector<double> ms;
  for (int i = 0; i < repetitions; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    if (const Status status = step(); !status.ok()) {
      std::fprintf(stderr, "first_steps: %s\n", status.error().message.c_str());
      std::exit(1);
    }
    ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  return statistics_of(std::move(ms)).median;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: first_steps MODEL.pb [REPETITIONS]\n");
    return 2;
  }
  const std::string path = argv[1];
  const int repetitions = argc > 2 ? std::max(1, std::atoi(argv[2])) : 5;
  std::shared_ptr<const Graph> graph;
  double file_mib = 0;
  const double load = median_ms(repetitions, [&]() -> Status {
    graph = nullptr;
    ISO_ASSIGN(LoadedGraph loaded, load_graph(path));
    graph = loaded.graph;
    file_mib = static_cast<double>(loaded.file_bytes) / 1048576.0;
    ISO_ASSIGN(const GraphShapes shapes, infer_shapes(*graph));
    return {};
  });
  const double memory = resident_mib();
  std::shared_ptr<const Conversion> conversion;
  const double plan = median_ms(repetitions, [&]() -> Status {
    ISO_ASSIGN(const Conversion planned, plan_conversion(graph, ConversionParams()));
    return {};
  });
  const double converted = median_ms(repetitions, [&]() -> Status {
    ISO_ASSIGN(Conversion c, convert(graph, ConversionParams()));
    conversion = std::make_shared<const Conversion>(std::move(c));
    return {};
  });
  const std::string picture = "first_steps_" + std::to_string(getpid()) + ".svg";
  const double render = median_ms(repetitions, [&]() -> Status {
    render::SceneOptions options;
    ISO_ASSIGN(const render::Scene scene, render::build_scene(conversion, render::Overlay(), options));
    return render::render_file(scene, picture, render::Format::svg);
  });
  std::remove(picture.c_str());
  std::printf("%s: %.1f MiB, %d nodes, medians of %d\n", path.c_str(), file_mib, graph->size(), repetitions);
  std::printf("load and infer shapes   %9.1f ms\n", load);
  std::printf("resident memory then    %9.1f MiB, %.2f x the file\n", memory, memory / file_mib);
  std::printf("segment alone           %9.1f ms\n", plan);
  std::printf("segment and convert     %9.1f ms\n", converted);
  std::printf("picture, before (SVG)   %9.1f ms from the converted graph\n", render);
  return 0;
}
