// What differs between two segmentations of one graph: engines by their names, nodes that went in and came out.
#pragma once

#include <string>
#include <vector>

#include "core/convert/converter.h"

namespace isotherm {

/// An engine of either segmentation. One before and one now are the same if they share most nodes.
struct EngineChange {
  int before = -1, now = -1;  ///< index in Conversion::engines; -1: not there
  int nodes_before = 0, nodes_now = 0;
  int shared = 0;  ///< nodes in both
  [[nodiscard]] bool same_nodes() const { return nodes_before == nodes_now && shared == nodes_now; }
};

struct SegmentationChange {
  std::vector<EngineChange> engines;  ///< those of now in their order, then those that are gone
  /// Node ids of the graph of now, ascending. A node that only one of the two graphs has counts as native there.
  std::vector<NodeId> gained;        ///< native before, in an engine now
  std::vector<NodeId> lost;          ///< in an engine before, native now
  std::vector<NodeId> regrouped;     ///< in an engine before and in another one now
  std::vector<NodeId> other_reason;  ///< native in both, for a reason of another class
  int engines_before = 0, engines_now = 0;
  int inside_before = 0, inside_now = 0;  ///< nodes in engines

  /// Whether other nodes are in engines, or other engines hold them.
  [[nodiscard]] bool any() const;
};

SegmentationChange compare_segmentations(const Conversion& before, const Conversion& now);

/// "1 engine of 873 nodes instead of 2 engines of 852 and 20 nodes"; "no engine", "unchanged: .." in their cases.
std::string change_sentence(const SegmentationChange& change);

}  // namespace isotherm
