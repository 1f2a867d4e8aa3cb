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
  /// An uninitialised tensor on the device from the run's arena. The memory belongs to the arena again when the last
  /// Tensor that shares it is gone; a tensor kept in a resource therefore stays valid.
  virtual Result<Tensor> allocate(DType dtype, Shape shape) = 0;
  /// An uninitialised host tensor, for outputs that live on the host and small scratch.
  virtual Result<Tensor> allocate_on_host(DType dtype, Shape shape) = 0;
  /// Device scratch until the kernel returns (on a stream: until its work is done).
  virtual Result<Tensor> scratch(std::size_t bytes) = 0;
  /// The buffer of input `i`, as a tensor of `dtype` and `shape`, if this node is its only remaining reader and the
  /// result fits: to write the output in place. Invalid tensor otherwise. input(i) keeps its value until the write.
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
  /// False for a constant input that the kernel packed when it was made and never reads again: the executor then
  /// neither aligns nor uploads it.
  [[nodiscard]] virtual bool reads_input(int) const { return true; }
  [[nodiscard]] virtual bool output_on_host(int) const { return false; }
};

}  // namespace isotherm
