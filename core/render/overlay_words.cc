#include "core/render/overlay_words.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace isotherm::render {
namespace {

int precision_of(double value) { return static_cast<int>(std::clamp(value + 0.5, 0.0, kMixedPrecision)); }

/// "1e-07" without the zero, "1e+03" without the sign.
std::string short_exponent(std::string text) {
  const std::size_t e = text.find('e');
  if (e == std::string::npos) return text;
  std::size_t digits = e + 1;
  if (text[digits] == '+')
    text.erase(digits, 1);
  else
    ++digits;
  while (digits + 1 < text.size() && text[digits] == '0') text.erase(digits, 1);
  return text;
}

std::string formatted(double value, std::chars_format format, int digits) {
  char buffer[400];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format, digits).ptr};
}

/// "12 845 056"
std::string grouped(double value) {
  std::string out = formatted(value, std::chars_format::fixed, 0);
  for (auto at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > 0; at -= 3)
    out.insert(static_cast<std::size_t>(at), " ");
  return out;
}

}  // namespace

std::string format_value(double value) {
  if (!std::isfinite(value)) return "–";
  if (value == 0) return "0.0";
  if (value >= 9999999.5) return short_exponent(formatted(value, std::chars_format::scientific, 2));
  if (value >= 9999.5) return formatted(value, std::chars_format::fixed, 0);
  if (value >= 0.9995) return formatted(value, std::chars_format::fixed, 1);
  // Below one, three digits that say something.
  if (value >= 0.09995) return formatted(value, std::chars_format::fixed, 3);
  if (value >= 0.009995) return formatted(value, std::chars_format::fixed, 4);
  if (value >= 0.0009995) return formatted(value, std::chars_format::fixed, 5);
  return short_exponent(formatted(value, std::chars_format::scientific, 2));
}

std::string format_error(double value) {
  if (value == 0) return "0";
  if (value >= 0.0995 && value < 99.5)
    return formatted(value, std::chars_format::fixed, value >= 9.95 ? 0 : value >= 0.995 ? 1 : 2);
  return short_exponent(formatted(value, std::chars_format::scientific, 1));
}

const char* precision_name(int precision) {
  static constexpr const char* kNames[] = {"FP32", "FP16", "INT8", "other types", "mixed"};
  return kNames[std::clamp(precision, 0, 4)];
}

double read_value(const Overlay& overlay, const std::vector<double>& values, NodeId node) {
  if (node < 0 || static_cast<std::size_t>(node) >= values.size()) return -1;
  const double v = values[static_cast<std::size_t>(node)];
  if (std::isfinite(v)) return v < 0 ? -1 : v;
  return is_failed(overlay, v) ? v : -1;
}

bool is_failed(const Overlay& overlay, double value) {
  return overlay.kind == Overlay::Kind::error && (std::isnan(value) || (std::isinf(value) && value > 0));
}

bool is_over_bound(const Overlay& overlay, double value) {
  return is_failed(overlay, value) ||
         (overlay.kind == Overlay::Kind::error && overlay.bound >= 0 && value > overlay.bound);
}

double combined(const Overlay& overlay, double a, double b) {
  if (a < 0) return b;
  if (b < 0) return a;
  if (is_failed(overlay, a)) return a;
  if (is_failed(overlay, b)) return b;
  if (overlay.kind == Overlay::Kind::precision) return precision_of(a) == precision_of(b) ? a : kMixedPrecision;
  return overlay.combine == Overlay::Combine::sum ? a + b : std::max(a, b);
}

double unit_bytes(const Overlay& overlay) {
  double bytes = 1024;
  for (const char* unit : {"KiB", "MiB", "GiB", "TiB"}) {
    if (overlay.unit == unit) return bytes;
    bytes *= 1024;
  }
  return 1;
}

ValueWords byte_words(double bytes) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  // 1023.95 would be written as 1024.0.
  while (bytes >= 1023.95 && unit + 1 < std::size(kUnits)) bytes /= 1024, ++unit;
  if (bytes >= 9999.5) return {format_value(bytes), kUnits[unit]};
  return {formatted(bytes, std::chars_format::fixed, unit == 0 ? 0 : 1), kUnits[unit]};
}

ValueWords value_words(const Overlay& overlay, double value) {
  static constexpr const char* kLetters[] = {"F32", "F16", "I8", "other", "mixed"};
  if (is_failed(overlay, value)) return {std::isnan(value) ? "NaN" : "∞", ""};
  if (!(value >= 0)) return {"–", ""};
  switch (overlay.kind) {
    case Overlay::Kind::memory:
      return byte_words(value * unit_bytes(overlay));
    case Overlay::Kind::precision:
      return {kLetters[precision_of(value)], ""};
    case Overlay::Kind::error:
      return {format_error(value), ""};
    default:
      return {format_value(value), overlay.unit};
  }
}

std::string exact_value(const Overlay& overlay, double value) {
  if (is_failed(overlay, value)) return "failed: NaN or infinities differ between the runs";
  if (!(value >= 0)) return "not measured";
  switch (overlay.kind) {
    case Overlay::Kind::memory: {
      const double bytes = std::round(value * unit_bytes(overlay));
      const std::string exact =
          (bytes < 1e15 ? grouped(bytes) : format_value(bytes)) + (bytes == 1 ? " byte" : " bytes");
      return bytes < 1024 ? exact : exact + " (" + byte_words(bytes).together() + ")";
    }
    case Overlay::Kind::precision:
      return precision_name(precision_of(value));
    case Overlay::Kind::error: {
      std::string text =
          value == 0 ? "0, no difference at all" : short_exponent(formatted(value, std::chars_format::scientific, 4));
      if (overlay.bound >= 0)
        text +=
            (value > overlay.bound ? ", over the bound of " : ", within the bound of ") + format_error(overlay.bound);
      return text;
    }
    default: {
      std::string text = value == 0 ? "0" : short_exponent(formatted(value, std::chars_format::general, 6));
      if (!overlay.unit.empty()) text += " " + overlay.unit;
      return overlay.per.empty() ? text : text + " " + overlay.per;
    }
  }
}

}  // namespace isotherm::render
