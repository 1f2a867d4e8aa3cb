// What one change of a setting costs, as the window asks it: the segmentation anew and what changed, the graph and its
// shapes known. Largest of several rounds over every setting.
//   bench_what_if FILE...
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "core/convert/segmentation_change.h"
#include "core/convert/what_if.h"
#include "core/formats/graph_file.h"

using namespace isotherm;

namespace {

double milliseconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

std::string most_frequent_op(const Graph& graph) {
  std::map<std::string, int> count;
  for (const Node& node : graph.nodes())
    if (node.op != "Const" && node.op != "Identity") ++count[node.op];
  const auto most =
      std::max_element(count.begin(), count.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == count.end() ? "Relu" : most->first;
}

std::vector<std::pair<std::string, ConversionParams>> changes(const Graph& graph) {
  std::vector<std::pair<std::string, ConversionParams>> out;
  const auto add = [&](const char* what) -> ConversionParams& { return out.emplace_back(what, ConversionParams()).second; };
  add("minimum segment size 10").minimum_segment_size = 10;
  add("FP16").precision_mode = Precision::fp16;
  add("INT8").precision_mode = Precision::int8;
  ConversionParams& implicit = add("implicit batch");
  implicit.implicit_batch = true;
  implicit.max_batch_size = 8;
  add("most frequent op denied").denied_ops = {most_frequent_op(graph)};
  add("one node excluded").excluded_nodes = {graph[graph.size() / 2].name};
  add("engine cap 1").max_engines = 1;
  for (const std::string& name : default_inputs(graph)) {
    const Shape* shape = graph[graph.find(name)].attrs.get_shape("shape");
    if (!shape || !shape->has_rank() || shape->rank() == 0 || shape->dim(0) >= 0) continue;
    Shape given = *shape;
    for (int d = 0; d < given.rank(); ++d)
      if (given.dim(d) < 0) given.set_dim(d, 4);
    add("a shape given").shapes[name] = given;
    break;
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const auto loaded = load_graph(argv[i]);
    if (!loaded.ok()) return std::fprintf(stderr, "%s\n", loaded.error().message.c_str()), 1;
    const auto known = plan_conversion(loaded->graph, {});
    if (!known.ok()) return std::fprintf(stderr, "%s\n", known.error().message.c_str()), 1;
    const WhatIf what_if(loaded->graph, *known);
    std::printf("%s: %d nodes, %zu engines\n", argv[i], loaded->graph->size(), known->engines.size());
    for (const auto& [what, params] : changes(*loaded->graph)) {
      double first = 0, largest = 0;
      std::string said;
      for (int round = 0; round < 5; ++round) {
        const auto begin = std::chrono::steady_clock::now();
        const auto now = what_if.plan(params);
        if (!now.ok()) {
          said = now.error().message;
          break;
        }
        const SegmentationChange change = compare_segmentations(*known, *now);
        const double took = milliseconds_since(begin);
        (round == 0 ? first : largest) = std::max(round == 0 ? first : largest, took);
        said = change_sentence(change);
      }
      std::printf("  %-26s first %8.1f ms, then at most %8.1f ms   %s\n", what.c_str(), first, largest, said.c_str());
    }
  }
  return 0;
}
