// Small questions about nodes and small edits of them, shared by the passes.
#pragma once

#include "core/passes/node_map.h"

namespace isotherm::passes {

/// Whether running the node does nothing but compute its outputs.
bool is_free_of_side_effect(const WorkNode& node);
/// Whether the node writes into the memory of an input.
bool works_in_place(const WorkNode& node);
/// Whether its data inputs may change places; Add of strings may not.
bool commutes(const WorkNode& node);
/// Whether it sums its inputs; Add of strings does not.
bool is_aggregate(const WorkNode& node);
/// IdentityN of one tensor.
bool is_single_identity_n(const WorkNode& node);
inline bool is_identity_like(const WorkNode& node) { return node.op->is_identity || is_single_identity_n(node); }
/// Add or AddV2 of numbers.
bool is_add(const WorkNode& node);

/// Number of data edges that leave the node, by the map's readers.
int data_edges_out(const WorkNode& node, const NodeMap& map);
inline bool has_data_readers(const WorkNode& node, const NodeMap& map) { return data_edges_out(node, map) > 0; }

/// Drops control inputs from nodes that the node reads already. The last input takes the place of a dropped one.
void drop_repeated_controls(WorkNode& node);
/// Drops every attribute whose name does not begin with '_'.
void erase_regular_attrs(WorkNode& node);
/// Takes input `i` out; the last input takes its place.
void drop_input(WorkNode& node, std::size_t i);

/// The control edge that says that `input`'s tensor exists. A Switch runs whichever way it decides, so there the edge
/// starts at an Identity of that output, `ConstantFoldingCtrl/<node>_<port>`, which is added to `nodes` if need be.
WorkInput control_after(WorkGraph& graph, NodeMap& map, NodeList& nodes, const WorkInput& input);

/// "/job:a/replica:0/task:1" and "CPU:0" of "/job:a/replica:0/task:1/device:CPU:0"; false for a name of other form.
bool split_device_name(std::string_view name, std::string& task, std::string& device);

}  // namespace isotherm::passes
