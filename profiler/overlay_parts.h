// The overlays that session_overlay() makes beside that of time. The session holds what they show.
#pragma once

#include "core/render/scene.h"
#include "profiler/session_data.h"

namespace isotherm {

struct MemoryUnit {
  const char* name = "B";  ///< B, KiB, MiB, GiB
  double bytes = 1;
};
/// The largest unit of which `bytes` are at least one.
MemoryUnit memory_unit(std::int64_t bytes);

/// Of two numeric errors. One that differs in kind is worse than any number.
bool is_worse(const TensorErrorRecord& a, const TensorErrorRecord& b);

render::Overlay memory_overlay(const SessionData& session, bool arena);
render::Overlay precision_overlay(const SessionData& session);
render::Overlay error_overlay(const SessionData& session);

}  // namespace isotherm
