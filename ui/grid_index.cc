#include "ui/grid_index.h"

#include <algorithm>
#include <cmath>

namespace isotherm::ui {
namespace {
constexpr qreal kLeastCell = 160;
constexpr qreal kMostCells = 40000;
constexpr int kLarge = 400;  // buckets
}  // namespace

GridIndex::GridIndex(const QRectF& area) : origin_(area.topLeft()) {
  const qreal w = qMax<qreal>(1, area.width()), h = qMax<qreal>(1, area.height());
  cell_ = qMax(kLeastCell, std::sqrt(w * h / kMostCells));
  // A thread of a picture: its length alone decides.
  cell_ = qMax(cell_, qMax(w, h) / kMostCells);
  columns_ = qMax(1, static_cast<int>(std::ceil(w / cell_)));
  rows_ = qMax(1, static_cast<int>(std::ceil(h / cell_)));
}

GridIndex::Cells GridIndex::cells_of(const QRectF& rect) const {
  const auto cell = [this](qreal at, qreal from, int count) { return static_cast<int>(qBound<qreal>(0, std::floor((at - from) / cell_), count - 1)); };
  return {cell(rect.left(), origin_.x(), columns_), cell(rect.top(), origin_.y(), rows_), cell(rect.right(), origin_.x(), columns_), cell(rect.bottom(), origin_.y(), rows_)};
}

void GridIndex::add(std::int32_t item, const QRectF& rect) {
  const Cells c = cells_of(rect);
  if ((c.right - c.left + 1) * (c.bottom - c.top + 1) > kLarge) {
    large_.push_back(item);
    return;
  }
  for (int y = c.top; y <= c.bottom; ++y)
    for (int x = c.left; x <= c.right; ++x) pairs_.emplace_back(y * columns_ + x, item);
}

void GridIndex::finish() {
  begin_.assign(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_) + 1, 0);
  for (const auto& pair : pairs_) ++begin_[static_cast<std::size_t>(pair.first) + 1];
  for (std::size_t i = 1; i < begin_.size(); ++i) begin_[i] += begin_[i - 1];
  items_.resize(pairs_.size());
  std::vector<std::int32_t> at(begin_.begin(), begin_.end() - 1);
  for (const auto& [bucket, item] : pairs_) items_[static_cast<std::size_t>(at[static_cast<std::size_t>(bucket)]++)] = item;
  pairs_ = {};
}

void GridIndex::find(const QRectF& area, std::vector<std::int32_t>& items) const {
  items.assign(large_.begin(), large_.end());
  if (begin_.empty()) return;
  const Cells c = cells_of(area);
  for (int y = c.top; y <= c.bottom; ++y) {
    const auto row = static_cast<std::size_t>(y) * static_cast<std::size_t>(columns_);
    const auto first = begin_[row + static_cast<std::size_t>(c.left)], last = begin_[row + static_cast<std::size_t>(c.right) + 1];
    items.insert(items.end(), items_.begin() + first, items_.begin() + last);
  }
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

}  // namespace isotherm::ui
