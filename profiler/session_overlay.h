// The measured overlay of a session, for diagrams and the window.
#pragma once

#include "core/render/scene.h"
#include "profiler/session_data.h"

namespace isotherm {

/// Time per run of each node: native runs over the graph before, engine runs over the converted one; µs.
render::Overlay session_time_overlay(const SessionData& session);

}  // namespace isotherm
