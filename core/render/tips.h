// What a picture says beyond what it draws: tooltips with exact values, and links between its parts.
#pragma once

#include <string>
#include <vector>

#include "core/render/display_list.h"
#include "core/render/scene.h"

namespace isotherm::render {

/// The lines of a tooltip, valid UTF-8 without control characters. Of a box: its full name; op or what it stands for;
/// dtype, shape and bytes of its outputs; the reason why it stays native; the overlay's exact value and further words.
std::vector<std::string> box_tip(const Scene& scene, std::size_t box);
/// Both ends; the tensor with dtype and shape; bytes; how many tensors it stands for.
std::vector<std::string> line_tip(const Scene& scene, std::size_t line);
/// Name, nodes inside, the overlay's values inside combined.
std::vector<std::string> frame_tip(const Scene& scene, std::size_t frame);

/// Gives the groups of a list painted from `scene` their tooltips, and in a picture of both sides their links: a box to
/// what it became or came from, a segment's pill to its engine, an engine to its segment.
void add_tips(const Scene& scene, DisplayList& list);

}  // namespace isotherm::render
