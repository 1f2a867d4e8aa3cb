#include "ui/table_delegate.h"

#include <QPainter>

#include "ui/models/steps_model.h"
#include "ui/models/summary_model.h"
#include "ui/theme.h"

namespace isotherm::ui {

namespace {

void paint_background(QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index, const render::Palette& p) {
  const bool selected = option.state & QStyle::State_Selected;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(option.rect, selected ? to_qcolor(p.selection_tint) : to_qcolor(p.panel));
  if (selected && index.column() == 0) painter.fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height()), to_qcolor(p.accent));
}

/// Cut so that the end keeps more than the start: the last scope and a kernel's tile tell rows apart.
QString elided_name(const QString& text, const QFontMetrics& metrics, int width) {
  if (metrics.horizontalAdvance(text) <= width) return text;
  int low = 0, high = text.size();  // characters that stay: `low` fit
  const auto cut = [&](int kept) { return text.left(kept / 4) + QChar(0x2026) + text.right(kept - kept / 4); };
  while (high - low > 1) {
    const int kept = (low + high) / 2;
    (metrics.horizontalAdvance(cut(kept)) <= width ? low : high) = kept;
  }
  return cut(low);
}

}  // namespace

void StepsDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const render::Palette& p = render::palette(theme_);
  painter->save();
  paint_background(*painter, option, index, p);
  const QRect cell = option.rect.adjusted(12, 0, -12, 0);
  render::Color color = index.column() == StepsModel::kSentence ? p.muted : p.text;
  QFont font = index.column() == StepsModel::kNumber || index.column() == StepsModel::kNode ? mono_font(12) : sans_font(12);
  if (index.column() == StepsModel::kVerdict) {
    font = sans_font(12, 500);
    switch (static_cast<render::StepTone>(index.data(StepsModel::kToneRole).toInt())) {
      case render::StepTone::accepted: color = p.accepted; break;
      case render::StepTone::refused: color = p.refused; break;
      case render::StepTone::leaves: color = p.native; break;
      case render::StepTone::neutral: color = p.muted; break;
    }
  }
  painter->setFont(font);
  painter->setPen(to_qcolor(color));
  const auto alignment = static_cast<Qt::Alignment>(index.data(Qt::TextAlignmentRole).toInt());
  painter->drawText(cell, static_cast<int>(alignment), QFontMetrics(font).elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideMiddle, cell.width()));
  painter->restore();
}

void TableDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const render::Palette& p = render::palette(theme_);
  painter->save();
  paint_background(*painter, option, index, p);
  const QString text = index.data(Qt::DisplayRole).toString();
  const QRect cell = option.rect.adjusted(12, 0, -12, 0);
  switch (index.column()) {
    case SummaryModel::kEngine: paint_engine(*painter, cell, index.data(SummaryModel::kEngineRole).toInt()); break;
    case SummaryModel::kShare:
      paint_share(*painter, cell, index.data(SummaryModel::kShareRole).toDouble(), index.data(SummaryModel::kHeatRole).toDouble(), text);
      break;
    default: {
      const bool mono = index.column() == SummaryModel::kName || (index.column() >= SummaryModel::kCalls && index.column() <= SummaryModel::kPerRun);
      const QFont font = mono ? mono_font(12) : sans_font(12);
      painter->setFont(font);
      painter->setPen(to_qcolor(p.text));
      const auto alignment = static_cast<Qt::Alignment>(index.data(Qt::TextAlignmentRole).toInt());
      const QFontMetrics metrics(font);
      const bool prose = index.data(SummaryModel::kProseRole).toBool();
      painter->drawText(cell, static_cast<int>(alignment), prose ? metrics.elidedText(text, Qt::ElideRight, cell.width()) : elided_name(text, metrics, cell.width()));
    }
  }
  painter->restore();
}

void TableDelegate::paint_engine(QPainter& painter, const QRect& cell, int engine) const {
  const render::Palette& p = render::palette(theme_);
  if (engine >= 0) {
    const render::EngineColors colors = p.engine(engine);
    const QRectF badge(cell.left(), cell.center().y() - 8, 18, 17);
    painter.setPen(Qt::NoPen);
    painter.setBrush(to_qcolor(colors.line));
    painter.drawRoundedRect(badge, 3.5, 3.5);
    painter.setFont(sans_font(10.5, 600));
    painter.setPen(to_qcolor(colors.on));
    painter.drawText(badge, Qt::AlignCenter, QString::number(engine));
    return;
  }
  const QRectF chip(cell.left(), cell.center().y() - 8, 48, 17);
  QPen pen(to_qcolor(p.native), 1.2);
  pen.setDashPattern({3, 2});
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(chip, 5, 5);
  painter.setFont(sans_font(10.5));
  painter.setPen(to_qcolor(p.native));
  painter.drawText(chip, Qt::AlignCenter, tr("native"));
}

void TableDelegate::paint_share(QPainter& painter, const QRect& cell, double share, double heat, const QString& text) const {
  const render::Palette& p = render::palette(theme_);
  constexpr int kNumberWidth = 56;
  const QRectF bar(cell.left(), cell.center().y() - 4, qMax(20, cell.width() - kNumberWidth), 9);
  painter.setPen(Qt::NoPen);
  painter.setBrush(to_qcolor(p.hover));
  painter.drawRoundedRect(bar, 2.5, 2.5);
  if (share >= 0) {
    QRectF filled = bar;
    filled.setWidth(qMax(2.0, bar.width() * heat));
    painter.setBrush(to_qcolor(p.heat_at(heat)));
    painter.setPen(QPen(to_qcolor(p.node_border), heat < 0.25 ? 0.6 : 0));
    if (heat >= 0.25) painter.setPen(Qt::NoPen);
    painter.drawRoundedRect(filled, 2.5, 2.5);
  }
  painter.setFont(mono_font(12));
  painter.setPen(to_qcolor(share >= 0 ? p.text : p.faint));
  painter.drawText(QRect(cell.right() - kNumberWidth, cell.top(), kNumberWidth, cell.height()), Qt::AlignRight | Qt::AlignVCenter, text);
}

}  // namespace isotherm::ui
