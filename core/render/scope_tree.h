// Name scopes (and segments around them) as a tree of groups, some open and some collapsed.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/graph.h"
#include "core/render/fold.h"
#include "core/render/scene.h"

namespace isotherm::render {

struct SidePlaces;

/// Engines by the names that they would have if they stood in the scope that holds most of what they took in
/// ("bert/encoder/TRTEngineOp_000_000"), so that an engine is drawn among its neighbours. Others are not in it.
using EngineNames = std::map<NodeId, std::string>;

struct Group {
  enum class Kind : std::uint8_t { root, segment, scope, run, repeat } kind = Kind::scope;
  int parent = -1;
  int engine = -1;              ///< of a segment
  int depth = 0;                ///< scopes above it; segments do not count
  std::string path;             ///< "resnet50/conv2_block1"; what --expand names
  std::string prefix;           ///< what the names inside begin with: "resnet50/conv2_block1_"
  std::string title;            ///< relative to the parent
  std::vector<int> children;    ///< groups that hold drawn nodes
  std::vector<NodeId> leaves;   ///< drawn nodes directly inside
  std::vector<NodeId> folded;   ///< constants and weight reads directly inside
  int count = 0;                ///< all nodes inside, at any depth
  int drawn = 0;                ///< of these drawn ones
  int repeats = 1;              ///< of a repeat: how many blocks of one structure it holds
  std::uint64_t signature = 0;  ///< of its structure (scope_fold.h); 0: not known
  bool parts = false;  ///< its items are runs of neighbours: the budget opens it only where it is most of the graph
  bool open = false;
  [[nodiscard]] int items() const { return static_cast<int>(children.size() + leaves.size()); }
};

/// Groups after parents; 0 is the root. Groups that were dissolved have parent -1 and no content.
struct ScopeTree {
  std::vector<Group> groups;
  std::vector<int> group_of;  ///< by node id: the innermost group
};

/// Builds the tree and decides what is open.
/// Names that share a block's prefix ("conv2_block1_1_conv") form a scope as if a '/' stood there. A scope of three
/// drawn nodes or fewer, or one that is all its parent holds, makes no frame. More siblings than the budget form runs
/// of consecutive nodes ("part 1 of 30"), so that a flat graph collapses too. Blocks that repeat are one group
/// (scope_fold.h), which opens only by name; of several groups of one structure the budget opens the first. Whole
/// depths open as long as the budget lasts, then those groups of the next depth whose size fits, equal sizes together.
/// `segment_of`: by node id, -1 outside; empty: no segments. `position`: topological position by node id.
/// `before`: a picture that is replaced, may be null: its open groups stay open and its closed ones closed, unless named.
/// An engine of `engine_names` whose scope is collapsed is drawn beside that scope, unless the scope is one of several
/// that repeat.
/// Stops when options.cancelled says so; the tree is then of no use, but whole.
ScopeTree build_scope_tree(const Graph& graph, const std::vector<Fold>& fold, const std::vector<int>& segment_of,
                           int segments, const std::vector<int>& position,
                           const EngineNames& engine_names, const SceneOptions& options,
                           const SidePlaces* before);

/// "conv2_block1" of "conv2_block1_1_conv"; empty where a name belongs to no block.
std::string_view block_prefix(std::string_view component);

}  // namespace isotherm::render
