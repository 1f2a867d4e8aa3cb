#include "core/runtime/schedule.h"

#include <algorithm>

#include "core/runtime/invoke.h"

namespace isotherm {
namespace {

// Where a value lies: a slot of the frame (>= 0), a constant of the program (< 0: ~index), or nowhere.
using Place = std::int32_t;
constexpr Place kNowhere = INT32_MIN;

struct StepInput {
  Place place = kNowhere;
  bool last_reader = false;
};

struct Step {
  const Node* node = nullptr;
  PreparedKernel* prepared = nullptr;  // null until the first run
  std::unique_ptr<PreparedKernel> own;
  ScopeInfo scope;
  bool tainted = false;
  std::int32_t input_begin = 0, input_count = 0;
  std::int32_t output_begin = 0, output_count = 0;  // slots, one after the other
  std::int32_t release_begin = 0, release_count = 0;
};

struct ResultPlace {
  Place place = kNowhere;
  bool last_reader = false;
};

// Slots of one run that is under way. Kept for the next one: a run allocates none.
struct Frame {
  std::vector<Cell> slots;
  std::vector<NodeInput> inputs;  // of one step
  NodeContext context;
};

class Schedule final : public Executable {
 public:
  Schedule(GraphProgram& program, const std::vector<TensorRef>& feeds)
      : program_(program), fed_(program.graph(), feeds) {}

  Status compile(const Excerpt& excerpt);
  Status run(Run& run, std::span<Tensor> arguments, std::span<Tensor> results) override;

 private:
  void plan_lifetimes();
  Status run_steps(Run& run, Frame& frame);
  Cell& cell(Frame& frame, Place place) {
    return place >= 0 ? frame.slots[static_cast<std::size_t>(place)] : program_.constant_cell(~place);
  }

  GraphProgram& program_;
  FedTensors fed_;
  std::vector<Step> steps_;
  std::vector<StepInput> inputs_;
  std::vector<std::int32_t> releases_;
  std::vector<std::uint8_t> slot_used_;  // by slot: somebody reads it
  std::vector<std::uint8_t> kept_;       // by slot: a result
  std::vector<ResultPlace> results_;
  std::int32_t argument_count_ = 0, slot_count_ = 0, most_inputs_ = 0;
  std::vector<std::unique_ptr<Frame>> idle_;
};

Status Schedule::compile(const Excerpt& excerpt) {
  const auto& [feeds, fetches, order, tainted] = excerpt;
  const Graph& graph = program_.graph();
  argument_count_ = static_cast<std::int32_t>(feeds.size());
  slot_count_ = argument_count_;
  std::vector<std::int32_t> first(static_cast<std::size_t>(graph.size()), -1);
  std::vector<Place> places;
  const auto place_of = [&](NodeId node, int port) -> Place {
    if (const int feed = fed_.find(node, port); feed >= 0) return feed;
    const std::int32_t begin = first[static_cast<std::size_t>(node)];
    return begin < 0 ? kNowhere : places[static_cast<std::size_t>(begin + port)];
  };
  for (const NodeId id : order) {
    const Node& node = graph[id];
    const ExecutorOp op = program_.op_of(id);
    const int outputs = program_.output_count(id);
    first[static_cast<std::size_t>(id)] = static_cast<std::int32_t>(places.size());
    switch (op) {
      case ExecutorOp::nothing:
        break;
      case ExecutorOp::placeholder:
      case ExecutorOp::argument:
        return unfed_placeholder(program_, id);
      case ExecutorOp::constant: {
        ISO_ASSIGN(const int index, program_.constant(id));
        places.push_back(~index);
        break;
      }
      case ExecutorOp::forward:
        if (node.data_inputs < outputs)
          return invalid_input(describe_node(node) + " has " + std::to_string(node.data_inputs) +
                               " inputs, expected one for each of its " + std::to_string(outputs) + " outputs");
        for (int i = 0; i < outputs; ++i) {
          const Input& in = node.inputs[static_cast<std::size_t>(i)];
          places.push_back(place_of(in.node, in.port));
        }
        break;
      default: {
        Step step;
        step.node = &node;
        step.scope = {
            .kind = ScopeKind::node, .id = id, .name = node.name, .op = node.op, .function = program_.function()};
        step.tainted = !tainted.empty() && tainted[static_cast<std::size_t>(id)];
        step.input_begin = static_cast<std::int32_t>(inputs_.size());
        step.input_count = node.data_inputs;
        most_inputs_ = std::max(most_inputs_, step.input_count);
        for (const Input& in : node.data()) inputs_.push_back({place_of(in.node, in.port)});
        step.output_begin = slot_count_;
        step.output_count = outputs;
        for (int i = 0; i < outputs; ++i) places.push_back(slot_count_++);
        steps_.push_back(std::move(step));
      }
    }
  }
  for (const TensorRef& fetch : fetches)
    results_.push_back({fetch.port == kControlPort ? kNowhere : place_of(fetch.node, fetch.port)});
  plan_lifetimes();
  return {};
}

// Walks the steps backwards: the first reader met is the last to run.
void Schedule::plan_lifetimes() {
  kept_.assign(static_cast<std::size_t>(slot_count_), 0);
  slot_used_.assign(static_cast<std::size_t>(slot_count_), 0);
  for (std::size_t i = results_.size(); i-- > 0;) {
    const Place place = results_[i].place;
    if (place < 0) continue;
    auto& kept = kept_[static_cast<std::size_t>(place)];
    results_[i].last_reader = !kept;
    kept = 1;
    slot_used_[static_cast<std::size_t>(place)] = 1;
  }
  std::vector<std::vector<std::int32_t>> released(steps_.size());
  for (std::size_t s = steps_.size(); s-- > 0;) {
    Step& step = steps_[s];
    const auto begin = inputs_.begin() + step.input_begin;
    const auto end = begin + step.input_count;
    for (auto in = begin; in != end; ++in) {
      if (in->place < 0 || slot_used_[static_cast<std::size_t>(in->place)]) continue;
      // A value that the node reads twice is released once and never taken.
      const auto same = [&](const StepInput& other) { return other.place == in->place; };
      if (std::count_if(begin, end, same) == 1) in->last_reader = true;
      if (std::find_if(begin, in, same) == in) released[s].push_back(in->place);
    }
    for (auto in = begin; in != end; ++in)
      if (in->place >= 0) slot_used_[static_cast<std::size_t>(in->place)] = 1;
    for (std::int32_t i = 0; i < step.output_count; ++i)
      if (!slot_used_[static_cast<std::size_t>(step.output_begin + i)]) released[s].push_back(step.output_begin + i);
  }
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    steps_[s].release_begin = static_cast<std::int32_t>(releases_.size());
    steps_[s].release_count = static_cast<std::int32_t>(released[s].size());
    releases_.insert(releases_.end(), released[s].begin(), released[s].end());
  }
}

Status Schedule::run_steps(Run& run, Frame& frame) {
  for (Step& step : steps_) {
    if (run.cancelled()) return cancelled();
    if (!step.prepared) {
      ISO_ASSIGN(step.prepared, program_.kernel(static_cast<NodeId>(step.scope.id), fed_, step.tainted, step.own));
    }
    const StepInput* in = inputs_.data() + step.input_begin;
    const auto count = static_cast<std::size_t>(step.input_count);
    for (std::size_t i = 0; i < count; ++i) frame.inputs[i] = {&cell(frame, in[i].place), in[i].last_reader};
    const auto outputs =
        std::span(frame.slots)
            .subspan(static_cast<std::size_t>(step.output_begin), static_cast<std::size_t>(step.output_count));
    ISO_TRY(invoke(frame.context, run, *step.prepared, *step.node, step.scope, std::span(frame.inputs).first(count),
                   outputs, slot_used_.data() + step.output_begin));
    for (std::int32_t i = 0; i < step.release_count; ++i)
      frame.slots[static_cast<std::size_t>(releases_[static_cast<std::size_t>(step.release_begin + i)])].reset();
  }
  return {};
}

Status Schedule::run(Run& run, std::span<Tensor> arguments, std::span<Tensor> results) {
  std::unique_ptr<Frame> frame;
  if (!idle_.empty()) {
    frame = std::move(idle_.back());
    idle_.pop_back();
  } else {
    frame = std::make_unique<Frame>();
    frame->slots.resize(static_cast<std::size_t>(slot_count_));
    frame->inputs.resize(static_cast<std::size_t>(most_inputs_));
    frame->context.reserve(most_inputs_);
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(argument_count_); ++i)
    if (slot_used_[i]) frame->slots[i].value = std::move(arguments[i]);
  Status status = run_steps(run, *frame);
  if (status.ok()) {
    for (std::size_t i = 0; i < results_.size(); ++i) {
      const ResultPlace& from = results_[i];
      if (from.place == kNowhere)
        results[i] = Tensor();
      else if (from.last_reader)
        results[i] = std::move(cell(*frame, from.place).value);
      else
        results[i] = cell(*frame, from.place).value;
    }
    // Only results and arguments that nobody released are left.
    for (const ResultPlace& result : results_)
      if (result.place >= 0) frame->slots[static_cast<std::size_t>(result.place)].reset();
    for (std::size_t i = 0; i < static_cast<std::size_t>(argument_count_); ++i) frame->slots[i].reset();
  } else {
    for (Cell& slot : frame->slots) slot.reset();
  }
  idle_.push_back(std::move(frame));
  return status;
}

}  // namespace

Result<std::unique_ptr<Executable>> make_schedule(GraphProgram& program, const Excerpt& excerpt) {
  auto schedule = std::make_unique<Schedule>(program, excerpt.feeds);
  ISO_TRY(schedule->compile(excerpt));
  return std::unique_ptr<Executable>(std::move(schedule));
}

}  // namespace isotherm
