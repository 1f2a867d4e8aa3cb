// Graphs that the program makes itself: known networks with seeded weights, and the tutorial's small cases.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/graph.h"

namespace isotherm {

struct ZooEntry {
  std::string_view name;
  std::string_view description;
};

/// What make_model() can make.
std::vector<ZooEntry> zoo_entries();

/// The model of that name; the same seed gives the same weights everywhere. Weights are scaled so that activations keep
/// their size through the depth of the network. An error names what there is.
Result<std::shared_ptr<const Graph>> make_model(std::string_view name, std::uint64_t seed = 1);

}  // namespace isotherm
