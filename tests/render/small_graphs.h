// Graphs for the tests of diagrams, built in memory, and conversions made by hand from them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/convert/converter.h"

namespace isotherm::render {

/// "name op input input ..", one node each.
std::shared_ptr<const Graph> graph_of(const std::vector<std::string>& lines);
std::shared_ptr<const Conversion> plain(const std::vector<std::string>& lines);

/// A residual network in Keras' flat naming: `blocks` blocks of two convolutions with weights, reads and a NoOp that
/// waits for every read, as converted SavedModels have it.
std::vector<std::string> residual_network(int blocks);

/// The conversion of a graph where the nodes of `segments` became engines and all others stayed native ("excluded").
std::shared_ptr<const Conversion> converted(const std::vector<std::string>& lines,
                                            const std::vector<std::vector<std::string>>& segments);
/// The same with everything but the first, the last two nodes in one engine: what residual_network becomes.
std::shared_ptr<const Conversion> converted_network(int blocks);

}  // namespace isotherm::render
