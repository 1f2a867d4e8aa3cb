#include "core/runtime/device.h"

#include <cstring>

namespace isotherm {

Result<std::shared_ptr<Buffer>> Device::allocate_on_host(std::size_t bytes) {
  std::shared_ptr<Buffer> buffer = allocate_host(bytes);
  if (!buffer) return exhausted("no host memory for " + std::to_string(bytes) + " bytes");
  return buffer;
}

Status Device::copy(const Tensor& from, const Tensor& to, Stream&) {
  if (!from.on_host() || !to.on_host()) return internal_error("device " + name() + " does not copy between memories");
  if (from.byte_size() != to.byte_size())
    return internal_error("copy of " + std::to_string(from.byte_size()) + " bytes into " +
                          std::to_string(to.byte_size()));
  if (from.byte_size() > 0 && from.raw() != to.raw()) std::memcpy(to.raw(), from.raw(), from.byte_size());
  return {};
}

Result<std::uint64_t> Device::begin_recording(Stream&) { return unsupported("device " + name() + " records no work"); }

Result<std::unique_ptr<Recording>> Device::end_recording(Stream&) {
  return unsupported("device " + name() + " records no work");
}

}  // namespace isotherm
