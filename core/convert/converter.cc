#include "core/convert/converter.h"

#include <utility>

#include "core/convert/assemble.h"
#include "core/convert/plan.h"

namespace isotherm {
namespace {

Result<Conversion> plan(const Prepared& prepared) {
  ISO_ASSIGN(GraphShapes shapes, infer_shapes(*prepared.graph));
  ISO_ASSIGN(Conversion conversion, plan_prepared(prepared, std::move(shapes)));
  for (const EngineSummary& engine : conversion.engines)
    if (prepared.graph->find(engine.name) != kNoNode)
      return invalid_input("the graph has a node '" + engine.name +
                           "' already; another engine sequence number is needed");
  return conversion;
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
  return conversion;
}

}  // namespace isotherm
