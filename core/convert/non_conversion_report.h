// What stayed native, counted: TF-TRT's report of unconverted ops.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/convert/converter.h"

namespace isotherm {

/// Native nodes of one op with one reason. Names of nodes and tensors within the reason's sentence are a '*', so that
/// alike nodes count together.
struct NonConversion {
  std::string op;
  std::string reason;  ///< "condition: the input '*' ..."
  int count = 0;
};

/// By the number of native nodes of the op, most first, then by the rows' own counts; ties by name.
std::vector<NonConversion> non_conversions(const Conversion& conversion);

/// "OP Name", "Reason", "Count" as a table of lines with `separator` between; the comma quotes as RFC 4180 says,
/// TF-TRT's own file has '|' and quotes nothing.
std::string non_conversion_csv(const std::vector<NonConversion>& rows, char separator);

/// For reading: each op with its count, its reasons below.
std::string non_conversion_text(const std::vector<NonConversion>& rows);

}  // namespace isotherm
