#include "ui/painter.h"

#include <QFontMetricsF>
#include <QLinearGradient>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

#include "core/render/text.h"
#include "ui/theme.h"

namespace isotherm::ui {
namespace {

using render::Command;

QFont make_qfont(const render::Font& font) {
  QFont out = font.role == render::FontRole::mono ? mono_font(font.size, font.weight) : sans_font(font.size, font.weight);
  // Whole pixel sizes would make a text wider than it was measured: ask for the exact size in points of a 72 dpi device.
  out.setPixelSize(-1 < qRound(font.size) ? qMax(1, qRound(font.size)) : 1);
  out.setHintingPreference(QFont::PreferNoHinting);
  return out;
}

/// A picture has a dozen fonts, and thousands of texts.
const QFont& to_qfont(const render::Font& font) {
  static thread_local std::vector<std::pair<render::Font, QFont>> made;
  for (const auto& [of, out] : made)
    if (of.role == font.role && of.weight == font.weight && of.size == font.size) return out;
  made.emplace_back(font, make_qfont(font));
  return made.back().second;
}

QPen to_qpen(const render::Stroke& stroke) {
  if (stroke.width <= 0 || stroke.color.a == 0) return Qt::NoPen;
  QPen pen(to_qcolor(stroke.color), stroke.width);
  pen.setCapStyle(stroke.round ? Qt::RoundCap : Qt::FlatCap);
  pen.setJoinStyle(stroke.round ? Qt::RoundJoin : Qt::MiterJoin);
  if (stroke.dash > 0) pen.setDashPattern({stroke.dash / stroke.width, stroke.gap / stroke.width});
  return pen;
}

QBrush to_qbrush(render::Color fill) { return fill.a == 0 ? QBrush(Qt::NoBrush) : QBrush(to_qcolor(fill)); }

QPainterPath build_path(const render::DisplayList& list, const Command& c) {
  QPainterPath path;
  std::size_t n = static_cast<std::size_t>(c.number);
  const auto next = [&] {
    const qreal x = list.numbers[n], y = list.numbers[n + 1];
    n += 2;
    return QPointF(x, y);
  };
  for (std::int32_t i = 0; i < c.count; ++i) {
    switch (list.verbs[static_cast<std::size_t>(c.first + i)]) {
      case 'M': path.moveTo(next()); break;
      case 'L': path.lineTo(next()); break;
      case 'Q': {
        const QPointF a = next();
        path.quadTo(a, next());
        break;
      }
      case 'C': {
        const QPointF a = next(), b = next();
        path.cubicTo(a, b, next());
        break;
      }
      case 'Z': path.closeSubpath(); break;
      default: break;
    }
  }
  return path;
}

QRectF text_bounds(const render::DisplayList& list, const Command& c) {
  const qreal width = render::text_width(list.strings[static_cast<std::size_t>(c.text)], c.font);
  qreal x = c.x;
  if (c.anchor == render::Anchor::middle) x -= width / 2;
  if (c.anchor == render::Anchor::end) x -= width;
  return {x, c.y - c.font.size, width, c.font.size * 1.4};
}

/// Ends of the pieces of a path, corners cut: enough to place it, or to draw it small.
template <class Each>
void each_stop(const render::DisplayList& list, const Command& c, Each each) {
  std::size_t n = static_cast<std::size_t>(c.number);
  for (std::int32_t i = 0; i < c.count; ++i) {
    const char verb = list.verbs[static_cast<std::size_t>(c.first + i)];
    const std::size_t numbers = verb == 'Q' ? 4 : verb == 'C' ? 6 : verb == 'Z' ? 0 : 2;
    for (std::size_t k = 0; k + 1 < numbers; k += 2) each(QPointF(list.numbers[n + k], list.numbers[n + k + 1]), verb == 'M');
    n += numbers;
  }
}

/// As QRectF::united, but empty rectangles (a straight line's) count.
void widen(QRectF& all, const QRectF& by) {
  if (all.isNull()) {
    all = by;
    return;
  }
  all.setCoords(qMin(all.left(), by.left()), qMin(all.top(), by.top()), qMax(all.right(), by.right()), qMax(all.bottom(), by.bottom()));
}

}  // namespace

PaintedList::PaintedList(render::DisplayList list) : list_(std::move(list)) { build(nullptr); }

PaintedList::PaintedList(render::DisplayList list, const render::Scene& scene) : list_(std::move(list)) {
  details_ = command_details(list_, scene);
  build(&scene);
  find_patches(scene);
}

QRectF PaintedList::bounds_of(const Command& c) const {
  const qreal margin = c.stroke.width + 1;
  switch (c.kind) {
    case Command::Kind::rect:
    case Command::Kind::ramp: return QRectF(c.x, c.y, c.w, c.h).adjusted(-margin, -margin, margin, margin);
    case Command::Kind::path: {
      qreal low_x = 1e30, low_y = 1e30, high_x = -1e30, high_y = -1e30;
      each_stop(list_, c, [&](QPointF p, bool) {
        low_x = qMin(low_x, p.x()), high_x = qMax(high_x, p.x());
        low_y = qMin(low_y, p.y()), high_y = qMax(high_y, p.y());
      });
      return low_x > high_x ? QRectF() : QRectF(low_x - margin, low_y - margin, high_x - low_x + 2 * margin, high_y - low_y + 2 * margin);
    }
    case Command::Kind::text: return text_bounds(list_, c);
    case Command::Kind::begin_group:
    case Command::Kind::end_group: break;
  }
  return {};
}

void PaintedList::build(const render::Scene* scene) {
  index_ = GridIndex(QRectF(0, 0, list_.width, list_.height));
  Item item;
  bool grouped = false;
  const auto close = [&](std::int32_t last) {
    item.last = last;
    if (item.last > item.first) items_.push_back(item);
    item = Item();
  };
  const auto count = static_cast<std::int32_t>(list_.commands.size());
  for (std::int32_t i = 0; i < count; ++i) {
    const Command& c = list_.commands[static_cast<std::size_t>(i)];
    if (c.kind == Command::Kind::begin_group) {
      if (grouped) close(i);  // groups of a legend nest
      grouped = true;
      item.first = i + 1;
      item.index = c.box;
      if (scene) item.kind = c.group == Command::Group::node || c.group == Command::Group::reference ? Kind::node : c.group == Command::Group::edge ? Kind::edge : c.group == Command::Group::page ? Kind::title : Kind::other;
      continue;
    }
    if (c.kind == Command::Kind::end_group) {
      close(i);
      grouped = false;
      continue;
    }
    if (!grouped) item.first = i;
    widen(item.bounds, bounds_of(c));
    if (!grouped) close(i + 1);
  }
  for (std::size_t i = 0; i < items_.size(); ++i) add_to_index(static_cast<std::int32_t>(i));
  index_.finish();
}

void PaintedList::add_to_index(std::int32_t number) {
  const Item& item = items_[static_cast<std::size_t>(number)];
  if (item.kind != Kind::edge) return index_.add(number, item.bounds);
  // Edges go round corners: their bounds would hold half of the picture.
  for (std::int32_t i = item.first; i < item.last; ++i) {
    const Command& c = list_.commands[static_cast<std::size_t>(i)];
    if (c.kind != Command::Kind::path) {
      index_.add(number, bounds_of(c));
      continue;
    }
    QPointF last;
    const qreal margin = c.stroke.width + 1;
    each_stop(list_, c, [&](QPointF p, bool begins) {
      if (!begins) index_.add(number, QRectF(QPointF(qMin(last.x(), p.x()) - margin, qMin(last.y(), p.y()) - margin), QPointF(qMax(last.x(), p.x()) + margin, qMax(last.y(), p.y()) + margin)));
      last = p;
    });
  }
}

void PaintedList::find_patches(const render::Scene& scene) {
  const render::Palette& colors = render::palette(scene.options.theme, scene.options.palette);
  patches_.resize(scene.boxes.size());
  bodies_.resize(scene.boxes.size());
  std::vector<QRectF> outer;
  for (const render::Frame& f : scene.frames)
    if (f.parent < 0) outer.emplace_back(f.x, f.y, f.width, f.height);
  for (std::size_t i = 0; i < scene.boxes.size(); ++i) bodies_[i] = QRectF(scene.boxes[i].x, scene.boxes[i].y, scene.boxes[i].width, scene.boxes[i].height);
  for (Item& item : items_) {
    if (item.kind != Kind::node || item.index < 0) continue;
    const render::Box& box = scene.boxes[static_cast<std::size_t>(item.index)];
    // The last large fill is what the eye takes for the box's colour: heat, an engine's band.
    render::Color fill = colors.raised;
    for (std::int32_t k = item.first; k < item.last; ++k) {
      const Command& c = list_.commands[static_cast<std::size_t>(k)];
      if (c.kind == Command::Kind::text || c.fill.a != 255) continue;
      const QRectF r = bounds_of(c);
      if (r.width() >= 0.6 * box.width && r.height() >= 0.4 * qMin(box.height, 60.0F)) fill = c.fill;
    }
    // Tints that only a border sets off from the ground would vanish without it.
    if (render::contrast(fill, colors.canvas) < 1.35) fill = render::blend((box.native ? colors.native : colors.of(box.op_class).bar).with_alpha(0.6), colors.canvas);
    patches_[static_cast<std::size_t>(item.index)] = to_qcolor(fill);
    const QPointF middle = bodies_[static_cast<std::size_t>(item.index)].center();
    item.loose = std::none_of(outer.begin(), outer.end(), [&](const QRectF& frame) { return frame.contains(middle); });
  }
}

void PaintedList::paint(QPainter& painter, const QRectF& visible, qreal scale, Detail detail, bool titles) const {
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setRenderHint(QPainter::TextAntialiasing);
  std::vector<std::int32_t> found;
  index_.find(visible, found);
  for (const std::int32_t number : found) {
    const Item& item = items_[static_cast<std::size_t>(number)];
    if (!item.bounds.intersects(visible) || (!titles && item.kind == Kind::title)) continue;
    if (details_.empty() || detail == Detail::all) {
      for (std::int32_t i = item.first; i < item.last; ++i) paint_command(painter, list_.commands[static_cast<std::size_t>(i)], scale);
      continue;
    }
    if (item.kind == Kind::node && detail < Detail::shape) {
      if (detail == Detail::fill || item.loose) paint_patch(painter, item, scale);
      continue;
    }
    if (item.kind == Kind::edge && detail < Detail::title) {
      if (detail > Detail::frames) paint_thin(painter, item, scale);
      if (detail < Detail::shape) continue;
    }
    for (std::int32_t i = item.first; i < item.last; ++i) {
      if (details_[static_cast<std::size_t>(i)] > detail) continue;
      const Command& c = list_.commands[static_cast<std::size_t>(i)];
      // paint_thin has drawn the shaft already; the head has no stroke.
      if (item.kind == Kind::edge && detail < Detail::title && c.stroke.width > 0) continue;
      paint_command(painter, c, scale);
    }
  }
}

void PaintedList::paint_patch(QPainter& painter, const Item& item, qreal scale) const {
  QRectF body = bodies_[static_cast<std::size_t>(item.index)];
  // Whole pixels: patches next to each other look alike, and none vanishes.
  const qreal pixel = 1 / scale;
  if (body.width() < pixel) body.setWidth(pixel);
  if (body.height() < pixel) body.setHeight(pixel);
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.fillRect(body, patches_[static_cast<std::size_t>(item.index)]);
  painter.setRenderHint(QPainter::Antialiasing);
}

void PaintedList::paint_thin(QPainter& painter, const Item& item, qreal scale) const {
  for (std::int32_t i = item.first; i < item.last; ++i) {
    const Command& c = list_.commands[static_cast<std::size_t>(i)];
    if (c.kind != Command::Kind::path || c.stroke.width <= 0) continue;
    QPolygonF line;
    each_stop(list_, c, [&](QPointF p, bool) { line << p; });
    // A line of less than a pixel is a pixel wide and fainter: the same ink.
    QColor color = to_qcolor(c.stroke.color);
    const qreal width = c.stroke.width * scale;
    if (width < 1) color.setAlphaF(color.alphaF() * qMax(0.3, width));
    QPen pen(color, qMax(1.0, width));
    pen.setCosmetic(true);
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.drawPolyline(line);
    painter.setRenderHint(QPainter::Antialiasing);
  }
}

std::vector<std::int32_t> PaintedList::lines_near(const QRectF& area) const {
  std::vector<std::int32_t> found, out;
  index_.find(area, found);
  for (const std::int32_t number : found)
    if (const Item& item = items_[static_cast<std::size_t>(number)]; item.kind == Kind::edge) out.push_back(item.index);
  return out;
}

void PaintedList::paint_command(QPainter& painter, const Command& c, qreal scale) const {
  constexpr qreal kSmallestText = 4.5;  // px on the screen
  switch (c.kind) {
    case Command::Kind::rect:
      painter.setPen(to_qpen(c.stroke));
      painter.setBrush(to_qbrush(c.fill));
      if (c.radius > 0) painter.drawRoundedRect(QRectF(c.x, c.y, c.w, c.h), c.radius, c.radius);
      else painter.drawRect(QRectF(c.x, c.y, c.w, c.h));
      break;
    case Command::Kind::path:
      painter.setPen(to_qpen(c.stroke));
      painter.setBrush(to_qbrush(c.fill));
      painter.drawPath(build_path(list_, c));
      break;
    case Command::Kind::text: {
      if (c.font.size * scale < kSmallestText) break;
      const QString text = QString::fromStdString(list_.strings[static_cast<std::size_t>(c.text)]);
      const QFont& font = to_qfont(c.font);
      painter.setPen(to_qcolor(c.fill));
      // Fonts come in whole pixels: scale the glyphs so that the text takes the width it was measured with.
      const QRectF box = text_bounds(list_, c);
      const qreal drawn = QFontMetricsF(font).horizontalAdvance(text);
      painter.save();
      painter.setFont(font);
      painter.translate(box.x(), c.y);
      if (drawn > 0) {
        const qreal stretch = qBound(0.85, box.width() / drawn, 1.15);
        painter.scale(stretch, c.font.size / qMax(1, font.pixelSize()));
      }
      painter.drawText(QPointF(0, 0), text);
      painter.restore();
      break;
    }
    case Command::Kind::ramp: {
      QLinearGradient gradient(c.x, 0, c.x + c.w, 0);
      for (std::int32_t k = 0; k < c.count; ++k)
        gradient.setColorAt(c.count > 1 ? static_cast<qreal>(k) / (c.count - 1) : 0, to_qcolor(list_.colors[static_cast<std::size_t>(c.first + k)]));
      painter.setPen(to_qpen(c.stroke));
      painter.setBrush(gradient);
      painter.drawRoundedRect(QRectF(c.x, c.y, c.w, c.h), c.radius, c.radius);
      break;
    }
    case Command::Kind::begin_group:
    case Command::Kind::end_group: break;
  }
}

}  // namespace isotherm::ui
