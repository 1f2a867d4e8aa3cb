#include "core/runtime/dataflow_plan.h"

#include <algorithm>

#include "core/runtime/frames.h"

namespace isotherm::dataflow {
namespace {

class PlanMaker {
 public:
  PlanMaker(GraphProgram& program, const FedTensors& fed) : program_(program), graph_(program.graph()), fed_(fed) {}

  Result<Plan> make(const Excerpt& excerpt) {
    const auto& [feeds, fetches, order, tainted] = excerpt;
    const auto counts = [this](const Node& consumer, const Input& in) {
      if (in.is_control()) return !fed_.satisfies_control(in.node);
      return fed_.find(in.node, in.port) < 0 && !is_free_constant(consumer, in);
    };
    ISO_ASSIGN(frames_, assign_frames(graph_, order, counts));
    for (const LoopFrame& frame : frames_.frames) {
      plan_.frames.emplace_back();
      plan_.frames.back().name = frame.name;
      plan_.frames.back().parent = frame.parent;
    }
    ISO_TRY(check_ends(feeds, fetches));
    by_node_.assign(static_cast<std::size_t>(graph_.size()), -1);
    by_feed_.assign(feeds.size(), -1);
    for (const NodeId id : order) ISO_TRY(add_node(id, !tainted.empty() && tainted[static_cast<std::size_t>(id)]));
    for (std::size_t i = 0; i < feeds.size(); ++i) {
      PlanNode node;
      node.feed = static_cast<int>(i);
      node.op = ExecutorOp::argument;
      node.output_count = 1;
      by_feed_[i] = add(std::move(node));
    }
    ISO_TRY(connect(order, fetches));
    for (int i = 0; i < static_cast<int>(plan_.nodes.size()); ++i) {
      const PlanNode& node = plan_.nodes[static_cast<std::size_t>(i)];
      if (node.data_tokens + node.control_tokens > 0) continue;
      // Most constants are read where they are and send nothing.
      const bool passive =
          node.op == ExecutorOp::constant || node.op == ExecutorOp::forward || node.op == ExecutorOp::argument;
      if (passive && node.edge_count == 0 && (node.feed >= 0 || node.op != ExecutorOp::argument)) continue;
      plan_.sources.push_back(i);
    }
    return std::move(plan_);
  }

 private:
  // A constant that no control edge holds back is there for whoever reads it, in every frame; only a Merge must see it
  // arrive.
  [[nodiscard]] bool is_free_constant(const Node& consumer, const Input& in) const {
    return executor_op(consumer.op) != ExecutorOp::merge &&
           program_.constant_behind({in.node, in.port}, fed_, true) != kNoNode;
  }

  Status check_ends(const std::vector<TensorRef>& feeds, const std::vector<TensorRef>& fetches) const {
    const auto inside = [&](const TensorRef& tensor, const char* what) -> Status {
      const int frame = frames_.output_frame[static_cast<std::size_t>(tensor.node)];
      if (frame <= 0) return {};
      return invalid_input("'" + graph_.tensor_name(tensor) + "' cannot be " + what +
                           ": it lies inside the while loop '" + plan_.frames[static_cast<std::size_t>(frame)].name +
                           "', where it has a value per iteration");
    };
    for (const TensorRef& feed : feeds) ISO_TRY(inside(feed, "fed"));
    for (const TensorRef& fetch : fetches) ISO_TRY(inside(fetch, "fetched"));
    return {};
  }

  int add(PlanNode node) {
    PlanFrame& frame = plan_.frames[static_cast<std::size_t>(node.frame)];
    const int index = static_cast<int>(plan_.nodes.size());
    node.state = static_cast<int>(frame.nodes.size());
    node.cell_begin = frame.cell_count;
    frame.cell_count += node.input_count;
    frame.nodes.push_back(index);
    if (node.op == ExecutorOp::exit) frame.exits.push_back(index);
    plan_.most_inputs = std::max(plan_.most_inputs, node.input_count);
    plan_.most_outputs = std::max(plan_.most_outputs, node.output_count);
    plan_.nodes.push_back(std::move(node));
    return index;
  }

  Status add_node(NodeId id, bool tainted) {
    const Node& source = graph_[id];
    PlanNode node;
    node.id = id;
    node.node = &source;
    node.op = program_.op_of(id);
    node.frame = frames_.node_frame[static_cast<std::size_t>(id)];
    node.output_count = program_.output_count(id);
    node.input_begin = static_cast<int>(plan_.inputs.size());
    node.input_count = source.data_inputs;
    node.tainted = tainted;
    ISO_TRY(check_arity(node));
    if (node.op == ExecutorOp::constant) {
      ISO_ASSIGN(node.constant, program_.constant(id));
    }
    if (node.op == ExecutorOp::enter) {
      node.child_frame = frames_.output_frame[static_cast<std::size_t>(id)];
      node.loop_constant = source.attrs.get_bool("is_constant");
      ++plan_.frames[static_cast<std::size_t>(node.child_frame)].enters;
    }
    const bool reads = node.op == ExecutorOp::kernel || node.op >= ExecutorOp::call;
    for (const Input& in : source.data()) {
      PlanInput input;
      input.token = !is_free_constant(source, in);
      // A kernel reads the constant itself, also where a token tells it when: so it is uploaded once, and never taken.
      if (!input.token || reads) {
        const NodeId constant = program_.constant_behind({in.node, in.port}, fed_, !input.token);
        if (constant != kNoNode) {
          ISO_ASSIGN(input.constant, program_.constant(constant));
        }
      }
      if (input.token) ++node.data_tokens;
      plan_.inputs.push_back(input);
    }
    for (const Input& in : source.control()) {
      (void)in;
      ++node.control_tokens;
    }
    by_node_[static_cast<std::size_t>(id)] = add(std::move(node));
    return {};
  }

  // Inputs and outputs that the executor counts on in nodes that no kernel checks.
  Status check_arity(PlanNode& node) const {
    int inputs = -1, outputs = -1;
    switch (node.op) {
      case ExecutorOp::switch_:
        inputs = 2, outputs = 2;
        break;
      case ExecutorOp::switch_n:
        inputs = 2;
        break;
      case ExecutorOp::merge:
        outputs = 2;
        break;
      case ExecutorOp::enter:
      case ExecutorOp::exit:
      case ExecutorOp::next_iteration:
      case ExecutorOp::loop_cond:
        inputs = 1, outputs = 1;
        break;
      case ExecutorOp::forward:
        if (node.input_count < node.output_count) inputs = node.output_count;
        break;
      default:
        break;
    }
    if (inputs >= 0 && node.input_count != inputs)
      return invalid_input(describe_node(*node.node) + " has " + std::to_string(node.input_count) +
                           " data inputs, expected " + std::to_string(inputs));
    if (outputs >= 0 && node.output_count > outputs)
      return invalid_input(describe_node(*node.node) + " has " + std::to_string(node.output_count) +
                           " outputs, expected " + std::to_string(outputs));
    if (outputs >= 0) node.output_count = outputs;
    return {};
  }

  Status connect(const std::vector<NodeId>& order, const std::vector<TensorRef>& fetches) {
    std::vector<std::vector<PlanEdge>> edges(plan_.nodes.size());
    const auto source_of = [&](NodeId node, int port) {
      const int feed = port == kControlPort ? -1 : fed_.find(node, port);
      return feed >= 0 ? by_feed_[static_cast<std::size_t>(feed)] : by_node_[static_cast<std::size_t>(node)];
    };
    for (const NodeId id : order) {
      const int target = by_node_[static_cast<std::size_t>(id)];
      PlanNode& node = plan_.nodes[static_cast<std::size_t>(target)];
      const Node& consumer = graph_[id];
      for (int i = 0; i < static_cast<int>(consumer.inputs.size()); ++i) {
        const Input& in = consumer.inputs[static_cast<std::size_t>(i)];
        if (in.is_control()) {
          if (fed_.satisfies_control(in.node))
            --node.control_tokens;
          else
            edges[static_cast<std::size_t>(by_node_[static_cast<std::size_t>(in.node)])].push_back(
                {kControlPort, target, -1});
          continue;
        }
        if (!plan_.inputs[static_cast<std::size_t>(node.input_begin + i)].token) continue;
        const int source = source_of(in.node, in.port);
        if (plan_.nodes[static_cast<std::size_t>(source)].feed >= 0) {
          if (node.frame != 0)
            return invalid_input("'" + graph_.tensor_name({in.node, in.port}) +
                                 "' cannot be fed: " + describe_node(consumer) + " reads it inside a while loop");
          edges[static_cast<std::size_t>(source)].push_back({0, target, i});
        } else {
          edges[static_cast<std::size_t>(source)].push_back({in.port, target, i});
        }
      }
    }
    for (int i = 0; i < static_cast<int>(fetches.size()); ++i) {
      const TensorRef& fetch = fetches[static_cast<std::size_t>(i)];
      if (fetch.port == kControlPort) continue;
      const int source = source_of(fetch.node, fetch.port);
      const bool feed = plan_.nodes[static_cast<std::size_t>(source)].feed >= 0;
      edges[static_cast<std::size_t>(source)].push_back({feed ? 0 : fetch.port, -1, i});
    }
    for (std::size_t i = 0; i < edges.size(); ++i) {
      plan_.nodes[i].edge_begin = static_cast<int>(plan_.edges.size());
      plan_.nodes[i].edge_count = static_cast<int>(edges[i].size());
      plan_.edges.insert(plan_.edges.end(), edges[i].begin(), edges[i].end());
    }
    return {};
  }

  GraphProgram& program_;
  const Graph& graph_;
  const FedTensors& fed_;
  FrameMap frames_;
  Plan plan_;
  std::vector<int> by_node_, by_feed_;
};

}  // namespace

Result<Plan> make_plan(GraphProgram& program, const FedTensors& fed, const Excerpt& excerpt) {
  return PlanMaker(program, fed).make(excerpt);
}

}  // namespace isotherm::dataflow
