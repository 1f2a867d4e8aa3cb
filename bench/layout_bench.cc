// Our own layered layout beside Graphviz: time, crossings of the routed edges and size of the drawing, for real graphs
// at several budgets of boxes; without a model for graphs made here.
//   layout_bench [MODEL.pb]... [--max-nodes N]... [--made N]...
// The first picture, from the graph in memory to the file, stage by stage: processor time of this thread and time on the
// clock, best and median of N.
//   layout_bench --first N MODEL.pb...
// Cancelling: the flag is set at every fortieth of the time that the whole takes; the longest time from there to the
// return of build_scene. Also the longest time between two questions for the flag.
//   layout_bench --cancel MODEL.pb...
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <thread>
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

double clock_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_seconds(clockid_t thread = CLOCK_THREAD_CPUTIME_ID) {
  timespec t{};
  clock_gettime(thread, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// Times of one stage over the repetitions.
class Stage {
 public:
  explicit Stage(std::string name) : name_(std::move(name)) {}
  template <class F>
  auto time(const F& work) {
    const double wall = clock_seconds(), cpu = cpu_seconds();
    auto result = work();
    cpu_.push_back(cpu_seconds() - cpu);
    wall_.push_back(clock_seconds() - wall);
    if (!result.ok()) {
      std::fprintf(stderr, "layout_bench: %s: %s\n", name_.c_str(), result.error().message.c_str());
      std::exit(1);
    }
    return result;
  }
  void add(const Stage& other) {
    cpu_.resize(other.cpu_.size()), wall_.resize(other.wall_.size());
    for (std::size_t i = 0; i < cpu_.size(); ++i) cpu_[i] += other.cpu_[i], wall_[i] += other.wall_[i];
  }
  void print() {
    for (auto* list : {&cpu_, &wall_}) std::sort(list->begin(), list->end());
    const auto middle = cpu_.size() / 2;
    std::printf("  %-28s processor %8.1f ms best %8.1f ms median   clock %8.1f ms best %8.1f ms median\n", name_.c_str(),
                cpu_.front() * 1e3, cpu_[middle] * 1e3, wall_.front() * 1e3, wall_[middle] * 1e3);
  }

 private:
  std::string name_;
  std::vector<double> cpu_, wall_;
};

void first_picture(const std::string& model, int repetitions) {
  Stage load("load"), segment("infer shapes, segment"), scene("scene"), file("file (SVG)"), picture("loaded graph to file");
  const std::string out = "layout_bench_" + std::to_string(getpid()) + ".svg";
  int nodes = 0;
  std::string note;
  for (int i = 0; i < repetitions; ++i) {
    const auto graph = load.time([&] { return load_graph(model); });
    const auto planned = segment.time([&] { return plan_conversion(graph->graph, ConversionParams()); });
    nodes = graph->graph->size();
    const auto conversion = std::make_shared<const Conversion>(*planned);
    const auto drawn = scene.time([&] { return build_scene(conversion, Overlay(), SceneOptions()); });
    note = drawn->layout_note;
    (void)file.time([&] { return render_file(*drawn, out, Format::svg); });
  }
  std::remove(out.c_str());
  for (const Stage* s : {&segment, &scene, &file}) picture.add(*s);
  std::printf("%s: %d nodes; %s\n", model.c_str(), nodes, note.c_str());
  for (Stage* s : {&load, &segment, &scene, &file, &picture}) s->print();
}

void cancelling(const std::string& model, const std::shared_ptr<const Conversion>& conversion, LayoutChoice layout,
                int max_nodes) {
  SceneOptions options;
  options.view = conversion->after != nullptr ? View::both : View::before;
  options.layout = layout;
  options.max_nodes = max_nodes;
  double last = clock_seconds(), longest = 0, longest_at = 0;
  const double begin = last;
  options.cancelled = [&] {
    const double now = clock_seconds();
    if (now - last > longest) longest = now - last, longest_at = now - begin;
    last = now;
    return false;
  };
  if (!build_scene(conversion, Overlay(), options).ok()) std::exit(1);
  const double whole = clock_seconds() - begin;
  if (clock_seconds() - last > longest) longest = clock_seconds() - last, longest_at = whole;
  double worst = 0, worst_cpu = 0;
  clockid_t drawing{};
  pthread_getcpuclockid(pthread_self(), &drawing);
  int stopped = 0;
  constexpr int kMoments = 40;
  for (int k = 0; k < kMoments; ++k) {
    std::atomic<bool> flag{false};
    std::atomic<double> set{0};
    options.cancelled = [&] { return flag.load(); };
    double cpu_then = 0;
    std::thread killer([&] {
      std::this_thread::sleep_for(std::chrono::duration<double>(whole * k / kMoments));
      set = clock_seconds();
      cpu_then = cpu_seconds(drawing);
      flag = true;
    });
    const auto scene = build_scene(conversion, Overlay(), options);
    const double end = clock_seconds(), cpu_end = cpu_seconds(drawing);
    killer.join();
    if (scene.ok()) continue;  // it was faster this time
    ++stopped;
    worst = std::max(worst, end - set.load());
    worst_cpu = std::max(worst_cpu, cpu_end - cpu_then);
  }
  std::printf("%s %d boxes %s: whole %.0f ms; cancelled %d times, worst %.1f ms from the flag to the return (%.1f ms of processor); longest between two "
              "questions %.1f ms, the second one at %.0f ms\n",
              model.c_str(), max_nodes, layout == LayoutChoice::layered ? "layered" : "automatic", whole * 1e3, stopped,
              worst * 1e3, worst_cpu * 1e3, longest * 1e3, longest_at * 1e3);
}

void cancelling(const std::string& model) {
  auto graph = load_graph(model);
  if (!graph.ok()) std::exit(1);
  auto made = convert(graph->graph, ConversionParams());
  if (!made.ok()) std::exit(1);
  const auto conversion = std::make_shared<const Conversion>(std::move(made).value());
  for (const int max_nodes : {120, 5000}) cancelling(model, conversion, LayoutChoice::automatic, max_nodes);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> models;
  std::vector<int> budgets, sizes;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--max-nodes" && i + 1 < argc)
      budgets.push_back(std::max(1, std::atoi(argv[++i])));
    else if (std::string(argv[i]) == "--made" && i + 1 < argc)
      sizes.push_back(std::max(2, std::atoi(argv[++i])));
    else
      models.emplace_back(argv[i]);
  }
  if (models.size() > 2 && models.front() == "--first") {
    for (std::size_t i = 2; i < models.size(); ++i) first_picture(models[i], std::max(1, std::atoi(models[1].c_str())));
    return 0;
  }
  if (models.size() > 1 && models.front() == "--cancel") {
    for (std::size_t i = 1; i < models.size(); ++i) cancelling(models[i]);
    return 0;
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
  if (sizes.empty()) sizes = {100, 400, 1000, 5000, 20000};
  for (const int n : sizes)
    for (const bool scopes : {false, true}) compare(scopes ? "made, scopes" : "made, flat", made(n, scopes), n + 1);
  return 0;
}
