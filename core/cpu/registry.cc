#include "core/cpu/registry.h"

#include <algorithm>

#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

class SimpleKernel final : public Kernel {
 public:
  SimpleKernel(const Node& node, RunFunction function) : node_(node), run_(function) {}
  Status run(KernelContext& context) override { return run_(context, node_); }

 private:
  const Node& node_;
  RunFunction run_;
};

}  // namespace

void KernelRegistry::add_factory(std::string_view op, KernelFactory factory) {
  factories_.insert_or_assign(std::string(op), std::move(factory));
}

void KernelRegistry::add(std::string_view op, RunFunction run, HalfFloats half_floats) {
  add_factory(op, [run, half_floats](const KernelRequest& request) -> Result<std::unique_ptr<Kernel>> {
    std::unique_ptr<Kernel> kernel = std::make_unique<SimpleKernel>(request.node, run);
    if (half_floats == HalfFloats::as_float) kernel = widen_half_floats(std::move(kernel), request);
    return kernel;
  });
}

void KernelRegistry::add(std::initializer_list<std::string_view> ops, RunFunction run, HalfFloats half_floats) {
  for (const std::string_view op : ops) add(op, run, half_floats);
}

const KernelFactory* KernelRegistry::find(std::string_view op) const {
  const auto it = factories_.find(op);
  return it == factories_.end() ? nullptr : &it->second;
}

std::vector<std::string> KernelRegistry::ops() const {
  std::vector<std::string> names;
  for (const auto& [name, factory] : factories_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

const KernelRegistry& kernels() {
  static const KernelRegistry registry = [] {
    KernelRegistry r;
    register_families(r);
    return r;
  }();
  return registry;
}

}  // namespace isotherm::cpu
