// isotherm render: pictures of a graph or a session.
#include "app/command.h"
#include "app/options.h"
#include "core/convert/converter.h"
#include "core/formats/graph_file.h"
#include "core/render/render_file.h"
#include "core/render/scene.h"
#include "profiler/session_file.h"
#include "profiler/session_overlay.h"

namespace isotherm::app {
namespace {

struct Options {
  std::string input, out, session;
  std::string view = "before", theme = "light", direction = "tb", overlay, title;
  std::vector<std::string> expand, collapse;
  int depth = -1;
  int max_nodes = render::SceneOptions().max_nodes;
  int png_scale = 2;
  bool no_legend = false;
  ConversionOptions conversion;
};

struct Subject {
  std::shared_ptr<const Conversion> conversion;
  std::shared_ptr<const SessionData> session;
};

/// A session brings its conversion; a model is converted here, and takes measurements from --session if the graphs agree.
Result<Subject> open_subject(const Options& options, const Progress& progress) {
  Subject subject;
  progress.tell(-1, "reading " + options.input);
  if (is_session_file(options.input)) {
    if (!options.session.empty()) return invalid_input("--session goes with a model; '" + options.input + "' is a session itself");
    ISO_ASSIGN(SessionData session, read_session(options.input));
    subject.conversion = session.conversion;
    subject.session = std::make_shared<const SessionData>(std::move(session));
    return subject;
  }
  ISO_ASSIGN(const ConversionParams params, options.conversion.params());
  ISO_ASSIGN(const LoadedGraph loaded, load_graph(options.input));
  if (!options.session.empty()) {
    ISO_ASSIGN(SessionData session, read_session(options.session));
    const Graph& measured = *session.conversion->before;
    if (measured.size() != loaded.graph->size())
      return invalid_input("session '" + options.session + "' was recorded of another graph: it has " + std::to_string(measured.size()) + " nodes, '" + options.input +
                           "' has " + std::to_string(loaded.graph->size()));
    for (NodeId id = 0; id < measured.size(); ++id)
      if (measured[id].name != (*loaded.graph)[id].name)
        return invalid_input("session '" + options.session + "' was recorded of another graph: its node " + std::to_string(id) + " is '" + measured[id].name + "', that of '" +
                             options.input + "' is '" + (*loaded.graph)[id].name + "'");
    subject.conversion = session.conversion;
    subject.session = std::make_shared<const SessionData>(std::move(session));
    return subject;
  }
  progress.tell(-1, "segmenting");
  auto conversion = convert(loaded.graph, params);
  if (conversion.ok()) {
    subject.conversion = std::make_shared<const Conversion>(std::move(*conversion));
    return subject;
  }
  // A graph that cannot be converted (it holds engines already, say) is still a picture; what needs engines is not.
  if (options.view != "before") {
    const bool has_engines = std::any_of(loaded.graph->nodes().begin(), loaded.graph->nodes().end(), [](const Node& n) { return n.op == "TRTEngineOp"; });
    if (!has_engines) return conversion.error();
  }
  ISO_ASSIGN(GraphShapes shapes, infer_shapes(*loaded.graph));
  subject.conversion = render::plain_conversion(loaded.graph, std::move(shapes));
  return subject;
}

Result<render::Overlay> make_overlay(const Options& options, const Subject& subject) {
  render::Overlay overlay;
  const std::string wanted = !options.overlay.empty() ? options.overlay : subject.session ? "time" : "engine";
  overlay.kind = *render::parse_overlay(wanted);
  if (overlay.kind != render::Overlay::Kind::time) return overlay;
  if (!subject.session)
    return invalid_input("--overlay time shows measured values, and none were given: record them with `isotherm profile " + options.input +
                         " -o FILE.isotherm`, then render that file, or name it with --session");
  return session_time_overlay(*subject.session);
}

}  // namespace

void add_render(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("render", "A picture of the graph, before and after the conversion");
  command->add_option("INPUT", options->input, "A graph, or a recorded session")->required();
  command->add_option("-o,--out", options->out, "FILE.svg, .png, .pdf or .dot")->required();
  command->add_option("--view", options->view, "before, after or both")->check(CLI::IsMember({"before", "after", "both"}))->capture_default_str()->group("Picture");
  command->add_option("--overlay", options->overlay, "engine, op, time or none; default: time for a session, else engine")->check(CLI::IsMember({"engine", "op", "time", "none"}))->group("Picture");
  command->add_option("--session", options->session, "Measured values for a model's picture")->group("Picture");
  command->add_option("--theme", options->theme, "light, dark or print")->check(CLI::IsMember({"light", "dark", "print"}))->capture_default_str()->group("Picture");
  command->add_option("--direction", options->direction, "tb: downwards, lr: to the right")->check(CLI::IsMember({"tb", "lr"}))->capture_default_str()->group("Picture");
  command->add_option("--depth", options->depth, "Scopes deeper than this are drawn closed; default: as many as --max-nodes allows")->check(CLI::NonNegativeNumber)->group("Picture");
  command->add_option("--expand", options->expand, "Scopes, and engines with measured times, to open, with commas")->delimiter(',')->group("Picture");
  command->add_option("--collapse", options->collapse, "Scopes to close, with commas")->delimiter(',')->group("Picture");
  command->add_option("--max-nodes", options->max_nodes, "Most boxes; scopes are drawn closed to keep it")->check(CLI::PositiveNumber)->capture_default_str()->group("Picture");
  command->add_option("--title", options->title, "Title of the picture; default: the file's name")->group("Picture");
  command->add_flag("--no-legend", options->no_legend, "Without the legend")->group("Picture");
  command->add_option("--png-scale", options->png_scale, "Pixels per px: 1, 2 or 4")->check(CLI::IsMember({1, 2, 4}))->capture_default_str()->group("Picture");
  options->conversion.add_to(*command);
  command->callback([options, &context] {
    context.job = [options, &context]() -> Status {
      const auto format = render::format_of_path(options->out);
      if (!format) return invalid_input("'" + options->out + "' ends in none of .svg, .png, .pdf and .dot");
      ISO_ASSIGN(const Subject subject, open_subject(*options, context.progress));
      ISO_ASSIGN(render::Overlay overlay, make_overlay(*options, subject));
      render::SceneOptions scene_options;
      scene_options.view = subject.conversion->after ? *render::parse_view(options->view) : render::View::before;
      scene_options.theme = *render::parse_theme(options->theme);
      scene_options.direction = *render::parse_direction(options->direction);
      scene_options.depth = options->depth;
      scene_options.expanded.insert(options->expand.begin(), options->expand.end());
      scene_options.collapsed.insert(options->collapse.begin(), options->collapse.end());
      scene_options.max_nodes = options->max_nodes;
      scene_options.title = !options->title.empty() ? options->title : std::filesystem::path(options->input).stem().string();
      scene_options.legend = !options->no_legend;
      scene_options.cancelled = [&context] { return context.progress.cancelled(); };
      context.progress.tell(-1, "laying out");
      ISO_ASSIGN(const render::Scene scene, render::build_scene(subject.conversion, std::move(overlay), std::move(scene_options)));
      context.progress.tell(-1, "drawing");
      render::FileOptions file_options;
      file_options.png_scale = static_cast<float>(options->png_scale);
      ISO_TRY(render::render_file(scene, options->out, *format, file_options));
      return print("written: " + options->out + " (" + scene.layout_note + ")\n");
    };
  });
}

}  // namespace isotherm::app
