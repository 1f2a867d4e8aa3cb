// Rules that several ops share.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/ops/conditions/context.h"

namespace isotherm::conditions {

/// Brings `axis` into [0, rank) and stores it in `normalized` (may be null). Refused out of bounds, and where it is
/// the batch dimension of implicit batch mode, unless `may_be_batch`.
Verdict check_axis(const Context& c, std::int64_t axis, int rank, int* normalized = nullptr, bool may_be_batch = false);

/// The one integer of weights `i`, named `role` in the message.
Verdict one_value(const Context& c, int i, std::string_view role, std::int64_t& value);
/// The integers of weights `i`.
Verdict integer_values(const Context& c, int i, std::string_view role, std::vector<std::int64_t>& values);

enum class Feasibility { checked, not_checked };

/// Whether inputs `left` and `right` broadcast inside an engine; at least one must be a tensor.
Verdict check_broadcast(const Context& c, int left, int right, Feasibility feasibility = Feasibility::checked);

/// A slice in TensorRT's dimensions (without the batch in implicit batch mode).
struct SliceRange {
  std::vector<std::int64_t> begin;
  std::vector<std::int64_t> end;
  std::vector<std::int64_t> stride;
};

/// The test that every slicing op ends with. `has_spec` is false for Split and Unpack, which cannot slice a tensor
/// with unknown dimensions at all.
Verdict check_slice(const Context& c, const Operand& input, const SliceRange& range, bool has_spec);

/// Whether tensors or weights `first` .. `last` have one rank, and equal dimensions except `axis` (-1: none) and where
/// unknown.
Verdict check_equal_shapes(const Context& c, int first, int last, int axis);

/// Entries of the int-list attribute, which must have `length` of them with 1 at `batch` and `channel`.
Verdict check_unit_at(const Context& c, std::string_view attr, std::size_t length, std::size_t batch,
                      std::size_t channel, std::string_view message, std::vector<std::int64_t>* values = nullptr);

/// Whether attribute `padding` is SAME or VALID; else `message`.
Verdict check_padding(const Context& c, std::string_view message_begin, std::string_view message_end);

}  // namespace isotherm::conditions
