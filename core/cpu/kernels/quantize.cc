// FakeQuant*, QuantizeAndDequantize*, QuantizeV2.
#include <cmath>
#include <limits>

#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

/// A range moved so that zero is one of its steps.
struct Nudged {
  float low = 0, high = 0, scale = 1;
};
Nudged nudge(float low, float high, int bits, bool narrow) {
  const float first = narrow ? 1.0f : 0.0f, last = static_cast<float>((1 << bits) - 1);
  Nudged n;
  n.scale = (high - low) / (last - first);
  const float zero = first - low / n.scale;
  const float point = zero < first ? first : zero > last ? last : std::round(zero);
  n.low = (first - point) * n.scale;
  n.high = (last - point) * n.scale;
  return n;
}

void fake_quantise(const Nudged& n, const float* from, float* to, std::int64_t count, std::int64_t step) {
  const float inverse = 1.0f / n.scale;
  for (std::int64_t i = 0; i < count; ++i) {
    const float x = from[i * step], clamped = x < n.low ? n.low : x > n.high ? n.high : x;
    to[i * step] = std::floor((clamped - n.low) * inverse + 0.5f) * n.scale + n.low;
  }
}

Status run_fake_quant(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  if (x.dtype() != DType::float32) return unsupported_dtype(x.dtype());
  const auto bits = static_cast<int>(node.attrs.get_int("num_bits", 8));
  const bool narrow = node.attrs.get_bool("narrow_range");
  if (bits < 2 || bits > 16) return invalid_input("num_bits is " + std::to_string(bits) + "; expected 2 to 16");
  std::vector<float> low{node.attrs.get_float("min", -6.0f)}, high{node.attrs.get_float("max", 6.0f)};
  std::int64_t channels = 1;
  if (node.op != "FakeQuantWithMinMaxArgs") {
    ISO_TRY(expect_inputs(context, 3));
    if (node.op == "FakeQuantWithMinMaxVarsPerChannel") {
      if (x.rank() < 1) return invalid_input("the input is a scalar; expected rank 1 or more");
      channels = x.dim(x.rank() - 1);
    }
    for (int i = 1; i < 3; ++i) {
      if (context.input(i).elements() != channels || context.input(i).dtype() != DType::float32)
        return invalid_input("the range has shape " + context.input(i).shape().to_string() + "; expected " +
                             std::to_string(channels) + " values");
      const auto values = context.input(i).data<float>();
      (i == 1 ? low : high).assign(values.begin(), values.end());
    }
  }
  ISO_ASSIGN(Tensor y, context.allocate(DType::float32, x.shape()));
  const std::int64_t count = channels == 0 ? 0 : x.elements() / channels;
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto at = static_cast<std::size_t>(c);
    if (low[at] == 0 && high[at] == 0) {
      for (std::int64_t i = 0; i < count; ++i) out<float>(y)[i * channels + c] = 0;
      continue;
    }
    if (!(low[at] < high[at]))
      return invalid_input("the range runs from " + std::to_string(low[at]) + " to " + std::to_string(high[at]) +
                           "; expected it to rise");
    fake_quantise(nudge(low[at], high[at], bits, narrow), in<float>(x) + c, out<float>(y) + c, count, channels);
  }
  context.set_output(0, std::move(y));
  return {};
}

/// Symmetric quantisation to `bits` bits and back, one range for each of `slices`.
Status run_quantise_dequantise(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  const bool third = node.op == "QuantizeAndDequantizeV3";
  std::int64_t bits = node.attrs.get_int("num_bits", 8);
  if (third) {
    ISO_TRY(expect_inputs(context, 4));
    ISO_ASSIGN(bits, integer_of(context.input(3), "num_bits"));
  }
  const bool is_signed = node.attrs.get_bool("signed_input", true), given = node.attrs.get_bool("range_given", third);
  const bool narrow = node.attrs.get_bool("narrow_range"), half_up = node.attrs.get_string("round_mode") == "HALF_UP";
  if (bits < (is_signed ? 2 : 1) || bits > 62)
    return invalid_input("num_bits is " + std::to_string(bits) + "; expected 2 to 62");
  std::int64_t outer = 1, slices = 1, inner = x.elements();
  if (const std::int64_t value = node.attrs.get_int("axis", -1); value != -1) {
    ISO_ASSIGN(const int axis, normalise_axis(value, x.rank()));
    outer = product(x.shape(), 0, axis);
    slices = x.dim(axis);
    inner = product(x.shape(), axis + 1, x.rank());
  }
  if (given &&
      (context.input_count() < 3 || context.input(1).elements() != slices || context.input(2).elements() != slices))
    return invalid_input("the range does not have " + std::to_string(slices) + " values");
  ISO_ASSIGN(Tensor y, context.allocate(x.dtype(), x.shape()));
  ISO_TRY(for_real(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t s = 0; s < slices; ++s) {
      T low = 0, high = 0;
      if (given) {
        low = static_cast<T>(number_at(context.input(1), s));
        high = static_cast<T>(number_at(context.input(2), s));
        if (low > high)
          return invalid_input("the range runs from " + std::to_string(low) + " to " + std::to_string(high) +
                               "; expected it to rise");
      } else {
        bool first = true;
        for (std::int64_t o = 0; o < outer; ++o)
          for (std::int64_t i = 0; i < inner; ++i) {
            const T v = in<T>(x)[(o * slices + s) * inner + i];
            low = first ? v : std::min(low, v);
            high = first ? v : std::max(high, v);
            first = false;
          }
      }
      const T lowest =
          is_signed ? static_cast<T>(narrow ? -((std::int64_t{1} << (bits - 1)) - 1) : -(std::int64_t{1} << (bits - 1)))
                    : T(0);
      const T highest = static_cast<T>(is_signed ? (std::int64_t{1} << (bits - 1)) - 1 : (std::int64_t{1} << bits) - 1);
      const T from_low = lowest * low > 0 ? lowest / low : std::numeric_limits<T>::max();
      const T from_high = highest * high > 0 ? highest / high : std::numeric_limits<T>::max();
      T scale, inverse;
      if (from_low < from_high) {
        scale = from_low;
        inverse = low / lowest;
        high = highest * inverse;
      } else {
        scale = from_high;
        inverse = high / highest;
        low = lowest * inverse;
      }
      for (std::int64_t o = 0; o < outer; ++o)
        for (std::int64_t i = 0; i < inner; ++i) {
          const std::int64_t at = (o * slices + s) * inner + i;
          T v = in<T>(x)[at];
          if (given) v = std::clamp(v, std::min(low, high), std::max(low, high));
          v = std::min(highest, half_up ? std::floor(v * scale + T(0.5)) : std::nearbyint(v * scale));
          out<T>(y)[at] = v * inverse;
        }
    }
    return {};
  }));
  context.set_output(0, std::move(y));
  return {};
}

template <class T>
void quantise(const std::string& mode, bool half_up, bool narrow, float low, float high, const float* from, T* to,
              std::int64_t n) {
  static constexpr double kMin = std::numeric_limits<T>::min(), kMax = std::numeric_limits<T>::max();
  const auto store = [](double v) { return static_cast<T>(std::clamp(v, kMin, kMax)); };
  if (mode == "MIN_COMBINED") {
    const float scale = static_cast<float>((kMax - kMin) / (static_cast<double>(high) - static_cast<double>(low)));
    const float shift = std::is_signed_v<T> ? static_cast<float>((kMax - kMin + 1) / 2) : 0.0f;
    for (std::int64_t i = 0; i < n; ++i) {
      const float v = (std::clamp(from[i], low, high) - low) * scale - shift;
      to[i] = store(std::round(v));
    }
  } else if (mode == "MIN_FIRST") {
    const double steps = kMax - kMin + 1,
                 scale = steps / ((static_cast<double>(high) - static_cast<double>(low)) * steps / (steps - 1));
    const double origin = std::round(static_cast<double>(low) * scale);
    for (std::int64_t i = 0; i < n; ++i)
      to[i] = store(std::round(static_cast<double>(from[i]) * scale) - origin + kMin);
  } else {
    const float floor = static_cast<float>(kMin + (narrow ? 1 : 0));
    const float scale = static_cast<float>(kMax) / high;
    for (std::int64_t i = 0; i < n; ++i) {
      const float v = half_up ? std::round(std::clamp(from[i], low, high) * scale)
                              : std::nearbyint(std::clamp(from[i], low, high) * scale);
      to[i] = store(std::max(v, floor));
    }
  }
}

Status run_quantise(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& x = context.input(0);
  if (x.dtype() != DType::float32) return unsupported_dtype(x.dtype());
  const std::string mode = node.attrs.get_string("mode", "MIN_COMBINED");
  const DType dtype = node.attrs.get_type("T", DType::quint8);
  const bool half_up = node.attrs.get_string("round_mode", "HALF_AWAY_FROM_ZERO") != "HALF_TO_EVEN",
             narrow = node.attrs.get_bool("narrow_range");
  std::int64_t outer = 1, slices = 1, inner = x.elements();
  if (const std::int64_t value = node.attrs.get_int("axis", -1); value != -1) {
    ISO_ASSIGN(const int axis, normalise_axis(value, x.rank()));
    outer = product(x.shape(), 0, axis);
    slices = x.dim(axis);
    inner = product(x.shape(), axis + 1, x.rank());
  }
  if (context.input(1).elements() != slices || context.input(2).elements() != slices)
    return invalid_input("the range does not have " + std::to_string(slices) + " values");
  ISO_ASSIGN(Tensor y, context.allocate(dtype, x.shape()));
  ISO_ASSIGN(Tensor lows, context.allocate(DType::float32, context.input(1).shape()));
  ISO_ASSIGN(Tensor highs, context.allocate(DType::float32, context.input(2).shape()));
  const auto as = [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t s = 0; s < slices; ++s) {
      float low = std::min(0.0f, static_cast<float>(number_at(context.input(1), s))),
            high = static_cast<float>(number_at(context.input(2), s));
      // A range narrower than a hundredth of its size, or than the attribute says, is widened; it always holds zero.
      const float least =
          std::max(1.0f, std::max(std::abs(low), std::abs(high))) * node.attrs.get_float("ensure_minimum_range", 0.01f);
      high = std::max(0.0f, std::max(high, low + least));
      if (mode == "SCALED") {
        static constexpr double kMin = std::numeric_limits<T>::min(), kMax = std::numeric_limits<T>::max();
        const double bottom = kMin + (narrow ? 1 : 0);
        const float from_low = bottom * static_cast<double>(low) > 0 ? static_cast<float>(bottom) / low
                                                                     : std::numeric_limits<float>::max();
        const float from_high = static_cast<float>(kMax) / high;
        const float scale = std::min(from_low, from_high);
        low = static_cast<float>(bottom) / scale;
        high = static_cast<float>(kMax) / scale;
      }
      for (std::int64_t o = 0; o < outer; ++o)
        quantise(mode, half_up, narrow, low, high, in<float>(x) + (o * slices + s) * inner,
                 reinterpret_cast<T*>(y.raw()) + (o * slices + s) * inner, inner);
      out<float>(lows)[s] = low;
      out<float>(highs)[s] = high;
    }
    return {};
  };
  switch (dtype) {
    case DType::quint8:
      ISO_TRY(as(Tag<std::uint8_t>()));
      break;
    case DType::qint8:
      ISO_TRY(as(Tag<std::int8_t>()));
      break;
    case DType::quint16:
      ISO_TRY(as(Tag<std::uint16_t>()));
      break;
    case DType::qint16:
      ISO_TRY(as(Tag<std::int16_t>()));
      break;
    case DType::qint32:
      ISO_TRY(as(Tag<std::int32_t>()));
      break;
    default:
      return unsupported_dtype(dtype);
  }
  context.set_output(0, std::move(y));
  context.set_output(1, std::move(lows));
  context.set_output(2, std::move(highs));
  return {};
}

}  // namespace

void register_quantize(KernelRegistry& r) {
  r.add({"FakeQuantWithMinMaxArgs", "FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxVarsPerChannel"}, run_fake_quant);
  r.add({"QuantizeAndDequantizeV2", "QuantizeAndDequantizeV3", "QuantizeAndDequantizeV4"}, run_quantise_dequantise,
        HalfFloats::as_float);
  r.add("QuantizeV2", run_quantise);
}

}  // namespace isotherm::cpu
