// All steps of a replay in a row, the current one raised; a slider that the same code draws as in the pictures.
#pragma once

#include <QAbstractSlider>
#include <QKeyEvent>

#include <memory>

#include "core/render/steps_picture.h"
#include "ui/painter.h"

namespace isotherm::ui {

class StepStrip final : public QAbstractSlider {
  Q_OBJECT

 public:
  explicit StepStrip(QWidget* parent = nullptr);

  /// Null: no steps. The value stays within the new range.
  void set_replay(std::shared_ptr<const render::Replay> replay);
  void set_theme(render::Theme theme);
  QSize sizeHint() const override { return {400, 28}; }

 protected:
  void paintEvent(QPaintEvent*) override;
  void mousePressEvent(QMouseEvent*) override;
  void mouseMoveEvent(QMouseEvent*) override;
  void mouseReleaseEvent(QMouseEvent*) override;
  void resizeEvent(QResizeEvent*) override;
  void keyPressEvent(QKeyEvent* event) override {
    event->ignore();
  }  // the panel's keys do what a slider's do, and more
  void sliderChange(SliderChange change) override;
  bool event(QEvent*) override;

 private:
  [[nodiscard]] int step_at(int x) const;
  void rebuild();

  std::shared_ptr<const render::Replay> replay_;
  render::Theme theme_ = render::Theme::light;
  PaintedList list_;
};

}  // namespace isotherm::ui
