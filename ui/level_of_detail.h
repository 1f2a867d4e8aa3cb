// What of a picture is drawn at which zoom: labels vanish before boxes, boxes before frames.
#pragma once

#include <QtGlobal>

#include <cstdint>
#include <vector>

#include "core/render/display_list.h"
#include "core/render/scene.h"

namespace isotherm::ui {

/// By the height of a node on the screen, px; each level draws what the ones before it draw, and more.
enum class Detail : std::uint8_t {
  frames,  ///< frames and segments only
  fill,    ///< from 3: nodes as plain fills, edges without arrowheads
  shape,   ///< from 6: fill, bar and border
  title,   ///< from 11: titles, glyphs, the engine's badge
  words,   ///< from 18: values and the other badges
  all,     ///< from 26: shapes, ops, labels of edges
};

/// The level that a height calls for.
Detail detail_at(qreal node_height);
/// The same after `now`: a level is left downwards only 10 % below where it began, so that nothing flickers.
Detail next_detail(Detail now, qreal node_height);

/// Height of the nodes of a scene that are neither engines nor the odd one out, px of the scene.
qreal node_height(const render::Scene& scene);

/// The least level at which each command of `list` is drawn. `list` must be paint_scene(scene), or hold no groups.
std::vector<Detail> command_details(const render::DisplayList& list, const render::Scene& scene);

/// Titles of frames are never smaller than this on the screen, px.
inline constexpr qreal kLeastTitle = 10;
/// From this zoom on the picture's own titles are large enough.
inline constexpr qreal kOwnTitlesZoom = kLeastTitle / 11;

}  // namespace isotherm::ui
