#include "tests/cpu/stored_tensors.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>

#include "core/graph/half.h"

namespace isotherm::test {
namespace {

namespace fs = std::filesystem;

std::complex<double> value_at(const Tensor& t, std::int64_t i) {
  const std::byte* raw = t.raw();
  if (t.dtype() == DType::complex64) {
    float v[2];
    std::memcpy(v, raw + i * 8, 8);
    return {v[0], v[1]};
  }
  if (t.dtype() == DType::complex128) {
    double v[2];
    std::memcpy(v, raw + i * 16, 16);
    return {v[0], v[1]};
  }
  return number_at(t, i);
}

bool is_inexact(DType d) { return is_floating(d) || d == DType::complex64 || d == DType::complex128; }

}  // namespace

Result<Tensor> as_dtype(const Tensor& stored, DType dtype) {
  if (stored.dtype() == dtype) return stored;
  if (dtype == DType::bfloat16 && stored.dtype() == DType::float32) {
    ISO_ASSIGN(Tensor t, Tensor::make(dtype, stored.shape()));
    for (std::int64_t i = 0; i < t.elements(); ++i)
      t.mutable_data<BFloat16>()[static_cast<std::size_t>(i)] = to_bfloat16(static_cast<float>(number_at(stored, i)));
    return t;
  }
  if (dtype_size(dtype) == dtype_size(stored.dtype()) && dtype_size(dtype) > 0) return stored.bitcast(dtype);
  return stored;
}

std::map<std::string, fs::path> npy_files(const fs::path& folder) {
  std::map<std::string, fs::path> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".npy") continue;
    std::string name = fs::relative(entry.path(), folder).string();
    name.resize(name.size() - 4);
    files[name] = entry.path();
  }
  return files;
}

Difference compare(const Tensor& expected, const Tensor& found, const Tolerance& tolerance) {
  Difference d;
  if (!(expected.shape() == found.shape())) {
    d.why = "shape " + found.shape().to_string() + " for " + expected.shape().to_string();
    return d;
  }
  if (expected.dtype() == DType::string || found.dtype() == DType::string) {
    if (expected.dtype() != found.dtype()) {
      d.why = "one holds strings";
      return d;
    }
    const auto &a = expected.string_values(), &b = found.string_values();
    d.same = true;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const std::string trimmed = b[i].substr(0, b[i].find_last_not_of('\0') + 1);
      if (a[i] != trimmed) {
        d.same = false;
        d.why = "'" + trimmed + "' for '" + a[i] + "'";
      }
    }
    return d;
  }
  const bool inexact = is_inexact(expected.dtype());
  if (dtype_size(found.dtype()) == 0 || is_inexact(found.dtype()) != inexact ||
      (expected.dtype() != found.dtype() && !is_quantized(found.dtype()) && found.dtype() != DType::bfloat16)) {
    d.why = "dtype " + std::string(dtype_name(found.dtype())) + " for " + std::string(dtype_name(expected.dtype()));
    return d;
  }
  const std::int64_t n = expected.elements();
  std::vector<std::complex<double>> a(static_cast<std::size_t>(n)), b(a.size());
  for (std::int64_t i = 0; i < n; ++i) {
    a[static_cast<std::size_t>(i)] = value_at(expected, i);
    b[static_cast<std::size_t>(i)] = value_at(found, i);
  }
  if (tolerance.ignore_sign)
    for (auto* v : {&a, &b})
      for (auto& x : *v) x = std::abs(x);
  if (tolerance.any_order && expected.rank() > 0 && n > 0) {
    const auto last = static_cast<std::ptrdiff_t>(expected.dim(expected.rank() - 1));
    for (auto* v : {&a, &b})
      for (auto it = v->begin(); it != v->end(); it += last)
        std::sort(it, it + last, [](auto x, auto y) { return x.real() < y.real(); });
  }
  double largest = 0, error = 0;
  std::int64_t bad = 0;
  bool finite_alike = true;
  const auto finite = [](std::complex<double> x) { return std::isfinite(x.real()) && std::isfinite(x.imag()); };
  const auto nan = [](std::complex<double> x) { return std::isnan(x.real()) || std::isnan(x.imag()); };
  std::size_t first = a.size();
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!finite(a[i]) || !finite(b[i])) {
      const bool alike = nan(a[i]) == nan(b[i]) && finite(a[i]) == finite(b[i]) && (nan(a[i]) || a[i] == b[i]);
      if (!alike) {
        finite_alike = false;
        ++bad;
        first = std::min(first, i);
      }
      continue;
    }
    const double gap = std::abs(a[i] - b[i]);
    largest = std::max(largest, std::abs(a[i]));
    error = std::max(error, gap);
    if (gap > (inexact ? tolerance.atol + tolerance.rtol * std::abs(a[i]) : tolerance.atol >= 1 ? tolerance.atol : 0)) {
      ++bad;
      first = std::min(first, i);
    }
  }
  d.worst = error / (largest + 1e-300);
  d.same = bad == 0 || (inexact && finite_alike && error <= tolerance.rtol * largest);
  if (!d.same)
    d.why = std::to_string(bad) + " of " + std::to_string(n) + " differ, first at " + std::to_string(first) + ": " +
            std::to_string(b[first].real()) + " for " + std::to_string(a[first].real()) + ", worst " +
            std::to_string(d.worst);
  return d;
}

}  // namespace isotherm::test
