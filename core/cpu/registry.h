// Which CPU kernel runs which op. Each family file registers its ops through one function, named in registry.cc.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/runtime/kernel.h"

namespace isotherm::cpu {

using KernelFactory = std::function<Result<std::unique_ptr<Kernel>>(const KernelRequest&)>;
/// A kernel that keeps nothing between runs: inputs from the context, attributes from the node.
using RunFunction = Status (*)(KernelContext& context, const Node& node);

/// How 16-bit floats reach a kernel.
enum class HalfFloats {
  native,    ///< the kernel sees them as they are (it moves bytes, or converts itself)
  as_float,  ///< inputs are widened to float32 before it runs, float32 outputs narrowed after
};

class KernelRegistry {
 public:
  void add_factory(std::string_view op, KernelFactory factory);
  void add(std::string_view op, RunFunction run, HalfFloats half_floats = HalfFloats::native);
  void add(std::initializer_list<std::string_view> ops, RunFunction run, HalfFloats half_floats = HalfFloats::native);
  /// Null for an op without a kernel.
  [[nodiscard]] const KernelFactory* find(std::string_view op) const;
  /// Names of all ops with a kernel, ordered.
  [[nodiscard]] std::vector<std::string> ops() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  std::unordered_map<std::string, KernelFactory, Hash, std::equal_to<>> factories_;
};

/// `kernel` itself where the node has no 16-bit floats, else `kernel` on float32 copies of its 16-bit inputs, with the
/// float32 values of outputs that are declared as 16-bit floats narrowed.
std::unique_ptr<Kernel> widen_half_floats(std::unique_ptr<Kernel> kernel, const KernelRequest& request);

/// Every kernel of the CPU device.
const KernelRegistry& kernels();

}  // namespace isotherm::cpu
