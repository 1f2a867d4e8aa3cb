// isotherm render: pictures of a graph or a session.
#include <set>

#include "app/command.h"
#include "app/options.h"
#include "app/version.h"
#include "core/convert/trt_convert.h"
#include "core/formats/graph_file.h"
#include "core/render/layout_cache.h"
#include "core/render/page.h"
#include "core/render/paint.h"
#include "core/render/render_file.h"
#include "core/render/scene.h"
#include "core/render/settings_words.h"
#include "core/render/text.h"
#include "core/render/steps_folder.h"
#include "profiler/session_file.h"
#include "profiler/session_overlay.h"

namespace isotherm::app {
namespace {

struct Options {
  std::string input, out, session;
  std::string view = "before", theme = "light", direction = "tb", overlay, measure, title, format = "svg";
  std::vector<std::string> expand, collapse;
  int depth = -1;
  int max_nodes = render::SceneOptions().max_nodes;
  int max_pictures = render::StepFolderOptions().max_pictures;
  int png_scale = 2;
  int columns = 0;
  bool no_legend = false, no_repeats = false, edge_bytes = false, no_cache = false;
  std::string focus, font, palette = "default", scale = "log", layout = "auto", width;
  std::vector<std::string> path;
  int hops = render::SceneOptions().hops;
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
  const auto conversion = converted(loaded.graph, params);
  if (conversion.ok()) {
    subject.conversion = *conversion;
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
  if (!overlay.measured()) {
    if (!options.measure.empty()) return invalid_input("--measure goes with --overlay time (total or share) and --overlay memory (outputs or arena), not with --overlay " + wanted);
    return overlay;
  }
  if (!subject.session)
    return invalid_input("--overlay " + wanted + " shows measured values, and none were given: record them with `isotherm profile " + options.input +
                         (overlay.kind == render::Overlay::Kind::error ? " --numeric-error" : "") + " -o FILE.isotherm`, then render that file, or name it with --session");
  auto made = session_overlay(*subject.session, overlay.kind, options.measure.empty() ? OverlayMeasure::usual : *parse_measure(options.measure));
  if (!made.ok()) return made.error().at("'" + (options.session.empty() ? options.input : options.session) + "'");
  return made;
}

/// What a reader of the file should know about its size: on paper always, else where scopes were closed for a page.
std::string page_words(const render::PageScene& page, bool on_paper, int asked) {
  std::string out;
  if (on_paper) {
    out = "on paper: " + page.fit.words();
    if (!page.fit.reads())
      out += ", which is too small to read (6.4 pt at the least): draw less with --max-nodes, --depth, --focus or --collapse, or wider";
    else if (!page.fit.fits())
      out += ", higher than a page: draw less with --max-nodes, --depth, --focus or --collapse";
    out += "\n";
  }
  if (page.closed)
    out += std::string("scopes are closed ") + (page.fit.fits() ? "so that it fits a page" : "to come near a page") + ", as with --max-nodes " + std::to_string(page.scene.options.max_nodes) + "; --max-nodes " + std::to_string(asked) + " opens more\n";
  return out;
}

/// The folder of numbered pictures of `--view steps`. `given`: which options stand on the command line.
Status render_steps(const Options& options, const std::set<std::string>& given, const Progress& progress) {
  if (given.contains("--session") || given.contains("--overlay") || given.contains("--measure"))
    return invalid_input("--view steps shows what the segmenter decided, nothing measured; --session, --overlay and --measure go with the other views");
  ISO_ASSIGN(const Subject subject, open_subject(options, progress));
  ISO_ASSIGN(render::Replay replay, render::Replay::create(subject.conversion));
  render::StepOptions step_options;
  step_options.theme = *render::parse_theme(options.theme);
  if (given.contains("--direction")) step_options.direction = *render::parse_direction(options.direction);
  if (given.contains("--max-nodes")) step_options.max_nodes = options.max_nodes;
  step_options.legend = !options.no_legend;
  step_options.title = !options.title.empty() ? options.title : std::filesystem::path(options.input).stem().string();
  step_options.cancelled = [&progress] { return progress.cancelled(); };
  ISO_ASSIGN(const render::StepPictures pictures, render::StepPictures::create(std::make_shared<const render::Replay>(std::move(replay)), std::move(step_options)));
  render::StepFolderOptions folder;
  folder.format = *render::parse_format(options.format);
  folder.file.png_scale = static_cast<float>(options.png_scale);
  folder.max_pictures = options.max_pictures;
  ISO_ASSIGN(const render::StepFolderReport report, render::write_step_folder(pictures, options.out, folder, progress));
  std::string said = "written: " + options.out + ": " + std::to_string(report.pictures) + " pictures of " + std::to_string(report.steps) + " steps, and steps.csv\n";
  if (report.drawn_together > 0)
    said += "neighbouring steps share pictures so that there are at most " + std::to_string(options.max_pictures) + "; --max-pictures " + std::to_string(report.steps) + " draws each alone\n";
  if (subject.conversion->before->size() > pictures.options().max_nodes)
    said += "each picture draws the " + std::to_string(pictures.options().max_nodes) + " nodes nearest to its step, of " + std::to_string(subject.conversion->before->size()) + "; --max-nodes changes that\n";
  return print(said);
}

}  // namespace

void add_render(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("render", "A picture of the graph, before and after the conversion");
  command->add_option("INPUT", options->input, "A graph, or a recorded session")->required();
  command->add_option("-o,--out", options->out, "FILE.svg, .png, .pdf or .dot; of steps a folder")->required();
  command->add_option("--view", options->view, "before, after, both, or steps: a numbered picture of every decision of the segmenter")
      ->check(CLI::IsMember({"before", "after", "both", "steps"}))->capture_default_str()->group("Picture");
  command->add_option("--overlay", options->overlay, "engine, op or none; of a session time, memory, precision or error; default: time for a session, else engine")
      ->check(CLI::IsMember({"engine", "op", "time", "memory", "precision", "error", "none"}))->group("Picture");
  command->add_option("--measure", options->measure, "Of time: total (default) or share; of memory: outputs (default) or arena, the most in use while the node ran")
      ->check(CLI::IsMember({"total", "share", "outputs", "arena"}))->group("Picture");
  command->add_option("--session", options->session, "Measured values for a model's picture")->group("Picture");
  command->add_option("--theme", options->theme, "light, dark or print")->check(CLI::IsMember({"light", "dark", "print"}))->capture_default_str()->group("Picture");
  command->add_option("--direction", options->direction, "tb: downwards, lr: to the right; steps: lr by default")->check(CLI::IsMember({"tb", "lr"}))->capture_default_str()->group("Picture");
  command->add_option("--depth", options->depth, "Scopes deeper than this are drawn closed; default: as many as --max-nodes allows")->check(CLI::NonNegativeNumber)->group("Picture");
  command->add_option("--expand", options->expand, "Scopes, and engines with measured times, to open, with commas")->delimiter(',')->group("Picture");
  command->add_option("--collapse", options->collapse, "Scopes to close, with commas")->delimiter(',')->group("Picture");
  command->add_option("--max-nodes", options->max_nodes, "Most boxes; scopes are drawn closed to keep it. Not given: a graph of more than 120 is drawn so that it fits a page. Of steps: a larger graph's nodes nearest to the step, 32 by default")
      ->check(CLI::PositiveNumber)->group("Picture");
  command->add_option("--format", options->format, "svg, png or pdf, of steps")->check(CLI::IsMember({"svg", "png", "pdf"}))->capture_default_str()->group("Picture");
  command->add_option("--max-pictures", options->max_pictures, "Of steps: neighbouring ones share pictures to keep it, accepted merges first")
      ->check(CLI::PositiveNumber)->capture_default_str()->group("Picture");
  command->add_option("--focus", options->focus, "Only what lies near this node, scope or engine")->group("Picture");
  command->add_option("--hops", options->hops, "How near, in edges")->check(CLI::Range(0, 1000))->needs(command->get_option("--focus"))->capture_default_str()->group("Picture");
  command->add_option("--path", options->path, "A,B: only nodes on a way from A to B")->delimiter(',')->expected(2)->group("Picture");
  command->add_flag("--no-repeats", options->no_repeats, "Blocks that repeat are drawn each, not once with their count")->group("Picture");
  command->add_option("--columns", options->columns, "Side by side, of a drawing much longer than wide; 0: as many as make it fit a page")
      ->check(CLI::Range(0, 12))->capture_default_str()->group("Picture");
  command->add_option("--layout", options->layout, "auto, graphviz, or layered: our own, for what Graphviz takes too long for")->check(CLI::IsMember({"auto", "graphviz", "layered"}))->capture_default_str()->group("Picture");
  command->add_flag("--no-layout-cache", options->no_cache, "Graphviz' answers are neither looked up nor kept")->group("Picture");
  command->add_option("--palette", options->palette, "default (safe for the colour-blind), trex or tensorboard")->check(CLI::IsMember({"default", "trex", "tensorboard"}))->capture_default_str()->group("Picture");
  command->add_option("--scale", options->scale, "linear or log, of measured values")->check(CLI::IsMember({"linear", "log"}))->capture_default_str()->group("Picture");
  command->add_flag("--edge-bytes", options->edge_bytes, "Edges as wide as what they carry")->group("Picture");
  command->add_option("--width", options->width, "Of the picture: 178mm, 1200px; default: as the drawing needs")->group("Picture");
  command->add_option("--font", options->font, "An installed family for all words but code; default: Inter")->group("Picture");
  command->add_option("--title", options->title, "Title of the picture; default: the file's name")->group("Picture");
  command->add_flag("--no-legend", options->no_legend, "Without the legend")->group("Picture");
  command->add_option("--png-scale", options->png_scale, "Pixels per px: 1, 2 or 4")->check(CLI::IsMember({1, 2, 4}))->capture_default_str()->group("Picture");
  options->conversion.add_to(*command);
  command->callback([options, command, &context] {
    std::set<std::string> given;
    for (const char* name : {"--session", "--overlay", "--measure", "--direction", "--max-nodes", "--format", "--max-pictures"})
      if (command->count(name) > 0) given.insert(name);
    context.job = [options, given, &context]() -> Status {
      if (options->view == "steps") return render_steps(*options, given, context.progress);
      if (given.contains("--format") || given.contains("--max-pictures"))
        return invalid_input("--format and --max-pictures go with --view steps; elsewhere the file's ending says the format");
      if (!options->width.empty() && !render::parse_width(options->width))
        return invalid_input("--width '" + options->width + "' is no width: expected a number of px or mm, such as 1200px or 178mm, of 10 to 100000 px");
      if (!options->font.empty()) {
        ISO_ASSIGN(std::shared_ptr<const render::MeasuredFamily> family, render::measure_family(options->font));
        render::set_sans_family(std::move(family));
      }
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
      scene_options.page = !given.contains("--max-nodes");
      scene_options.repeats = !options->no_repeats;
      scene_options.columns = options->columns;
      scene_options.focus = options->focus;
      scene_options.hops = options->hops;
      if (options->path.size() == 2) scene_options.path_from = options->path[0], scene_options.path_to = options->path[1];
      scene_options.palette = *render::parse_palette(options->palette);
      scene_options.edge_bytes = options->edge_bytes;
      scene_options.layout = *render::parse_layout(options->layout);
      if (!options->no_cache) scene_options.layout_cache = render::layout_cache_folder();
      overlay.logarithmic = options->scale == "log";
      scene_options.title = !options->title.empty() ? options->title : std::filesystem::path(options->input).stem().string();
      if (subject.conversion->after) scene_options.subtitle = render::settings_words(subject.conversion->params);
      if (subject.session) {
        const auto device = subject.session->meta.find("device");
        if (device != subject.session->meta.end()) scene_options.subtitle += "; measured on " + device->second.substr(0, device->second.find(','));
      }
      scene_options.legend = !options->no_legend;
      scene_options.cancelled = [&context] { return context.progress.cancelled(); };
      context.progress.tell(-1, "laying out");
      render::FileOptions file_options;
      file_options.png_scale = static_cast<float>(options->png_scale);
      if (!options->width.empty()) file_options.width = render::parse_width(options->width);
      if (subject.session)
        describe_session(*subject.session, file_options);
      else
        file_options.about = std::filesystem::path(options->input).filename().string() + "; Isotherm " ISOTHERM_VERSION;
      const bool on_paper = file_options.width && file_options.width->millimetres;
      // Paper has to be read as it is. Closed scopes would hide what was measured.
      const bool paged = !overlay.measured() && on_paper && *format != render::Format::dot && !given.contains("--max-nodes") &&
                         options->depth < 0 && options->expand.empty() && options->collapse.empty();
      render::PageScene page;
      if (paged) {
        ISO_ASSIGN(page, render::build_page_scene(subject.conversion, std::move(overlay), std::move(scene_options), file_options.width->value));
      } else {
        ISO_ASSIGN(page.scene, render::build_scene(subject.conversion, std::move(overlay), std::move(scene_options)));
        if (on_paper) page.fit = render::page_fit(render::paint_picture(page.scene), file_options.width->value);
      }
      context.progress.tell(-1, "drawing");
      ISO_TRY(render::render_file(page.scene, options->out, *format, file_options));
      return print("written: " + options->out + " (" + page.scene.layout_note + ")\n" + page_words(page, on_paper, options->max_nodes));
    };
  });
}

}  // namespace isotherm::app
