#include "core/engine/import_segment.h"
#include "core/engine/network.h"
#include "core/engine/passes.h"
#include "core/ops/op_def.h"

namespace isotherm {

Result<Network> build_network(const Graph& body, std::string_view name, const std::vector<Shape>& input_shapes,
                              const NetworkOptions& options) {
  ISO_ASSIGN(Network network, import_segment(body, name, input_shapes, options.weights));
  return run_passes(std::move(network), options);
}

Result<Network> build_network(const Graph& graph, const Node& engine_node, const std::vector<Shape>& input_shapes,
                              const NetworkOptions& options) {
  const FunctionRef* segment = engine_node.attrs.get_func("segment_func");
  if (!segment || segment->name.empty())
    return invalid_input("engine '" + engine_node.name +
                         "': the graph holds no native segment for it (segment_func is empty)");
  auto body = function_body(graph.functions(), segment->name, segment->attrs ? *segment->attrs : AttrMap());
  if (!body.ok()) return body.error().at("engine '" + engine_node.name + "'");
  return build_network(**body, engine_node.name, input_shapes, options);
}

}  // namespace isotherm
