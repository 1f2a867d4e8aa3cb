// Plays a display list on a QPainter: the window draws exactly what the files hold, or less of it where it is small.
#pragma once

#include <QPainter>
#include <QRectF>

#include <vector>

#include "core/render/display_list.h"
#include "ui/grid_index.h"
#include "ui/level_of_detail.h"

namespace isotherm::ui {

/// A display list with what drawing parts of it needs: what belongs together, where it lies, and from which level of
/// detail it is drawn. Immutable once made, so that any thread may draw it.
class PaintedList {
 public:
  PaintedList() = default;
  /// Everything is drawn at every zoom (legends, strips, steps).
  explicit PaintedList(render::DisplayList list);
  /// `list` is paint_scene(scene): drawn by levels of detail.
  PaintedList(render::DisplayList list, const render::Scene& scene);

  [[nodiscard]] bool empty() const { return list_.commands.empty(); }
  [[nodiscard]] QSizeF size() const { return {list_.width, list_.height}; }
  [[nodiscard]] const render::DisplayList& list() const { return list_; }
  [[nodiscard]] std::size_t items() const { return items_.size(); }

  /// Draws what lies in `visible` (picture coordinates). `scale` is the zoom: text that would be smaller than a few
  /// pixels on the screen is left out. `titles`: those of frames are drawn; else somebody else does (frame_titles.h).
  void paint(QPainter& painter, const QRectF& visible, qreal scale, Detail detail = Detail::all, bool titles = true) const;

  [[nodiscard]] bool has_patches() const { return !patches_.empty(); }
  /// The colour of a box where it is only a patch; by box of the scene, where the list was made from one.
  [[nodiscard]] QColor patch(std::int32_t box) const { return patches_[static_cast<std::size_t>(box)]; }
  /// Lines of the scene with a piece near `area`.
  [[nodiscard]] std::vector<std::int32_t> lines_near(const QRectF& area) const;

 private:
  enum class Kind : std::uint8_t { other, node, edge, title };
  struct Item {
    std::int32_t first = 0, last = 0;  ///< commands
    std::int32_t index = -1;           ///< of its box, line or frame
    Kind kind = Kind::other;
    bool loose = false;                ///< a node in no frame
    QRectF bounds;
  };

  void build(const render::Scene* scene);
  void add_to_index(std::int32_t item);
  void find_patches(const render::Scene& scene);
  void paint_command(QPainter& painter, const render::Command& command, qreal scale) const;
  void paint_thin(QPainter& painter, const Item& item, qreal scale) const;
  void paint_patch(QPainter& painter, const Item& item, qreal scale) const;
  [[nodiscard]] QRectF bounds_of(const render::Command& command) const;

  render::DisplayList list_;
  std::vector<Item> items_;
  std::vector<Detail> details_;  ///< by command; empty: all at every level
  std::vector<QColor> patches_;
  std::vector<QRectF> bodies_;   ///< by box
  GridIndex index_;
};

}  // namespace isotherm::ui
