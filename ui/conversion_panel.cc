#include "ui/conversion_panel.h"

#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>

#include "ui/theme.h"

namespace isotherm::ui {
namespace {

QStringList parts(const QLineEdit* field) {
  QStringList out;
  for (const QString& part : field->text().split(QLatin1Char(','), Qt::SkipEmptyParts))
    if (!part.trimmed().isEmpty()) out << part.trimmed();
  return out;
}

QString joined(const auto& strings) {
  QStringList out;
  for (const std::string& s : strings) out << QString::fromStdString(s);
  return out.join(QStringLiteral(", "));
}

QSpinBox* spin(int low, int high, int value) {
  auto* box = new QSpinBox;
  box->setRange(low, high);
  box->setValue(value);
  box->setMaximumWidth(70);
  return box;
}

}  // namespace

void ResultStrip::paintEvent(QPaintEvent*) {
  if (!document_ || !document_->conversion) return;
  const Conversion& c = *document_->conversion;
  const render::Palette& p = render::palette(theme_);
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const double all = qMax(1, c.before->size());
  double x = 0;
  const double room = width() - 2.0 * static_cast<double>(c.engines.size());
  for (std::size_t e = 0; e < c.engines.size(); ++e) {
    const double w = qMax(3.0, room * c.engines[e].node_count / all);
    painter.setPen(Qt::NoPen);
    painter.setBrush(to_qcolor(p.engine(static_cast<int>(e)).line));
    painter.drawRoundedRect(QRectF(x, 2, w, 10), 2.5, 2.5);
    x += w + 2;
  }
  if (x >= width() - 3) return;
  QPen pen(to_qcolor(p.native), 1.2);
  pen.setDashPattern({3, 2});
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(QRectF(x + 1, 2.6, width() - x - 2, 8.8), 2.5, 2.5);
}

ConversionPanel::ConversionPanel(QWidget* parent)
    : QWidget(parent),
      precision_(new SegmentedControl({QStringLiteral("FP32"), QStringLiteral("FP16"), QStringLiteral("INT8")})),
      batch_mode_(new SegmentedControl({tr("explicit"), tr("implicit")})),
      minimum_size_(spin(-1, 100000, 3)),
      max_engines_(spin(0, 100000, 20)),
      max_batch_(spin(0, 1 << 20, 0)),
      denied_(new QLineEdit),
      excluded_(new QLineEdit),
      outputs_(new QLineEdit),
      shapes_(new QLineEdit),
      result_(new QLabel),
      strip_(new ResultStrip),
      convert_(new QPushButton(tr("Convert"))),
      copy_(new QPushButton(tr("Copy as command"))) {
  setObjectName(QStringLiteral("panel"));
  setAttribute(Qt::WA_StyledBackground);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 12, 16, 14);
  layout->setSpacing(10);
  auto* grid = new QGridLayout;
  grid->setVerticalSpacing(8);
  grid->setHorizontalSpacing(10);
  int line = 0;
  const auto add = [&](const QString& name, QWidget* field, const QString& tip) {
    auto* title = new QLabel(name);
    title->setObjectName(QStringLiteral("muted"));
    title->setToolTip(tip);
    title->setBuddy(field);
    field->setToolTip(tip);
    grid->addWidget(title, line, 0);
    grid->addWidget(field, line++, 1, qobject_cast<QLineEdit*>(field) ? Qt::Alignment() : Qt::AlignLeft);
  };
  add(tr("Precision"), precision_, QStringLiteral("precision_mode: decides candidates and attributes; runs are FP32 so far"));
  add(tr("Batch mode"), batch_mode_, QStringLiteral("use_dynamic_shape: explicit is True, implicit the older default"));
  auto* sizes = new QWidget;
  auto* sizes_layout = new QHBoxLayout(sizes);
  sizes_layout->setContentsMargins(0, 0, 0, 0);
  auto* up_to = new QLabel(tr("Engines up to"));
  up_to->setObjectName(QStringLiteral("muted"));
  max_engines_->setToolTip(QStringLiteral("TF_TRT_MAX_ALLOWED_ENGINES; 0: no limit"));
  sizes_layout->addWidget(minimum_size_);
  sizes_layout->addStretch();
  sizes_layout->addWidget(up_to);
  sizes_layout->addWidget(max_engines_);
  add(tr("Smallest segment"), sizes, QStringLiteral("minimum_segment_size"));
  grid->setAlignment(sizes, Qt::Alignment());
  max_batch_->setSpecialValueText(tr("not given"));
  max_batch_->setMaximumWidth(90);
  add(tr("Largest batch"), max_batch_, QStringLiteral("max_batch_size; implicit batch mode; 0: not given"));
  denied_->setPlaceholderText(tr("Op types, with commas"));
  add(tr("Denied ops"), denied_, QStringLiteral("TF_TRT_OP_DENYLIST"));
  excluded_->setPlaceholderText(tr("Node names, with commas"));
  add(tr("Excluded nodes"), excluded_, tr("Nodes that stay native"));
  outputs_->setPlaceholderText(tr("What no node consumes"));
  add(tr("Outputs"), outputs_, tr("Results that must stay, with commas"));
  shapes_->setPlaceholderText(QStringLiteral("input=8x224x224x3"));
  add(tr("Shapes"), shapes_, tr("Shapes of inputs, NAME=1x224x224x3, with commas"));
  grid->setColumnStretch(1, 1);
  layout->addLayout(grid);

  auto* card = new QFrame;
  card->setObjectName(QStringLiteral("resultCard"));
  auto* card_layout = new QVBoxLayout(card);
  card_layout->setContentsMargins(12, 9, 12, 10);
  card_layout->setSpacing(6);
  card_layout->addWidget(result_);
  card_layout->addWidget(strip_);
  layout->addWidget(card);
  auto* buttons = new QHBoxLayout;
  convert_->setObjectName(QStringLiteral("primary"));
  buttons->addWidget(convert_, 1);
  buttons->addWidget(copy_, 1);
  layout->addLayout(buttons);
  layout->addStretch();
  connect(convert_, &QPushButton::clicked, this, &ConversionPanel::convert_requested);
  connect(copy_, &QPushButton::clicked, this, [this] {
    QApplication::clipboard()->setText(command_line());
    emit copied(command_line());
  });
  update_result();
}

void ConversionPanel::set_document(const DocumentPtr& document, render::Theme theme) {
  document_ = document;
  strip_->set_document(document, theme);
  if (document) show_params(document->params);
  update_result();
  set_busy(false);
}

void ConversionPanel::set_busy(bool busy) {
  convert_->setEnabled(!busy && document_ && document_->can_run());
  convert_->setToolTip(document_ && !document_->can_run() ? tr("A session holds no weights: open its graph to convert again") : QString());
  copy_->setEnabled(document_ != nullptr);
}

void ConversionPanel::show_params(const ConversionParams& p) {
  base_ = p;
  precision_->set_current(static_cast<int>(p.precision_mode));
  batch_mode_->set_current(p.implicit_batch ? 1 : 0);
  minimum_size_->setValue(p.minimum_segment_size);
  max_engines_->setValue(p.max_engines);
  max_batch_->setValue(p.max_batch_size.value_or(0));
  denied_->setText(joined(p.denied_ops));
  excluded_->setText(joined(p.excluded_nodes));
  outputs_->setText(joined(p.outputs));
  QStringList shapes;
  for (const auto& [name, shape] : p.shapes) shapes << QString::fromStdString(name + "=" + shape.to_string());
  shapes_->setText(shapes.join(QStringLiteral(", ")));
}

Result<ConversionParams> ConversionPanel::params() const {
  ConversionParams p = base_;
  p.precision_mode = static_cast<Precision>(precision_->current());
  p.use_calibration = p.precision_mode == Precision::int8;
  p.implicit_batch = batch_mode_->current() == 1;
  p.minimum_segment_size = minimum_size_->value();
  p.max_engines = max_engines_->value();
  p.max_batch_size = max_batch_->value() > 0 ? std::optional<int>(max_batch_->value()) : std::nullopt;
  p.denied_ops.clear();
  for (const QString& s : parts(denied_)) p.denied_ops.insert(s.toStdString());
  p.excluded_nodes.clear();
  for (const QString& s : parts(excluded_)) p.excluded_nodes.insert(s.toStdString());
  p.outputs.clear();
  for (const QString& s : parts(outputs_)) p.outputs.push_back(s.toStdString());
  p.shapes.clear();
  for (const QString& s : parts(shapes_)) {
    const int equals = s.indexOf(QLatin1Char('='));
    if (equals <= 0) return invalid_input("Shapes: found '" + s.toStdString() + "' where NAME=1x224x224x3 was expected");
    ISO_ASSIGN(Shape shape, parse_shape(s.mid(equals + 1).toStdString()));
    p.shapes[s.left(equals).toStdString()] = std::move(shape);
  }
  return p;
}

void ConversionPanel::undeny(const QString& op) {
  QStringList left = parts(denied_);
  left.removeAll(op);
  denied_->setText(left.join(QStringLiteral(", ")));
  emit convert_requested();
}

QString ConversionPanel::command_line() const {
  if (!document_) return {};
  const auto quoted = [](const QString& s) {
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_./=,:+-]+$"));
    return plain.match(s).hasMatch() ? s : QLatin1Char('\'') + QString(s).replace(QLatin1Char('\''), QStringLiteral("'\\''")) + QLatin1Char('\'');
  };
  QString out = QStringLiteral("isotherm convert ") + quoted(QString::fromStdString(document_->path)) + QStringLiteral(" -o converted.pb");
  if (precision_->current() != 0) out += QStringLiteral(" --precision ") + (precision_->current() == 1 ? QStringLiteral("FP16") : QStringLiteral("INT8"));
  if (batch_mode_->current() == 1) out += QStringLiteral(" --batch-mode implicit");
  if (minimum_size_->value() != 3) out += QStringLiteral(" --minimum-segment-size %1").arg(minimum_size_->value());
  if (max_engines_->value() != 20) out += QStringLiteral(" --max-engines %1").arg(max_engines_->value());
  if (max_batch_->value() > 0) out += QStringLiteral(" --max-batch-size %1").arg(max_batch_->value());
  const std::pair<const char*, const QLineEdit*> lists[] = {{" --deny ", denied_}, {" --exclude-nodes ", excluded_}, {" --outputs ", outputs_}};
  for (const auto& [option, field] : lists)
    if (const QStringList values = parts(field); !values.isEmpty()) out += QLatin1String(option) + quoted(values.join(QLatin1Char(',')));
  for (const QString& shape : parts(shapes_)) out += QStringLiteral(" --shape ") + quoted(shape);
  return out;
}

void ConversionPanel::update_result() {
  if (!document_ || !document_->conversion) {
    result_->setText(tr("Nothing converted yet"));
    return;
  }
  const Conversion& c = *document_->conversion;
  int inside = 0;
  for (const EngineSummary& engine : c.engines) inside += engine.node_count;
  result_->setText(QStringLiteral("<b>%1</b>&nbsp;&nbsp;%2").arg(c.engines.size() == 1 ? tr("1 engine") : tr("%1 engines").arg(c.engines.size()),
                                                             tr("%1 of %2 nodes").arg(inside).arg(c.before->size())));
}

}  // namespace isotherm::ui
