// Fewer control edges, and no nodes that only pass control or a tensor on.
#pragma once

#include "core/passes/node_edit.h"
#include "core/passes/pass_target.h"

namespace isotherm::passes {

/// Twice: drops control edges that a longer path implies; drops control edges that start at a constant; turns nodes
/// whose outputs nothing reads into NoOps; bypasses NoOp and Identity nodes where that does not make more edges, or
/// more that cross devices; gathers control edges from another device in one NoOp there. Sorts the nodes topologically.
void optimise_dependencies(WorkGraph& graph, const PassTarget& target);

/// Drops each control edge beside which a longer path leads from its source to its target. Paths through Merge nodes,
/// frame changes and functions do not count. Requires `nodes` in topological order.
void drop_implied_controls(const NodeList& nodes, NodeMap& map);

/// Where a node has several control inputs from one other device, puts a NoOp
/// `GroupCrossDeviceControlEdges_<n>/<node>` there that takes them. `by_host`: devices of one task count as one.
void group_cross_device_controls(WorkGraph& graph, NodeMap& map, bool by_host);

}  // namespace isotherm::passes
