// What is open: a graph, its conversion and perhaps a recorded session; and the jobs that make these. No widgets.
#pragma once

#include <memory>
#include <string>

#include "core/convert/converter.h"
#include "core/convert/remedy.h"
#include "core/convert/segmentation_change.h"
#include "core/convert/what_if.h"
#include "core/graph/progress.h"
#include "core/render/scene.h"
#include "core/runtime/device_module.h"
#include "profiler/profile.h"
#include "profiler/session_data.h"
#include "ui/graph_view.h"

namespace isotherm::ui {

/// Immutable once made: jobs make a new one, the window swaps pointers. What was open stays open when a job fails.
struct Document {
  std::string path;                               ///< graph or session file
  std::shared_ptr<const Graph> graph;             ///< as loaded; null for a session, which has no weights
  std::shared_ptr<const Conversion> conversion;   ///< after is null only if there is none
  std::shared_ptr<const SessionData> session;     ///< null: nothing measured
  std::shared_ptr<const WhatIf> what_if;          ///< of `graph`; null with it
  ConversionParams params;
  std::vector<std::string> warnings;

  /// A graph with its weights is there: it can be converted again, run and profiled.
  [[nodiscard]] bool can_run() const { return graph != nullptr; }
};
using DocumentPtr = std::shared_ptr<const Document>;

/// The settings that a graph is first shown with: the defaults, and what TF-TRT's environment variables set. What acts,
/// or has no effect, is named among the document's warnings.
ConversionParams first_params();

/// Opens a graph (and converts it with `params`) or a session.
Result<DocumentPtr> open_document(const std::string& path, const ConversionParams& params, const Progress& progress);
/// The same graph, converted with other settings. Measurements belong to the old conversion and go.
Result<DocumentPtr> reconvert(const DocumentPtr& document, const ConversionParams& params, const Progress& progress);

/// What other settings would make of a document: asked for while they are typed, nothing is built.
struct WhatIfAnswer {
  ConversionParams params;  ///< as asked
  std::shared_ptr<const Conversion> conversion;  ///< planned: segments, engines and reasons
  SegmentationChange change;  ///< against the document's conversion
  double milliseconds = 0;
};
using WhatIfAnswerPtr = std::shared_ptr<const WhatIfAnswer>;
Result<WhatIfAnswerPtr> ask_what_if(const DocumentPtr& document, const ConversionParams& params, const Progress& progress);
/// The document as `answer` would have it, with its converted graph, to be looked at; not measured.
Result<DocumentPtr> preview_document(const DocumentPtr& document, const WhatIfAnswer& answer, const Progress& progress);
/// What each setting that might take a native node into an engine would change; those that change nothing are left out.
Result<std::vector<RemedyOutcome>> ask_remedies(const DocumentPtr& document, NodeId node, const Progress& progress);

/// What a run in the window says.
struct RunReport {
  double native_ms = 0, engines_ms = 0;   ///< medians; 0: not run
  std::size_t arena_peak_bytes = 0;
  std::vector<Fallback> fallbacks;
  std::string device;                     ///< name, "cuda:0"
  std::string description;                ///< card or processor and how it runs
  bool resident = false;                  ///< inputs and outputs stayed on the device
};
struct RunChoices {
  std::string device = "cpu";
  GpuOptions gpu;                         ///< where the device is one
  std::int64_t batch = 1;
  int threads = 0;
  int iterations = 5;
};
Result<RunReport> run_document(const DocumentPtr& document, const RunChoices& choices, const Progress& progress);
/// Profiles and writes the session to `path`.
Result<DocumentPtr> profile_document(const DocumentPtr& document, const RunChoices& choices, const std::string& path, const Progress& progress);

/// "cuda:0: NVIDIA H100 80GB HBM3, ..., FP32 without TF32, runs as CUDA Graphs"; empty where a session does not say.
std::string measured_on(const SessionData& session);

/// Why the document cannot show an overlay, as a sentence; empty where it can.
std::string overlay_obstacle(const Document& document, render::Overlay::Kind kind);
/// The overlay of a kind over the document; engines where there is an obstacle. `logarithmic`: how values take colours.
render::Overlay make_overlay(const Document& document, render::Overlay::Kind kind, bool logarithmic = true);
/// Scene and display list, for the window or a file.
Result<std::shared_ptr<const ScenePicture>> make_picture(const DocumentPtr& document, render::Overlay::Kind kind, render::SceneOptions options,
                                                         bool with_legend, bool logarithmic = true);

}  // namespace isotherm::ui
