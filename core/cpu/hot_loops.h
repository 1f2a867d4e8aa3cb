// The float32 loops that networks spend their time in besides oneDNN, compiled for several instruction sets; the loader
// picks. `n` is in elements; pointers need no alignment; output may be an input, elsewhere nothing overlaps.
#pragma once

#include <cstdint>

namespace isotherm::cpu {

/// out[i] = a[i * a_step] op b[i * b_step]; steps are 0 or 1.
using FloatBinaryLoop = void (*)(const float* a, std::int64_t a_step, const float* b, std::int64_t b_step, float* out,
                                 std::int64_t n);
void hot_add(const float* a, std::int64_t a_step, const float* b, std::int64_t b_step, float* out, std::int64_t n);
void hot_sub(const float* a, std::int64_t a_step, const float* b, std::int64_t b_step, float* out, std::int64_t n);
void hot_mul(const float* a, std::int64_t a_step, const float* b, std::int64_t b_step, float* out, std::int64_t n);
void hot_div(const float* a, std::int64_t a_step, const float* b, std::int64_t b_step, float* out, std::int64_t n);
void hot_maximum(const float* a, std::int64_t a_step, const float* b, std::int64_t b_step, float* out, std::int64_t n);
void hot_minimum(const float* a, std::int64_t a_step, const float* b, std::int64_t b_step, float* out, std::int64_t n);
void hot_squared_difference(const float* a, std::int64_t a_step, const float* b, std::int64_t b_step, float* out,
                            std::int64_t n);

/// out[i] = f(in[i]). A NaN stays one.
using FloatUnaryLoop = void (*)(const float* in, float* out, std::int64_t n);
void hot_relu(const float* in, float* out, std::int64_t n);
void hot_relu6(const float* in, float* out, std::int64_t n);
void hot_square(const float* in, float* out, std::int64_t n);
void hot_sqrt(const float* in, float* out, std::int64_t n);
void hot_neg(const float* in, float* out, std::int64_t n);
void hot_exp(const float* in, float* out, std::int64_t n);  ///< error <= 2 units in the last place
void hot_sigmoid(const float* in, float* out, std::int64_t n);
void hot_tanh(const float* in, float* out, std::int64_t n);

/// to[i] = max(to[i], from[i]), a NaN wins.
void hot_max_into(const float* from, float* to, std::int64_t n);
void hot_add_into(const float* from, float* to, std::int64_t n);
/// to[i] += from[i] in double.
void hot_add_into_double(const float* from, double* to, std::int64_t n);
float hot_max(const float* in, std::int64_t n);
double hot_sum(const float* in, std::int64_t n);

/// Rows of c values: out = in * scale + offset, per column; `offset` or `scale` alone through the others.
void hot_scale_offset_rows(const float* in, const float* scale, const float* offset, float* out, std::int64_t rows,
                           std::int64_t c);
void hot_add_rows(const float* in, const float* offset, float* out, std::int64_t rows, std::int64_t c);
/// out = in * scale + offset, one scale for all.
void hot_scale_offset(const float* in, float scale, float offset, float* out, std::int64_t n);

}  // namespace isotherm::cpu
