// ArgMax, ArgMin.
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

/// The first of equal values wins; comparisons with NaN are false.
template <class T, class I, bool Max>
void arg_reduce(const T* src, I* dst, std::int64_t outer, std::int64_t n, std::int64_t inner) {
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < inner; ++i) {
      const T* from = src + o * n * inner + i;
      std::int64_t best = 0;
      for (std::int64_t k = 1; k < n; ++k)
        if (Max ? from[best * inner] < from[k * inner] : from[k * inner] < from[best * inner]) best = k;
      dst[o * inner + i] = static_cast<I>(best);
    }
}

template <bool Max>
Status run_arg(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const std::int64_t value, integer_of(context.input(1), "the axis"));
  ISO_ASSIGN(const int axis, normalise_axis(value, x.rank()));
  if (x.dim(axis) == 0)
    return invalid_input("axis " + std::to_string(axis) + " of shape " + x.shape().to_string() +
                         " is empty; expected at least one value");
  std::vector<std::int64_t> dims = x.shape().dims();
  dims.erase(dims.begin() + axis);
  ISO_ASSIGN(Tensor result, context.allocate(node.attrs.get_type("output_type", DType::int64), Shape(dims)));
  const std::int64_t outer = product(x.shape(), 0, axis), inner = product(x.shape(), axis + 1, x.rank());
  const auto as = [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const auto index = [&](auto index_tag) -> Status {
      using I = typename decltype(index_tag)::type;
      arg_reduce<T, I, Max>(in<T>(x), out<I>(result), outer, x.dim(axis), inner);
      return {};
    };
    if (result.dtype() == DType::int16 || result.dtype() == DType::uint16) return index(Tag<std::uint16_t>());
    return for_index(result.dtype(), index);
  };
  if (x.dtype() == DType::boolean) {
    ISO_TRY(as(Tag<bool>()));
  } else {
    ISO_TRY(for_numbers(x.dtype(), as));
  }
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_index_reductions(KernelRegistry& r) {
  r.add("ArgMax", run_arg<true>, HalfFloats::as_float);
  r.add("ArgMin", run_arg<false>, HalfFloats::as_float);
}

}  // namespace isotherm::cpu
