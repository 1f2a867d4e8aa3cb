// What the card has no kernel for runs on the host: small computations on shapes, dtypes other than float32, rare ops.
// The executor copies what such a node reads, and copies its results back where a kernel of the card reads them.
#pragma once

#include <memory>

#include "core/runtime/kernel.h"

namespace isotherm::cuda {

/// `host`'s kernel for the node, with all inputs and outputs in host memory. `host` must outlive the kernel.
Result<std::unique_ptr<Kernel>> make_host_kernel(Device& host, const KernelRequest& request);

}  // namespace isotherm::cuda
