// The visible part of a graph: which boxes there are and which edges run between them, before anything has a place.
#pragma once

#include <vector>

#include "core/graph/graph.h"
#include "core/render/scope_tree.h"

namespace isotherm::render {

struct Item {
  NodeId node = kNoNode;  ///< kNoNode: a collapsed group
  int group = -1;         ///< the collapsed group
  int parent = 0;         ///< the open group that holds it
  bool copy = false;      ///< a further copy of a leaf
  std::int32_t refers_to = -1;  ///< a pill in an opened example that names this box of the picture
  std::string refers_as;        ///< and how
};

struct VisibleEdge {
  int from = -1, to = -1;              ///< items
  int from_group = -1, to_group = -1;  ///< open groups, where a control edge stands for many of a frame
  bool control = false;
  bool back = false;              ///< closes a loop
  int tensors = 0;                ///< edges of the graph it stands for
  TensorRef first;                ///< the first tensor
  std::vector<TensorRef> others;  ///< further ones, as many as kMostTensors
};

struct Visible {
  ScopeTree tree;
  std::vector<Fold> fold;
  std::vector<Item> items;
  std::vector<VisibleEdge> edges;
  std::vector<int> item_of_node;  ///< -1: folded at the open level
  std::vector<int> frames;        ///< open groups but the root, parents first
  int folded = 0;                 ///< constants and weight reads in the whole graph
  int outside = 0;                ///< nodes that the picture is not about
};

/// A leaf (no inputs drawn) that at least this many boxes read is drawn once beside each of them.
inline constexpr int kCopyFanOut = 8;
inline constexpr std::size_t kMostTensors = 32;

/// What folding needs to know of a whole graph: looked up once per picture.
struct GraphFacts {
  std::vector<Fold> fold;
  std::vector<int> position;  ///< topological, by node id; a graph with a cycle keeps the file's order
  EngineNames engine_names;
};
/// `map`: of the conversion that made the graph; null for a graph that none made.
GraphFacts graph_facts(const Graph& graph, const Conversion* made_by);

/// `shown`: by node id, what the picture is limited to; empty: everything. `before`: of the picture that this one
/// replaces; may be null.
/// Stops when options.cancelled says so; what it gives then is of no use.
Visible visible_part(const Graph& graph, const GraphFacts& facts, const std::vector<int>& segment_of, int segments,
                     const SceneOptions& options, const std::vector<bool>& shown, const SidePlaces* before);

}  // namespace isotherm::render
