#include "cuda/native/registry.h"

#include "cuda/native/families.h"

namespace isotherm::cuda {
namespace {

class SimpleKernel final : public Kernel {
 public:
  SimpleKernel(const Node& node, RunFunction function, const Traits& traits)
      : node_(node), run_(function), traits_(traits) {}
  Status run(KernelContext& context) override { return run_(context, node_); }
  [[nodiscard]] bool input_on_host(int i) const override {
    return (i < 64 && (traits_.host_inputs >> i & 1) != 0) ||
           (traits_.last_input_on_host && i == node_.data_inputs - 1);
  }
  [[nodiscard]] bool reads_input(int) const override { return traits_.reads_inputs; }

 private:
  const Node& node_;
  RunFunction run_;
  Traits traits_;
};

bool all_float(const KernelRequest& request, const Traits& traits) {
  const std::size_t inputs = request.signature.inputs.size();
  for (std::size_t i = 0; i < inputs; ++i) {
    const bool host = (i < 64 && (traits.host_inputs >> i & 1) != 0) || (traits.last_input_on_host && i + 1 == inputs);
    if (!host && !is_float_input(request, i)) return false;
  }
  return true;
}

}  // namespace

bool is_float_input(const KernelRequest& request, std::size_t i) {
  return i < request.signature.inputs.size() && request.signature.inputs[i].dtype == DType::float32;
}

void KernelRegistry::add_factory(std::string_view op, KernelFactory factory) {
  factories_.insert_or_assign(std::string(op), std::move(factory));
}

void KernelRegistry::add(std::initializer_list<std::string_view> ops, RunFunction run, Traits traits) {
  for (const std::string_view op : ops)
    add_factory(op, [run, traits](CudaDevice&, const KernelRequest& request) -> Result<std::unique_ptr<Kernel>> {
      if (!traits.any_dtype && !all_float(request, traits)) return std::unique_ptr<Kernel>();
      return std::unique_ptr<Kernel>(std::make_unique<SimpleKernel>(request.node, run, traits));
    });
}

const KernelFactory* KernelRegistry::find(std::string_view op) const {
  const auto it = factories_.find(op);
  return it == factories_.end() ? nullptr : &it->second;
}

const KernelRegistry& kernels() {
  static const KernelRegistry registry = [] {
    KernelRegistry r;
    register_elementwise(r);
    register_normalisation(r);
    register_convolution(r);
    register_pooling(r);
    register_reductions(r);
    register_matmul(r);
    register_shape(r);
    register_movement(r);
    return r;
  }();
  return registry;
}

}  // namespace isotherm::cuda
