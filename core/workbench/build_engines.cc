#include "core/workbench/build_engines.h"

#include <algorithm>

#include "core/engine/engine_runner_factory.h"
#include "core/workbench/devices.h"

namespace isotherm {

EngineBuilder engine_builder(std::shared_ptr<Device> device, int threads) {
  return [device = std::move(device), threads](
             const Conversion& conversion,
             const std::vector<BuildInputs>& inputs) -> Result<std::vector<BuiltEngine>> {
    ISO_ASSIGN(const std::unique_ptr<Session> session,
               Session::create(conversion.after, device, session_options(threads, true)));
    std::vector<BuiltEngine> engines;
    for (const EngineSummary& engine : conversion.engines) engines.push_back({engine.name, 0, 0, {}});
    for (const BuildInputs& feeds : inputs) {
      ISO_ASSIGN(const RunResult result, session->run(feeds, conversion.params.outputs));
      for (const Fallback& fallback : result.statistics.fallbacks) {
        const auto it = std::find_if(engines.begin(), engines.end(),
                                     [&](const BuiltEngine& engine) { return engine.name == fallback.node; });
        if (it != engines.end()) it->failure = fallback.reason;
      }
    }
    for (std::size_t i = 0; i < engines.size(); ++i) {
      const auto* runner = dynamic_cast<const PlanEngineRunner*>(session->engine_runner(conversion.engines[i].node));
      if (!runner) {
        if (engines[i].failure.empty()) engines[i].failure = "no output needs it";
        continue;
      }
      engines[i].seconds = runner->build_seconds();
      if (const auto plan = runner->last_plan()) engines[i].bytes = plan->device_bytes();
    }
    return engines;
  };
}

}  // namespace isotherm
