// Elementwise ops of two operands: the typed loop of an op and the broadcast walk around it.
#pragma once

#include "core/cpu/broadcast.h"
#include "core/cpu/hot_loops.h"
#include "core/cpu/kernel_helpers.h"

namespace isotherm::cpu {

/// Loops over n elements; steps are 0 or 1.
using BinaryLoop = void (*)(const std::byte* a, std::int64_t a_step, const std::byte* b, std::int64_t b_step,
                            std::byte* out, std::int64_t n);

/// An op is a stateless struct with `Out operator()(In, In) const`; one with a member `static constexpr FloatBinaryLoop
/// hot` has its float32 loop there.
template <class Op, class In, class Out>
void binary_loop(const std::byte* a_bytes, std::int64_t a_step, const std::byte* b_bytes, std::int64_t b_step,
                 std::byte* out_bytes, std::int64_t n) {
  const In* a = reinterpret_cast<const In*>(a_bytes);
  const In* b = reinterpret_cast<const In*>(b_bytes);
  Out* out = reinterpret_cast<Out*>(out_bytes);
  if constexpr (std::is_same_v<In, float> && requires { Op::hot; }) {
    Op::hot(a, a_step, b, b_step, out, n);
  } else {
    const Op op;
    for (std::int64_t i = 0; i < n; ++i) out[i] = op(a[i * a_step], b[i * b_step]);
  }
}

/// Reads inputs 0 and 1, allocates output 0 as `dtype` (in place where it can be), walks the broadcast.
Status run_binary(KernelContext& context, DType dtype, BinaryLoop loop, std::int64_t cost = 1);

}  // namespace isotherm::cpu
