// Elementwise ops of one operand.
#pragma once

#include "core/cpu/hot_loops.h"
#include "core/cpu/kernel_helpers.h"

namespace isotherm::cpu {

using UnaryLoop = void (*)(const std::byte* in, std::byte* out, std::int64_t n);

/// An op is a stateless struct with `Out operator()(In) const`; one with a member `static constexpr FloatUnaryLoop hot`
/// has its float32 loop there.
template <class Op, class In, class Out>
void unary_loop(const std::byte* in_bytes, std::byte* out_bytes, std::int64_t n) {
  const In* from = reinterpret_cast<const In*>(in_bytes);
  Out* to = reinterpret_cast<Out*>(out_bytes);
  if constexpr (std::is_same_v<In, float> && requires { Op::hot; }) {
    Op::hot(from, to, n);
  } else {
    const Op op;
    for (std::int64_t i = 0; i < n; ++i) to[i] = op(from[i]);
  }
}

/// Reads input 0, writes output 0 of `dtype`, in place where it can be. `cost` is per element.
Status run_unary(KernelContext& context, DType dtype, UnaryLoop loop, std::int64_t cost = 1);

}  // namespace isotherm::cpu
