#include "ui/inspector.h"

#include <QFrame>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>

#include <algorithm>
#include <map>

#include "profiler/gpu_records.h"
#include "profiler/summary.h"
#include "ui/theme.h"

namespace isotherm::ui {
namespace {

constexpr int kNameWidth = 96;

QString q(const std::string& text) { return QString::fromStdString(text); }
QString q(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<int>(text.size())); }

QLabel* label(const QString& text, const QFont& font, const char* name = nullptr) {
  auto* out = new QLabel(text);
  out->setTextFormat(Qt::PlainText);
  out->setFont(font);
  out->setWordWrap(true);
  out->setTextInteractionFlags(Qt::TextSelectableByMouse);
  if (name) out->setObjectName(QLatin1String(name));
  return out;
}

// Long names have nowhere to break: a zero-width space after each slash gives the label a place.
QString breakable(QString text) { return text.replace(QLatin1Char('/'), QStringLiteral("/\u200b")).replace(QLatin1Char('_'), QStringLiteral("_\u200b")); }

QString shape_text(const Shape& shape) {
  if (!shape.has_rank()) return QStringLiteral("unknown rank");
  if (shape.rank() == 0) return QStringLiteral("scalar");
  QString out;
  for (const std::int64_t d : shape.dims()) out += (out.isEmpty() ? QString() : QStringLiteral("×")) + (d < 0 ? QStringLiteral("?") : QString::number(d));
  return out;
}

QString dtype_text(DType dtype) {
  switch (dtype) {
    case DType::float32: return QStringLiteral("f32");
    case DType::float16: return QStringLiteral("f16");
    case DType::int32: return QStringLiteral("i32");
    case DType::int64: return QStringLiteral("i64");
    case DType::invalid: return QStringLiteral("unknown type");
    default: return q(dtype_name(dtype));
  }
}

}  // namespace

Inspector::Inspector(QWidget* parent) : QScrollArea(parent) {
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  clear();
}

void Inspector::clear() {
  remedies_ = nullptr;
  native_ = kNoNode;
  page_ = new QWidget;
  page_->setObjectName(QStringLiteral("panel"));
  layout_ = new QVBoxLayout(page_);
  layout_->setContentsMargins(16, 14, 16, 16);
  layout_->setSpacing(4);
  setWidget(page_);  // the old page is deleted
}

void Inspector::section(const QString& title) {
  layout_->addSpacing(10);
  layout_->addWidget(label(title, sans_font(12, 600), "sectionTitle"));
}

void Inspector::row(const QString& name, const QString& value, const QString& tooltip) {
  auto* line = new QWidget;
  auto* grid = new QHBoxLayout(line);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(8);
  QLabel* left = label(breakable(name), sans_font(12), "muted");
  left->setFixedWidth(kNameWidth);
  grid->addWidget(left, 0, Qt::AlignTop);
  QLabel* right = label(value, mono_font(12));
  right->setToolTip(tooltip);
  grid->addWidget(right, 1, Qt::AlignTop);
  layout_->addWidget(line);
}

void Inspector::show_node(const DocumentPtr& document, NodeId node, bool after) {
  clear();
  if (!document || !document->conversion) {
    layout_->addWidget(label(tr("Select a node to see what it is."), sans_font(12.5), "muted"));
    layout_->addStretch();
    return;
  }
  const Conversion& c = *document->conversion;
  const Graph* graph = after ? c.after.get() : c.before.get();
  if (node == kNoNode || !graph || node >= graph->size()) {
    show_graph(*document);
  } else {
    const auto i = static_cast<std::size_t>(node);
    int engine = -1;
    NodeId before = after ? kNoNode : node;
    if (after) {
      const auto found = std::find(c.map.engines.begin(), c.map.engines.end(), node);
      if (found != c.map.engines.end()) engine = static_cast<int>(found - c.map.engines.begin());
      if (engine < 0 && i < c.map.before_of.size() && !c.map.before_of[i].empty()) before = c.map.before_of[i].front();
    } else if (i < c.map.engine_of.size()) {
      engine = c.map.engine_of[i];
    }
    show_heading((*graph)[node], engine);
    if (engine < 0 && before != kNoNode) show_native_card(*document, before);
    show_tensors(*graph, after ? c.shapes_after : c.shapes_before, node, after);
    if ((*graph)[node].op == "Const") show_constant((*graph)[node]);
    show_attributes((*graph)[node]);
    show_time(*document, node, after);
  }
  layout_->addStretch();
}

void Inspector::show_graph(const Document& document) {
  const Conversion& c = *document.conversion;
  layout_->addWidget(label(breakable(q(document.path).section(QLatin1Char('/'), -1)), sans_font(15, 600)));
  std::map<std::string, int> ops;
  for (const Node& node : c.before->nodes()) ++ops[node.op];
  row(tr("nodes"), QString::number(c.before->size()));
  row(tr("engines"), QString::number(c.engines.size()));
  if (!c.segmentation.native.empty()) row(tr("stay native"), QString::number(c.segmentation.native.size()));
  if (document.session) show_measurement(*document.session);
  section(tr("Ops"));
  std::vector<std::pair<std::string, int>> sorted(ops.begin(), ops.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  constexpr std::size_t kShown = 14;
  for (std::size_t i = 0; i < std::min(kShown, sorted.size()); ++i) row(QString::number(sorted[i].second), q(sorted[i].first));
  if (sorted.size() > kShown) row(QString(), tr("and %1 more").arg(sorted.size() - kShown));
  if (!document.warnings.empty()) {
    section(tr("Warnings"));
    for (const std::string& warning : document.warnings) layout_->addWidget(label(q(warning), sans_font(12)));
  }
}

void Inspector::show_measurement(const SessionData& session) {
  section(tr("Measured"));
  row(tr("on"), q(measured_on(session)));
  if (const auto batch = session.meta.find("batch"); batch != session.meta.end()) row(tr("batch"), q(batch->second));
  for (const RunMode mode : {RunMode::native, RunMode::engines}) {
    const Summary summary = summarise(session, mode, GroupBy::engine);
    if (summary.runs > 0) row(mode == RunMode::native ? tr("native run") : tr("with engines"), q(tracing_line(summary)));
    if (const auto coverage = session.coverage.find(mode); coverage != session.coverage.end()) row(QString(), q(coverage_line(coverage->second)));
  }
  if (const auto note = session.meta.find("recorder note"); note != session.meta.end() && !note->second.empty()) row(tr("recorder"), q(note->second));
}

void Inspector::show_heading(const Node& node, int engine) {
  const std::string last = node.name.substr(node.name.rfind('/') == std::string::npos ? 0 : node.name.rfind('/') + 1);
  layout_->addWidget(label(q(node.op), sans_font(15, 600)));
  layout_->addWidget(label(breakable(q(node.name)), mono_font(11.5), "muted"));
  if (!node.device.empty()) layout_->addWidget(label(q(node.device), mono_font(11), "muted"));
  if (engine < 0) return;
  const render::EngineColors colors = render::palette(theme_).engine(engine);
  auto* chip = new QLabel(tr("  engine %1  ").arg(engine));
  chip->setFont(sans_font(11, 600));
  chip->setStyleSheet(QStringLiteral("background:%1; color:%2; border-radius:4px; padding:2px 4px;").arg(to_qcolor(colors.line).name(), to_qcolor(colors.on).name()));
  layout_->addSpacing(4);
  layout_->addWidget(chip, 0, Qt::AlignLeft);
}

void Inspector::show_native_card(const Document& document, NodeId node) {
  const Conversion& c = *document.conversion;
  const auto found = std::find_if(c.segmentation.native.begin(), c.segmentation.native.end(), [&](const NativeNode& n) { return n.node == node; });
  if (found == c.segmentation.native.end()) return;
  auto* card = new QFrame;
  card->setObjectName(QStringLiteral("nativeCard"));
  auto* box = new QVBoxLayout(card);
  box->setContentsMargins(12, 10, 12, 10);
  box->setSpacing(6);
  auto* head = new QHBoxLayout;
  head->addWidget(label(tr("Why it stayed native"), sans_font(12.5, 600), "cardTitle"), 1);
  auto* chip = new QLabel(q(reason_name(found->refusal.reason)));
  chip->setObjectName(QStringLiteral("reasonChip"));
  chip->setFont(sans_font(11, 500));
  head->addWidget(chip);
  box->addLayout(head);
  box->addWidget(label(breakable(q(found->refusal.detail)), sans_font(12)));
  native_ = node;
  remedies_ = new QVBoxLayout;
  remedies_->setSpacing(6);
  box->addLayout(remedies_);
  const Reason reason = found->refusal.reason;
  const auto alike = std::count_if(c.segmentation.native.begin(), c.segmentation.native.end(), [&](const NativeNode& n) { return n.refusal.reason == reason; });
  if (alike > 1) {
    auto* all = new QPushButton(tr("Show all %1: %2").arg(alike).arg(q(reason_name(reason))));
    all->setObjectName(QStringLiteral("link"));
    connect(all, &QPushButton::clicked, this, [this, reason] { emit filter_requested({NodeFilter::Kind::reason, reason}); });
    box->addWidget(all, 0, Qt::AlignLeft);
  }
  layout_->addSpacing(8);
  layout_->addWidget(card);
}

void Inspector::show_remedies(const std::vector<RemedyOutcome>& outcomes) {
  if (!remedies_) return;
  while (QLayoutItem* item = remedies_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  if (outcomes.empty()) remedies_->addWidget(label(tr("No setting changes that."), sans_font(12), "muted"));
  for (const RemedyOutcome& outcome : outcomes) {
    remedies_->addWidget(label(breakable(q(outcome.sentence)), sans_font(12)));
    auto* button = new QPushButton(q(outcome.remedy.action));
    button->setObjectName(QStringLiteral("remedy"));
    button->setToolTip(tr("Shows what that gives; Convert makes it so"));
    connect(button, &QPushButton::clicked, this, [this, params = outcome.remedy.params] { emit remedy_chosen(params); });
    remedies_->addWidget(button, 0, Qt::AlignLeft);
  }
}

void Inspector::tensor_row(const QString& name, const Graph& graph, const GraphShapes& shapes, TensorRef tensor, bool after) {
  const TensorInfo& info = shapes.info(tensor);
  auto* line = new QWidget;
  auto* grid = new QHBoxLayout(line);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(8);
  QLabel* left = label(name, sans_font(12), "muted");
  left->setFixedWidth(kNameWidth);
  grid->addWidget(left, 0, Qt::AlignTop);
  auto* values = new QVBoxLayout;
  values->setSpacing(0);
  auto* link = new QLabel(QStringLiteral("<a href=\"n\" style=\"text-decoration:none; color:%1\">%2</a>")
                              .arg(palette().color(QPalette::WindowText).name(), breakable(q(graph.tensor_name(tensor))).toHtmlEscaped()));
  link->setFont(mono_font(12));
  link->setWordWrap(true);
  const NodeId id = tensor.node;
  connect(link, &QLabel::linkActivated, this, [this, id, after] { emit node_requested(id, after); });
  values->addWidget(link);
  values->addWidget(label(dtype_text(info.dtype) + QStringLiteral(" ") + shape_text(info.shape), mono_font(12), "muted"));
  grid->addLayout(values, 1);
  layout_->addWidget(line);
}

void Inspector::show_tensors(const Graph& graph, const GraphShapes& shapes, NodeId id, bool after) {
  const Node& node = graph[id];
  section(tr("Tensors"));
  constexpr int kShown = 12;
  int input = 0, control = 0;
  for (const Input& in : node.inputs) {
    if (in.is_control()) {
      ++control;
      continue;
    }
    if (input < kShown) tensor_row(tr("in %1").arg(input), graph, shapes, {in.node, in.port}, after);
    ++input;
  }
  if (input > kShown) row(QString(), tr("and %1 more inputs").arg(input - kShown));
  if (control > 0) row(tr("control"), control == 1 ? tr("1 control input") : tr("%1 control inputs").arg(control));
  const auto outputs = shapes.outputs(id);
  for (std::size_t port = 0; port < outputs.size() && port < kShown; ++port) {
    row(tr("out %1").arg(port), dtype_text(outputs[port].dtype) + QStringLiteral(" ") + shape_text(outputs[port].shape));
  }
  std::vector<NodeId> readers;
  for (const OutEdge& edge : graph.out_edges(id))
    if (readers.empty() || readers.back() != edge.node) readers.push_back(edge.node);
  if (readers.empty()) return;
  QString text;
  for (std::size_t i = 0; i < readers.size() && i < 4; ++i) text += (i ? QStringLiteral("\n") : QString()) + breakable(q(graph[readers[i]].name));
  if (readers.size() > 4) text += tr("\nand %1 more").arg(readers.size() - 4);
  row(tr("read by"), text);
}

void Inspector::show_attributes(const Node& node) {
  QList<std::pair<QString, QString>> shown;
  for (const auto& [name, value] : node.attrs) {
    if (name == "value" || name.starts_with('_')) continue;
    shown.append({q(name), q(to_string(value, 160))});
  }
  if (shown.isEmpty()) return;
  section(tr("Attributes"));
  for (const auto& [name, value] : shown) row(name, value);
}

void Inspector::show_constant(const Node& node) {
  const Constant* constant = node.attrs.get_constant("value");
  if (!constant) return;
  section(tr("Value"));
  row(tr("type"), dtype_text(constant->dtype()) + QStringLiteral(" ") + shape_text(constant->shape()));
  const Tensor& values = constant->values();
  const std::int64_t have = values.valid() ? values.elements() : 0;
  if (have == 0) {
    row(tr("values"), constant->shape().elements().value_or(0) > 0 ? tr("not kept in the session") : tr("none"));
    return;
  }
  constexpr std::int64_t kShown = 24;
  QStringList list;
  for (std::int64_t i = 0; i < std::min(have, kShown); ++i) {
    if (values.dtype() == DType::string) list << QStringLiteral("\"%1\"").arg(q(values.string_values()[static_cast<std::size_t>(i)]).left(60));
    else list << QString::number(number_at(values, i), 'g', 6);
  }
  if (constant->shape().elements().value_or(0) > kShown) list << QStringLiteral("…");
  row(tr("values"), list.join(QStringLiteral(", ")));
  if (!is_floating(values.dtype()) || have < 2) return;
  double low = number_at(values, 0), high = low;
  for (std::int64_t i = 1; i < std::min<std::int64_t>(have, 1 << 20); ++i) {
    low = std::min(low, number_at(values, i));
    high = std::max(high, number_at(values, i));
  }
  row(tr("range"), QStringLiteral("%1 … %2").arg(low, 0, 'g', 5).arg(high, 0, 'g', 5), have > (1 << 20) ? tr("of the first million values") : QString());
}

void Inspector::show_time(const Document& document, NodeId node, bool after) {
  if (!document.session) return;
  const RunMode mode = after ? RunMode::engines : RunMode::native;
  const Summary summary = summarise(*document.session, mode, GroupBy::node);
  const auto found = std::find_if(summary.rows.begin(), summary.rows.end(), [&](const SummaryRow& r) { return r.node == node; });
  if (found == summary.rows.end()) {
    if (!after) show_layers_of(document, node);
    return;
  }
  section(summary.on_device ? tr("GPU time, per run") : summary.clock.empty() ? tr("Time, per run") : tr("Time between GPU events, per run"));
  row(summary.on_device ? tr("its kernels") : tr("self"), q(format_time(found->per_run)) + QStringLiteral(", %1 % of all nodes").arg(100 * found->share, 0, 'f', 1));
  row(tr("spread"), tr("%1 to %2, %3 runs").arg(q(format_time(found->time.min)), q(format_time(found->time.max))).arg(summary.runs));
  const EngineRecord* engine = after ? document.session->engine_at(node) : nullptr;
  const std::vector<SummaryRow> kernels = summary.on_device ? summarise(*document.session, mode, GroupBy::kernel_node).rows : std::vector<SummaryRow>();
  if (!engine) {
    if (!kernels.empty()) section(tr("Kernels"));
    show_kernels(kernels, node, -1);
    if (!after) show_layers_of(document, node);
    return;
  }
  if (!engine->fallback.empty()) row(tr("fell back"), q(engine->fallback));
  row(tr("layers"), QString::number(engine->layers.size()));
  section(tr("Layers, longest first"));
  constexpr int kShown = 40;
  int shown = 0, left_out = 0;
  for (const SummaryRow& layer : summarise(*document.session, mode, GroupBy::layer).rows) {
    if (layer.engine != engine->name) continue;
    if (shown == kShown) {
      ++left_out;
      continue;
    }
    ++shown;
    row(q(format_time(layer.per_run)), breakable(q(layer.name)), q(layer.op) + QStringLiteral(", ") + q(layer.detail));
    show_kernels(kernels, node, layer.layer);
  }
  if (left_out > 0) row(QString(), tr("and %1 more").arg(left_out));
}

void Inspector::show_layers_of(const Document& document, NodeId node) {
  const Conversion& c = *document.conversion;
  const auto i = static_cast<std::size_t>(node);
  const int index = i < c.map.engine_of.size() ? c.map.engine_of[i] : -1;
  if (index < 0 || static_cast<std::size_t>(index) >= c.engines.size()) return;
  const EngineSummary& engine = c.engines[static_cast<std::size_t>(index)];
  const Summary layers = summarise(*document.session, RunMode::engines, GroupBy::layer);
  std::vector<SummaryRow> kernels;
  bool first = true;
  for (const SummaryRow& layer : layers.rows) {
    if (layer.engine != engine.name || std::find(layer.sources.begin(), layer.sources.end(), (*c.before)[node].name) == layer.sources.end()) continue;
    if (first && layers.on_device) kernels = summarise(*document.session, RunMode::engines, GroupBy::kernel_node).rows;
    if (first) section(tr("Its layer in engine %1, per run").arg(index));
    first = false;
    row(q(format_time(layer.per_run)), breakable(q(layer.name)), q(layer.op));
    row(tr("tactic"), q(layer.detail));
    if (layer.sources.size() > 1) row(tr("fused"), tr("%1 nodes").arg(layer.sources.size()));
    show_kernels(kernels, engine.node, layer.layer);
  }
}

void Inspector::show_kernels(const std::vector<SummaryRow>& kernels, NodeId node, int layer) {
  for (const SummaryRow& kernel : kernels) {
    if (kernel.node != node || kernel.layer != layer) continue;
    auto* line = label(q(format_time(kernel.per_run)) + QStringLiteral("  ") + breakable(q(kernel_label(kernel.name))), mono_font(11), "muted");
    line->setContentsMargins(kNameWidth + 8, 0, 0, 0);
    line->setToolTip(q(kernel.name) + QStringLiteral("\n") + q(kernel.detail));
    layout_->addWidget(line);
  }
}

}  // namespace isotherm::ui
