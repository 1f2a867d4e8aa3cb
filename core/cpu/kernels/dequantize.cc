// Dequantize in its three modes. Ranges may be denormal numbers; nothing is flushed.
#include <cmath>
#include <limits>

#include "core/cpu/half_conversion.h"
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

enum class Mode { min_combined, min_first, scaled };

/// value = (q - origin) * scale + offset.
struct Affine {
  float origin = 0, scale = 1, offset = 0;
};

template <class T>
Affine affine_of(Mode mode, float low, float high, bool narrow_range) {
  constexpr double kMin = std::numeric_limits<T>::min(), kMax = std::numeric_limits<T>::max();
  Affine a;
  switch (mode) {
    case Mode::min_combined:
      a.origin = std::is_signed_v<T> ? static_cast<float>(-(kMax - kMin + 1) / 2) : 0.0f;
      a.scale = (high - low) / static_cast<float>(kMax - kMin);
      a.offset = low;
      return a;
    case Mode::min_first: {
      const double steps = kMax - kMin + 1;
      a.scale =
          static_cast<float>((static_cast<double>(high) - static_cast<double>(low)) * (steps / (steps - 1)) / steps);
      a.origin = static_cast<float>(kMin);
      a.offset = high == low ? low : std::round(low / a.scale) * a.scale;
      return a;
    }
    case Mode::scaled:
      if (kMin == 0)
        a.scale = high / static_cast<float>(kMax);
      else
        a.scale = std::max(low / static_cast<float>(kMin + (narrow_range ? 1 : 0)), high / static_cast<float>(kMax));
      return a;
  }
  return a;
}

Status run_dequantize(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& q = context.input(0);
  const Tensor& low = context.input(1);
  const Tensor& high = context.input(2);
  const std::string name = node.attrs.get_string("mode", "MIN_COMBINED");
  if (name != "MIN_COMBINED" && name != "MIN_FIRST" && name != "SCALED")
    return invalid_input("mode is '" + name + "'; expected MIN_COMBINED, MIN_FIRST or SCALED");
  const Mode mode = name == "MIN_COMBINED" ? Mode::min_combined : name == "MIN_FIRST" ? Mode::min_first : Mode::scaled;
  const std::int64_t axis_value = node.attrs.get_int("axis", -1);
  std::int64_t outer = 1, slices = 1, inner = q.elements();
  if (axis_value != -1) {
    ISO_ASSIGN(const int axis, normalise_axis(axis_value, q.rank()));
    outer = product(q.shape(), 0, axis);
    slices = q.dim(axis);
    inner = product(q.shape(), axis + 1, q.rank());
  }
  if (low.elements() != slices || high.elements() != slices || low.dtype() != DType::float32 ||
      high.dtype() != DType::float32)
    return invalid_input("the range has shapes " + low.shape().to_string() + " and " + high.shape().to_string() +
                         "; expected " + std::to_string(slices) + " float values each");
  const DType wanted = node.attrs.get_type("dtype", DType::float32);
  ISO_ASSIGN(Tensor result, context.allocate(DType::float32, q.shape()));
  const auto as = [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const T* from = reinterpret_cast<const T*>(q.raw());
    float* to = out<float>(result);
    for (std::int64_t o = 0; o < outer; ++o)
      for (std::int64_t s = 0; s < slices; ++s) {
        const Affine a = affine_of<T>(mode, in<float>(low)[s], in<float>(high)[s], node.attrs.get_bool("narrow_range"));
        const std::int64_t at = (o * slices + s) * inner;
        for (std::int64_t i = at; i < at + inner; ++i)
          to[i] = (static_cast<float>(from[i]) - a.origin) * a.scale + a.offset;
      }
    return {};
  };
  switch (q.dtype()) {
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
      return unsupported_dtype(q.dtype());
  }
  if (wanted != DType::float32) {
    if (wanted != DType::bfloat16) return unsupported_dtype(wanted);
    ISO_ASSIGN(Tensor narrow, context.allocate(wanted, q.shape()));
    float_to_half(in<float>(result), narrow);
    result = std::move(narrow);
  }
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_dequantize(KernelRegistry& r) { r.add("Dequantize", run_dequantize); }

}  // namespace isotherm::cpu
