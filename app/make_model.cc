// isotherm make-model: known networks with seeded weights.
#include "app/command.h"
#include "app/json.h"
#include "core/formats/graph_file.h"
#include "core/workbench/models/model_zoo.h"

namespace isotherm::app {

void add_make_model(CLI::App& app, Context& context) {
  struct Options {
    std::string name, out;
    std::uint64_t seed = 1;
    bool list = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("make-model", "Write a known network with seeded weights");
  CLI::Option* list = command->add_flag("--list", options->list, "What there is");
  CLI::Option* name = command->add_option("NAME", options->name, "Which; see --list");
  CLI::Option* out = command->add_option("-o,--out", options->out, "OUT.pb or OUT.pbtxt");
  command->add_option("--seed", options->seed, "The same seed gives the same weights")->capture_default_str();
  command->callback([options, list, name, out, &context] {
    if (!*list && (!*name || !*out)) throw CLI::ValidationError("make-model", "expected NAME and -o OUT.pb, or --list");
    context.job = [options, &context]() -> Status {
      if (options->list) {
        std::string text;
        for (const ZooEntry& entry : zoo_entries()) text += std::string(entry.name) + "\n    " + std::string(entry.description) + "\n";
        return print(text);
      }
      ISO_ASSIGN(const GraphFormat format, graph_format_from_path(options->out));
      context.progress.tell(-1, "making " + options->name);
      ISO_ASSIGN(const std::shared_ptr<const Graph> graph, make_model(options->name, options->seed));
      if (context.progress.cancelled()) return cancelled();
      context.progress.tell(-1, "writing " + options->out);
      ISO_TRY(save_graph(*graph, options->out, format));
      return print("written: " + options->out + ", " + std::to_string(graph->size()) + " nodes, seed " + std::to_string(options->seed) + "\n");
    };
  });
}

}  // namespace isotherm::app
