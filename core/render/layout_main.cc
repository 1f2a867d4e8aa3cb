// isotherm-layout: reads a layout request on stdin, lets Graphviz's dot place the boxes, writes their places. A program
// of its own because Graphviz keeps global state, may exit or run for minutes, and has to be killed then.
#include <gvc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "core/render/layout.h"

namespace {

using isotherm::render::LayoutRequest;

char* text(std::string& s) { return s.data(); }  // cgraph takes char* that it does not change

void set(void* object, const char* name, std::string value) {
  std::string key = name;
  std::string empty;
  agsafeset(object, text(key), text(value), text(empty));
}

std::string inches(float px) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.4f", static_cast<double>(px) / 72.0);
  return buffer;
}

int lay_out(const LayoutRequest& request) {
  GVC_t* context = gvContext();
  std::string name = "g";
  Agraph_t* graph = agopen(text(name), Agdirected, nullptr);
  set(graph, "nodesep", inches(request.box_gap));
  set(graph, "ranksep", inches(18));
  set(graph, "splines", "none");
  set(graph, "label", "");
  // Bounded effort for large graphs; where it is not needed, chains come out straight only without a bound.
  if (request.boxes.size() > 300) {
    set(graph, "mclimit", "0.3");
    set(graph, "nslimit", "10");
    set(graph, "nslimit1", "10");
  }

  std::vector<Agraph_t*> clusters(request.group_parent.size(), graph);
  for (std::size_t g = 1; g < clusters.size(); ++g) {
    name = "cluster_" + std::to_string(g);
    clusters[g] = agsubg(clusters[static_cast<std::size_t>(request.group_parent[g])], text(name), 1);
    set(clusters[g], "margin", std::to_string(static_cast<int>(request.group_margin)));
  }
  std::vector<Agnode_t*> nodes;
  for (std::size_t i = 0; i < request.boxes.size(); ++i) {
    const auto& box = request.boxes[i];
    name = "n" + std::to_string(i);
    Agnode_t* node = agnode(clusters[static_cast<std::size_t>(box.group)], text(name), 1);
    set(node, "shape", "box");
    set(node, "label", "");
    set(node, "fixedsize", "true");
    set(node, "width", inches(box.across));
    set(node, "height", inches(box.along));
    nodes.push_back(node);
  }
  for (const auto& e : request.edges) {
    Agnode_t* from = nodes[static_cast<std::size_t>(e.back ? e.to : e.from)];
    Agnode_t* to = nodes[static_cast<std::size_t>(e.back ? e.from : e.to)];
    if (from == to) continue;
    Agedge_t* edge = agedge(graph, from, to, nullptr, 1);
    if (edge != nullptr && !e.control && !e.back) set(edge, "weight", "4");
  }
  std::string engine = "dot";
  if (gvLayout(context, graph, text(engine)) != 0) return 1;
  std::string out = "ok\n";
  for (Agnode_t* node : nodes) {
    const pointf at = ND_coord(node);
    out += std::to_string(static_cast<long long>(at.x * 100)) + " " +
           std::to_string(-static_cast<long long>(at.y * 100)) + "\n";
  }
  out += "-7\n";
  std::size_t written = 0;
  while (written < out.size()) {
    const ssize_t n = ::write(STDOUT_FILENO, out.data() + written, out.size() - written);
    if (n <= 0) return 1;
    written += static_cast<std::size_t>(n);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int seconds = argc > 1 ? std::atoi(argv[1]) : 60;
  const rlimit cpu{static_cast<rlim_t>(seconds), static_cast<rlim_t>(seconds)};
  ::setrlimit(RLIMIT_CPU, &cpu);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  std::string input;
  char buffer[65536];
  for (;;) {
    const ssize_t n = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (n <= 0) break;
    input.append(buffer, static_cast<std::size_t>(n));
  }
  auto request = isotherm::render::decode_request(input);
  if (!request.ok()) {
    std::fprintf(stderr, "isotherm-layout: %s\n", request.error().message.c_str());
    return 2;
  }
  const int status = lay_out(*request);
  std::fflush(nullptr);
  ::_exit(status);  // Graphviz's own clean-up at exit is slow and of no use here
}
