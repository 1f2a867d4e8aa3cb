// Values for the inputs of a run: files where the user gave some, seeded random numbers elsewhere.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/ops/shape_inference.h"
#include "core/runtime/session.h"

namespace isotherm {

struct FeedOptions {
  std::map<std::string, Tensor> given;  ///< by tensor name
  std::int64_t batch = 1;               ///< stands in for an unknown first dimension
  std::uint64_t seed = 7;
};

/// One value for each of `inputs` (node names of Placeholders): the given one, else random numbers: floats uniform in
/// [0, 1), integers in [0, 100), bools by coin. The first unknown dimension is the batch. An error for an input whose
/// rank or other dimensions are unknown, or which is no array of numbers, names it and the option that helps.
Result<Feeds> make_feeds(const Graph& graph, const GraphShapes& shapes, const std::vector<std::string>& inputs,
                         const FeedOptions& options);

/// A feed as a report names it: "input float32 1x224x224x3".
std::string describe_feed(const std::string& name, const Tensor& value);

}  // namespace isotherm
