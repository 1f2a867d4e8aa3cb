#include "ui/frame_titles.h"

#include <QFontMetricsF>

#include <algorithm>

#include "core/render/theme.h"
#include "ui/level_of_detail.h"
#include "ui/theme.h"

namespace isotherm::ui {
namespace {

constexpr qreal kPadding = 5, kHeight = kLeastTitle + 5;
constexpr qreal kLeastWidth = 34;       // less than a word
constexpr std::size_t kMostTitles = 120;  // more cannot be read

const QFont& title_font() {
  static const QFont font = sans_font(kLeastTitle, 600);
  return font;
}

}  // namespace

std::vector<FrameTitle> frame_titles(const render::Scene& scene, const Viewport& view) {
  std::vector<FrameTitle> out;
  const QRectF visible = view.visible();
  const QFontMetricsF metrics(title_font());
  for (std::size_t i = 0; i < scene.frames.size() && out.size() < kMostTitles; ++i) {
    const render::Frame& f = scene.frames[i];
    if (!visible.intersects(QRectF(f.x, f.y - 10, f.width, f.height + 10))) continue;
    const bool segment = f.form == render::Frame::Form::segment;
    const qreal width = f.width * view.zoom, height = f.height * view.zoom;
    if (width < kLeastWidth || (!segment && height < kHeight + 3)) continue;
    const QString whole = QString::fromStdString(scene.text(f.title));
    if (whole.isEmpty()) continue;
    const QString text = metrics.elidedText(whole, segment ? Qt::ElideRight : Qt::ElideMiddle, width - 4 * kPadding);
    if (text.size() < qMin(4, whole.size())) continue;
    const qreal across = metrics.horizontalAdvance(text) + 2 * kPadding;
    const qreal x = (f.x - view.origin.x()) * view.zoom, y = (f.y - view.origin.y()) * view.zoom;
    // A segment's pill sits on its border, at the right end as in the picture.
    QRectF place = segment ? QRectF(x + width - across - 2 * kPadding, y - kHeight / 2, across, kHeight) : QRectF(x + kPadding / 2, y + 2, across, kHeight);
    // Where the room over the first row is lower than the title, it stands on the border, not on the row.
    constexpr qreal kBand = render::look::kClusterPad + render::look::kClusterTitle;
    if (!segment && kBand * view.zoom < kHeight + 2) place.moveTop(y - kHeight / 2);
    const bool covers = std::any_of(out.begin(), out.end(), [&](const FrameTitle& t) { return t.place.intersects(place); });
    if (!covers) out.push_back({static_cast<std::int32_t>(i), place, text});
  }
  return out;
}

void paint_frame_titles(QPainter& painter, const render::Scene& scene, const std::vector<FrameTitle>& titles) {
  const render::Palette& colors = render::palette(scene.options.theme, scene.options.palette);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(title_font());
  for (const FrameTitle& title : titles) {
    const render::Frame& f = scene.frames[static_cast<std::size_t>(title.frame)];
    const bool segment = f.form == render::Frame::Form::segment;
    const render::EngineColors engine = colors.engine(f.engine);
    painter.setPen(Qt::NoPen);
    painter.setBrush(to_qcolor(segment ? engine.line : colors.cluster_fill.with_alpha(0.88)));
    painter.drawRoundedRect(title.place, segment ? kHeight / 2 : 3, segment ? kHeight / 2 : 3);
    painter.setPen(to_qcolor(segment ? engine.on : colors.text));
    painter.drawText(title.place, Qt::AlignCenter, title.text);
  }
}

}  // namespace isotherm::ui
