// isotherm info: what a file is.
#include <algorithm>
#include <map>

#include "app/command.h"
#include "app/json.h"
#include "core/convert/converter.h"
#include "core/formats/graph_file.h"
#include "core/ops/op_def.h"

namespace isotherm::app {
namespace {

struct Info {
  std::map<std::string, int> ops;
  std::vector<std::string> inputs, outputs, unknown_ops;
  std::size_t constant_bytes = 0;
  int constants = 0;
};

Info collect(const Graph& graph) {
  Info info;
  for (const Node& node : graph.nodes()) {
    if (++info.ops[node.op] == 1 && !find_op(node.op) && !graph.functions().find(node.op)) info.unknown_ops.push_back(node.op);
    if (node.op != "Const") continue;
    ++info.constants;
    if (const Constant* value = node.attrs.get_constant("value")) info.constant_bytes += value->byte_size();
  }
  info.inputs = default_inputs(graph);
  info.outputs = default_outputs(graph);
  return info;
}

std::string bytes_text(std::size_t bytes) {
  char text[32];
  if (bytes < 10 * 1024) std::snprintf(text, sizeof text, "%zu bytes", bytes);
  else if (bytes < 10 * 1024 * 1024) std::snprintf(text, sizeof text, "%.1f KiB", static_cast<double>(bytes) / 1024);
  else std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1024 * 1024));
  return text;
}

std::string tensor_line(const Graph& graph, const GraphShapes& shapes, const std::string& name) {
  const auto ref = graph.find_tensor(name);
  if (!ref.ok()) return name;
  const TensorInfo& t = shapes.info(*ref);
  return name + "  " + std::string(dtype_name(t.dtype)) + "  " + t.shape.to_string();
}

Json tensors_json(const Graph& graph, const GraphShapes& shapes, const std::vector<std::string>& names) {
  Json out = Json::array();
  for (const std::string& name : names) {
    Json item = {{"name", name}};
    if (const auto ref = graph.find_tensor(name); ref.ok()) item.update(tensor_json(shapes.info(*ref)));
    out.push_back(std::move(item));
  }
  return out;
}

}  // namespace

void add_info(CLI::App& app, Context& context) {
  struct Options {
    std::string model;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("info", "What the file is: inputs, outputs, ops, sizes");
  command->add_option("MODEL", options->model, "A GraphDef, binary or text")->required();
  command->add_flag("--json", options->json, "For scripts");
  command->callback([options, &context] {
    context.job = [options, &context]() -> Status {
      context.progress.tell(-1, "reading " + options->model);
      ISO_ASSIGN(const LoadedGraph loaded, load_graph(options->model));
      const Graph& graph = *loaded.graph;
      ISO_ASSIGN(const GraphShapes shapes, infer_shapes(graph));
      const Info info = collect(graph);
      if (options->json) {
        Json ops = Json::object();
        for (const auto& [op, count] : info.ops) ops[op] = count;
        return print(dump({{"file", options->model}, {"kind", loaded.kind}, {"bytes", loaded.file_bytes}, {"producer", graph.versions().producer}, {"nodes", graph.size()},
                           {"functions", graph.functions().functions().size()}, {"constants", info.constants}, {"constant_bytes", info.constant_bytes},
                           {"inputs", tensors_json(graph, shapes, info.inputs)}, {"outputs", tensors_json(graph, shapes, info.outputs)}, {"ops", std::move(ops)},
                           {"unknown_ops", info.unknown_ops}, {"warnings", loaded.warnings}}));
      }
      std::string out = options->model + ": " + loaded.kind + ", " + bytes_text(loaded.file_bytes) + ", " + std::to_string(graph.size()) + " nodes, " +
                        std::to_string(graph.functions().functions().size()) + " functions, producer version " + std::to_string(graph.versions().producer) + "\n";
      out += "constants: " + std::to_string(info.constants) + ", " + bytes_text(info.constant_bytes) + "\n";
      out += "inputs:\n";
      for (const std::string& name : info.inputs) out += "  " + tensor_line(graph, shapes, name) + "\n";
      out += "outputs:\n";
      for (const std::string& name : info.outputs) out += "  " + tensor_line(graph, shapes, name) + "\n";
      std::vector<std::pair<std::string, int>> ops(info.ops.begin(), info.ops.end());
      std::stable_sort(ops.begin(), ops.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
      out += "ops:\n";
      for (const auto& [op, count] : ops) out += "  " + std::to_string(count) + "  " + op + "\n";
      if (!info.unknown_ops.empty()) {
        out += "unknown ops, kept but not runnable:";
        for (const std::string& op : info.unknown_ops) out += " " + op;
        out += "\n";
      }
      for (const std::string& warning : loaded.warnings) out += "warning: " + warning + "\n";
      return print(out);
    };
  });
}

}  // namespace isotherm::app
