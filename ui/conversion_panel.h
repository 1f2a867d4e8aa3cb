// TF-TRT's settings, and what they would give while they are typed; a button applies them.
#pragma once

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTimer>
#include <QWidget>

#include "ui/document.h"
#include "ui/preview_card.h"
#include "ui/segmented_control.h"

namespace isotherm::ui {

class ConversionPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit ConversionPanel(QWidget* parent = nullptr);

  void set_document(const DocumentPtr& document, render::Theme theme);
  /// The settings as typed; an error names the field.
  [[nodiscard]] Result<ConversionParams> params() const;
  /// Fills the fields and asks at once what they would give.
  void apply(const ConversionParams& params);
  void set_busy(bool busy);
  [[nodiscard]] PreviewCard* card() const { return card_; }

 signals:
  /// A field has changed: what would it give? Typing is bundled, so that not every letter asks.
  void settings_changed();
  void convert_requested();
  void copied(const QString& command);

 private:
  [[nodiscard]] QString command_line() const;
  void show_params(const ConversionParams& params);
  void update_buttons();

  SegmentedControl* precision_;
  SegmentedControl* batch_mode_;
  SegmentedControl* passes_;
  QSpinBox* minimum_size_;
  QSpinBox* max_engines_;
  QSpinBox* max_batch_;
  QLineEdit* denied_;
  QLineEdit* excluded_;
  QLineEdit* outputs_;
  QLineEdit* shapes_;
  QCheckBox* dynamic_op_;
  QCheckBox* clear_devices_;
  PreviewCard* card_;
  QPushButton* convert_;
  QPushButton* copy_;
  QTimer typing_;
  DocumentPtr document_;
  bool busy_ = false;
  bool filling_ = false;  ///< fields are being set, not typed
  ConversionParams base_;  ///< settings that have no field here
  std::shared_ptr<const NodeEvaluator> evaluator_;  ///< for graph passes; one for all questions, so that they compare
};

}  // namespace isotherm::ui
