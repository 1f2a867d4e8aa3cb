#include "ui/picture_words.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <cmath>

#include "ui/edge_walk.h"

namespace isotherm::ui {
namespace {

using render::Box;
using render::Line;
using render::Overlay;
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

const GraphShapes* shapes_of(const Scene& scene, bool after) {
  if (!scene.conversion) return nullptr;
  const GraphShapes& shapes = after ? scene.conversion->shapes_after : scene.conversion->shapes_before;
  return shapes.empty() ? nullptr : &shapes;
}

QString elided(const QString& text, int most = 160) {
  return text.size() <= most ? text : text.left(most / 2) + QStringLiteral("…") + text.right(most / 2);
}

QString dtype_words(DType dtype) {
  switch (dtype) {
    case DType::float32: return QStringLiteral("f32");
    case DType::float16: return QStringLiteral("f16");
    case DType::int32: return QStringLiteral("i32");
    case DType::int64: return QStringLiteral("i64");
    case DType::invalid: return Words::tr("unknown type");
    default: {
      const std::string_view name = dtype_name(dtype);
      return QString::fromUtf8(name.data(), static_cast<int>(name.size()));
    }
  }
}

QString number(double value, int digits = 6) {
  const int before = value == 0 ? 1 : static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  if (before > 9 || before < -3) return QString::number(value, 'g', digits);
  QString out = QString::number(value, 'f', qBound(0, digits - before, 9));
  if (out.contains(QLatin1Char('.'))) {
    while (out.endsWith(QLatin1Char('0'))) out.chop(1);
    if (out.endsWith(QLatin1Char('.'))) out.chop(1);
  }
  return out;
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
  if (std::isnan(box.value)) return Words::tr("NaN or infinities differ");
  if (box.value < 0) return Words::tr("not measured");
  QString out = exact_value(scene.overlay, box.value);
  const bool after = on_after(scene, box);
  const double whole = after && scene.overlay.whole_run_after > 0 ? scene.overlay.whole_run_after : scene.overlay.whole_run;
  if (scene.overlay.kind == Overlay::Kind::time && whole > 0) out += Words::tr(", %1 % of the run").arg(number(100 * box.value / whole, 4));
  if (box.count > 1 && scene.overlay.kind != Overlay::Kind::precision) out += scene.overlay.combine == Overlay::Combine::sum ? Words::tr(" together") : Words::tr(" at most");
  return out;
}

struct Carried {
  TensorRef tensor;
  bool after = false;
};

/// Tensors of the graph that a line stands for, each once.
std::vector<Carried> carried(const Scene& scene, const Line& line) {
  std::vector<Carried> out;
  const auto boxes_in = [&](std::int32_t box, std::int32_t frame) {
    std::vector<std::int32_t> found;
    if (box >= 0) return std::vector<std::int32_t>{box};
    if (frame < 0) return found;
    const render::Frame& f = scene.frames[static_cast<std::size_t>(frame)];
    for (std::size_t i = 0; i < scene.boxes.size(); ++i) {
      const Box& b = scene.boxes[i];
      if (b.x >= f.x && b.y >= f.y && b.x + b.width <= f.x + f.width && b.y + b.height <= f.y + f.height) found.push_back(static_cast<std::int32_t>(i));
    }
    return found;
  };
  const std::vector<std::int32_t> from = boxes_in(line.from, line.from_frame), to = boxes_in(line.to, line.to_frame);
  if (from.empty() || to.empty()) return out;
  const bool after = on_after(scene, scene.boxes[static_cast<std::size_t>(from.front())]);
  const Graph* graph = graph_of(scene, after);
  if (!graph) return out;
  const auto& map = after ? scene.box_of_after : scene.box_of_before;
  for (const std::int32_t box : from)
    for (const NodeId node : nodes_of_box(scene, box))
      for (const OutEdge& edge : graph->out_edges(node)) {
        if ((edge.port == kControlPort) != line.control) continue;
        const std::int32_t at = static_cast<std::size_t>(edge.node) < map.size() ? map[static_cast<std::size_t>(edge.node)] : -1;
        if (!std::binary_search(to.begin(), to.end(), at)) continue;
        const TensorRef tensor{node, edge.port};
        if (std::none_of(out.begin(), out.end(), [&](const Carried& c) { return c.tensor == tensor; })) out.push_back({tensor, after});
        if (out.size() > 1000) return out;
      }
  return out;
}

}  // namespace

QString bytes_words(double bytes) {
  constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return bytes == 1 ? Words::tr("1 byte") : Words::tr("%1 bytes").arg(bytes, 0, 'f', 0);
  int unit = -1;
  for (; bytes >= 1024 && unit < 3; ++unit) bytes /= 1024;
  return number(bytes, 4) + QLatin1Char(' ') + QLatin1String(kUnits[unit]);
}

QString exact_value(const Overlay& overlay, double value) {
  static constexpr const char* kPrecisions[] = {"FP32", "FP16", "INT8"};
  if (overlay.kind == Overlay::Kind::precision) {
    const int i = qRound(value);
    return i >= 0 && i < 3 ? QString::fromLatin1(kPrecisions[i]) : Words::tr("another type");
  }
  if (overlay.kind == Overlay::Kind::memory) {
    const QString words = bytes_words(value);
    return value < 1024 ? words : Words::tr("%1 (%2 bytes)").arg(words).arg(value, 0, 'f', 0);
  }
  const QString unit = q(overlay.unit);
  return unit.isEmpty() ? number(value) : number(value) + QLatin1Char(' ') + unit;
}

QString tensor_words(const TensorInfo& info) {
  QString shape;
  if (!info.shape.has_rank()) shape = Words::tr("unknown rank");
  else if (info.shape.rank() == 0) shape = Words::tr("scalar");
  else
    for (const std::int64_t d : info.shape.dims()) shape += (shape.isEmpty() ? QString() : QStringLiteral("×")) + (d < 0 ? QStringLiteral("?") : QString::number(d));
  return dtype_words(info.dtype) + QLatin1Char(' ') + shape;
}

QString box_tooltip(const Scene& scene, std::int32_t index) {
  const Box& box = scene.boxes[static_cast<std::size_t>(index)];
  const bool after = on_after(scene, box);
  QStringList lines;
  lines << QStringLiteral("<b>%1</b>").arg(elided(q(scene.text(box.full_name))).toHtmlEscaped());
  const Graph* graph = graph_of(scene, after);
  if (graph && box.node != kNoNode && box.node < graph->size() && box.form != Box::Form::scope) {
    const Node& node = (*graph)[box.node];
    QString what = q(node.op).toHtmlEscaped();
    if (const GraphShapes* shapes = shapes_of(scene, after)) {
      QStringList outputs;
      const auto infos = shapes->outputs(box.node);
      for (std::size_t i = 0; i < std::min<std::size_t>(infos.size(), 3); ++i) outputs << tensor_words(infos[i]);
      if (infos.size() > 3) outputs << Words::tr("%1 more").arg(infos.size() - 3);
      if (!outputs.isEmpty()) what += QStringLiteral(", ") + outputs.join(QStringLiteral("; ")).toHtmlEscaped();
    }
    lines << what;
  }
  if (box.repeats > 1) lines << Words::tr("%1 blocks of one structure, %2 nodes").arg(box.repeats).arg(box.count);
  else if (box.count > 1) lines << Words::tr("%1 nodes").arg(box.count);
  if (const QString engine = engine_words(scene, box); !engine.isEmpty()) lines << engine.toHtmlEscaped();
  if (const QString value = value_words(scene, box); !value.isEmpty()) lines << QStringLiteral("%1: <b>%2</b>").arg(q(scene.overlay.title).toHtmlEscaped(), value.toHtmlEscaped());
  const auto& words = after ? scene.overlay.words_after : scene.overlay.words_before;
  if (box.node != kNoNode && static_cast<std::size_t>(box.node) < words.size())
    if (const std::string& more = words[static_cast<std::size_t>(box.node)]; !more.empty()) lines << q(more).toHtmlEscaped();
  if (box.reason >= 0) lines << Words::tr("stays native: %1").arg(q(scene.text(box.reason)).toHtmlEscaped());
  return lines.join(QStringLiteral("<br>"));
}

QString line_tooltip(const Scene& scene, std::int32_t index) {
  const Line& line = scene.lines[static_cast<std::size_t>(index)];
  const std::vector<Carried> tensors = carried(scene, line);
  if (tensors.empty()) return line.tensors == 1 ? QString() : Words::tr("%1 tensors").arg(line.tensors);
  QStringList lines;
  constexpr std::size_t kShown = 4;
  for (std::size_t i = 0; i < std::min(tensors.size(), kShown); ++i) {
    const Graph& graph = *graph_of(scene, tensors[i].after);
    QString text = QStringLiteral("<b>%1</b>").arg(elided(q(format_input_name(graph[tensors[i].tensor.node].name, tensors[i].tensor.port))).toHtmlEscaped());
    const GraphShapes* shapes = shapes_of(scene, tensors[i].after);
    if (tensors[i].tensor.port == kControlPort) {
      text += Words::tr("<br>control edge: order alone, no tensor");
    } else if (shapes) {
      const TensorInfo& info = shapes->info(tensors[i].tensor);
      text += QStringLiteral("<br>") + tensor_words(info).toHtmlEscaped();
      if (const auto elements = info.shape.elements(); elements && dtype_size(info.dtype) > 0)
        text += QStringLiteral(", ") + bytes_words(static_cast<double>(*elements) * static_cast<double>(dtype_size(info.dtype)));
      else if (info.shape.has_rank() && dtype_size(info.dtype) > 0) {
        double known = static_cast<double>(dtype_size(info.dtype));
        for (const std::int64_t d : info.shape.dims()) known *= d < 0 ? 1.0 : static_cast<double>(d);
        text += Words::tr(", %1 for each ?").arg(bytes_words(known));
      }
    }
    lines << text;
  }
  if (tensors.size() > kShown) lines << Words::tr("and %1 more tensors").arg(tensors.size() - kShown);
  return lines.join(QStringLiteral("<br>"));
}

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
