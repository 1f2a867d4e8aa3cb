#include "ui/device_choice.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QSettings>
#include <QStandardItemModel>

#include "core/workbench/devices.h"

namespace isotherm::ui {
namespace {

constexpr int kNameRole = Qt::UserRole;

QString q(const std::string& text) { return QString::fromStdString(text); }

QString tool_tip(const RunDevice& device) {
  if (device.usable()) return q(device.finding.text);
  return DeviceChoice::tr("%1 cannot be used: %2.\nRemedy: %3.\nisotherm doctor says more.")
      .arg(q(device.name), q(device.finding.text), q(device.finding.remedy));
}

const RunDevice kCpu = {"cpu", "", {Finding::State::works, "CPU device", "runs everything", ""}};

}  // namespace

DeviceChoice::DeviceChoice(QWidget* parent) : QWidget(parent), combo_(new QComboBox), options_(new QToolButton) {
  cuda_graph_ = make_switch(tr("CUDA &Graph"),
                            tr("Runs and engines are recorded once and replayed as CUDA Graphs; off: launch by launch"),
                            QStringLiteral("gpu/cudaGraph"), true);
  tf32_ = make_switch(tr("&TF32"), tr("Matrix products and convolutions may round their inputs to TF32"),
                      QStringLiteral("gpu/tf32"), false);
  cudnn_ = make_switch(tr("cu&DNN where found"), tr("Off: the project's own convolution kernels"),
                       QStringLiteral("gpu/cudnn"), true);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(2);
  combo_->setObjectName(QStringLiteral("device"));
  combo_->setAccessibleName(tr("Device of runs and profiles"));
  combo_->setMinimumWidth(92);
  auto* menu = new QMenu(options_);
  menu->setToolTipsVisible(true);
  menu->addActions(switches());
  options_->setObjectName(QStringLiteral("gpuOptions"));
  options_->setAccessibleName(tr("How the GPU runs"));
  options_->setToolButtonStyle(Qt::ToolButtonTextOnly);
  options_->setPopupMode(QToolButton::InstantPopup);
  options_->setMenu(menu);
  layout->addWidget(combo_);
  layout->addWidget(options_);
  connect(combo_, QOverload<int>::of(&QComboBox::activated), this, [this] {
    QSettings().setValue(QStringLiteral("device"), device());
    update_state();
  });
  set_devices({kCpu});
}

QAction* DeviceChoice::make_switch(const QString& text, const QString& tip, const QString& key, bool initially) {
  auto* out = new QAction(text, this);
  out->setCheckable(true);
  out->setChecked(QSettings().value(key, initially).toBool());
  out->setToolTip(tip);
  connect(out, &QAction::toggled, this, [this, key](bool on) {
    QSettings().setValue(key, on);
    update_state();
  });
  return out;
}

void DeviceChoice::look() {
#ifdef ISOTHERM_HAS_CUDA
  const std::string toolkit = ISOTHERM_HAS_CUDA;
#else
  const std::string toolkit;
#endif
  looking_.start<std::vector<RunDevice>>(
      QString(), [toolkit](const Progress&) -> Result<std::vector<RunDevice>> { return run_devices(toolkit); },
      [this](Result<std::vector<RunDevice>> devices) {
        if (devices.ok()) set_devices(*devices);
        emit devices_shown();
      });
}

void DeviceChoice::set_devices(const std::vector<RunDevice>& devices) {
  auto* model = new QStandardItemModel(combo_);
  const QString wanted = QSettings().value(QStringLiteral("device"), QStringLiteral("cpu")).toString();
  int current = 0;
  for (const RunDevice& device : devices) {
    auto* item = new QStandardItem(q(device.name));
    item->setData(q(device.name), kNameRole);
    item->setToolTip(tool_tip(device));
    item->setEnabled(device.usable());
    if (device.usable() && q(device.name) == wanted) current = model->rowCount();
    model->appendRow(item);
  }
  combo_->setModel(model);  // the old one, a child of the box, is deleted
  combo_->setCurrentIndex(current);
  update_state();
}

QString DeviceChoice::device() const { return combo_->currentData(kNameRole).toString(); }

bool DeviceChoice::on_gpu() const { return gpu_index(device().toStdString()).has_value(); }

GpuOptions DeviceChoice::gpu() const {
  GpuOptions out;
  out.device_graphs = cuda_graph_->isChecked();
  out.tf32 = tf32_->isChecked();
  out.cudnn = cudnn_->isChecked();
  return out;
}

void DeviceChoice::choose(const QString& device) {
  const int row = combo_->findData(device, kNameRole);
  if (row < 0 || !(combo_->model()->flags(combo_->model()->index(row, 0)) & Qt::ItemIsEnabled)) return;
  combo_->setCurrentIndex(row);
  QSettings().setValue(QStringLiteral("device"), device);
  update_state();
}

void DeviceChoice::update_state() {
  const bool gpu = on_gpu();
  options_->setVisible(gpu);
  for (QAction* action : switches()) action->setEnabled(gpu);
  options_->setText((tf32_->isChecked() ? tr("TF32") : tr("FP32")) + QStringLiteral(" · ") +
                    (cuda_graph_->isChecked() ? tr("CUDA Graph") : tr("launches")));
  options_->setToolTip(tr("TF32 %1, CUDA Graph %2, cuDNN %3")
                           .arg(tf32_->isChecked() ? tr("on") : tr("off"),
                                cuda_graph_->isChecked() ? tr("on") : tr("off"),
                                cudnn_->isChecked() ? tr("where found") : tr("off")));
  // The chosen device, and what hinders the others: a closed box is all that most people look at.
  QStringList lines;
  for (int row = 0; row < combo_->count(); ++row) {
    const QModelIndex index = combo_->model()->index(row, 0);
    const QString tip = index.data(Qt::ToolTipRole).toString();
    if (row == combo_->currentIndex())
      lines.prepend(tr("Runs and profiles go to %1: %2").arg(device(), tip));
    else if (!(index.flags() & Qt::ItemIsEnabled))
      lines << tip;
  }
  combo_->setToolTip(lines.join(QStringLiteral("\n")));
  emit changed();
}

}  // namespace isotherm::ui
