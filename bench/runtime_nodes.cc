// What the executors cost per node, beside the kernels: nodes that do nothing but pass a buffer on.
#include <benchmark/benchmark.h>

#include "core/runtime/kernel.h"
#include "core/runtime/session.h"

namespace isotherm {
namespace {

class IdleStream final : public Stream {
 public:
  Status synchronise() override { return {}; }
};

class PassOn final : public Kernel {
 public:
  explicit PassOn(bool compare) : compare_(compare) {}
  Status run(KernelContext& context) override {
    if (compare_) {
      const bool less = context.input(0).data<float>()[0] < context.input(1).data<float>()[0];
      context.set_output(0, Tensor::scalar<bool>(less));
      return {};
    }
    const Tensor& in = context.input(0);
    Tensor out = context.take_input(0, in.dtype(), in.shape());
    if (!out.valid()) {
      ISO_ASSIGN(out, context.allocate(in.dtype(), in.shape()));
    }
    if (context.input_count() == 2)
      out.mutable_data<float>()[0] = in.data<float>()[0] + context.input(1).data<float>()[0];
    context.set_output(0, std::move(out));
    return {};
  }

 private:
  bool compare_;
};

class IdleDevice final : public Device {
 public:
  [[nodiscard]] std::string name() const override { return "idle"; }
  [[nodiscard]] std::string description() const override { return "runs nothing"; }
  [[nodiscard]] MemoryKind memory_kind() const override { return MemoryKind::host; }
  Result<std::shared_ptr<Buffer>> allocate(std::size_t bytes) override { return allocate_host(bytes); }
  Result<std::unique_ptr<Stream>> make_stream() override {
    return std::unique_ptr<Stream>(std::make_unique<IdleStream>());
  }
  Result<Tensor> to_device(const Tensor& host, Stream&) override { return host; }
  Result<Tensor> to_host(const Tensor& tensor, Stream&) override { return tensor; }
  Result<std::unique_ptr<Kernel>> make_kernel(const KernelRequest& request) override {
    return std::unique_ptr<Kernel>(std::make_unique<PassOn>(request.node.op == "Less"));
  }
  [[nodiscard]] bool supports(std::string_view) const override { return true; }
  EngineBackend* engine_backend() override { return nullptr; }
};

class Counter final : public RunObserver {
 public:
  void scope_begin(const ScopeInfo&, Stream*) override { ++events; }
  void scope_end(const ScopeInfo&, Stream*) override { ++events; }
  void capture_begin(std::uint64_t, Stream*) override {}
  void capture_end(std::uint64_t, Stream*) override {}
  void replay(std::uint64_t, Stream*) override {}
  void fallback(std::int64_t, std::string_view) override {}
  std::uint64_t events = 0;
};

NodeRecord record(std::string name, std::string op, std::vector<std::string> inputs) {
  NodeRecord out{std::move(name), std::move(op), "", std::move(inputs), {}, ""};
  out.attrs.set("T", TypeValue(DType::float32));
  return out;
}

void add_constant(Graph::Parts& parts, std::string name, float value, std::vector<std::string> control = {}) {
  parts.nodes.push_back({std::move(name), "Const", "", std::move(control), {}, ""});
  parts.nodes.back().attrs.set("dtype", TypeValue(DType::float32));
  parts.nodes.back().attrs.set("value", make_constant_attr(Constant(Tensor::scalar<float>(value))));
}

std::unique_ptr<Session> session_of(Graph::Parts parts, benchmark::State& state) {
  auto graph = Graph::build(std::move(parts));
  if (!graph.ok()) {
    state.SkipWithError(graph.error().message.c_str());
    return nullptr;
  }
  auto session = Session::create(*graph, std::make_shared<IdleDevice>());
  if (session.ok()) return std::move(*session);
  state.SkipWithError(session.error().message.c_str());
  return nullptr;
}

void run_all(benchmark::State& state, Session* session, const Feeds& feeds, const std::string& fetch,
             RunObserver* observer) {
  if (!session) return;
  std::size_t nodes = 0;
  for (auto _ : state) {
    auto result = session->run(feeds, {fetch}, {.observer = observer});
    if (!result.ok()) return state.SkipWithError(result.error().message.c_str());
    nodes += result->statistics.nodes_run;
  }
  state.counters["per_node"] =
      benchmark::Counter(static_cast<double>(nodes), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

Graph::Parts chain(std::int64_t length) {
  Graph::Parts parts;
  parts.nodes.push_back({"x", "Placeholder", "", {}, {}, ""});
  parts.nodes[0].attrs.set("dtype", TypeValue(DType::float32));
  for (std::int64_t i = 0; i < length; ++i)
    parts.nodes.push_back(record("n" + std::to_string(i), "Neg", {i == 0 ? "x" : "n" + std::to_string(i - 1)}));
  return parts;
}

void schedule(benchmark::State& state) {
  auto session = session_of(chain(1000), state);
  Counter counter;
  run_all(state, session.get(), {{"x", Tensor::scalar<float>(1)}}, "n999", state.range(0) ? &counter : nullptr);
}
BENCHMARK(schedule)->ArgName("observer")->Arg(0)->Arg(1);

// while i < 100: i += 1
void loop(benchmark::State& state) {
  Graph::Parts parts;
  add_constant(parts, "zero", 0);
  add_constant(parts, "limit", 100);
  for (const char* name : {"zero", "limit"}) {
    parts.nodes.push_back(record(std::string("enter_") + name, "Enter", {name}));
    parts.nodes.back().attrs.set("frame_name", std::string("loop"));
    parts.nodes.back().attrs.set("is_constant", name[0] == 'l');
  }
  parts.nodes.push_back(record("merge", "Merge", {"enter_zero", "next"}));
  parts.nodes.back().attrs.set("N", std::int64_t{2});
  parts.nodes.push_back(record("less", "Less", {"merge", "enter_limit"}));
  parts.nodes.push_back(record("condition", "LoopCond", {"less"}));
  parts.nodes.push_back(record("switch", "Switch", {"merge", "condition"}));
  parts.nodes.push_back(record("body", "Identity", {"switch:1"}));
  add_constant(parts, "one", 1, {"^body"});
  parts.nodes.push_back(record("increment", "Add", {"body", "one"}));
  parts.nodes.push_back(record("next", "NextIteration", {"increment"}));
  parts.nodes.push_back(record("exit", "Exit", {"switch"}));
  auto session = session_of(std::move(parts), state);
  run_all(state, session.get(), {}, "exit", nullptr);
}
BENCHMARK(loop);

}  // namespace
}  // namespace isotherm

BENCHMARK_MAIN();
