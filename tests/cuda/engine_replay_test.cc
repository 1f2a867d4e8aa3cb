// A plan as a CUDA Graph of its own: recorded when its addresses repeat, replayed from then on, recorded again for
// another observer.
#include "core/runtime/kernel.h"
#include "core/runtime/session_state.h"
#include "tests/cuda/engine_fixture.h"

namespace isotherm::test {
namespace {

/// Gives the same memory to every run, as a session's arena does.
class RepeatingContext final : public KernelContext {
 public:
  RepeatingContext(Device& device, Stream& stream) : device_(device), stream_(stream) {}
  void restart(RunObserver* observer) {
    next_ = 0;
    observer_ = observer;
  }

  [[nodiscard]] int input_count() const override { return 0; }
  [[nodiscard]] const Tensor& input(int) const override { return none_; }
  Result<Tensor> allocate(DType dtype, Shape shape) override {
    if (next_ == memory_.size()) {
      ISO_ASSIGN(auto buffer,
                 device_.allocate(static_cast<std::size_t>(shape.elements().value_or(0)) * dtype_size(dtype)));
      memory_.emplace_back(dtype, std::move(shape), std::move(buffer));
    }
    return memory_[next_++];
  }
  Result<Tensor> allocate_on_host(DType dtype, Shape shape) override { return Tensor::make(dtype, std::move(shape)); }
  Result<Tensor> scratch(std::size_t bytes) override {
    return allocate(DType::uint8, Shape{static_cast<std::int64_t>(bytes)});
  }
  Tensor take_input(int, DType, const Shape&) override { return {}; }
  void set_output(int, Tensor) override {}
  [[nodiscard]] Stream& stream() override { return stream_; }
  [[nodiscard]] Device& device() override { return device_; }
  [[nodiscard]] RunObserver* observer() override { return observer_; }
  [[nodiscard]] int threads() const override { return 1; }
  [[nodiscard]] bool cancelled() const override { return false; }
  [[nodiscard]] SessionState& state() override { return state_; }

 private:
  Device& device_;
  Stream& stream_;
  SessionState state_;
  RunObserver* observer_ = nullptr;
  std::vector<Tensor> memory_;
  std::size_t next_ = 0;
  Tensor none_;
};

class GraphCounter final : public RunObserver {
 public:
  void scope_begin(const ScopeInfo&, Stream*) override { ++scopes; }
  void scope_end(const ScopeInfo&, Stream*) override {}
  void capture_begin(std::uint64_t graph, Stream*) override {
    ++captures;
    last = graph;
  }
  void capture_end(std::uint64_t graph, Stream*) override { EXPECT_EQ(graph, last); }
  void replay(std::uint64_t graph, Stream*) override {
    ++replays;
    EXPECT_EQ(graph, last);
  }
  void fallback(std::int64_t, std::string_view) override {}
  int scopes = 0, captures = 0, replays = 0;
  std::uint64_t last = 0;
};

TEST(CudaEngineReplay, RecordsWhenAddressesRepeat) {
  ISO_CARD_OR_SKIP(device, false, true);
  Body b;
  std::string x = b.node("relu", "Relu", {b.conv("stem", b.arg("x", {2, 6, 6, 16}), {3, 3, 16, 16})});
  x = b.node("add", "AddV2", {x, b.conv("conv", x, {1, 1, 16, 16})});
  b.ret(b.node("mean", "Mean", {x, b.ints("axes", {1, 2})}, {{"Tidx", TypeValue(DType::int32)}, {"keep_dims", false}}));
  NetworkOptions network_options;
  network_options.evaluator = host_device().get();
  const auto network = b.network(network_options);
  ASSERT_TRUE(network.ok()) << network.error().message;
  BuildOptions options;
  options.deterministic = true;
  const auto plan = device->engine_backend()->build(*network, options);
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  const auto layers = static_cast<int>((*plan)->layers().size());

  const auto stream = device->make_stream();
  ASSERT_TRUE(stream.ok()) << stream.error().message;
  const auto buffer = device->allocate(std::size_t{2} * 6 * 6 * 16 * sizeof(float));
  ASSERT_TRUE(buffer.ok()) << buffer.error().message;
  const Tensor input(DType::float32, {2, 6, 6, 16}, *buffer);
  RepeatingContext context(*device, **stream);
  GraphCounter first, second;
  RunObserver* const observers[] = {&first, &first, &first, &second, &second, nullptr};
  std::mt19937 random(3);
  std::uniform_real_distribution<float> uniform(-1, 1);
  for (RunObserver* const observer : observers) {
    const Tensor host = Tensor::make(DType::float32, input.shape()).value();
    for (float& v : Tensor(host).mutable_data<float>()) v = uniform(random);
    ASSERT_TRUE(device->copy(host, input, **stream).ok());
    context.restart(observer);
    std::vector<Tensor> outputs(1);
    const Status status = (*plan)->run(context, std::span(&input, 1), outputs, kNoNode);
    ASSERT_TRUE(status.ok()) << status.error().message;
    const auto found = device->to_host(outputs[0], **stream);
    ASSERT_TRUE(found.ok()) << found.error().message;
    ASSERT_TRUE((*stream)->synchronise().ok());
    auto expected = run_body(*b.build(), {to_array(host)});
    EXPECT_LE(error_of(to_array(*found), expected["ret0:0"]), 1e-5);
  }
  // A run whose layers are looked at is issued layer by layer, whatever was recorded.
  {
    const Tensor host = Tensor::make(DType::float32, input.shape()).value();
    for (float& v : Tensor(host).mutable_data<float>()) v = uniform(random);
    ASSERT_TRUE(device->copy(host, input, **stream).ok());
    const auto expected = run_body(*b.build(), {to_array(host)});
    LayerCheck check(expected, 1e-5);
    context.restart(&check);
    std::vector<Tensor> outputs(1);
    ASSERT_TRUE((*plan)->run(context, std::span(&input, 1), outputs, kNoNode).ok());
    EXPECT_EQ(check.count, layers);
  }
  EXPECT_EQ(first.captures, 1);
  EXPECT_EQ(first.replays, 2);
  EXPECT_EQ(first.scopes, 2 * layers);  // launch by launch, then while it was recorded
  EXPECT_EQ(second.captures, 1);
  EXPECT_EQ(second.replays, 2);
  EXPECT_EQ(second.scopes, layers);
}

}  // namespace
}  // namespace isotherm::test
