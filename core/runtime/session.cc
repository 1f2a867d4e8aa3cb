#include "core/runtime/session.h"

#include <algorithm>
#include <thread>

#include "core/runtime/engine_node.h"
#include "core/runtime/feed_check.h"
#include "core/runtime/frames.h"
#include "core/runtime/graph_program.h"
#include "core/runtime/recorded_run.h"
#include "core/runtime/session_state.h"

namespace isotherm {
namespace {

class SessionImpl final : public Session {
 public:
  SessionImpl(std::shared_ptr<const Graph> graph, GraphShapes shapes, std::shared_ptr<Device> device,
              std::unique_ptr<Stream> stream, const SessionOptions& options)
      : device_(std::move(device)),
        stream_(std::move(stream)),
        options_(options),
        functions_(graph->shared_functions()),
        context_{*device_, state_, functions_, options.engine_runner, options.threads},
        program_(std::make_unique<GraphProgram>(std::move(graph), std::move(shapes), context_, "")) {
    Device* memory = device_.get();
    arena_ = Arena::make([memory](std::size_t bytes) { return memory->allocate(bytes); }, device_->alignment(),
                         options.reuse_buffers);
    host_arena_ = arena_;
    if (device_->memory_kind() != MemoryKind::host)
      host_arena_ = Arena::make([memory](std::size_t bytes) { return memory->allocate_on_host(bytes); }, kHostAlignment,
                                options.reuse_buffers);
  }

  Result<RunResult> run(const Feeds& feeds, const std::vector<std::string>& fetches,
                        const RunOptions& options) override;

  [[nodiscard]] bool in_loop(NodeId node) const override {
    if (loop_of_.empty()) find_loops();
    return node >= 0 && node < graph().size() && loop_of_[static_cast<std::size_t>(node)] > 0;
  }
  [[nodiscard]] EngineRunner* engine_runner(NodeId node) override {
    auto* engine = dynamic_cast<EngineNode*>(program_->existing_kernel(node));
    return engine ? engine->runner() : nullptr;
  }
  void record_again() override {
    if (recorded_) recorded_->record_again();
  }
  [[nodiscard]] SessionState& state() override { return state_; }
  [[nodiscard]] const Graph& graph() const override { return program_->graph(); }
  [[nodiscard]] const GraphShapes& shapes() const override { return program_->shapes(); }
  [[nodiscard]] Device& device() override { return *device_; }

 private:
  // Names resolved and compiled, for as long as the caller asks for the same.
  struct Prepared {
    std::vector<std::string> feed_names, fetch_names;
    std::vector<TensorRef> feeds, fetches;
    bool valid = false;
    bool distrust = false;
    Executable* executable = nullptr;
  };
  Status prepare(const Feeds& feeds, const std::vector<std::string>& fetches);
  Status collect(Run& run, std::span<Tensor> values, const RunOptions& options, std::vector<Tensor>& out);
  Status check_fetched(std::span<const Tensor> values, const RunOptions& options) const;
  Status execute(Run& run, std::vector<Tensor>& arguments, const RunOptions& options, std::vector<Tensor>& out);
  void find_loops() const;

  std::shared_ptr<Device> device_;
  SessionState state_;  // before everything whose kernels may refer to it, after the device whose memory it holds
  std::unique_ptr<Stream> stream_;
  SessionOptions options_;
  FunctionTable functions_;
  SessionContext context_;
  std::unique_ptr<GraphProgram> program_;
  std::shared_ptr<Arena> arena_, host_arena_;
  Prepared prepared_;
  std::unique_ptr<RecordedRun> recorded_;
  mutable std::vector<int> loop_of_;
};

void SessionImpl::find_loops() const {
  loop_of_.assign(static_cast<std::size_t>(std::max(1, graph().size())), 0);
  auto order = graph().topological_order();
  if (!order.ok()) return;
  const FedTensors nothing(graph(), {});
  const auto counts = [&](const Node& consumer, const Input& in) {
    return in.is_control() || executor_op(consumer.op) == ExecutorOp::merge ||
           program_->constant_behind({in.node, in.port}, nothing, true) == kNoNode;
  };
  auto frames = assign_frames(graph(), *order, counts);
  if (frames.ok()) loop_of_ = std::move(frames->output_frame);
}

Status SessionImpl::prepare(const Feeds& feeds, const std::vector<std::string>& fetches) {
  const bool same = prepared_.valid && prepared_.fetch_names == fetches &&
                    prepared_.feed_names.size() == feeds.size() &&
                    std::ranges::equal(prepared_.feed_names, feeds, {}, {},
                                       [](const auto& feed) -> const std::string& { return feed.first; });
  if (same) return {};
  Prepared made;
  for (const auto& [name, value] : feeds) {
    ISO_ASSIGN(const TensorRef tensor, resolve_feed(*program_, name));
    if (std::ranges::find(made.feeds, tensor) != made.feeds.end())
      return invalid_input("'" + graph().tensor_name(tensor) + "' is fed twice");
    made.feeds.push_back(tensor);
    made.feed_names.push_back(name);
  }
  for (const std::string& name : fetches) {
    ISO_ASSIGN(const TensorRef tensor, resolve_fetch(*program_, name));
    made.fetches.push_back(tensor);
    made.fetch_names.push_back(name);
  }
  made.valid = true;
  prepared_ = std::move(made);
  return {};
}

Status SessionImpl::check_fetched(std::span<const Tensor> values, const RunOptions& options) const {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (prepared_.fetches[i].port != kControlPort && !values[i].valid() && !options.allow_dead_fetches)
      return invalid_input("fetch '" + prepared_.fetch_names[i] +
                           "' has no value in this run: it lies on a branch of a conditional that was not taken");
  return {};
}

Status SessionImpl::collect(Run& run, std::span<Tensor> values, const RunOptions& options, std::vector<Tensor>& out) {
  ISO_TRY(check_fetched(values, options));
  out.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const TensorRef& fetch = prepared_.fetches[i];
    if (fetch.port == kControlPort || !values[i].valid()) continue;
    if (options.fetches_on_device && !values[i].on_host()) {
      out[i] = values[i];
      continue;
    }
    ISO_ASSIGN(out[i], run.take_out(values[i], fetch.node, prepared_.fetch_names[i]));
  }
  return run.synchronise();
}

Status SessionImpl::execute(Run& run, std::vector<Tensor>& arguments, const RunOptions& options,
                            std::vector<Tensor>& out) {
  // What looks at values needs every node issued by itself.
  if (device_->records_runs() && !(run.observer && run.observer->values())) {
    if (!recorded_) recorded_ = std::make_unique<RecordedRun>(*device_, options_.reuse_buffers);
    const RecordedCall call{*prepared_.executable,   arguments,          prepared_.feeds, prepared_.fetches,
                            prepared_.fetch_names, options.fetches_on_device};
    ISO_ASSIGN(const bool done, recorded_->run(run, call, out));
    if (done) return check_fetched(out, options);
  }
  std::vector<Tensor> values(prepared_.fetches.size());
  ISO_TRY(prepared_.executable->run(run, arguments, values));
  return collect(run, values, options, out);
}

Result<RunResult> SessionImpl::run(const Feeds& feeds, const std::vector<std::string>& fetches,
                                   const RunOptions& options) {
  ISO_TRY(prepare(feeds, fetches));
  std::vector<Tensor> arguments;
  arguments.reserve(feeds.size());
  bool distrust = false;
  for (std::size_t i = 0; i < feeds.size(); ++i) {
    ISO_ASSIGN(const bool as_inferred, check_feed(*program_, prepared_.feeds[i], feeds[i].second));
    distrust |= !as_inferred;
    ISO_ASSIGN(Tensor aligned, feeds[i].second.on_host() && !is_host_only(feeds[i].second.dtype())
                                   ? feeds[i].second.aligned()
                                   : Result<Tensor>(feeds[i].second));
    arguments.push_back(std::move(aligned));
  }
  if (!prepared_.executable || distrust != prepared_.distrust) {
    prepared_.executable = nullptr;
    ISO_ASSIGN(prepared_.executable, program_->executable(prepared_.feeds, prepared_.fetches, distrust));
    prepared_.distrust = distrust;
  }
  arena_->begin_run();
  if (host_arena_ != arena_) host_arena_->begin_run();

  RunResult result;
  Run run{.device = *device_,
          .stream = *stream_,
          .state = state_,
          .arena = arena_,
          .host_arena = host_arena_,
          .threads = context_.threads,
          .use_engines = options_.use_engines,
          .allow_native_segments = options_.allow_native_segments,
          .host_device = device_->memory_kind() == MemoryKind::host,
          .observer = options.observer,
          .cancel = options.cancel,
          .statistics = &result.statistics,
          .function = {},
          .depth = 0,
          .pending = {}};
  const ScopeInfo info{.kind = ScopeKind::run, .name = "run", .op = {}, .function = {}};
  const Scope scope(run.observer, info, &run.stream);
  const Status status = execute(run, arguments, options, result.fetches);
  // Whatever happened, nothing of this run is on the stream when it is over. An error that only the stream knows
  // counts.
  const Status last = run.synchronise();
  state_.end_run();
  if (!status.ok()) return status.error();
  if (!last.ok()) return last.error();
  result.statistics.arena_peak_bytes = run.arena->peak_bytes();
  result.statistics.arena_reserved_bytes = run.arena->reserved_bytes();
  return result;
}

}  // namespace

Result<std::unique_ptr<Session>> Session::create(std::shared_ptr<const Graph> graph, std::shared_ptr<Device> device,
                                                 const SessionOptions& options) {
  if (!graph || !device) return internal_error("a session needs a graph and a device");
  ISO_ASSIGN(GraphShapes shapes, infer_shapes(*graph));
  ISO_ASSIGN(std::unique_ptr<Stream> stream, device->make_stream());
  SessionOptions set = options;
  if (set.threads <= 0) set.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return std::unique_ptr<Session>(
      std::make_unique<SessionImpl>(std::move(graph), std::move(shapes), std::move(device), std::move(stream), set));
}

}  // namespace isotherm
