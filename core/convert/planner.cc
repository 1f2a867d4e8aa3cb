#include "core/convert/planner.h"

#include "core/convert/prepare.h"

namespace isotherm {

Result<Conversion> Planner::plan(const ConversionParams& params, const LiftRefusal& lift) {
  ISO_ASSIGN(Prepared prepared, prepare_conversion(graph_, params));
  if (prepared_ && prepares_alike(last_, prepared.params)) {
    prepared.graph = prepared_;
  } else {
    ISO_ASSIGN(shapes_, infer_shapes(*prepared.graph));
    prepared_ = prepared.graph;
    last_ = prepared.params;
  }
  return plan_prepared(prepared, shapes_, lift);
}

}  // namespace isotherm
