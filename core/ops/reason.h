// Why a node stays native.
#pragma once

#include <string>
#include <string_view>

namespace isotherm {

/// The classes of TF-TRT's reasons, in the order of the tests (README: `segment`).
enum class Reason {
  excluded, device, batch_rank, dynamic_dims, unsupported_op, dtype, input, condition, denied,
  const_output, too_small, engine_cap, conversion_failed,
};

/// "excluded", "batch-rank", ..: as `segment --json` prints them.
std::string_view reason_name(Reason reason);

/// A reason with its sentence: which input, which attribute, found and allowed.
struct Refusal {
  Reason reason = Reason::condition;
  std::string detail;
};

}  // namespace isotherm
