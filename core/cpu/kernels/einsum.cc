// Einsum for any number of operands that TensorFlow takes (one or two): each label is a loop.
#include <map>

#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

/// A label is a letter; dimensions of an ellipsis get numbers from 256 on, counted from the right.
using Labels = std::vector<int>;

Result<Labels> labels_of(std::string_view text, int rank, std::int64_t* ellipsis) {
  Labels labels;
  const std::size_t dots = text.find("...");
  const int letters = static_cast<int>(text.size()) - (dots == std::string_view::npos ? 0 : 3);
  if (dots == std::string_view::npos ? letters != rank : letters > rank)
    return invalid_input("the term '" + std::string(text) + "' names " + std::to_string(letters) +
                         " dimensions of a tensor of rank " + std::to_string(rank));
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == dots) {
      const int hidden = rank - letters;
      *ellipsis = std::max<std::int64_t>(*ellipsis, hidden);
      for (int k = hidden; k > 0; --k) labels.push_back(255 + k);
      i += 2;
    } else {
      labels.push_back(static_cast<unsigned char>(text[i]));
    }
  }
  return labels;
}

struct Loops {
  std::vector<std::int64_t> dims;                    ///< output labels, then summed ones
  std::vector<std::array<std::int64_t, 2>> strides;  ///< of the operands
  std::size_t kept = 0;                              ///< how many are output labels
};

template <class T>
void contract(const Loops& loops, const T* a, const T* b, T* to, int threads) {
  std::int64_t kept = 1, summed = 1;
  for (std::size_t d = 0; d < loops.dims.size(); ++d) (d < loops.kept ? kept : summed) *= loops.dims[d];
  const std::size_t n = loops.dims.size();
  const bool has_inner = n > loops.kept;
  const std::int64_t inner = has_inner ? loops.dims[n - 1] : 1,
                     rows = inner == 0 ? 0 : summed / std::max<std::int64_t>(inner, 1);
  const std::int64_t step_a = has_inner ? loops.strides[n - 1][0] : 0, step_b = has_inner ? loops.strides[n - 1][1] : 0;
  parallel_for(threads, kept, summed, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t o = begin; o < end; ++o) {
      std::int64_t at_a = 0, at_b = 0, rest = o;
      for (std::size_t d = loops.kept; d-- > 0;) {
        at_a += rest % loops.dims[d] * loops.strides[d][0];
        at_b += rest % loops.dims[d] * loops.strides[d][1];
        rest /= loops.dims[d];
      }
      T sum = 0;
      for (std::int64_t r = 0; r < rows; ++r) {
        std::int64_t from_a = at_a, from_b = at_b;
        rest = r;
        for (std::size_t d = has_inner ? n - 1 : n; d-- > loops.kept;) {
          from_a += rest % loops.dims[d] * loops.strides[d][0];
          from_b += rest % loops.dims[d] * loops.strides[d][1];
          rest /= loops.dims[d];
        }
        if (b)
          for (std::int64_t i = 0; i < inner; ++i) sum += a[from_a + i * step_a] * b[from_b + i * step_b];
        else
          for (std::int64_t i = 0; i < inner; ++i) sum += a[from_a + i * step_a];
      }
      to[o] = sum;
    }
  });
}

Status run_einsum(KernelContext& context, const Node& node) {
  std::string equation = node.attrs.get_string("equation");
  std::erase(equation, ' ');
  const std::size_t arrow = equation.find("->");
  const int count = context.input_count();
  if (arrow == std::string::npos || count < 1 || count > 2)
    return invalid_input("the equation '" + equation + "' with " + std::to_string(count) +
                         " inputs; expected 'ab,bc->ac' with one or two");
  std::string terms = equation.substr(0, arrow);
  std::vector<std::string> sides;
  for (std::size_t at = 0; at <= terms.size();) {
    const std::size_t comma = std::min(terms.find(',', at), terms.size());
    sides.push_back(terms.substr(at, comma - at));
    at = comma + 1;
  }
  if (static_cast<int>(sides.size()) != count)
    return invalid_input("the equation '" + equation + "' has " + std::to_string(sides.size()) + " terms for " +
                         std::to_string(count) + " inputs");
  std::int64_t ellipsis = 0;
  std::map<int, std::int64_t> sizes;
  std::map<int, std::array<std::int64_t, 2>> strides;
  for (int k = 0; k < count; ++k) {
    const Tensor& x = context.input(k);
    ISO_ASSIGN(const Labels labels, labels_of(sides[static_cast<std::size_t>(k)], x.rank(), &ellipsis));
    const std::vector<std::int64_t> steps = strides_of(x.shape());
    for (int d = 0; d < x.rank(); ++d) {
      const int label = labels[static_cast<std::size_t>(d)];
      const auto [it, added] = sizes.emplace(label, x.dim(d));
      if (!added && it->second != x.dim(d)) {
        if (label < 256 || (it->second != 1 && x.dim(d) != 1))
          return invalid_input("a label of '" + equation + "' has sizes " + std::to_string(it->second) + " and " +
                               std::to_string(x.dim(d)));
        it->second = std::max(it->second, x.dim(d));
      }
      // A repeated label walks the diagonal; a broadcast dimension stays where it is.
      if (!(label >= 256 && x.dim(d) == 1))
        strides[label][static_cast<std::size_t>(k)] += steps[static_cast<std::size_t>(d)];
    }
  }
  std::string result_text = equation.substr(arrow + 2);
  const bool dots = result_text.find("...") != std::string::npos;
  ISO_ASSIGN(const Labels kept,
             labels_of(result_text,
                       static_cast<int>(result_text.size()) - (dots ? 3 : 0) + (dots ? static_cast<int>(ellipsis) : 0),
                       &ellipsis));
  Loops loops;
  Shape shape;
  std::map<int, bool> in_result;
  for (const int label : kept) {
    if (!sizes.contains(label)) return invalid_input("a label of the result of '" + equation + "' is in no term");
    in_result[label] = true;
    shape.add_dim(sizes[label]);
    loops.dims.push_back(sizes[label]);
    loops.strides.push_back(strides[label]);
  }
  loops.kept = kept.size();
  for (const auto& [label, size] : sizes)
    if (!in_result.contains(label)) {
      loops.dims.push_back(size);
      loops.strides.push_back(strides[label]);
    }
  ISO_ASSIGN(Tensor result, context.allocate(context.input(0).dtype(), shape));
  ISO_TRY(for_arithmetic(result.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    if constexpr (sizeof(T) < 4) {
      return unsupported_dtype(result.dtype());
    } else {
      contract(loops, in<T>(context.input(0)), count > 1 ? in<T>(context.input(1)) : nullptr, out<T>(result),
               context.threads());
      return {};
    }
  }));
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_einsum(KernelRegistry& r) { r.add("Einsum", run_einsum, HalfFloats::as_float); }

}  // namespace isotherm::cpu
