// Which of the card's kernels runs which op. Each family file registers its ops through one function, named in
// registry.cc.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/runtime/kernel.h"

namespace isotherm::cuda {

class CudaDevice;

/// Makes the kernel of a node; null where the card has none for the node's dtypes or attributes, and the host's is to
/// run.
using KernelFactory = std::function<Result<std::unique_ptr<Kernel>>(CudaDevice&, const KernelRequest&)>;
/// A kernel that keeps nothing between runs: inputs from the context, attributes from the node.
using RunFunction = Status (*)(KernelContext& context, const Node& node);

/// What the executor is told of a simple kernel.
struct Traits {
  std::uint64_t host_inputs = 0;    ///< bit i: input i is wanted on the host
  bool last_input_on_host = false;  ///< as ConcatV2's axis
  bool reads_inputs = true;         ///< false: only shapes matter
  bool any_dtype = false;           ///< true: no element is touched; false: float32 inputs and outputs, else the host's
};

class KernelRegistry {
 public:
  void add_factory(std::string_view op, KernelFactory factory);
  void add(std::initializer_list<std::string_view> ops, RunFunction run, Traits traits = {});
  /// Null for an op without a kernel.
  [[nodiscard]] const KernelFactory* find(std::string_view op) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  std::unordered_map<std::string, KernelFactory, Hash, std::equal_to<>> factories_;
};

/// Every kernel of the CUDA device.
const KernelRegistry& kernels();

/// Whether input `i` is float32 as far as it is known: by the op's signature.
bool is_float_input(const KernelRequest& request, std::size_t i);

}  // namespace isotherm::cuda
