// isotherm convert: the graph with its engines in it.
#include "app/command.h"
#include "app/json.h"
#include "app/options.h"
#include "app/passes_report.h"
#include "core/convert/converter.h"
#include "core/formats/graph_file.h"

namespace isotherm::app {

void add_convert(CLI::App& app, Context& context) {
  struct Options {
    std::string model, out;
    ConversionOptions conversion;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("convert", "Write the graph with a TRTEngineOp node in place of each segment");
  command->add_option("MODEL", options->model, "A GraphDef, binary or text")->required();
  command->add_option("-o,--out", options->out, "OUT.pb or OUT.pbtxt")->required();
  options->conversion.add_to(*command);
  command->add_flag("--json", options->json, "For scripts");
  command->callback([options, &context] {
    context.job = [options, &context]() -> Status {
      ISO_ASSIGN(const ConversionParams params, options->conversion.params());
      ISO_ASSIGN(const GraphFormat format, graph_format_from_path(options->out));
      context.progress.tell(-1, "reading " + options->model);
      ISO_ASSIGN(const LoadedGraph loaded, load_graph(options->model));
      context.progress.tell(-1, "converting");
      ISO_ASSIGN(const Conversion conversion, convert(loaded.graph, params));
      if (context.progress.cancelled()) return cancelled();
      context.progress.tell(-1, "writing " + options->out);
      ISO_TRY(save_graph(*conversion.after, options->out, format));
      for (const std::string& warning : conversion.warnings) std::fprintf(stderr, "isotherm: warning: %s\n", warning.c_str());
      if (!options->json)
        return print("settings: " + pairs_line(describe_params(conversion.params)) + "\n\n" + passes_text(conversion.passes) + summary_table(conversion) + "written: " + options->out + "\n");
      Json engines = Json::array();
      for (const EngineSummary& e : conversion.engines) {
        Json inputs = Json::array(), outputs = Json::array();
        for (const TensorInfo& t : e.inputs) inputs.push_back(tensor_json(t));
        for (const TensorInfo& t : e.outputs) outputs.push_back(tensor_json(t));
        engines.push_back({{"name", e.name}, {"device", e.device}, {"nodes", e.node_count}, {"inputs", std::move(inputs)}, {"outputs", std::move(outputs)}});
      }
      return print(dump({{"out", options->out}, {"engines", std::move(engines)}, {"converted_ops", conversion.converted_ops}, {"all_ops", conversion.all_ops},
                         {"warnings", conversion.warnings}, {"settings", pairs_json(describe_params(conversion.params))}}));
    };
  });
}

}  // namespace isotherm::app
