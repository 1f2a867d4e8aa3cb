#include "ui/conversion_panel.h"

#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QRegularExpression>
#include <QScrollArea>
#include <QVBoxLayout>

#include "core/workbench/node_evaluator.h"
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

ConversionPanel::ConversionPanel(QWidget* parent)
    : QWidget(parent),
      precision_(new SegmentedControl({QStringLiteral("FP32"), QStringLiteral("FP16"), QStringLiteral("INT8")})),
      batch_mode_(new SegmentedControl({tr("explicit"), tr("implicit")})),
      passes_(new SegmentedControl({QStringLiteral("none"), QStringLiteral("tftrt")})),
      minimum_size_(spin(-1, 100000, 3)),
      max_engines_(spin(0, 100000, 20)),
      max_batch_(spin(0, 1 << 20, 0)),
      denied_(new QLineEdit),
      excluded_(new QLineEdit),
      outputs_(new QLineEdit),
      shapes_(new QLineEdit),
      dynamic_op_(new QCheckBox(tr("Engines built at run time"))),
      clear_devices_(new QCheckBox(tr("Devices cleared first"))),
      card_(new PreviewCard),
      convert_(new QPushButton(tr("Convert"))),
      copy_(new QPushButton(tr("Copy as command"))),
      evaluator_(make_cpu_node_evaluator()) {
  setObjectName(QStringLiteral("panel"));
  setAttribute(Qt::WA_StyledBackground);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->setSpacing(0);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* page = new QWidget;
  page->setObjectName(QStringLiteral("panel"));
  scroll->setWidget(page);
  outer->addWidget(scroll, 1);
  auto* layout = new QVBoxLayout(page);
  layout->setContentsMargins(12, 10, 12, 6);
  layout->setSpacing(10);
  auto* grid = new QGridLayout;
  grid->setVerticalSpacing(5);
  grid->setHorizontalSpacing(8);
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
  add(tr("Smallest segment"), minimum_size_, QStringLiteral("minimum_segment_size"));
  add(tr("Engines up to"), max_engines_, QStringLiteral("TF_TRT_MAX_ALLOWED_ENGINES; 0: no limit"));
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
  add(tr("Passes"), passes_, QStringLiteral("none: the graph as it stands; tftrt: simplified first, as TF-TRT's converter does by default"));
  const std::pair<QCheckBox*, QString> switches[] = {{dynamic_op_, QStringLiteral("is_dynamic_op")}, {clear_devices_, tr("Drops the device of every node first")}};
  for (const auto& [box, tip] : switches) {
    box->setToolTip(tip);
    grid->addWidget(box, line++, 0, 1, 2);
  }
  grid->setColumnStretch(1, 1);
  layout->addLayout(grid);

  layout->addStretch();
  // The answer stays in sight while the fields scroll.
  auto* answer = new QVBoxLayout;
  answer->setContentsMargins(12, 6, 12, 0);
  answer->addWidget(card_);
  outer->addLayout(answer);
  auto* buttons = new QHBoxLayout;
  buttons->setContentsMargins(12, 8, 12, 10);
  buttons->setSpacing(8);
  convert_->setObjectName(QStringLiteral("primary"));
  buttons->addWidget(convert_, 1);
  buttons->addWidget(copy_, 1);
  outer->addLayout(buttons);
  connect(convert_, &QPushButton::clicked, this, &ConversionPanel::convert_requested);
  connect(copy_, &QPushButton::clicked, this, [this] {
    QApplication::clipboard()->setText(command_line());
    emit copied(command_line());
  });
  connect(card_, &PreviewCard::reset_requested, this, [this] {
    if (document_) apply(document_->params);
  });
  // A click is one change; letters come one after the other.
  constexpr int kTypingPause = 120;
  typing_.setSingleShot(true);
  typing_.setInterval(kTypingPause);
  connect(&typing_, &QTimer::timeout, this, &ConversionPanel::settings_changed);
  const auto at_once = [this] {
    if (filling_) return;
    typing_.stop();
    emit settings_changed();
  };
  for (SegmentedControl* control : {precision_, batch_mode_, passes_}) connect(control, &SegmentedControl::chosen, this, at_once);
  for (QCheckBox* box : {dynamic_op_, clear_devices_}) connect(box, &QCheckBox::toggled, this, at_once);
  for (QSpinBox* box : {minimum_size_, max_engines_, max_batch_})
    connect(box, QOverload<int>::of(&QSpinBox::valueChanged), this, at_once);
  for (QLineEdit* field : {denied_, excluded_, outputs_, shapes_}) {
    connect(field, &QLineEdit::textEdited, this, [this] { typing_.start(); });
    connect(field, &QLineEdit::returnPressed, this, at_once);
  }
  update_buttons();
}

void ConversionPanel::set_document(const DocumentPtr& document, render::Theme theme) {
  const bool other = document != document_;
  document_ = document;
  card_->set_document(document, theme);
  typing_.stop();
  if (document && other) show_params(document->params);
  update_buttons();
}

void ConversionPanel::apply(const ConversionParams& params) {
  show_params(params);
  typing_.stop();
  emit settings_changed();
}

void ConversionPanel::set_busy(bool busy) {
  busy_ = busy;
  update_buttons();
}

void ConversionPanel::update_buttons() {
  const bool can_run = document_ && document_->can_run();
  convert_->setEnabled(!busy_ && can_run);
  convert_->setToolTip(document_ && !can_run ? tr("A session holds no weights: open its graph to convert again") : QString());
  copy_->setEnabled(document_ != nullptr);
}

void ConversionPanel::show_params(const ConversionParams& p) {
  base_ = p;
  filling_ = true;
  precision_->set_current(static_cast<int>(p.precision_mode));
  batch_mode_->set_current(p.implicit_batch ? 1 : 0);
  passes_->set_current(p.passes == GraphPasses::tftrt ? 1 : 0);
  dynamic_op_->setChecked(p.is_dynamic_op);
  clear_devices_->setChecked(p.clear_devices);
  minimum_size_->setValue(p.minimum_segment_size);
  max_engines_->setValue(p.max_engines);
  max_batch_->setValue(p.max_batch_size.value_or(0));
  denied_->setText(joined(p.denied_ops));
  excluded_->setText(joined(p.excluded_nodes));
  outputs_->setText(joined(p.outputs));
  QStringList shapes;
  for (const auto& [name, shape] : p.shapes) shapes << QString::fromStdString(name + "=" + shape.to_string());
  shapes_->setText(shapes.join(QStringLiteral(", ")));
  filling_ = false;
}

Result<ConversionParams> ConversionPanel::params() const {
  ConversionParams p = base_;
  p.precision_mode = static_cast<Precision>(precision_->current());
  if (p.precision_mode == Precision::int8 && base_.precision_mode != Precision::int8) p.use_calibration = true;
  p.implicit_batch = batch_mode_->current() == 1;
  p.passes = passes_->current() == 1 ? GraphPasses::tftrt : GraphPasses::none;
  if (p.passes == GraphPasses::tftrt && !p.evaluator) p.evaluator = evaluator_;
  if (p.passes == GraphPasses::none) p.evaluator = nullptr;
  p.is_dynamic_op = dynamic_op_->isChecked();
  p.clear_devices = clear_devices_->isChecked();
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

QString ConversionPanel::command_line() const {
  if (!document_) return {};
  const auto quoted = [](const QString& s) {
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_./=,:+-]+$"));
    return plain.match(s).hasMatch() ? s : QLatin1Char('\'') + QString(s).replace(QLatin1Char('\''), QStringLiteral("'\\''")) + QLatin1Char('\'');
  };
  QString out = QStringLiteral("isotherm convert ") + quoted(QString::fromStdString(document_->path)) + QStringLiteral(" -o converted.pb");
  if (precision_->current() != 0) out += QStringLiteral(" --precision ") + (precision_->current() == 1 ? QStringLiteral("FP16") : QStringLiteral("INT8"));
  if (batch_mode_->current() == 1) out += QStringLiteral(" --batch-mode implicit");
  if (passes_->current() == 1) out += QStringLiteral(" --passes tftrt");
  if (dynamic_op_->isChecked()) out += QStringLiteral(" --dynamic-op");
  if (clear_devices_->isChecked()) out += QStringLiteral(" --clear-devices");
  if (minimum_size_->value() != 3) out += QStringLiteral(" --minimum-segment-size %1").arg(minimum_size_->value());
  if (max_engines_->value() != 20) out += QStringLiteral(" --max-engines %1").arg(max_engines_->value());
  if (max_batch_->value() > 0) out += QStringLiteral(" --max-batch-size %1").arg(max_batch_->value());
  const std::pair<const char*, const QLineEdit*> lists[] = {{" --deny ", denied_}, {" --exclude-nodes ", excluded_}, {" --outputs ", outputs_}};
  for (const auto& [option, field] : lists)
    if (const QStringList values = parts(field); !values.isEmpty()) out += QLatin1String(option) + quoted(values.join(QLatin1Char(',')));
  for (const QString& shape : parts(shapes_)) out += QStringLiteral(" --shape ") + quoted(shape);
  return out;
}

}  // namespace isotherm::ui
