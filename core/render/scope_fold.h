// Blocks that names do not show, and blocks that repeat: found by structure and made groups of the scope tree.
#pragma once

#include <vector>

#include "core/graph/graph.h"
#include "core/render/fold.h"
#include "core/render/scene.h"
#include "core/render/scope_tree.h"

namespace isotherm::render {

/// In a group of many items, a node that every path passes ends a block: what lies between two such nodes becomes a
/// group named after the node at its end ("mixed0" of an Inception without scopes), and a chain of single nodes becomes
/// units that begin at a convolution or product. Then siblings of one structure that follow each other become one
/// repeat group ("block2…4", Group::repeats of them), so that a repeated block is drawn once with its count.
/// Structure: ops with their kernel sizes, strides and dtypes and how they are wired inside; neither names nor sizes of
/// tensors. Linear in nodes and edges times the depth of scopes.
/// Fills Group::signature; equal ones are of one structure, 0: not known.
void fold_structure(const Graph& graph, const std::vector<Fold>& fold, const std::vector<int>& position,
                    const SceneOptions& options, std::vector<Group>& groups);

/// "conv2_block2…3" of "conv2_block2" and "conv2_block3".
std::string range_title(std::string_view first, std::string_view last);

}  // namespace isotherm::render
