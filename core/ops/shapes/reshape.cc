// Ops that give the same elements another shape.
#include <algorithm>

#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

/// A shape's product of known dimensions and its one unknown dimension.
struct Partial {
  DimHandle known;
  int unknown_at = -1;
  bool several_unknown = false;
};

Result<Partial> partial_product(ShapeContext& c, ShapeHandle s) {
  Partial p;
  p.known = c.num_elements(s);
  if (c.known(p.known)) return p;
  p.known = c.make_dim(1);
  for (int i = 0; i < c.rank(s); ++i) {
    const DimHandle d = c.dim(s, i);
    if (c.known(d)) {
      ISO_ASSIGN(p.known, c.multiply(p.known, d));
    } else if (p.unknown_at >= 0) {
      p.several_unknown = true;
      return p;
    } else {
      p.unknown_at = i;
    }
  }
  return p;
}

/// One unknown dimension, of the input or of the output, follows from the number of elements.
Status reshape(ShapeContext& c) {
  const ShapeHandle in = c.input(0);
  ISO_ASSIGN(ShapeHandle out, c.from_input(1));
  if (c.has_rank(out) && c.has_rank(in)) {
    ISO_ASSIGN(const Partial to, partial_product(c, out));
    ISO_ASSIGN(const Partial from, partial_product(c, in));
    if (!to.several_unknown && !from.several_unknown) {
      const std::int64_t n_in = c.value(from.known);
      const std::int64_t n_out = c.value(to.known);
      if (from.unknown_at < 0 && to.unknown_at < 0) {
        if (n_in != n_out) {
          return invalid_input("shape " + c.to_string(in) + " with " + std::to_string(n_in) +
                               " elements is given shape " + c.to_string(out) + " with " + std::to_string(n_out) +
                               ", expected equally many");
        }
      } else if (from.unknown_at < 0) {
        if (n_out > 0) {
          ISO_ASSIGN(const DimHandle d, c.divide(from.known, n_out, true));
          ISO_ASSIGN(out, c.replace_dim(out, to.unknown_at, d));
        }
      } else if (to.unknown_at < 0) {
        if (n_in != 0) {
          ISO_ASSIGN(const DimHandle d, c.divide(to.known, n_in, true));
          ISO_TRY(c.merge(c.dim(in, from.unknown_at), d).status());
        }
      } else if (n_in == n_out) {
        ISO_ASSIGN(out, c.replace_dim(out, to.unknown_at, c.dim(in, from.unknown_at)));
      }
    }
  }
  c.set_output(0, out);
  return {};
}

Status squeeze(ShapeContext& c) {
  const ShapeHandle input = c.input(0);
  const int rank = c.rank(input);
  if (rank < 0) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  std::vector<std::int64_t> axes = c.attrs().get_ints("squeeze_dims");
  for (std::int64_t& axis : axes) {
    if (axis < -rank || axis >= rank) {
      return invalid_input("squeeze_dims has " + std::to_string(axis) + ", expected one of [" + std::to_string(-rank) +
                           "," + std::to_string(rank) + ")");
    }
    if (axis < 0) axis += rank;
  }
  ShapeContext::Dims dims;
  for (int i = 0; i < rank; ++i) {
    const bool named = std::find(axes.begin(), axes.end(), i) != axes.end();
    const DimHandle d = c.dim(input, i);
    if (!named && !axes.empty()) {
      dims.push_back(d);
    } else if (!c.known(d)) {
      if (named) continue;
      // Whether it goes is not known, so the rank is not.
      c.set_output(0, c.unknown_shape());
      return {};
    } else if (c.value(d) != 1) {
      if (named) {
        return invalid_input("dimension " + std::to_string(i) + " is " + std::to_string(c.value(d)) +
                             ", expected 1 to squeeze it");
      }
      dims.push_back(d);
    }
  }
  c.set_output(0, c.make_shape(dims));
  return {};
}

Status expand_dims(ShapeContext& c) {
  const ShapeHandle input = c.input(0);
  const auto axis = c.integers(1);
  if (axis && axis->size() != 1) {
    return invalid_input("the axis has " + std::to_string(axis->size()) + " values, expected 1");
  }
  if (!axis || !c.has_rank(input)) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  const std::int64_t n = c.rank(input) + 1;
  std::int64_t at = (*axis)[0];
  if (at < -n || at >= n) {
    return invalid_input("axis " + std::to_string(at) + " found, expected one of [" + std::to_string(-n) + "," +
                         std::to_string(n) + ")");
  }
  if (at < 0) at += n;
  ISO_ASSIGN(const ShapeHandle before, c.subshape(input, 0, at));
  ISO_ASSIGN(const ShapeHandle after, c.subshape(input, at));
  c.set_output(0, c.concatenate(c.concatenate(before, c.vector(1)), after));
  return {};
}

Status transpose(ShapeContext& c) {
  ShapeHandle input = c.input(0);
  ShapeHandle perm_shape = c.input(1);
  const auto perm = c.integers(1);
  const DimHandle length = c.num_elements(perm_shape);
  if (!c.has_rank(input) && !c.known(length) && !perm) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  std::int64_t rank = c.rank(input);
  if (rank < 0) {
    rank = c.known(length) ? c.value(length) : static_cast<std::int64_t>(perm->size());
    if (rank < 2) {  // a permutation of one entry may be of a scalar
      c.set_output(0, input);
      return {};
    }
  }
  ISO_ASSIGN(input, c.with_rank(input, rank));
  ISO_ASSIGN(perm_shape, c.with_rank(perm_shape, 1));
  ISO_TRY(c.with_value(length, rank).status());
  if (!perm) {
    c.set_output(0, c.unknown_shape_of_rank(rank));
    return {};
  }
  if (static_cast<std::int64_t>(perm->size()) != rank) {
    return invalid_input("perm has " + std::to_string(perm->size()) + " entries, expected " + std::to_string(rank));
  }
  ShapeContext::Dims dims;
  for (const std::int64_t from : *perm) {
    if (from >= rank || from <= -rank - (rank == 0)) {
      return invalid_input("perm has entry " + std::to_string(from) + ", expected one below " + std::to_string(rank));
    }
    dims.push_back(c.dim(input, from));
  }
  c.set_output(0, c.make_shape(dims));
  return {};
}

Status shape_of_inputs(ShapeContext& c) {
  for (int i = 0; i < c.inputs(); ++i) {
    const int rank = c.rank(c.input(i));
    c.set_output(i, c.vector(rank < 0 ? c.unknown_dim() : c.make_dim(rank)));
  }
  return {};
}

/// The wanted shape; the dimensions above 1 of the input are its last ones.
Status broadcast_to(ShapeContext& c) {
  ISO_ASSIGN(ShapeHandle out, c.from_input(1));
  ShapeHandle in = c.input(0);
  if (c.has_rank(out) && c.has_rank(in)) {
    ISO_ASSIGN(in, c.with_rank_at_most(in, c.rank(out)));
    for (int i = 1; i <= c.rank(in); ++i) {
      const DimHandle d = c.dim(in, -i);
      if (c.value(d) <= 1) continue;
      ISO_ASSIGN(const DimHandle merged, c.merge(d, c.dim(out, -i)));
      ISO_ASSIGN(out, c.replace_dim(out, -i, merged));
    }
  }
  c.set_output(0, out);
  return {};
}

/// A type of another size splits or joins the last dimension.
Status bitcast(ShapeContext& c) {
  const ShapeHandle input = c.input(0);
  const auto from = static_cast<std::int64_t>(dtype_size(c.attrs().get_type("T")));
  const auto to = static_cast<std::int64_t>(dtype_size(c.attrs().get_type("type")));
  if (from == 0 || to == 0) return invalid_input("a type without a size is cast bit by bit, expected numbers");
  if (from == to || !c.has_rank(input)) {
    c.set_output(0, from == to ? input : c.unknown_shape());
  } else if (from > to) {
    c.set_output(0, c.concatenate(input, c.vector(from / to)));
  } else {
    ISO_ASSIGN(const ShapeHandle at_least, c.with_rank_at_least(input, 1));
    ISO_TRY(c.with_value(c.dim(at_least, -1), to / from).status());
    ISO_ASSIGN(const ShapeHandle out, c.subshape(at_least, 0, -1));
    c.set_output(0, out);
  }
  return {};
}

Status ensure_shape(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle wanted, c.from_attr("shape"));
  ISO_ASSIGN(const ShapeHandle out, c.merge(wanted, c.input(0)));
  c.set_output(0, out);
  return {};
}

}  // namespace

void register_reshape_shapes(ShapeRegistry& registry) {
  registry.add("Reshape", reshape);
  registry.add("Squeeze", squeeze);
  registry.add("ExpandDims", expand_dims);
  registry.add({"Transpose", "ConjugateTranspose"}, transpose);
  registry.add({"Shape", "ShapeN"}, shape_of_inputs);
  registry.add({"Size", "Rank"}, all_scalar);
  registry.add("BroadcastTo", broadcast_to);
  registry.add("Bitcast", bitcast);
  registry.add("EnsureShape", ensure_shape);
  registry.add({"DataFormatVecPermute", "DataFormatDimMap"}, unchanged);
}

}  // namespace isotherm::shapes
