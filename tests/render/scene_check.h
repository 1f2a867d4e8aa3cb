// What must hold of every scene, whatever it shows.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/render/scene.h"

namespace isotherm::render {

/// One sentence per fault: boxes that overlap or leave their frame, frames that cross, words wider than their place,
/// lines that do not end on their boxes or that run through a box.
std::vector<std::string> scene_faults(const Scene& scene);

/// build_scene(), expected to succeed and to have no fault; an empty scene where it fails.
Scene checked_scene(std::shared_ptr<const Conversion> conversion, Overlay overlay, SceneOptions options);

/// How many of the lines' pieces run through a box that is neither of their ends.
int crossings_of_boxes(const Scene& scene);

}  // namespace isotherm::render
