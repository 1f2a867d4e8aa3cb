// What a converted graph cannot say of the graph it came from, kept with the native segments.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/segment/segmenter.h"

namespace isotherm {

/// Control edges and colocation constraints end at the border of a segment: an engine has them for all its nodes
/// together, or not at all. So that the native nodes can be had back as they were, the function of a segment that cuts
/// any carries them as private attributes, which TensorFlow passes over. Each string is a node's name and all that it
/// had, separated by blanks: "relu ^a ^b", "relu loc:@w".
inline constexpr const char* kLostControlAttr = "_native_control_inputs";
inline constexpr const char* kLostColocationAttr = "_native_colocation";

/// The attributes for the function of each segment; an empty map for a segment that cuts nothing.
std::vector<AttrMap> lost_ties(const Graph& graph, const Segmentation& segmentation);

/// What lost_ties() wrote.
struct RecordedTies {
  bool any = false;                                         ///< the function carries one of the attributes
  std::map<std::string, std::vector<std::string>> control;  ///< by node: "^a", "^b"
  std::map<std::string, std::vector<std::string>> colocation;
};
RecordedTies recorded_ties(const AttrMap& attrs);

}  // namespace isotherm
