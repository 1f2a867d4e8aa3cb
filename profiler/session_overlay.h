// The measured overlays of a session, for diagrams and the window.
#pragma once

#include <optional>
#include <string_view>

#include "core/render/render_file.h"
#include "core/render/scene.h"
#include "profiler/session_data.h"

namespace isotherm {

/// What the values of an overlay are, where its kind leaves a choice.
enum class OverlayMeasure {
  usual,    ///< time: total; memory: outputs
  total,    ///< time: of each node per run, µs
  share,    ///< time: of all nodes' time of its run, %
  outputs,  ///< memory: bytes of the node's outputs
  arena,    ///< memory: most bytes in use of the arena while the node ran, and of an engine its plan's own arena
};
/// "total", "share", "outputs", "arena"; nothing for another word.
std::optional<OverlayMeasure> parse_measure(std::string_view text);

/// Native runs over the graph before, engine runs over the converted one, by node id; numeric error over both. Bytes come
/// in one unit for all nodes (B, KiB, MiB, GiB). An error says what the session lacks and how to record it, or that the
/// measure does not go with the kind, or that the kind (engine, op class, none) shows nothing measured.
Result<render::Overlay> session_overlay(const SessionData& session, render::Overlay::Kind kind,
                                        OverlayMeasure measure = OverlayMeasure::usual);

/// The time overlay, total.
render::Overlay session_time_overlay(const SessionData& session);

/// What was measured, where, when and by which version, for the metadata of a picture's file: the same session gives the
/// same file.
void describe_session(const SessionData& session, render::FileOptions& file);

/// "784.0 KiB", "12 B".
std::string format_memory(std::int64_t bytes);
/// "3.1e-7"; of NaN, a tensor that differs in kind, "differs"; below 0, not compared, "–".
std::string format_error(double error);
/// By how bad they are, those that differ in kind first; by name where they are alike.
std::vector<const TensorErrorRecord*> worst_errors(const SessionData& session);

}  // namespace isotherm
