#include "tests/runtime/test_device.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

namespace isotherm::test {
namespace {

class DeviceBuffer final : public Buffer {
 public:
  DeviceBuffer(std::byte* data, std::size_t size, MemoryKind kind)
      : Buffer(data, size, kind, kind == MemoryKind::device ? 0 : -1) {}
  ~DeviceBuffer() override { ::operator delete (data(), std::align_val_t{kHostAlignment}); }
};

double load(const std::byte* at, DType dtype, std::int64_t i) {
  switch (dtype) {
    case DType::float64:
      return reinterpret_cast<const double*>(at)[i];
    case DType::float32:
      return static_cast<double>(reinterpret_cast<const float*>(at)[i]);
    case DType::int32:
      return reinterpret_cast<const std::int32_t*>(at)[i];
    case DType::int64:
      return static_cast<double>(reinterpret_cast<const std::int64_t*>(at)[i]);
    case DType::boolean:
      return reinterpret_cast<const bool*>(at)[i] ? 1 : 0;
    default:
      return NAN;
  }
}

void store(std::byte* at, DType dtype, std::int64_t i, double value) {
  switch (dtype) {
    case DType::float64:
      reinterpret_cast<double*>(at)[i] = value;
      break;
    case DType::float32:
      reinterpret_cast<float*>(at)[i] = static_cast<float>(value);
      break;
    case DType::int32:
      reinterpret_cast<std::int32_t*>(at)[i] = static_cast<std::int32_t>(value);
      break;
    case DType::int64:
      reinterpret_cast<std::int64_t*>(at)[i] = static_cast<std::int64_t>(value);
      break;
    case DType::boolean:
      reinterpret_cast<bool*>(at)[i] = value != 0;
      break;
    default:
      break;
  }
}

using Binary = double (*)(double, double);
using Unary = double (*)(double);

const std::map<std::string, Binary, std::less<>> kBinary = {
    {"Add", [](double a, double b) { return a + b; }},
    {"AddV2", [](double a, double b) { return a + b; }},
    {"Sub", [](double a, double b) { return a - b; }},
    {"Mul", [](double a, double b) { return a * b; }},
    {"Less", [](double a, double b) { return a < b ? 1.0 : 0.0; }},
    {"LessEqual", [](double a, double b) { return a <= b ? 1.0 : 0.0; }},
    {"Greater", [](double a, double b) { return a > b ? 1.0 : 0.0; }},
    {"Equal", [](double a, double b) { return a == b ? 1.0 : 0.0; }},
    {"FloorMod", [](double a, double b) { return a - b * std::floor(a / b); }},
    {"LogicalAnd", [](double a, double b) { return a * b; }},
};
const std::map<std::string, Unary, std::less<>> kUnary = {
    {"Neg", [](double a) { return -a; }},
    {"Square", [](double a) { return a * a; }},
    {"LogicalNot", [](double a) { return a == 0 ? 1.0 : 0.0; }},
    {"Cast", [](double a) { return a; }},
};

class TestKernel final : public Kernel {
 public:
  TestKernel(TestDevice& device, const KernelRequest& request)
      : device_(device), name_(request.node.name), op_(request.node.op), attrs_(request.node.attrs) {
    if (!request.signature.outputs.empty()) out_ = request.signature.outputs[0].dtype;
  }

  [[nodiscard]] bool input_on_host(int i) const override { return (op_ == "Reshape" && i == 1) || op_ == "OneHot"; }
  [[nodiscard]] bool output_on_host(int) const override { return op_ == "Shape" || op_ == "Size"; }

  Status run(KernelContext& context) override {
    device_.ran.push_back(name_);
    if (device_.on_run) device_.on_run(name_);
    if (const auto it = kBinary.find(op_); it != kBinary.end()) return binary(context, it->second);
    if (const auto it = kUnary.find(op_); it != kUnary.end()) return unary(context, it->second);
    if (op_ == "MatMul") return matmul(context);
    if (op_ == "Reshape") return reshape(context);
    if (op_ == "Shape" || op_ == "Size") return shape(context);
    if (op_ == "CheckNumerics") return invalid_input("the input is not finite");
    return variable_op(context);
  }

 private:
  Result<Tensor> output(KernelContext& context, const Shape& shape, std::initializer_list<int> takeable) {
    for (const int i : takeable) {
      Tensor taken = context.take_input(i, out_, shape);
      if (!taken.valid()) continue;
      device_.in_place.insert(name_);
      return taken;
    }
    return context.allocate(out_, shape);
  }

  Status binary(KernelContext& context, Binary f) {
    const Tensor& a = context.input(0);
    const Tensor& b = context.input(1);
    if (a.shape() != b.shape() && a.rank() != 0 && b.rank() != 0)
      return invalid_input("shapes " + a.shape().to_string() + " and " + b.shape().to_string());
    const Shape shape = a.rank() == 0 ? b.shape() : a.shape();
    ISO_ASSIGN(const Tensor out, output(context, shape, {0, 1}));
    issue(context, [f, pa = a.raw(), pb = b.raw(), po = out.raw(), ta = a.dtype(), tb = b.dtype(), to = out.dtype(),
                    n = out.elements(), sa = a.rank() == 0, sb = b.rank() == 0] {
      // Scalars first: a scalar's memory may be the output's.
      const double first_a = n > 0 ? load(pa, ta, 0) : 0, first_b = n > 0 ? load(pb, tb, 0) : 0;
      for (std::int64_t i = 0; i < n; ++i)
        store(po, to, i, f(sa ? first_a : load(pa, ta, i), sb ? first_b : load(pb, tb, i)));
    });
    context.set_output(0, out);
    return {};
  }

  Status unary(KernelContext& context, Unary f) {
    const Tensor& a = context.input(0);
    const std::size_t size = dtype_size(a.dtype());
    ISO_ASSIGN(const Tensor out,
               size == dtype_size(out_) ? output(context, a.shape(), {0}) : context.allocate(out_, a.shape()));
    issue(context, [f, pa = a.raw(), po = out.raw(), ta = a.dtype(), to = out.dtype(), n = out.elements()] {
      for (std::int64_t i = 0; i < n; ++i) store(po, to, i, f(load(pa, ta, i)));
    });
    context.set_output(0, out);
    return {};
  }

  Status matmul(KernelContext& context) {
    const Tensor& a = context.input(0);
    const Tensor& b = context.input(1);
    if (a.rank() != 2 || b.rank() != 2 || a.dim(1) != b.dim(0))
      return invalid_input("shapes " + a.shape().to_string() + " and " + b.shape().to_string());
    ISO_ASSIGN(const Tensor out, context.allocate(out_, {a.dim(0), b.dim(1)}));
    issue(context, [pa = a.raw(), pb = b.raw(), po = out.raw(), t = out_, m = a.dim(0), k = a.dim(1), n = b.dim(1)] {
      for (std::int64_t i = 0; i < m; ++i)
        for (std::int64_t j = 0; j < n; ++j) {
          double sum = 0;
          for (std::int64_t l = 0; l < k; ++l) sum += load(pa, t, i * k + l) * load(pb, t, l * n + j);
          store(po, t, i * n + j, sum);
        }
    });
    context.set_output(0, out);
    return {};
  }

  Status reshape(KernelContext& context) {
    std::vector<std::int64_t> dims;
    for (std::int64_t i = 0; i < context.input(1).elements(); ++i) dims.push_back(integer_at(context.input(1), i));
    context.set_output(0, context.input(0).reshaped(Shape(dims)));
    return {};
  }

  Status shape(KernelContext& context) {
    const Tensor& in = context.input(0);
    const bool size = op_ == "Size";
    ISO_ASSIGN(const Tensor out, context.allocate_on_host(out_, size ? Shape() : Shape{in.rank()}));
    for (int i = 0; i < (size ? 1 : in.rank()); ++i)
      store(out.raw(), out_, i, static_cast<double>(size ? in.elements() : in.dim(i)));
    context.set_output(0, out);
    return {};
  }

  Status variable_op(KernelContext& context) {
    if (op_ == "VarHandleOp") {
      ISO_ASSIGN(auto variable,
                 context.state().variable("", attrs_.get_string("shared_name"), attrs_.get_type("dtype")));
      context.set_output(0, Tensor::object(DType::resource, variable));
      return {};
    }
    auto* variable = dynamic_cast<Variable*>(context.input(0).object_values()[0].get());
    if (!variable) return invalid_input("no variable");
    if (op_ == "ReadVariableOp") {
      if (!variable->value.valid()) return invalid_input(variable->describe() + " has no value yet");
      context.set_output(0, variable->value);
    } else if (op_ == "AssignVariableOp") {
      variable->value = context.input(1);
    } else {
      const Tensor old = variable->value;
      const Tensor& add = context.input(1);
      ISO_ASSIGN(const Tensor out, context.allocate(old.dtype(), old.shape()));
      issue(context, [pa = old.raw(), pb = add.raw(), po = out.raw(), t = old.dtype(), n = out.elements()] {
        for (std::int64_t i = 0; i < n; ++i) store(po, t, i, load(pa, t, i) + load(pb, t, i));
      });
      variable->value = out;
    }
    return {};
  }

  void issue(KernelContext& context, std::function<void()> work) {
    static_cast<DeferredStream&>(context.stream()).issue(std::move(work));
  }

  TestDevice& device_;
  std::string name_, op_;
  AttrMap attrs_;
  DType out_ = DType::invalid;
};

}  // namespace

Result<std::shared_ptr<Buffer>> TestDevice::allocate(std::size_t bytes) {
  ++allocations;
  void* data = ::operator new (bytes, std::align_val_t{kHostAlignment}, std::nothrow);
  if (!data) return exhausted("no memory");
  std::memset(data, 0xcd, bytes);
  return std::shared_ptr<Buffer>(std::make_shared<DeviceBuffer>(static_cast<std::byte*>(data), bytes, memory_kind()));
}

Result<std::unique_ptr<Stream>> TestDevice::make_stream() {
  auto made_stream = std::make_unique<DeferredStream>(asynchronous_);
  stream = made_stream.get();
  return std::unique_ptr<Stream>(std::move(made_stream));
}

Result<Tensor> TestDevice::to_device(const Tensor& host, Stream&) { return host; }
Result<Tensor> TestDevice::to_host(const Tensor& tensor, Stream&) { return tensor; }

Status TestDevice::copy(const Tensor& from, const Tensor& to, Stream& on) {
  if (from.on_host() && !to.on_host()) ++copies_to_device;
  if (!from.on_host() && to.on_host()) ++copies_to_host;
  static_cast<DeferredStream&>(on).issue(
      [a = from.raw(), b = to.raw(), n = from.byte_size()] { std::memcpy(b, a, n); });
  return {};
}

namespace {

class TestRecording final : public Recording {
 public:
  TestRecording(std::uint64_t number, std::vector<std::function<void()>> work, int& replays)
      : number_(number), work_(std::move(work)), replays_(replays) {}
  [[nodiscard]] std::uint64_t number() const override { return number_; }
  Status replay(Stream& stream) override {
    ++replays_;
    for (const auto& work : work_) static_cast<DeferredStream&>(stream).issue(work);
    return {};
  }

 private:
  std::uint64_t number_;
  std::vector<std::function<void()>> work_;
  int& replays_;
};

}  // namespace

Result<std::uint64_t> TestDevice::begin_recording(Stream& on) {
  auto& own = static_cast<DeferredStream&>(on);
  own.recording = true;
  own.recorded.clear();
  return static_cast<std::uint64_t>(++recordings);
}

Result<std::unique_ptr<Recording>> TestDevice::end_recording(Stream& on) {
  auto& own = static_cast<DeferredStream&>(on);
  own.recording = false;
  return std::unique_ptr<Recording>(
      std::make_unique<TestRecording>(static_cast<std::uint64_t>(recordings), std::move(own.recorded), replays));
}

bool TestDevice::supports(std::string_view op) const {
  static const std::set<std::string, std::less<>> kOthers = {
      "MatMul",         "Reshape",          "Shape",
      "Size",           "CheckNumerics",    "VarHandleOp",
      "ReadVariableOp", "AssignVariableOp", "AssignAddVariableOp"};
  return kBinary.contains(op) || kUnary.contains(op) || kOthers.contains(op);
}

Result<std::unique_ptr<Kernel>> TestDevice::make_kernel(const KernelRequest& request) {
  if (!supports(request.node.op))
    return unsupported("node '" + request.node.name + "' (" + request.node.op +
                       "): the test device has no such kernel");
  ++made[request.node.name];
  for (const Tensor& constant : request.constants) constants[request.node.name] += constant.valid();
  return std::unique_ptr<Kernel>(std::make_unique<TestKernel>(*this, request));
}

int TestDevice::runs_of(const std::string& node) const { return static_cast<int>(std::ranges::count(ran, node)); }

}  // namespace isotherm::test
