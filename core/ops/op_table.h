// The text of tf_ops.table inside the program. The format is described in tools/make_op_table.py.
#pragma once

#include <span>
#include <string_view>

namespace isotherm {

/// Lines without their line breaks: first the shared sets of allowed values, then the ops sorted by name.
std::span<const std::string_view> op_table_lines();

}  // namespace isotherm
