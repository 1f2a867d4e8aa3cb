#include "core/ops/reason.h"

namespace isotherm {

std::string_view reason_name(Reason reason) {
  switch (reason) {
    case Reason::excluded:
      return "excluded";
    case Reason::device:
      return "device";
    case Reason::batch_rank:
      return "batch-rank";
    case Reason::dynamic_dims:
      return "dynamic-dims";
    case Reason::unsupported_op:
      return "unsupported-op";
    case Reason::dtype:
      return "dtype";
    case Reason::input:
      return "input";
    case Reason::condition:
      return "condition";
    case Reason::denied:
      return "denied";
    case Reason::const_output:
      return "const-output";
    case Reason::too_small:
      return "too-small";
    case Reason::engine_cap:
      return "engine-cap";
    case Reason::conversion_failed:
      return "conversion-failed";
  }
  return "condition";
}

}  // namespace isotherm
