// No kernel crashes on inputs it does not expect: every op with inputs of many shapes and dtypes gives outputs or an
// error.
#include <gtest/gtest.h>

#include "core/cpu/cpu_device.h"
#include "core/cpu/registry.h"
#include "core/ops/op_def.h"
#include "core/runtime/session_state.h"

namespace isotherm::test {
namespace {

class TestContext final : public KernelContext {
 public:
  TestContext(Device& device, Stream& stream, std::vector<Tensor> inputs)
      : device_(device), stream_(stream), inputs_(std::move(inputs)) {}
  [[nodiscard]] int input_count() const override { return static_cast<int>(inputs_.size()); }
  [[nodiscard]] const Tensor& input(int i) const override {
    static const Tensor none;
    return i >= 0 && i < input_count() ? inputs_[static_cast<std::size_t>(i)] : none;
  }
  Result<Tensor> allocate(DType dtype, Shape shape) override {
    if (shape.elements().value_or(0) > 1 << 24) return exhausted("too large for this test");
    return Tensor::make(dtype, std::move(shape));
  }
  Result<Tensor> allocate_on_host(DType dtype, Shape shape) override { return allocate(dtype, std::move(shape)); }
  Result<Tensor> scratch(std::size_t bytes) override {
    return allocate(DType::uint8, Shape{static_cast<std::int64_t>(bytes)});
  }
  Tensor take_input(int, DType, const Shape&) override { return {}; }
  void set_output(int, Tensor value) override { ok_ = ok_ && value.valid(); }
  [[nodiscard]] Stream& stream() override { return stream_; }
  [[nodiscard]] Device& device() override { return device_; }
  [[nodiscard]] RunObserver* observer() override { return nullptr; }
  [[nodiscard]] int threads() const override { return 2; }
  [[nodiscard]] bool cancelled() const override { return false; }
  [[nodiscard]] SessionState& state() override { return state_; }
  [[nodiscard]] bool outputs_valid() const { return ok_; }

 private:
  Device& device_;
  Stream& stream_;
  std::vector<Tensor> inputs_;
  SessionState state_;
  bool ok_ = true;
};

/// Scalars, vectors, images, empty ones; small integers of both signs in every dtype.
std::vector<Tensor> odd_tensors() {
  std::vector<Tensor> tensors;
  const std::vector<Shape> shapes{Shape(),           Shape{0},          Shape{2},
                                  Shape{4},          Shape{2, 3},       Shape{0, 3},
                                  Shape{1, 4, 4, 2}, Shape{3, 3, 2, 2}, Shape{1, 2, 3, 4, 1}};
  for (const DType dtype : {DType::float32, DType::int32, DType::int64, DType::boolean, DType::float16, DType::string,
                            DType::uint8, DType::resource})
    for (const Shape& shape : shapes) {
      Tensor t = *Tensor::make(dtype, shape);
      for (std::size_t i = 0; i < t.byte_size(); ++i) t.raw()[i] = std::byte{0};
      for (std::int64_t i = 0; i < t.elements(); ++i) {
        const int value = static_cast<int>(i * 7 % 5) - 1;
        const auto at = static_cast<std::size_t>(i);
        if (dtype == DType::float32) t.mutable_data<float>()[at] = static_cast<float>(value);
        if (dtype == DType::int32) t.mutable_data<std::int32_t>()[at] = value;
        if (dtype == DType::int64) t.mutable_data<std::int64_t>()[at] = value;
        if (dtype == DType::boolean) t.mutable_data<bool>()[at] = value > 0;
        if (dtype == DType::uint8) t.mutable_data<std::uint8_t>()[at] = static_cast<std::uint8_t>(value);
      }
      tensors.push_back(std::move(t));
    }
  return tensors;
}

/// A graph of one node of `op` with that many data inputs, its attributes at their defaults or at values a file may
/// hold.
std::shared_ptr<const Graph> graph_of(const std::string& op, int inputs, int variant) {
  Graph::Parts parts;
  NodeRecord node;
  node.name = "node";
  node.op = op;
  for (int i = 0; i < inputs; ++i) {
    NodeRecord source;
    source.name = "in" + std::to_string(i);
    source.op = "Placeholder";
    source.attrs.set("dtype", TypeValue(DType::float32));
    node.inputs.push_back(source.name);
    parts.nodes.push_back(std::move(source));
  }
  if (variant > 0) {
    const std::int64_t size = variant == 1 ? 1 : 2;
    for (const char* name : {"strides", "ksize", "ksizes", "rates", "dilations"}) {
      AttrList list;
      list.i = {1, size, size, 1};
      node.attrs.set(name, make_list_attr(std::move(list)));
    }
    node.attrs.set("padding", std::string(variant == 1 ? "SAME" : "VALID"));
    for (const char* name : {"N", "num", "num_split", "block_size", "window_size", "stride", "num_partitions", "k"})
      node.attrs.set(name, size);
    node.attrs.set("axis", variant == 1 ? std::int64_t{0} : std::int64_t{-1});
    node.attrs.set("equation", std::string("ab,bc->ac"));
  }
  parts.nodes.push_back(std::move(node));
  add_default_attrs(parts);
  return Graph::build(std::move(parts)).value();
}

TEST(Kernels, SurviveAnyInput) {
  const auto device = make_cpu_device(2);
  const auto stream = device->make_stream().value();
  const std::vector<Tensor> tensors = odd_tensors();
  unsigned random = 12345;
  const auto draw = [&random](std::size_t n) {
    random = random * 1664525u + 1013904223u;
    return static_cast<std::size_t>(random >> 8) % n;
  };
  int errors = 0, results = 0;
  for (const std::string& op : cpu::kernels().ops())
    for (int variant = 0; variant < 3; ++variant)
      for (int inputs = 0; inputs <= 7; ++inputs) {
        const auto graph = graph_of(op, inputs, variant);
        const NodeId id = graph->find("node");
        const auto found = signature_of(graph->node(id));
        const Signature signature = found.ok() ? *found : Signature();
        const auto kernel = device->make_kernel({*graph, id, graph->node(id), signature, {}, {}, {}, nullptr, 2});
        if (!kernel.ok()) {
          EXPECT_FALSE(kernel.error().message.empty());
          continue;
        }
        for (int trial = 0; trial < 24; ++trial) {
          std::vector<Tensor> values;
          // One dtype a trial: a graph whose inputs do not have the dtypes of their op is refused when it is loaded.
          const std::size_t dtype = draw(8);
          for (int i = 0; i < inputs; ++i) values.push_back(tensors[dtype * 9 + draw(9)]);
          TestContext context(*device, *stream, std::move(values));
          const Status status = (*kernel)->run(context);
          status.ok() ? ++results : ++errors;
          if (status.ok())
            EXPECT_TRUE(context.outputs_valid()) << op;
          else
            EXPECT_FALSE(status.error().message.empty()) << op;
        }
      }
  EXPECT_GT(results, 1000);
  EXPECT_GT(errors, 1000);
}

TEST(Device, SaysWhatItIs) {
  const auto device = make_cpu_device(2);
  EXPECT_EQ(device->name(), "cpu");
  EXPECT_NE(device->description().find("2 threads, oneDNN "), std::string::npos) << device->description();
  EXPECT_EQ(device->engine_backend(), nullptr);
  EXPECT_TRUE(device->supports("Conv2D"));
  EXPECT_FALSE(device->supports("NoSuchOp"));
}

TEST(Device, NamesTheOpItCannotRun) {
  const auto device = make_cpu_device(1);
  const auto graph = graph_of("NoSuchOp", 1, 0);
  const NodeId id = graph->find("node");
  const auto kernel = device->make_kernel({*graph, id, graph->node(id), Signature(), {}, {}, {}, nullptr, 1});
  ASSERT_FALSE(kernel.ok());
  EXPECT_EQ(kernel.error().code, ErrorCode::unsupported);
  EXPECT_EQ(kernel.error().message, "node 'node': the CPU device has no kernel for op NoSuchOp");
}

}  // namespace
}  // namespace isotherm::test
