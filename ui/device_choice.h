// Where runs and profiles go: the CPU or a card, and what a user may choose of a card. Kept in the settings.
#pragma once

#include <QAction>
#include <QComboBox>
#include <QToolButton>
#include <QWidget>

#include <vector>

#include "core/runtime/device_module.h"
#include "profiler/doctor.h"
#include "ui/background_job.h"

namespace isotherm::ui {

class DeviceChoice final : public QWidget {
  Q_OBJECT

 public:
  explicit DeviceChoice(QWidget* parent = nullptr);

  /// Asks the driver in the background and shows what it shows; devices_shown() tells when. "cpu" is there at once.
  void look();
  /// Shows these devices; the one of the settings becomes the current one where it can be used, else "cpu".
  void set_devices(const std::vector<RunDevice>& devices);

  /// "cpu", "cuda:0", as --device takes it.
  [[nodiscard]] QString device() const;
  [[nodiscard]] bool on_gpu() const;
  /// What is switched on for runs on a card; the index is not set.
  [[nodiscard]] GpuOptions gpu() const;
  /// The switches for cards, for a menu: enabled where a card is chosen.
  [[nodiscard]] QList<QAction*> switches() const { return {cuda_graph_, tf32_, cudnn_}; }

 public slots:
  /// Nothing happens for a device that cannot be used or is not there.
  void choose(const QString& device);

 signals:
  void devices_shown();
  void changed();

 private:
  [[nodiscard]] QAction* make_switch(const QString& text, const QString& tip, const QString& key, bool initially);
  void update_state();

  QComboBox* combo_;
  QToolButton* options_;
  QAction* cuda_graph_;
  QAction* tf32_;
  QAction* cudnn_;
  BackgroundJob looking_;
};

}  // namespace isotherm::ui
