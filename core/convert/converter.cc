#include "core/convert/converter.h"

#include "core/convert/after_conversion.h"
#include "core/convert/assemble.h"
#include "core/convert/plan.h"
#include "core/convert/prepare.h"

namespace isotherm {
namespace {

Result<Conversion> plan(const Prepared& prepared) {
  ISO_ASSIGN(GraphShapes shapes, infer_prepared_shapes(prepared));
  return plan_prepared(prepared, std::move(shapes));
}

}  // namespace

Result<Conversion> plan_conversion(std::shared_ptr<const Graph> graph, const ConversionParams& params) {
  ISO_ASSIGN(const Prepared prepared, prepare_conversion(std::move(graph), params));
  return plan(prepared);
}

Result<Conversion> convert(std::shared_ptr<const Graph> graph, const ConversionParams& params) {
  ISO_ASSIGN(const Prepared prepared, prepare_conversion(std::move(graph), params));
  ISO_ASSIGN(Conversion conversion, plan(prepared));
  ISO_TRY(assemble(conversion, prepared));
  ISO_TRY(run_passes_after_conversion(conversion));
  return conversion;
}

}  // namespace isotherm
