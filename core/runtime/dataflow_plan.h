// What the dataflow executor knows before it runs: nodes, tokens' ways and counts, frame by frame.
#pragma once

#include <string>
#include <vector>

#include "core/runtime/graph_program.h"

namespace isotherm::dataflow {

/// A data input of a node.
struct PlanInput {
  int constant = -1;  ///< read the program's constant instead of the token
  bool token = true;  ///< a token arrives; false: the constant is there from the start
};

/// Where a token goes.
struct PlanEdge {
  int port = 0;     ///< of the source; kControlPort
  int target = -1;  ///< node in the plan; -1: a result
  int input = -1;   ///< data input of the target, or number of the result; -1 for control
};

struct PlanNode {
  NodeId id = kNoNode;  ///< kNoNode: a feed
  int feed = -1;
  ExecutorOp op = ExecutorOp::kernel;
  const Node* node = nullptr;
  int frame = 0;                         ///< where it runs
  int child_frame = -1;                  ///< of an Enter
  bool loop_constant = false;            ///< an Enter whose value is there in every iteration
  int state = 0;                         ///< its index among the nodes of its frame
  int cell_begin = 0;                    ///< its first data input among the cells of its frame
  int input_begin = 0, input_count = 0;  ///< in Plan::inputs
  int edge_begin = 0, edge_count = 0;    ///< in Plan::edges
  int output_count = 0;
  int constant = -1;                        ///< of a Const that waits for control inputs
  int data_tokens = 0, control_tokens = 0;  ///< that arrive; of a loop's Merge all, though never in one iteration
  bool tainted = false;
};

struct PlanFrame {
  std::string name;
  int parent = -1;
  int enters = 0;  ///< tokens that come from outside
  int cell_count = 0;
  std::vector<int> nodes;  ///< that run in it
  std::vector<int> exits;  ///< those of them that leave it
};

struct Plan {
  std::vector<PlanNode> nodes;
  std::vector<PlanInput> inputs;
  std::vector<PlanEdge> edges;    ///< by source node
  std::vector<PlanFrame> frames;  ///< 0 is the root
  std::vector<int> sources;       ///< nodes that wait for nothing
  int most_inputs = 0, most_outputs = 0;
};

Result<Plan> make_plan(GraphProgram& program, const FedTensors& fed, const Excerpt& excerpt);

}  // namespace isotherm::dataflow
