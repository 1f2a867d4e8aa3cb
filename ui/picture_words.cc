#include "ui/picture_words.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <cmath>

#include "core/render/overlay_words.h"
#include "core/render/tips.h"

namespace isotherm::ui {
namespace {

using render::Box;
using render::Line;
using render::Scene;

struct Words {
  Q_DECLARE_TR_FUNCTIONS(PictureWords)
};

QString q(const std::string& text) { return QString::fromStdString(text); }

bool on_after(const Scene& scene, const Box& box) { return box.after_side || (scene.sides.size() == 1 && scene.sides.front().after); }

const Graph* graph_of(const Scene& scene, bool after) {
  if (!scene.conversion) return nullptr;
  return after ? scene.conversion->after.get() : scene.conversion->before.get();
}

/// The first line is what it is; long names keep their ends.
QString rich_text(const std::vector<std::string>& lines) {
  QStringList out;
  for (const std::string& line : lines) {
    QString text = q(line);
    constexpr int kMost = 160;
    if (text.size() > kMost) text = text.left(kMost / 2) + QStringLiteral("…") + text.right(kMost / 2);
    text = text.toHtmlEscaped();
    out << (out.isEmpty() ? QStringLiteral("<b>%1</b>").arg(text) : text);
  }
  return out.join(QStringLiteral("<br>"));
}

QString engine_words(const Scene& scene, const Box& box) {
  if (box.engine < 0) return {};
  const auto& engines = scene.conversion->engines;
  const auto i = static_cast<std::size_t>(box.engine);
  if (box.form == Box::Form::engine || i >= engines.size()) return Words::tr("engine %1").arg(box.engine);
  return Words::tr("engine %1, %2").arg(box.engine).arg(q(engines[i].name));
}

bool side_measured(const Scene& scene, const Box& box) {
  return scene.overlay.measured() && !(on_after(scene, box) ? scene.overlay.after : scene.overlay.before).empty();
}

QString value_words(const Scene& scene, const Box& box) {
  if (!side_measured(scene, box)) return {};
  return box.measured() ? q(render::exact_value(scene.overlay, box.value)) : Words::tr("not measured");
}

}  // namespace

QString box_tooltip(const Scene& scene, std::int32_t box) { return rich_text(render::box_tip(scene, static_cast<std::size_t>(box))); }

QString line_tooltip(const Scene& scene, std::int32_t line) { return rich_text(render::line_tip(scene, static_cast<std::size_t>(line))); }

QString box_sentence(const Scene& scene, std::int32_t index) {
  const Box& box = scene.boxes[static_cast<std::size_t>(index)];
  QStringList parts{q(scene.text(box.full_name))};
  const Graph* graph = graph_of(scene, on_after(scene, box));
  if (box.form == Box::Form::scope) parts << (box.repeats > 1 ? Words::tr("closed scope, %1 equal blocks").arg(box.repeats) : Words::tr("closed scope, %1 nodes").arg(box.count));
  else if (graph && box.node != kNoNode && box.node < graph->size()) parts << q((*graph)[box.node].op);
  if (box.form == Box::Form::engine && box.count > 1) parts << Words::tr("%1 nodes").arg(box.count);
  if (const QString engine = engine_words(scene, box); !engine.isEmpty()) parts << engine;
  if (const QString value = value_words(scene, box); !value.isEmpty()) parts << value;
  if (box.reason >= 0) parts << Words::tr("native: %1").arg(q(scene.text(box.reason)));
  return parts.join(QStringLiteral(", "));
}

std::int32_t nearest_line(const Scene& scene, const std::vector<std::int32_t>& lines, float x, float y, float reach) {
  std::int32_t best = -1;
  float least = reach;
  for (const std::int32_t l : lines) {
    const Line& line = scene.lines[static_cast<std::size_t>(l)];
    for (std::int32_t p = 0; p + 1 < line.points; ++p) {
      const render::Point& a = scene.points[static_cast<std::size_t>(line.first_point + p)];
      const render::Point& b = scene.points[static_cast<std::size_t>(line.first_point + p) + 1];
      const float dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
      const float t = length > 0 ? std::clamp(((x - a.x) * dx + (y - a.y) * dy) / length, 0.0F, 1.0F) : 0;
      if (const float d = std::hypot(x - a.x - t * dx, y - a.y - t * dy); d <= least) least = d, best = l;
    }
  }
  return best;
}

}  // namespace isotherm::ui
