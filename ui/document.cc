#include "ui/document.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "core/convert/environment.h"
#include "core/convert/trt_convert.h"
#include "core/formats/graph_file.h"
#include "core/render/paint.h"
#include "core/workbench/devices.h"
#include "core/workbench/statistics.h"
#include "core/workbench/workload.h"
#include "profiler/session_file.h"
#include "profiler/session_overlay.h"
#include "ui/freed_elsewhere.h"

namespace isotherm::ui {
namespace {

WorkloadOptions workload_options(const Document& document, const RunChoices& choices) {
  WorkloadOptions options;
  options.conversion = document.params;
  options.feeds.batch = choices.batch;
  options.device = choices.device;
  options.gpu = choices.gpu;
  options.threads = choices.threads;
  return options;
}

}  // namespace

ConversionParams first_params() {
  ConversionParams params;
  apply_environment(read_trt_environment(process_environment()), {}, params);
  return params;
}

Result<DocumentPtr> open_document(const std::string& path, const ConversionParams& params, const Progress& progress) {
  auto document = std::make_shared<Document>();
  document->path = path;
  document->params = params;
  if (is_session_file(path)) {
    progress.tell(-1, "reading the session");
    ISO_ASSIGN(SessionData session, read_session(path));
    document->conversion = session.conversion;
    document->params = session.conversion->params;
    document->session = std::make_shared<const SessionData>(std::move(session));
    return DocumentPtr(std::move(document));
  }
  progress.tell(-1, "reading the graph");
  ISO_ASSIGN(LoadedGraph loaded, load_graph(path));
  document->graph = loaded.graph;
  document->warnings = std::move(loaded.warnings);
  if (progress.cancelled()) return cancelled();
  progress.tell(-1, "converting");
  auto conversion = converted(document->graph, params);
  if (conversion.ok()) {
    document->conversion = *conversion;
    document->warnings.insert(document->warnings.end(), params.environment.begin(), params.environment.end());
  } else {
    // A graph that cannot be converted can still be looked at.
    document->warnings.push_back(conversion.error().message);
    ISO_ASSIGN(GraphShapes shapes, infer_shapes(*document->graph));
    document->conversion = render::plain_conversion(document->graph, std::move(shapes));
  }
  document->what_if = std::make_shared<const WhatIf>(document->graph, *document->conversion);
  return DocumentPtr(std::move(document));
}

Result<WhatIfAnswerPtr> ask_what_if(const DocumentPtr& document, const ConversionParams& params, const Progress& progress) {
  if (!document->what_if) return invalid_input("a session holds no weights: open its graph to try other settings");
  const auto begin = std::chrono::steady_clock::now();
  auto answer = std::make_shared<WhatIfAnswer>();
  answer->params = params;
  ISO_ASSIGN(Conversion planned, document->what_if->plan(params, [&progress] { return progress.cancelled(); }));
  answer->conversion = freed_elsewhere(std::move(planned));
  answer->change = compare_segmentations(*document->conversion, *answer->conversion);
  answer->milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  return WhatIfAnswerPtr(std::move(answer));
}

Result<DocumentPtr> preview_document(const DocumentPtr& document, const WhatIfAnswer& answer, const Progress& progress) {
  ISO_ASSIGN(Conversion whole, document->what_if->finish(*answer.conversion, answer.params));
  if (progress.cancelled()) return cancelled();
  auto changed = std::make_shared<Document>(*document);
  changed->conversion = freed_elsewhere(std::move(whole));
  changed->params = answer.params;
  changed->session = nullptr;
  return DocumentPtr(std::move(changed));
}

Result<std::vector<RemedyOutcome>> ask_remedies(const DocumentPtr& document, NodeId node, const Progress& progress) {
  std::vector<RemedyOutcome> out;
  if (!document->what_if) return out;
  for (Remedy& remedy : remedies(*document->conversion, document->params, node)) {
    auto outcome = outcome_of(*document->what_if, *document->conversion, node, std::move(remedy), [&progress] { return progress.cancelled(); });
    if (!outcome.ok() && outcome.error().code == ErrorCode::cancelled) return outcome.error();
    // A guessed setting that the graph contradicts is no remedy.
    if (outcome.ok() && outcome->changes) out.push_back(std::move(*outcome));
  }
  return out;
}

Result<DocumentPtr> reconvert(const DocumentPtr& document, const ConversionParams& params, const Progress& progress) {
  progress.tell(-1, "converting");
  const auto stop = [&progress] { return progress.cancelled(); };
  ISO_ASSIGN(Conversion planned, document->what_if->plan(params, stop));
  ISO_ASSIGN(Conversion conversion, document->what_if->finish(std::move(planned), params));
  if (progress.cancelled()) return cancelled();
  auto changed = std::make_shared<Document>(*document);
  changed->conversion = freed_elsewhere(std::move(conversion));
  changed->params = params;
  changed->session = nullptr;
  return DocumentPtr(std::move(changed));
}

Result<RunReport> run_document(const DocumentPtr& document, const RunChoices& choices, const Progress& progress) {
  ISO_ASSIGN(const std::unique_ptr<Workload> workload, Workload::create(document->graph, workload_options(*document, choices)));
  RunReport report;
  report.device = workload->device().name();
  report.description = workload->device().description();
  report.resident = gpu_index(choices.device).has_value();
  TimingOptions timing;
  timing.warmup = 1;
  timing.iterations = choices.iterations;
  timing.resident = report.resident;
  ISO_ASSIGN(const Timing native, time_runs(*workload, RunMode::native, timing, progress));
  report.native_ms = statistics_of(native.milliseconds).median;
  report.arena_peak_bytes = native.statistics.arena_peak_bytes;
  if (workload->conversion()->engines.empty()) return report;
  ISO_ASSIGN(const Timing engines, time_runs(*workload, RunMode::engines, timing, progress));
  report.engines_ms = statistics_of(engines.milliseconds).median;
  report.fallbacks = engines.statistics.fallbacks;
  return report;
}

Result<DocumentPtr> profile_document(const DocumentPtr& document, const RunChoices& choices, const std::string& path, const Progress& progress) {
  ISO_ASSIGN(const std::unique_ptr<Workload> workload, Workload::create(document->graph, workload_options(*document, choices)));
  ProfileOptions options;
  options.iterations = choices.iterations;
  options.engines = !workload->conversion()->engines.empty();
  options.model_path = document->path;
  options.program_version = "isotherm " ISOTHERM_VERSION;
  if (gpu_index(choices.device))
    options.settings = {{"cuda-graph", choices.gpu.device_graphs ? "on" : "off"}, {"tf32", choices.gpu.tf32 ? "on" : "off"}, {"cudnn", choices.gpu.cudnn ? "on where found" : "off"}};
  ISO_ASSIGN(SessionData session, profile(*workload, options, path, progress));
  auto changed = std::make_shared<Document>(*document);
  changed->conversion = session.conversion;
  changed->session = std::make_shared<const SessionData>(std::move(session));
  return DocumentPtr(std::move(changed));
}

std::string measured_on(const SessionData& session) {
  const auto name = session.meta.find("device");
  const auto description = std::find_if(session.settings.begin(), session.settings.end(), [](const auto& s) { return s.first == "device"; });
  std::string out = name == session.meta.end() ? std::string() : name->second;
  if (description != session.settings.end()) out += (out.empty() ? "" : ": ") + description->second;
  return out;
}

std::string overlay_obstacle(const Document& document, render::Overlay::Kind kind) {
  using Kind = render::Overlay::Kind;
  if (kind < Kind::time) return {};
  if (!document.session) return "nothing is measured yet: profile this graph, or open a recorded session";
  // Asked on the UI thread whenever a document comes: the overlay is made only where its sentence is wanted.
  const SessionData& session = *document.session;
  if (kind == Kind::time || (kind == Kind::memory && !session.node_memory.empty()) || (kind == Kind::precision && !session.precisions.empty()) || (kind == Kind::error && !session.errors.empty())) return {};
  const auto overlay = session_overlay(session, kind);
  return overlay.ok() ? std::string() : overlay.error().message;
}

render::Overlay make_overlay(const Document& document, render::Overlay::Kind kind, bool logarithmic) {
  render::Overlay overlay;
  overlay.kind = kind >= render::Overlay::Kind::time ? render::Overlay::Kind::engine : kind;
  if (kind >= render::Overlay::Kind::time && document.session)
    if (auto measured = session_overlay(*document.session, kind); measured.ok()) overlay = std::move(measured).value();
  overlay.logarithmic = logarithmic;
  return overlay;
}

Result<std::shared_ptr<const ScenePicture>> make_picture(const DocumentPtr& document, render::Overlay::Kind kind, render::SceneOptions options, bool with_legend, bool logarithmic) {
  options.legend = with_legend;
  auto picture = freed_elsewhere(ScenePicture());
  const auto stop = options.cancelled;
  ISO_ASSIGN(picture->scene, render::build_scene(document->conversion, make_overlay(*document, kind, logarithmic), std::move(options)));
  if (stop && stop()) return cancelled();
  // The pictures before this one are not to live as long as it does.
  picture->scene.options.previous.reset();
  picture->scene.options.cancelled = nullptr;
  picture->list = PaintedList(render::paint_scene(picture->scene), picture->scene);
  return std::shared_ptr<const ScenePicture>(std::move(picture));
}

}  // namespace isotherm::ui
