// A kernel executes one native node on one device.
#pragma once

#include <atomic>
#include <memory>
#include <span>

#include "core/runtime/device.h"

namespace isotherm {

/// One execution of a kernel: inputs in, outputs out. Made by the executor.
class KernelContext {
 public:
  virtual ~KernelContext() = default;
  [[nodiscard]] virtual int input_count() const = 0;
  /// On the device, unless the kernel said otherwise (Kernel::input_on_host).
  [[nodiscard]] virtual const Tensor& input(int i) const = 0;
  /// An uninitialised tensor on the device from the run's arena, valid until the run ends or its last consumer is done.
  virtual Result<Tensor> allocate(DType dtype, Shape shape) = 0;
  /// An uninitialised host tensor, for outputs that live on the host and small scratch.
  virtual Result<Tensor> allocate_on_host(DType dtype, Shape shape) = 0;
  /// Device scratch until the kernel returns (on a stream: until its work is done).
  virtual Result<Tensor> scratch(std::size_t bytes) = 0;
  /// The buffer of input `i` if this node is its only remaining reader and it has `bytes` or more: to write the output
  /// in place. Invalid tensor otherwise.
  virtual Tensor take_input(int i, DType dtype, const Shape& shape) = 0;
  virtual void set_output(int port, Tensor value) = 0;

  [[nodiscard]] virtual Stream& stream() = 0;
  [[nodiscard]] virtual Device& device() = 0;
  [[nodiscard]] virtual RunObserver* observer() = 0;
  [[nodiscard]] virtual int threads() const = 0;
  [[nodiscard]] virtual bool cancelled() const = 0;
  [[nodiscard]] virtual SessionState& state() = 0;
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  /// Issues the work. An error's sentence need not name the node: the executor puts "node 'x' (Op): " before it.
  virtual Status run(KernelContext& context) = 0;
  /// Inputs and outputs that this kernel wants and leaves in host memory (shapes, axes, sizes, strings).
  [[nodiscard]] virtual bool input_on_host(int) const { return false; }
  [[nodiscard]] virtual bool output_on_host(int) const { return false; }
};

}  // namespace isotherm
