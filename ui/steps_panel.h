// The replay of a segmentation: forward, back, play and jump, by buttons, slider and keys.
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QTimer>
#include <QToolButton>
#include <QWidget>

#include <array>
#include <memory>

#include "core/render/steps.h"
#include "ui/step_strip.h"

namespace isotherm::ui {

class ElidedLabel;

class StepsPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit StepsPanel(QWidget* parent = nullptr);

  /// Null: nothing to replay; `why` says so. A new replay begins at its first step.
  void set_replay(std::shared_ptr<const render::Replay> replay, const QString& why = {});
  [[nodiscard]] const std::shared_ptr<const render::Replay>& replay() const { return replay_; }
  void set_theme(render::Theme theme);
  [[nodiscard]] int step() const { return strip_->value(); }
  [[nodiscard]] bool playing() const { return timer_.isActive(); }
  /// The step is on the screen: play waits for it, so that no step is skipped.
  void step_drawn() { awaiting_ = false; }

 public slots:
  void go_to(int step) { strip_->setValue(step); }
  void forward() { go_to(step() + 1); }
  void back() { go_to(step() - 1); }
  void first() { go_to(0); }
  void last() { go_to(strip_->maximum()); }
  /// The next or previous step whose merge was refused; stays where there is none.
  void next_refusal();
  void previous_refusal();
  void play(bool on);

 signals:
  /// Another step is to be shown.
  void step_changed(int step);
  void playing_changed(bool on);

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  enum Button { kFirst, kBack, kPlay, kForward, kLast, kPreviousRefusal, kNextRefusal, kButtons };
  void show_step();
  void find_refusal(int direction);

  std::shared_ptr<const render::Replay> replay_;
  render::Theme theme_ = render::Theme::light;
  std::array<QToolButton*, kButtons> buttons_{};
  QLabel* number_;
  QLabel* verdict_;
  ElidedLabel* sentence_;
  QComboBox* speed_;
  StepStrip* strip_;
  QTimer timer_;
  bool awaiting_ = false;
};

}  // namespace isotherm::ui
