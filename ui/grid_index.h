// Which of many rectangles lie in a part of the plane: a grid of buckets.
#pragma once

#include <QRectF>

#include <cstdint>
#include <vector>

namespace isotherm::ui {

class GridIndex {
 public:
  GridIndex() = default;
  /// `area`: where the rectangles lie; what sticks out is found all the same.
  explicit GridIndex(const QRectF& area);

  /// An item may be added as several rectangles (the pieces of an edge).
  void add(std::int32_t item, const QRectF& rect);
  /// To be called once, after the last add().
  void finish();
  /// Items with a rectangle in a bucket that `area` touches, ascending, each once: all that intersect, and some near.
  void find(const QRectF& area, std::vector<std::int32_t>& items) const;

 private:
  struct Cells {
    int left, top, right, bottom;
  };
  [[nodiscard]] Cells cells_of(const QRectF& rect) const;

  QPointF origin_;
  qreal cell_ = 1;
  int columns_ = 1, rows_ = 1;
  std::vector<std::pair<std::int32_t, std::int32_t>> pairs_;  ///< bucket, item; until finish()
  std::vector<std::int32_t> begin_, items_;                   ///< by bucket
  std::vector<std::int32_t> large_;                           ///< would be in too many buckets
};

}  // namespace isotherm::ui
