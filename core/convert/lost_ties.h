// What a converted graph cannot say of the graph it came from, kept with the native segments.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/segment/segmenter.h"

namespace isotherm {

/// Control edges end at the border of a segment: an engine has them for all its nodes together, or not at all. Some
/// attributes go (core/convert/dropped_attrs.h). So that the native nodes can be had back as they were, the functions
/// of segments carry both as private attributes, which TensorFlow passes over: a list of strings, each a node's name
/// and all its control inputs, separated by blanks ("relu ^a ^b"); a list of functions, each the name of a node and the
/// attributes it had.
inline constexpr const char* kLostControlAttr = "_native_control_inputs";
inline constexpr const char* kLostAttrsAttr = "_native_attrs";

/// The attributes for the function of each segment; an empty map for a segment that loses nothing. What nodes outside
/// lose is with a segment that they wait for, or with the first.
std::vector<AttrMap> lost_ties(const Graph& graph, const Segmentation& segmentation);

/// What lost_ties() wrote.
struct RecordedTies {
  std::map<std::string, std::vector<std::string>> control;  ///< by node: "^a", "^b"
  std::map<std::string, AttrMap> attrs;                     ///< by node
};
RecordedTies recorded_ties(const AttrMap& attrs);

}  // namespace isotherm
