// Matrix products and Einsum.
#include <map>

#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

Status mat_mul(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle a, c.with_rank(c.input(0), 2));
  ISO_ASSIGN(const ShapeHandle b, c.with_rank(c.input(1), 2));
  const int ta = c.attrs().get_bool("transpose_a") ? 1 : 0;
  const int tb = c.attrs().get_bool("transpose_b") ? 1 : 0;
  const DimHandle rows = c.dim(a, ta);
  const DimHandle cols = c.dim(b, 1 - tb);
  ISO_TRY(c.merge(c.dim(a, 1 - ta), c.dim(b, tb)).status());
  c.set_output(0, c.matrix(rows, cols));
  return {};
}

/// `broadcasts`: leading dimensions broadcast (V2, V3), else they are equal.
template <bool broadcasts>
Status batch_mat_mul(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle a, c.with_rank_at_least(c.input(0), 2));
  ISO_ASSIGN(const ShapeHandle b, c.with_rank_at_least(c.input(1), 2));
  const bool ta = c.attrs().get_bool("adj_x");
  const bool tb = c.attrs().get_bool("adj_y");
  const DimHandle rows = c.dim(a, ta ? -1 : -2);
  const DimHandle cols = c.dim(b, tb ? -2 : -1);
  ShapeHandle batch;
  if (!broadcasts) {
    ISO_ASSIGN(const ShapeHandle a_batch, c.subshape(a, 0, -2));
    ISO_ASSIGN(const ShapeHandle b_batch, c.subshape(b, 0, -2));
    ISO_ASSIGN(batch, c.merge(a_batch, b_batch));
  }
  ISO_TRY(c.merge(c.dim(a, ta ? -2 : -1), c.dim(b, tb ? -1 : -2)).status());
  if (broadcasts) {
    ISO_ASSIGN(const ShapeHandle a_batch, c.subshape(a, 0, -2));
    ISO_ASSIGN(const ShapeHandle b_batch, c.subshape(b, 0, -2));
    ISO_ASSIGN(batch, broadcast(c, a_batch, b_batch));
  }
  c.set_output(0, c.concatenate(batch, c.matrix(rows, cols)));
  return {};
}

/// One operand's or the result's labels; "..." stands between `before` and `after`.
struct Subscript {
  std::string before;
  std::string after;
  bool ellipsis = false;
  [[nodiscard]] int labels() const { return static_cast<int>(before.size() + after.size()); }
};

Result<Subscript> parse_subscript(const std::string& text) {
  Subscript s;
  const std::size_t dots = text.find("...");
  s.ellipsis = dots != std::string::npos;
  s.before = text.substr(0, dots);
  if (s.ellipsis) s.after = text.substr(dots + 3);
  if (s.before.find('.') != std::string::npos || s.after.find('.') != std::string::npos) {
    return invalid_input("equation part '" + text + "' found, expected at most one '...'");
  }
  return s;
}

Result<std::vector<Subscript>> parse_equation(std::string equation, Subscript& result) {
  std::erase(equation, ' ');
  const std::size_t arrow = equation.find("->");
  if (arrow == std::string::npos || equation.find("->", arrow + 2) != std::string::npos) {
    return invalid_input("equation '" + equation + "' found, expected one with one '->'");
  }
  ISO_ASSIGN(result, parse_subscript(equation.substr(arrow + 2)));
  std::vector<Subscript> operands;
  std::string rest = equation.substr(0, arrow);
  while (true) {
    const std::size_t comma = rest.find(',');
    ISO_ASSIGN(operands.emplace_back(), parse_subscript(rest.substr(0, comma)));
    if (comma == std::string::npos) return operands;
    rest = rest.substr(comma + 1);
  }
}

Status einsum(ShapeContext& c) {
  Subscript result;
  ISO_ASSIGN(const std::vector<Subscript> operands, parse_equation(c.attrs().get_string("equation"), result));
  if (static_cast<std::size_t>(c.inputs()) != operands.size() || operands.size() > 2) {
    return invalid_input("the equation has " + std::to_string(operands.size()) + " operands and the node " +
                         std::to_string(c.inputs()) + " inputs, expected the same number, 1 or 2");
  }
  std::map<char, DimHandle> dims;
  std::vector<ShapeHandle> batches;
  for (int i = 0; i < c.inputs(); ++i) {
    const Subscript& s = operands[static_cast<std::size_t>(i)];
    ShapeHandle input = c.input(i);
    if (c.has_rank(input)) {
      ISO_ASSIGN(input, s.ellipsis ? c.with_rank_at_least(input, s.labels()) : c.with_rank(input, s.labels()));
    }
    const auto take = [&](char label, std::int64_t axis) -> Status {
      const DimHandle d = c.has_rank(input) ? c.dim(input, axis) : c.unknown_dim();
      const auto [it, added] = dims.try_emplace(label, d);
      if (!added) {
        ISO_ASSIGN(it->second, c.merge(it->second, d));
      }
      return {};
    };
    ShapeHandle batch = c.scalar();
    for (std::size_t k = 0; k < s.before.size(); ++k) ISO_TRY(take(s.before[k], static_cast<std::int64_t>(k)));
    const auto n_after = static_cast<std::int64_t>(s.after.size());
    if (s.ellipsis) {
      if (c.has_rank(input)) {
        ISO_ASSIGN(batch, c.subshape(input, static_cast<std::int64_t>(s.before.size()), c.rank(input) - n_after));
      } else {
        batch = c.unknown_shape();
      }
    }
    for (std::int64_t k = 0; k < n_after; ++k) {
      ISO_TRY(take(s.after[static_cast<std::size_t>(k)], c.rank(input) - n_after + k));
    }
    batches.push_back(batch);
  }
  ShapeHandle batch = batches[0];
  if (batches.size() == 2) {
    ISO_ASSIGN(batch, broadcast(c, batches[0], batches[1]));
  }
  if (!result.ellipsis) {
    ISO_TRY(c.with_rank_at_most(batch, 0).status());
    batch = c.scalar();
  } else if (!c.has_rank(batch)) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  ShapeContext::Dims out;
  const auto append = [&](const std::string& labels) -> Status {
    for (const char label : labels) {
      const auto it = dims.find(label);
      if (it == dims.end()) {
        return invalid_input(std::string("the equation's result has label '") + label +
                             "', expected one of an operand");
      }
      out.push_back(it->second);
    }
    return {};
  };
  ISO_TRY(append(result.before));
  for (int i = 0; i < c.rank(batch); ++i) out.push_back(c.dim(batch, i));
  ISO_TRY(append(result.after));
  c.set_output(0, c.make_shape(out));
  return {};
}

}  // namespace

void register_matmul_shapes(ShapeRegistry& registry) {
  registry.add({"MatMul", "SparseMatMul"}, mat_mul);
  registry.add("BatchMatMul", batch_mat_mul<false>);
  registry.add({"BatchMatMulV2", "BatchMatMulV3"}, batch_mat_mul<true>);
  registry.add("Einsum", einsum);
}

}  // namespace isotherm::shapes
