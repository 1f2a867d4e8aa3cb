// What segmentation costs, in process, explicit batch mode, and what a change of settings costs when the graph is
// loaded already, as the window asks it: the segmentation anew and what changed. Prints for each graph the median of
// the repetitions, and microseconds per node: near linear is near constant.
//   segmentation [REPETITIONS] GRAPH.pb...
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/convert/segmentation_change.h"
#include "core/convert/what_if.h"
#include "core/formats/graph_file.h"
#include "core/workbench/statistics.h"

namespace {

using namespace isotherm;
using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "segmentation: %s\n", error.message.c_str());
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result.ok()) give_up(result.error());
  return std::move(*result);
}

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// The settings of the Conversion dock, each changed in turn. Every second run changes it back.
std::vector<std::pair<const char*, std::function<void(ConversionParams&)>>> changes(const Graph& graph) {
  const std::string op = graph[graph.size() / 2].op, node = graph[graph.size() / 2].name;
  std::vector<std::pair<const char*, std::function<void(ConversionParams&)>>> out = {
      {"minimum segment size", [](ConversionParams& p) { p.minimum_segment_size = 10; }},
      {"precision", [](ConversionParams& p) { p.precision_mode = Precision::fp16; }},
      {"batch mode", [](ConversionParams& p) { p.implicit_batch = p.is_dynamic_op = true; }},
      {"a denied op", [op](ConversionParams& p) { p.denied_ops = {op}; }},
      {"an excluded node", [node](ConversionParams& p) { p.excluded_nodes = {node}; }},
      {"engine cap", [](ConversionParams& p) { p.max_engines = 1; }},
  };
  for (const std::string& name : default_inputs(graph)) {
    const Shape* shape = graph[graph.find(name)].attrs.get_shape("shape");
    if (!shape || !shape->has_rank() || shape->rank() == 0 || shape->dim(0) >= 0) continue;
    Shape given = *shape;
    for (int d = 0; d < given.rank(); ++d)
      if (given.dim(d) < 0) given.set_dim(d, 4);
    out.emplace_back("a shape given", [name, given](ConversionParams& p) { p.shapes[name] = given; });
    break;
  }
  return out;
}

void measure(const std::string& path, int repetitions) {
  std::vector<double> load, infer, segment, total;
  std::shared_ptr<const Graph> graph;
  int engines = 0;
  for (int i = 0; i < repetitions; ++i) {
    graph = nullptr;
    const auto begin = Clock::now();
    graph = must(load_graph(path)).graph;
    load.push_back(ms_since(begin));
    const auto loaded = Clock::now();
    // As plan_conversion(): the first plan infers the shapes, which are then known.
    const WhatIf what_if(graph);
    const Conversion conversion = must(what_if.plan({}));
    total.push_back(ms_since(begin));
    const double planned = ms_since(loaded);
    const auto again = Clock::now();
    must(what_if.plan({}));
    segment.push_back(ms_since(again));
    infer.push_back(planned - segment.back());
    engines = static_cast<int>(conversion.engines.size());
  }
  const auto median = [](std::vector<double> sample) { return statistics_of(std::move(sample)).median; };
  const double all = median(total);
  std::printf("%s: %d nodes, %d engines\n", path.c_str(), graph->size(), engines);
  std::printf("  load %.1f ms, infer %.1f ms, segment %.1f ms; load + infer + segment %.1f ms, %.2f us a node\n",
              median(load), median(infer), median(segment), all, 1e3 * all / graph->size());
  const WhatIf what_if(graph);
  const Conversion known = must(what_if.plan({}));
  for (const auto& [name, change] : changes(*graph)) {
    ConversionParams changed;
    change(changed);
    std::vector<double> there;
    for (int i = 0; i < repetitions; ++i) {
      for (const ConversionParams& params : {changed, ConversionParams()}) {
        const auto begin = Clock::now();
        compare_segmentations(known, must(what_if.plan(params)));
        there.push_back(ms_since(begin));
      }
    }
    const Statistics s = statistics_of(std::move(there));
    std::printf("  what if %-22s median %.1f ms, worst %.1f ms\n", name, s.median, s.max);
  }
}

}  // namespace

int main(int argc, char** argv) {
  int first = 1, repetitions = 5;
  if (argc > 1 && std::atoi(argv[1]) > 0) repetitions = std::atoi(argv[first++]);
  if (first >= argc) {
    std::fprintf(stderr, "usage: segmentation [REPETITIONS] GRAPH.pb...\n");
    return 2;
  }
  for (int i = first; i < argc; ++i) measure(argv[i], repetitions);
  return 0;
}
