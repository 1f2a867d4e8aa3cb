#include "ui/painter.h"

#include <QFontMetricsF>
#include <QLinearGradient>
#include <QPainterPath>

#include "core/render/text.h"
#include "ui/theme.h"

namespace isotherm::ui {
namespace {

using render::Command;

QFont to_qfont(const render::Font& font) {
  QFont out = font.role == render::FontRole::mono ? mono_font(font.size, font.weight) : sans_font(font.size, font.weight);
  // Whole pixel sizes would make a text wider than it was measured: ask for the exact size in points of a 72 dpi device.
  out.setPixelSize(-1 < qRound(font.size) ? qMax(1, qRound(font.size)) : 1);
  out.setHintingPreference(QFont::PreferNoHinting);
  return out;
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

}  // namespace

PaintedList::PaintedList(render::DisplayList list) : list_(std::move(list)) {
  bounds_.resize(list_.commands.size());
  paths_.resize(list_.commands.size());
  for (std::size_t i = 0; i < list_.commands.size(); ++i) {
    const Command& c = list_.commands[i];
    const qreal margin = c.stroke.width + 1;
    switch (c.kind) {
      case Command::Kind::rect:
      case Command::Kind::ramp: bounds_[i] = QRectF(c.x, c.y, c.w, c.h).adjusted(-margin, -margin, margin, margin); break;
      case Command::Kind::path:
        paths_[i] = build_path(list_, c);
        bounds_[i] = paths_[i].controlPointRect().adjusted(-margin, -margin, margin, margin);
        break;
      case Command::Kind::text: bounds_[i] = text_bounds(list_, c); break;
      case Command::Kind::begin_group:
      case Command::Kind::end_group: break;
    }
  }
}

void PaintedList::paint(QPainter& painter, const QRectF& visible, qreal scale) const {
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setRenderHint(QPainter::TextAntialiasing);
  for (std::size_t i = 0; i < list_.commands.size(); ++i) {
    const Command& c = list_.commands[i];
    if (c.kind == Command::Kind::begin_group || c.kind == Command::Kind::end_group || !bounds_[i].intersects(visible)) continue;
    paint_command(painter, c, i, scale);
  }
}

void PaintedList::paint_command(QPainter& painter, const Command& c, std::size_t index, qreal scale) const {
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
      painter.drawPath(paths_[index]);
      break;
    case Command::Kind::text: {
      if (c.font.size * scale < kSmallestText) break;
      const QString text = QString::fromStdString(list_.strings[static_cast<std::size_t>(c.text)]);
      const QFont font = to_qfont(c.font);
      painter.setPen(to_qcolor(c.fill));
      // Fonts come in whole pixels: scale the glyphs so that the text takes the width it was measured with.
      const QRectF& box = bounds_[index];
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
