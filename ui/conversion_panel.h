// TF-TRT's settings, applied by a button, and what they gave.
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QWidget>

#include "ui/document.h"
#include "ui/segmented_control.h"

namespace isotherm::ui {

/// The share of nodes per engine and of native nodes, as a strip.
class ResultStrip final : public QWidget {
  Q_OBJECT

 public:
  explicit ResultStrip(QWidget* parent = nullptr) : QWidget(parent) { setFixedHeight(14); }
  void set_document(const DocumentPtr& document, render::Theme theme) {
    document_ = document;
    theme_ = theme;
    update();
  }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  DocumentPtr document_;
  render::Theme theme_ = render::Theme::light;
};

class ConversionPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit ConversionPanel(QWidget* parent = nullptr);

  void set_document(const DocumentPtr& document, render::Theme theme);
  /// The settings as typed; an error names the field.
  [[nodiscard]] Result<ConversionParams> params() const;
  void undeny(const QString& op);
  void set_busy(bool busy);

 signals:
  void convert_requested();
  void copied(const QString& command);

 private:
  [[nodiscard]] QString command_line() const;
  void show_params(const ConversionParams& params);
  void update_result();

  SegmentedControl* precision_;
  SegmentedControl* batch_mode_;
  QSpinBox* minimum_size_;
  QSpinBox* max_engines_;
  QSpinBox* max_batch_;
  QLineEdit* denied_;
  QLineEdit* excluded_;
  QLineEdit* outputs_;
  QLineEdit* shapes_;
  QLabel* result_;
  ResultStrip* strip_;
  QPushButton* convert_;
  QPushButton* copy_;
  DocumentPtr document_;
  ConversionParams base_;  ///< settings that have no field here
};

}  // namespace isotherm::ui
