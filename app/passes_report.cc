#include "app/passes_report.h"

#include <array>

namespace isotherm::app {
namespace {

constexpr std::array<const char*, 4> kKinds = {"removed", "merged", "added", "rewritten"};

std::size_t index(PassStep::Kind kind) { return static_cast<std::size_t>(kind); }

}  // namespace

Json passes_json(const std::vector<PassReport>& passes) {
  Json out = Json::array();
  for (const PassReport& pass : passes) {
    Json steps = Json::array();
    for (const PassStep& step : pass.steps) {
      Json item = {{"kind", kKinds[index(step.kind)]}, {"node", step.node}, {"op", step.op}};
      if (step.kind == PassStep::Kind::merged) item["into"] = step.other;
      if (step.kind == PassStep::Kind::rewritten) item["new_op"] = step.other;
      steps.push_back(std::move(item));
    }
    out.push_back({{"pass", pass.name}, {"nodes_before", pass.nodes_before}, {"nodes_after", pass.nodes_after}, {"steps", std::move(steps)}});
  }
  return out;
}

std::string passes_text(const std::vector<PassReport>& passes) {
  std::string out;
  for (const PassReport& pass : passes) {
    std::array<int, kKinds.size()> counts{};
    for (const PassStep& step : pass.steps) ++counts[index(step.kind)];
    std::string did;
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (counts[i] > 0) did += (did.empty() ? "" : ", ") + std::to_string(counts[i]) + " " + kKinds[i];
    out += "  " + pass.name + ": " + std::to_string(pass.nodes_before) + " -> " + std::to_string(pass.nodes_after) + " nodes" +
           (did.empty() ? ", nothing to do" : ", " + did) + "\n";
  }
  return out.empty() ? out : "graph passes:\n" + out + "\n";
}

}  // namespace isotherm::app
