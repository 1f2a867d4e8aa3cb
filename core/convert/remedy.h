// Which setting might take a native node into an engine, and what it would change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/convert/segmentation_change.h"
#include "core/convert/what_if.h"

namespace isotherm {

/// One setting changed, all others as they are.
struct Remedy {
  enum class Kind {
    allow_op,
    include_node,
    smaller_segments,
    more_engines,
    explicit_batch,
    dynamic_engines,
    known_shapes,
    no_devices,
  } kind;
  ConversionParams params;
  std::string action;  ///< what to do, for a button: "Take off the list"
  std::string done;    ///< as if it were done: "Taken off the list"
};

/// What could lift the reason of a native node of `conversion`, which `asked` gave; the most direct first, empty where
/// no setting can (a feed, an op without a converter, ..). Where the reason only may depend on a setting (shapes, batch
/// mode) the remedy is a guess: outcome_of() tells.
std::vector<Remedy> remedies(const Conversion& conversion, const ConversionParams& asked, NodeId node);

/// What a remedy would do, found by asking.
struct RemedyOutcome {
  Remedy remedy;
  bool helps = false;    ///< the node would be in an engine
  bool changes = false;  ///< the node, or any other, would fare otherwise
  SegmentationChange change;
  std::string sentence;  ///< "Taken off the list: 1 engine of 873 nodes instead of 2 engines of 852 and 20 nodes."
};

/// Errors: those of WhatIf::plan().
Result<RemedyOutcome> outcome_of(const WhatIf& what_if, const Conversion& conversion, NodeId node, Remedy remedy,
                                 const std::function<bool()>& cancelled = {});

}  // namespace isotherm
