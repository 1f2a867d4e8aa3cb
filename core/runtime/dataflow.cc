#include "core/runtime/dataflow.h"

#include <algorithm>
#include <deque>

#include "core/runtime/dataflow_plan.h"
#include "core/runtime/invoke.h"

namespace isotherm {
namespace dataflow {
namespace {

// What has arrived at a node in the current iteration.
struct NodeState {
  int pending = 0;  // tokens still to come; of a Merge: control tokens
  int dead = 0;     // dead ones among those that came; of a Merge: dead data tokens
  int live = -1;    // of a Merge: the data input that arrived live first
  bool fired = false;
};

// An instance of a loop (or the root) in its current iteration.
struct FrameInstance {
  int frame = 0;
  FrameInstance* parent = nullptr;
  std::uint64_t number = 0;  // unique in the run; 0 for the root
  std::uint64_t iteration = 0;
  std::vector<NodeState> states;
  std::vector<Cell> cells;
  int outstanding = 0;  // nodes in the queue
  int enters = 0;       // Enter tokens that came
  std::vector<FrameInstance*> children;

  struct Waiting {
    int node = 0;  // the Enter or NextIteration that sends it
    Cell cell;
    bool dead = false;
  };
  std::vector<Waiting> next;         // for the next iteration
  std::vector<Waiting> invariants;   // for every iteration
  std::vector<std::uint8_t> exited;  // by exit of the frame: sent a live value
};

struct Item {
  FrameInstance* frame = nullptr;
  int node = 0;
  bool dead = false;
};

// Whether a predicate holds, as TensorFlow reads the condition of a v1 Switch: a bool scalar.
Result<bool> truth(const Tensor& value) {
  if (value.dtype() != DType::boolean || value.elements() != 1)
    return invalid_input("the predicate is " + std::string(dtype_name(value.dtype())) + " " +
                         value.shape().to_tf_string() + ", expected a bool scalar");
  return integer_at(value, 0) != 0;
}

class Execution {
 public:
  Execution(GraphProgram& program, const FedTensors& fed, const Plan& plan, std::vector<PreparedKernel*>& kernels,
            std::vector<std::unique_ptr<PreparedKernel>>& own, Run& run, std::span<Tensor> arguments,
            std::span<Tensor> results)
      : program_(program),
        fed_(fed),
        plan_(plan),
        kernels_(kernels),
        own_(own),
        run_(run),
        arguments_(arguments),
        results_(results),
        outputs_(static_cast<std::size_t>(plan.most_outputs)),
        inputs_(static_cast<std::size_t>(plan.most_inputs)) {
    context_.reserve(plan.most_inputs);
  }

  Status execute() {
    std::ranges::fill(results_, Tensor());
    FrameInstance* root = open(0, nullptr);
    for (const int source : plan_.sources) enqueue(root, source, false);
    while (!queue_.empty()) {
      if (run_.cancelled()) return cancelled();
      const Item item = queue_.front();
      queue_.pop_front();
      ISO_TRY(process(item));
      --item.frame->outstanding;
      advance(item.frame);
    }
    for (const auto& instance : instances_)
      if (instance->parent && instance->number != 0)
        return invalid_input(
            "the while loop '" + plan_.frames[static_cast<std::size_t>(instance->frame)].name + "' was entered, but " +
            std::to_string(plan_.frames[static_cast<std::size_t>(instance->frame)].enters - instance->enters) +
            " of its inputs never came");
    return {};
  }

 private:
  const PlanNode& node(int index) const { return plan_.nodes[static_cast<std::size_t>(index)]; }
  std::span<const PlanEdge> edges(const PlanNode& n) const {
    return std::span(plan_.edges)
        .subspan(static_cast<std::size_t>(n.edge_begin), static_cast<std::size_t>(n.edge_count));
  }
  const PlanInput& input_plan(const PlanNode& n, int i) const {
    return plan_.inputs[static_cast<std::size_t>(n.input_begin + i)];
  }
  Cell& input(FrameInstance* f, const PlanNode& n, int i) {
    const PlanInput& in = input_plan(n, i);
    return in.constant >= 0 ? program_.constant_cell(in.constant)
                            : f->cells[static_cast<std::size_t>(n.cell_begin + i)];
  }

  FrameInstance* open(int frame, FrameInstance* parent) {
    std::unique_ptr<FrameInstance> made;
    const auto spare = std::ranges::find_if(spare_, [&](const auto& s) { return s->frame == frame; });
    if (spare != spare_.end()) {
      made = std::move(*spare);
      spare_.erase(spare);
    } else {
      made = std::make_unique<FrameInstance>();
      made->frame = frame;
      made->states.resize(plan_.frames[static_cast<std::size_t>(frame)].nodes.size());
      made->cells.resize(static_cast<std::size_t>(plan_.frames[static_cast<std::size_t>(frame)].cell_count));
    }
    made->parent = parent;
    made->number = parent ? ++last_number_ : 0;
    made->iteration = 0;
    made->outstanding = 0;
    made->enters = 0;
    made->exited.assign(plan_.frames[static_cast<std::size_t>(frame)].exits.size(), 0);
    reset(*made);
    if (parent) parent->children.push_back(made.get());
    instances_.push_back(std::move(made));
    return instances_.back().get();
  }

  // Counts as at the start of an iteration.
  void reset(FrameInstance& f) {
    for (const int index : plan_.frames[static_cast<std::size_t>(f.frame)].nodes) {
      const PlanNode& n = node(index);
      NodeState& state = f.states[static_cast<std::size_t>(n.state)];
      state = NodeState();
      state.pending = n.control_tokens + (n.op == ExecutorOp::merge ? 0 : n.data_tokens);
    }
    for (Cell& cell : f.cells)
      if (cell.value.valid()) cell.reset();
  }

  void enqueue(FrameInstance* f, int index, bool dead) {
    ++f->outstanding;
    queue_.push_back({f, index, dead});
  }

  // A token arrives; `cell` null: a dead one, or one of a control edge that is alive where `alive_control`.
  void deliver(FrameInstance* f, const PlanEdge& edge, const Cell* cell, bool dead, bool from_dead_enter) {
    if (edge.target < 0) {
      if (!dead) results_[static_cast<std::size_t>(edge.input)] = cell->value;
      return;
    }
    const PlanNode& n = node(edge.target);
    NodeState& state = f->states[static_cast<std::size_t>(n.state)];
    if (n.op == ExecutorOp::merge) {
      if (edge.input < 0) {
        --state.pending;
      } else if (dead) {
        // A loop in a branch that was not taken: its Merge must not wait for a next iteration.
        state.dead = from_dead_enter ? n.input_count : state.dead + 1;
      } else if (state.live < 0) {
        state.live = edge.input;
        f->cells[static_cast<std::size_t>(n.cell_begin + edge.input)] = *cell;
      }
      if (state.fired || state.pending > 0 || (state.live < 0 && state.dead < n.input_count)) return;
      state.fired = true;
      enqueue(f, edge.target, state.live < 0);
      return;
    }
    if (dead)
      ++state.dead;
    else if (edge.input >= 0)
      f->cells[static_cast<std::size_t>(n.cell_begin + edge.input)] = *cell;
    if (--state.pending == 0) enqueue(f, edge.target, state.dead > 0);
  }

  // Sends what a node put out; a port without a value is dead.
  void send(FrameInstance* f, const PlanNode& n, std::span<const Cell> outputs, bool dead,
            bool from_dead_enter = false) {
    for (const PlanEdge& edge : edges(n)) {
      if (edge.port == kControlPort) {
        deliver(f, edge, nullptr, dead, false);
        continue;
      }
      const Cell* cell = dead ? nullptr : &outputs[static_cast<std::size_t>(edge.port)];
      if (cell && !cell->value.valid()) cell = nullptr;
      deliver(f, edge, cell, cell == nullptr, from_dead_enter);
    }
  }

  void enter(FrameInstance* f, int index, Cell cell, bool dead) {
    const PlanNode& n = node(index);
    const auto found =
        std::ranges::find_if(f->children, [&](const FrameInstance* c) { return c->frame == n.child_frame; });
    FrameInstance* child = found != f->children.end() ? *found : open(n.child_frame, f);
    ++child->enters;
    // Keeps the instance open while tokens are sent.
    ++child->outstanding;
    send(child, n, std::span(&cell, 1), dead, dead);
    if (n.loop_constant) child->invariants.push_back({index, std::move(cell), dead});
    --child->outstanding;
    advance(child);
  }

  // Starts the next iteration or closes the instance once nothing of the current iteration is left.
  void advance(FrameInstance* f) {
    while (f->parent && f->outstanding == 0 && f->children.empty() &&
           f->enters >= plan_.frames[static_cast<std::size_t>(f->frame)].enters) {
      if (f->next.empty()) {
        FrameInstance* parent = f->parent;
        close(f);
        f = parent;
        continue;
      }
      ++f->iteration;
      reset(*f);
      std::vector<FrameInstance::Waiting> tokens = std::move(f->next);
      f->next.clear();
      for (const auto& token : f->invariants)
        send(f, node(token.node), std::span(&token.cell, 1), token.dead, token.dead);
      for (const auto& token : tokens) send(f, node(token.node), std::span(&token.cell, 1), false);
    }
  }

  void close(FrameInstance* f) {
    FrameInstance* parent = f->parent;
    const PlanFrame& frame = plan_.frames[static_cast<std::size_t>(f->frame)];
    for (std::size_t i = 0; i < frame.exits.size(); ++i)
      if (!f->exited[i]) send(parent, node(frame.exits[i]), {}, true);
    std::erase(parent->children, f);
    f->invariants.clear();
    reset(*f);
    f->parent = nullptr;
    f->number = 0;
    const auto own = std::ranges::find_if(instances_, [&](const auto& i) { return i.get() == f; });
    spare_.push_back(std::move(*own));
    instances_.erase(own);
  }

  Status process(const Item& item) {
    FrameInstance* f = item.frame;
    const PlanNode& n = node(item.node);
    if (item.dead && n.op != ExecutorOp::control_trigger) {
      // Deadness ends at the border of an iteration: close() tells the outside of exits that nothing left through.
      if (n.op == ExecutorOp::enter)
        enter(f, item.node, Cell(), true);
      else if (n.op != ExecutorOp::exit && n.op != ExecutorOp::next_iteration)
        send(f, n, {}, true);
    } else {
      ISO_TRY(run_live(f, item.node));
    }
    for (int i = 0; i < n.input_count; ++i) f->cells[static_cast<std::size_t>(n.cell_begin + i)].reset();
    return {};
  }

  Status run_live(FrameInstance* f, int index) {
    const PlanNode& n = node(index);
    const auto outputs = std::span(outputs_).first(static_cast<std::size_t>(n.output_count));
    if (n.feed >= 0) {
      outputs[0].value = arguments_[static_cast<std::size_t>(n.feed)];
    } else {
      const ScopeInfo scope{.kind = ScopeKind::node,
                            .id = n.id,
                            .name = n.node->name,
                            .op = n.node->op,
                            .frame = f->number,
                            .iteration = f->iteration,
                            .function = program_.function()};
      if (n.op == ExecutorOp::kernel || n.op >= ExecutorOp::call) {
        ISO_TRY(run_kernel(f, index, scope, outputs));
      } else {
        NodeWatch watch(run_);
        {
          const Scope open(run_.observer, scope, &run_.stream);
          if (run_.statistics) ++run_.statistics->nodes_run;
          if (Status routed = route(f, n, outputs); !routed.ok()) return at_node(routed.error(), *n.node);
        }
        ISO_TRY(watch.node_ran(scope, outputs));
      }
    }
    // Tokens of one value share its copy on the other side.
    if (!run_.host_device)
      for (Cell& cell : outputs)
        if (cell.value.valid() && !cell.mirror) cell.mirror = std::make_shared<Tensor>();
    if (n.op == ExecutorOp::enter) {
      enter(f, index, std::move(outputs[0]), false);
    } else if (n.op == ExecutorOp::next_iteration) {
      f->next.push_back({index, std::move(outputs[0]), false});
    } else if (n.op == ExecutorOp::exit) {
      const auto& exits = plan_.frames[static_cast<std::size_t>(f->frame)].exits;
      f->exited[static_cast<std::size_t>(std::ranges::find(exits, index) - exits.begin())] = 1;
      send(f->parent, n, outputs, false);
    } else {
      send(f, n, outputs, false);
    }
    for (Cell& cell : outputs) cell.reset();
    return {};
  }

  Status run_kernel(FrameInstance* f, int index, const ScopeInfo& scope, std::span<Cell> outputs) {
    const PlanNode& n = node(index);
    PreparedKernel*& prepared = kernels_[static_cast<std::size_t>(index)];
    if (!prepared) {
      ISO_ASSIGN(prepared, program_.kernel(n.id, fed_, n.tainted, own_[static_cast<std::size_t>(index)]));
    }
    for (int i = 0; i < n.input_count; ++i)
      inputs_[static_cast<std::size_t>(i)] = {&input(f, n, i), input_plan(n, i).constant < 0};
    return invoke(context_, run_, *prepared, *n.node, scope,
                  std::span(inputs_).first(static_cast<std::size_t>(n.input_count)), outputs, nullptr);
  }

  Result<const Tensor*> host_value(FrameInstance* f, const PlanNode& n, int i) {
    bool must_wait = false;
    ISO_ASSIGN(const Tensor* value, run_.value_on(input(f, n, i), true, &must_wait, n.id, n.node->name));
    if (must_wait) ISO_TRY(run_.synchronise());
    return value;
  }

  // Ops that pass on what arrived.
  Status route(FrameInstance* f, const PlanNode& n, std::span<Cell> outputs) {
    switch (n.op) {
      case ExecutorOp::constant:
        outputs[0] = program_.constant_cell(n.constant);
        return {};
      case ExecutorOp::placeholder:
      case ExecutorOp::argument:
        return unfed_placeholder(program_, n.id);
      case ExecutorOp::nothing:
      case ExecutorOp::control_trigger:
        return {};
      case ExecutorOp::switch_: {
        ISO_ASSIGN(const Tensor* predicate, host_value(f, n, 1));
        ISO_ASSIGN(const bool taken, truth(*predicate));
        outputs[taken ? 1 : 0] = input(f, n, 0);
        return {};
      }
      case ExecutorOp::switch_n: {
        ISO_ASSIGN(const Tensor* branch, host_value(f, n, 1));
        if (branch->dtype() != DType::int32 || branch->elements() != 1 || outputs.empty())
          return invalid_input("the branch index is no int32 scalar");
        const std::int64_t wanted = integer_at(*branch, 0);
        const auto last = static_cast<std::int64_t>(outputs.size()) - 1;
        outputs[static_cast<std::size_t>(wanted < 0 || wanted > last ? last : wanted)] = input(f, n, 0);
        return {};
      }
      case ExecutorOp::merge: {
        const int live = f->states[static_cast<std::size_t>(n.state)].live;
        outputs[0] = f->cells[static_cast<std::size_t>(n.cell_begin + live)];
        outputs[1].value = Tensor::scalar<std::int32_t>(live);
        return {};
      }
      case ExecutorOp::forward:
        for (int i = 0; i < n.output_count; ++i) outputs[static_cast<std::size_t>(i)] = input(f, n, i);
        return {};
      default:  // Enter, Exit, NextIteration, LoopCond
        outputs[0] = input(f, n, 0);
        return {};
    }
  }

  GraphProgram& program_;
  const FedTensors& fed_;
  const Plan& plan_;
  std::vector<PreparedKernel*>& kernels_;
  std::vector<std::unique_ptr<PreparedKernel>>& own_;
  Run& run_;
  std::span<Tensor> arguments_, results_;
  std::vector<Cell> outputs_;
  std::vector<NodeInput> inputs_;
  NodeContext context_;
  std::deque<Item> queue_;
  std::vector<std::unique_ptr<FrameInstance>> instances_, spare_;
  std::uint64_t last_number_ = 0;
};

class DataflowExecutable final : public Executable {
 public:
  DataflowExecutable(GraphProgram& program, const std::vector<TensorRef>& feeds)
      : program_(program), fed_(program.graph(), feeds) {}

  Status compile(const Excerpt& excerpt) {
    ISO_ASSIGN(plan_, make_plan(program_, fed_, excerpt));
    kernels_.resize(plan_.nodes.size());
    own_.resize(plan_.nodes.size());
    return {};
  }

  Status run(Run& run, std::span<Tensor> arguments, std::span<Tensor> results) override {
    return Execution(program_, fed_, plan_, kernels_, own_, run, arguments, results).execute();
  }

 private:
  GraphProgram& program_;
  FedTensors fed_;
  Plan plan_;
  std::vector<PreparedKernel*> kernels_;  // by plan node; null until it runs
  std::vector<std::unique_ptr<PreparedKernel>> own_;
};

}  // namespace
}  // namespace dataflow

Result<std::unique_ptr<Executable>> make_dataflow(GraphProgram& program, const Excerpt& excerpt) {
  auto executable = std::make_unique<dataflow::DataflowExecutable>(program, excerpt.feeds);
  ISO_TRY(executable->compile(excerpt));
  return std::unique_ptr<Executable>(std::move(executable));
}

}  // namespace isotherm
