// A card for a test, or the sentence with which the test is skipped.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/cpu/cpu_device.h"
#include "core/runtime/session.h"
#include "cuda/open.h"
#include "tests/cpu/stored_tensors.h"

namespace isotherm::test {

inline std::shared_ptr<Device> reference_device() {
  static const std::shared_ptr<Device> device = make_cpu_device(2);
  return device;
}

/// The first card, its missing kernels run by the CPU device.
inline Result<std::shared_ptr<Device>> first_card(GpuOptions options) {
  options.host = reference_device();
  return cuda::open_device(options);
}

/// Opens `device` for the rest of the test, or skips it by name where there is no card.
#define ISO_FIRST_CARD(device, ...)                                                  \
  auto found_##device = ::isotherm::test::first_card(__VA_ARGS__);                   \
  if (!found_##device.ok() && found_##device.error().code == ErrorCode::unsupported) \
    GTEST_SKIP() << "not run: " << found_##device.error().message;                   \
  ASSERT_TRUE(found_##device.ok()) << found_##device.error().message;                \
  const std::shared_ptr<Device> device = *found_##device

/// The ways to compute convolutions: with cuDNN where it is found, with the project's own kernels.
inline GpuOptions with_cudnn(bool cudnn) {
  GpuOptions options;
  options.cudnn = cudnn;
  return options;
}

/// max |a - b| over max |b| below `limit`, NaN and infinities at the same places, shapes and dtypes equal; else why
/// not.
inline std::string differs(const Tensor& found, const Tensor& expected, double limit, double* worst = nullptr) {
  // Every element may be off by what the largest one allows.
  double largest = 0;
  for (std::int64_t i = 0; i < expected.elements(); ++i)
    if (const double v = std::abs(number_at(expected, i)); std::isfinite(v)) largest = std::max(largest, v);
  const Difference d = compare(expected, found, {.rtol = 0, .atol = limit * largest});
  if (worst) *worst = std::max(*worst, d.worst);
  return d.same ? "" : d.why;
}

}  // namespace isotherm::test
