#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include "core/render/layout.h"
#include "core/render/layout_cache.h"
#include "core/render/layout_layered.h"

namespace isotherm::render {
namespace {

// Beyond these Graphviz takes seconds to minutes (bench/results): boxes, boxes and pieces of long edges, and the
// product of boxes and the edges at one box, because hubs cost it more than size.
constexpr std::size_t kMostBoxes = 800;
constexpr std::size_t kMostPieces = 6000;
constexpr std::size_t kMostHubWork = 12000;
constexpr std::size_t kManyEdges = 150;

std::string seconds(double s) {
  const auto hundredths = static_cast<long long>(std::llround(s * 100));
  const std::string cents = std::to_string(hundredths % 100);
  return std::to_string(hundredths / 100) + "." + (cents.size() < 2 ? "0" : "") + cents + " s";
}

}  // namespace

std::optional<LayoutChoice> parse_layout(std::string_view text) {
  if (text == "auto") return LayoutChoice::automatic;
  if (text == "graphviz") return LayoutChoice::graphviz;
  if (text == "layered") return LayoutChoice::layered;
  return std::nullopt;
}

std::string too_much_for_graphviz(const LayoutRequest& request) {
  const std::size_t n = request.boxes.size();
  if (n > kMostBoxes) return std::to_string(n) + " boxes are more than Graphviz places in time";
  std::vector<std::size_t> edges(n, 0);
  for (const LayoutEdge& e : request.edges)
    ++edges[static_cast<std::size_t>(e.from)], ++edges[static_cast<std::size_t>(e.to)];
  const std::size_t hub = edges.empty() ? 0 : *std::max_element(edges.begin(), edges.end());
  if (hub >= 20 && hub * n > kMostHubWork)
    return "a box with " + std::to_string(hub) + " edges among " + std::to_string(n) + " boxes would hold Graphviz up";
  if (request.edges.size() > kManyEdges && request.edges.size() > 3 * n)
    return std::to_string(request.edges.size()) + " edges between " + std::to_string(n) +
           " boxes would hold Graphviz up";
  const std::vector<int> rank = layered_ranks(request);
  std::size_t pieces = n;
  for (const LayoutEdge& e : request.edges)
    pieces += static_cast<std::size_t>(
        std::abs(rank[static_cast<std::size_t>(e.to)] - rank[static_cast<std::size_t>(e.from)]));
  if (pieces > kMostPieces) return "edges as long as these would hold Graphviz up";
  return {};
}

Result<PlacedLayout> lay_out_boxes(const LayoutRequest& request, const LayoutSettings& settings) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  PlacedLayout placed;
  std::string why;
  if (settings.choice == LayoutChoice::automatic) why = too_much_for_graphviz(request);
  if (settings.choice != LayoutChoice::layered && why.empty()) {
    const LayoutCache cache(settings.cache_folder);
    const std::string text = settings.cache_folder.empty() ? std::string() : encode_request(request);
    if (auto known = cache.find(text, request.boxes.size())) {
      placed.result = std::move(*known);
      placed.by_graphviz = true;
      placed.note = "laid out by Graphviz, from the cache";
      placed.seconds = elapsed();
      return placed;
    }
    const std::string program = settings.program.empty() ? find_layout_program() : settings.program;
    auto answer = graphviz_layout(request, program, settings.limit, settings.cancelled);
    if (answer.ok()) {
      cache.put(text, *answer);
      placed.result = std::move(answer).value();
      placed.by_graphviz = true;
      placed.seconds = elapsed();
      placed.note = "laid out by Graphviz in " + seconds(placed.seconds);
      return placed;
    }
    if (answer.error().code == ErrorCode::cancelled) return answer.error();
    why = answer.error().message;
  }
  const auto own = Clock::now();
  placed.result = layered_layout(request, settings.cancelled);
  if (settings.cancelled && settings.cancelled()) return cancelled();
  placed.seconds = elapsed();
  placed.note = "laid out by the layered layout in " +
                seconds(std::chrono::duration<double>(Clock::now() - own).count()) + (why.empty() ? "" : ": " + why);
  return placed;
}

}  // namespace isotherm::render
