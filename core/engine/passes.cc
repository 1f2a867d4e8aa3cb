#include "core/engine/passes.h"

#include "core/engine/elide_views.h"
#include "core/engine/finish_network.h"
#include "core/engine/fold_activations.h"
#include "core/engine/fold_constants.h"
#include "core/engine/fold_pads.h"
#include "core/engine/fold_residuals.h"
#include "core/engine/fold_scale_shift.h"
#include "core/engine/recognise_layers.h"
#include "core/engine/remove_no_ops.h"

namespace isotherm {
namespace {

struct Pass {
  const char* name;
  bool fuses;  ///< not run where fusion is off
  Result<Network> (*run)(Network, const NetworkOptions&);
};

template <Network (*F)(Network)>
Result<Network> plain(Network network, const NetworkOptions&) {
  return F(std::move(network));
}

constexpr Pass kPasses[] = {
    {"fold_constants", false, fold_constants},
    {"remove_no_ops", false, plain<remove_no_ops>},
    {"remove_dead_layers", false, plain<remove_dead_layers>},
    {"recognise_layers", false, plain<recognise_layers>},
    {"fold_pads", true, plain<fold_pads>},
    {"fold_scale_shift", true, plain<fold_scale_shift>},
    {"fold_activations", true, plain<fold_activations>},
    {"fold_residuals", true, plain<fold_residuals>},
    // What follows a residual addition is behind a convolution only now.
    {"fold_activations", true, plain<fold_activations>},
    // An activation that became a post-op may prove that a padded tensor is never negative.
    {"fold_pads", true, plain<fold_pads>},
    {"elide_views", true, plain<elide_views>},
    {"remove_dead_layers", false, plain<remove_dead_layers>},
    {"finish_network", false,
     [](Network network, const NetworkOptions&) { return finish_network(std::move(network)); }},
};

}  // namespace

Result<Network> run_passes(Network network, const NetworkOptions& options) {
  for (const Pass& pass : kPasses) {
    if (pass.fuses && !options.fuse) continue;
    const std::size_t before = network.layers.size();
    auto result = pass.run(std::move(network), options);
    if (!result.ok()) return result.error().at(pass.name);
    network = std::move(result).value();
    network.notes.push_back(std::string(pass.name) + ": " + std::to_string(before) + " -> " +
                            std::to_string(network.layers.size()) + " layers");
  }
  return network;
}

}  // namespace isotherm
