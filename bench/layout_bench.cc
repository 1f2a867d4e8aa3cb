// Our own layered layout beside Graphviz: time, crossings of the routed edges and size of the drawing, for real graphs
// at several budgets of boxes; without a model for graphs made here.
//   layout_bench [MODEL.pb]... [--max-nodes N]...
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/convert/converter.h"
#include "core/formats/graph_file.h"
#include "core/render/render_file.h"
#include "core/render/scene.h"

namespace {

using namespace isotherm;
using namespace isotherm::render;

constexpr double kLimit = 60;  // seconds that Graphviz gets here

/// Crossings of pieces across with pieces along, of edges that share no end there. An accumulator over sorted places.
long long crossings(const Scene& scene) {
  struct Event {
    float x;
    int kind;  ///< 0 a piece across begins, 1 a piece along, 2 a piece across ends
    float low, high;
  };
  std::vector<Event> events;
  for (const Line& line : scene.lines) {
    for (std::int32_t k = line.first_point; k + 1 < line.first_point + line.points; ++k) {
      const Point a = scene.points[static_cast<std::size_t>(k)], b = scene.points[static_cast<std::size_t>(k) + 1];
      if (std::abs(a.x - b.x) < 0.5F) {
        events.push_back({a.x, 1, std::min(a.y, b.y), std::max(a.y, b.y)});
      } else {
        // What only touches does not cross.
        events.push_back({std::min(a.x, b.x) + 0.6F, 0, a.y, a.y});
        events.push_back({std::max(a.x, b.x) - 0.6F, 2, a.y, a.y});
      }
    }
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return a.x != b.x ? a.x < b.x : a.kind < b.kind;
  });
  std::multimap<float, int> open;  // by y
  long long count = 0;
  for (const Event& e : events) {
    if (e.kind == 0) {
      open.emplace(e.low, 0);
    } else if (e.kind == 2) {
      if (const auto it = open.find(e.low); it != open.end()) open.erase(it);
    } else {
      // Edges of one trunk lie on each other: one crossing per place.
      float last = -1e9F;
      for (auto it = open.upper_bound(e.low + 0.6F); it != open.end() && it->first < e.high - 0.6F; ++it) {
        count += it->first - last > 0.5F ? 1 : 0;
        last = it->first;
      }
    }
  }
  return count;
}

void compare(const std::string& name, const std::shared_ptr<const Conversion>& conversion, int max_nodes) {
  long long first = -1;
  for (const LayoutChoice choice : {LayoutChoice::graphviz, LayoutChoice::layered}) {
    SceneOptions options;
    options.max_nodes = max_nodes;
    options.layout = choice;
    options.layout_limit = kLimit;
    const auto begin = std::chrono::steady_clock::now();
    const auto scene = build_scene(conversion, Overlay(), options);
    const double all = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (!scene.ok()) {
      std::fprintf(stderr, "layout_bench: %s\n", scene.error().message.c_str());
      std::exit(1);
    }
    const bool own = choice == LayoutChoice::layered;
    if (!own && !scene->sides.front().by_graphviz) {
      std::printf("%-28s %6zu boxes %6zu edges  graphviz: not within %.0f s\n", name.c_str(), scene->boxes.size(),
                  scene->lines.size(), kLimit);
      continue;
    }
    const long long count = crossings(*scene);
    std::printf("%-28s %6zu boxes %6zu edges  %-8s layout %8.1f ms  scene %8.1f ms  crossings %7lld%s  %.0f x %.0f px\n",
                name.c_str(), scene->boxes.size(), scene->lines.size(), own ? "layered" : "graphviz",
                scene->layout_seconds * 1e3, all * 1e3, count,
                own && first > 0 ? (" (" + std::to_string(static_cast<double>(count) / static_cast<double>(first)).substr(0, 4) + " x)").c_str() : "",
                static_cast<double>(scene->width), static_cast<double>(scene->height));
    if (!own) first = count;
  }
}

/// A graph with branches, skips and scopes of a dozen nodes.
std::shared_ptr<const Conversion> made(int n, bool scopes) {
  std::mt19937 random(5);
  Graph::Parts parts;
  for (int i = 0; i < n; ++i) {
    NodeRecord r;
    r.name = (scopes ? "block" + std::to_string(i / 12) + "/" : std::string()) + "n" + std::to_string(i);
    r.op = i == 0 ? "Placeholder" : i % 5 == 0 ? "Conv2D" : "AddV2";
    const auto input = [&](int back) {
      const std::string& name = parts.nodes[static_cast<std::size_t>(std::max(0, i - back))].name;
      if (std::find(r.inputs.begin(), r.inputs.end(), name) == r.inputs.end()) r.inputs.push_back(name);
    };
    if (i > 0) input(1 + static_cast<int>(random() % 4));
    if (i > 0 && random() % 3 == 0) input(2 + static_cast<int>(random() % 20));
    parts.nodes.push_back(std::move(r));
  }
  auto conversion = std::make_shared<Conversion>();
  conversion->before = *Graph::build(std::move(parts));
  return conversion;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> models;
  std::vector<int> budgets;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--max-nodes" && i + 1 < argc)
      budgets.push_back(std::max(1, std::atoi(argv[++i])));
    else
      models.emplace_back(argv[i]);
  }
  if (budgets.empty()) budgets = {120, 1000};
  for (const std::string& model : models) {
    auto loaded = load_graph(model);
    if (!loaded.ok()) {
      std::fprintf(stderr, "layout_bench: %s\n", loaded.error().message.c_str());
      return 1;
    }
    auto shapes = infer_shapes(*loaded->graph);
    const std::size_t file = model.rfind('/'), folder = file == std::string::npos ? file : model.rfind('/', file - 1);
    const std::string name = folder == std::string::npos ? model : model.substr(folder + 1, file - folder - 1);
    const auto conversion = plain_conversion(loaded->graph, shapes.ok() ? std::move(*shapes) : GraphShapes());
    for (const int budget : budgets) compare(name, conversion, budget);
  }
  if (!models.empty()) return 0;
  for (const int n : {100, 400, 1000, 5000, 20000})
    for (const bool scopes : {false, true}) compare(scopes ? "made, scopes" : "made, flat", made(n, scopes), n + 1);
  return 0;
}
