#include "core/graph/tensor_error.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace isotherm {
namespace {

std::string describe(const Tensor& t) { return std::string(dtype_name(t.dtype())) + " " + t.shape().to_tf_string(); }

/// Counts elements that may not differ and do.
class Mismatches {
 public:
  void add(std::int64_t element) {
    if (count_++ == 0) first_ = element;
  }
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::int64_t first() const { return first_; }
  [[nodiscard]] std::string places(std::int64_t of) const {
    return std::to_string(count_) + " of " + std::to_string(of);
  }

 private:
  std::int64_t count_ = 0, first_ = 0;
};

/// `at(tensor, i)` gives an element, or a part of one, as double.
template <class At>
void compare_numbers(const Tensor& a, const Tensor& b, std::int64_t parts, const At& at, TensorError& out) {
  Mismatches wrong;
  for (std::int64_t i = 0; i < parts; ++i) {
    const double x = at(a, i), y = at(b, i);
    if (!std::isfinite(x) || !std::isfinite(y)) {
      if (!(std::isnan(x) && std::isnan(y)) && x != y) wrong.add(i);
      continue;
    }
    out.difference = std::max(out.difference, std::abs(x - y));
    out.largest = std::max(out.largest, std::abs(y));
  }
  if (wrong.count() > 0)
    out.mismatch = "NaN or infinity at " + wrong.places(parts) + " places in one of the two alone, the first at " +
                   std::to_string(wrong.first());
  out.error = out.largest > 0 ? out.difference / out.largest : out.difference;
}

void compare_integers(const Tensor& a, const Tensor& b, const TieCheck& tied, TensorError& out) {
  Mismatches wrong;
  for (std::int64_t i = 0; i < out.elements; ++i) {
    const std::int64_t x = integer_at(a, i), y = integer_at(b, i);
    out.largest = std::max(out.largest, std::abs(static_cast<double>(y)));
    if (x == y) continue;
    if (tied && tied(i, x, y)) {
      ++out.tied;
      continue;
    }
    out.difference = std::max(out.difference, std::abs(static_cast<double>(x) - static_cast<double>(y)));
    wrong.add(i);
  }
  if (wrong.count() == 0) return;
  const std::int64_t first = wrong.first();
  out.mismatch = wrong.places(out.elements) + " integers differ, the first at " + std::to_string(first) + ": " +
                 std::to_string(integer_at(a, first)) + " for " + std::to_string(integer_at(b, first));
}

void compare_strings(const Tensor& a, const Tensor& b, TensorError& out) {
  Mismatches wrong;
  const auto &x = a.string_values(), &y = b.string_values();
  for (std::size_t i = 0; i < y.size(); ++i)
    if (i >= x.size() || x[i] != y[i]) wrong.add(static_cast<std::int64_t>(i));
  if (wrong.count() > 0)
    out.mismatch = wrong.places(out.elements) + " strings differ, the first at " + std::to_string(wrong.first());
}

}  // namespace

TensorError tensor_error(const Tensor& a, const Tensor& b, const TieCheck& tied) {
  TensorError out;
  out.elements = b.elements();
  const bool alike = a.dtype() == b.dtype() || (is_floating(a.dtype()) && is_floating(b.dtype()));
  if (!a.valid() || !b.valid())
    out.mismatch = a.valid() == b.valid() ? "" : "only one of the two has a value";
  else if (!alike || a.shape() != b.shape())
    out.mismatch = "found " + describe(a) + ", expected " + describe(b);
  else if (out.elements == 0)
    out.mismatch = "";
  else if (b.dtype() == DType::string)
    compare_strings(a, b, out);
  else if (dtype_size(b.dtype()) == 0)
    out.mismatch = std::string(dtype_name(b.dtype())) + " values cannot be compared";
  else if (a.dtype() == DType::float32 && b.dtype() == DType::float32)
    compare_numbers(
        a, b, out.elements,
        [](const Tensor& t, std::int64_t i) {
          float value = 0;
          std::memcpy(&value, t.raw() + static_cast<std::size_t>(i) * sizeof value, sizeof value);
          return double{value};
        },
        out);
  else if (b.dtype() == DType::complex64 || b.dtype() == DType::complex128)
    // Real and imaginary parts by themselves.
    compare_numbers(
        a, b, 2 * out.elements,
        [](const Tensor& t, std::int64_t i) {
          const DType part = t.dtype() == DType::complex64 ? DType::float32 : DType::float64;
          return number_at(Tensor(part, {2 * t.elements()}, t.buffer(), t.offset()), i);
        },
        out);
  else if (is_floating(b.dtype()))
    compare_numbers(
        a, b, out.elements, [](const Tensor& t, std::int64_t i) { return number_at(t, i); }, out);
  else
    compare_integers(a, b, tied, out);
  if (!out.mismatch.empty()) out.error = std::numeric_limits<double>::quiet_NaN();
  return out;
}

}  // namespace isotherm
