#include "ui/steps_panel.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QVBoxLayout>

#include "ui/elided_label.h"
#include "ui/theme.h"

namespace isotherm::ui {
namespace {

struct Tone {
  render::Color line, tint;
};

Tone colors_of(render::StepTone tone, const render::Palette& p) {
  switch (tone) {
    case render::StepTone::accepted: return {p.accepted, p.ok_tint};
    case render::StepTone::refused: return {p.refused, p.error_tint};
    case render::StepTone::leaves: return {p.native, p.native_tint};
    case render::StepTone::neutral: break;
  }
  return {p.muted, p.hover};
}

}  // namespace

StepsPanel::StepsPanel(QWidget* parent)
    : QWidget(parent),
      number_(new QLabel),
      verdict_(new QLabel),
      sentence_(new ElidedLabel(Qt::ElideMiddle)),
      speed_(new QComboBox),
      strip_(new StepStrip) {
  setObjectName(QStringLiteral("panel"));
  setAttribute(Qt::WA_StyledBackground);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(14, 8, 14, 6);
  layout->setSpacing(4);
  auto* line = new QHBoxLayout;
  line->setSpacing(2);
  const std::tuple<Button, const char*, QString, void (StepsPanel::*)()> buttons[] = {
      {kFirst, "step_first", tr("First step (Home)"), &StepsPanel::first},
      {kBack, "step_back", tr("One step back (Left)"), &StepsPanel::back},
      {kPlay, "play", tr("Play or pause (Space)"), nullptr},
      {kForward, "step_forward", tr("One step forward (Right)"), &StepsPanel::forward},
      {kLast, "step_last", tr("Last step (End)"), &StepsPanel::last},
      {kPreviousRefusal, "refused_previous", tr("Previous refused merge (Up)"), &StepsPanel::previous_refusal},
      {kNextRefusal, "refused_next", tr("Next refused merge (Down)"), &StepsPanel::next_refusal}};
  for (const auto& [which, name, tip, slot] : buttons) {
    auto* button = new QToolButton;
    button->setObjectName(QStringLiteral("headButton"));
    button->setProperty("icon_name", QLatin1String(name));
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    if (slot) connect(button, &QToolButton::clicked, this, slot);
    buttons_[which] = button;
    if (which == kPreviousRefusal) line->addSpacing(8);
    line->addWidget(button);
  }
  connect(buttons_[kPlay], &QToolButton::clicked, this, [this] { play(!playing()); });
  number_->setObjectName(QStringLiteral("sectionTitle"));
  number_->setFont(sans_font(12.5, 600));
  verdict_->setFont(sans_font(11, 600));
  sentence_->setObjectName(QStringLiteral("muted"));
  sentence_->setTextFormat(Qt::PlainText);
  for (const double rate : {0.5, 1.0, 2.0, 5.0, 20.0})
    speed_->addItem(tr("%1 / s").arg(rate), qRound(1000 / rate));
  speed_->setCurrentIndex(2);
  speed_->setToolTip(tr("Steps a second while playing"));
  speed_->setAccessibleName(speed_->toolTip());
  line->addSpacing(12);
  line->addWidget(number_);
  line->addSpacing(8);
  line->addWidget(verdict_, 0, Qt::AlignVCenter);
  line->addSpacing(8);
  line->addWidget(sentence_, 1);
  line->addSpacing(8);
  line->addWidget(speed_);
  layout->addLayout(line);
  layout->addWidget(strip_);
  layout->addStretch();
  connect(strip_, &QAbstractSlider::valueChanged, this, [this](int step) {
    show_step();
    awaiting_ = true;
    emit step_changed(step);
  });
  connect(speed_, QOverload<int>::of(&QComboBox::currentIndexChanged), this,
          [this] { timer_.setInterval(speed_->currentData().toInt()); });
  timer_.setInterval(speed_->currentData().toInt());
  connect(&timer_, &QTimer::timeout, this, [this] {
    if (awaiting_) return;
    if (step() >= strip_->maximum()) return play(false);
    forward();
  });
  set_replay(nullptr);
}

void StepsPanel::set_replay(std::shared_ptr<const render::Replay> replay, const QString& why) {
  play(false);
  replay_ = std::move(replay);
  {
    const QSignalBlocker quiet(strip_);
    strip_->set_replay(replay_);
    strip_->setValue(0);
  }
  awaiting_ = replay_ != nullptr;
  for (QToolButton* button : buttons_) button->setEnabled(replay_ != nullptr);
  speed_->setEnabled(replay_ != nullptr);
  strip_->setVisible(replay_ != nullptr);
  sentence_->setText(why);
  show_step();
}

void StepsPanel::show_step() {
  number_->setVisible(replay_ != nullptr);
  verdict_->setVisible(replay_ != nullptr);
  if (replay_) {
    const int now = step();
    const Tone tone = colors_of(render::tone_of((*replay_)[now].kind), render::palette(theme_));
    number_->setText(tr("Step %1 of %2").arg(now + 1).arg(replay_->size()));
    verdict_->setText(QString::fromStdString(replay_->verdict(now)));
    verdict_->setStyleSheet(QStringLiteral("color:%1; background:%2; border:1px solid %1; border-radius:9px; padding:1px 8px;")
                                .arg(to_qcolor(tone.line).name(), to_qcolor(tone.tint).name()));
    sentence_->setText(QString::fromStdString(replay_->sentence(now)));
    const bool playing_now = playing();
    buttons_[kFirst]->setEnabled(now > 0);
    buttons_[kBack]->setEnabled(now > 0);
    buttons_[kForward]->setEnabled(now + 1 < replay_->size());
    buttons_[kLast]->setEnabled(now + 1 < replay_->size());
    buttons_[kPlay]->setEnabled(playing_now || now + 1 < replay_->size());
  }
}

void StepsPanel::set_theme(render::Theme theme) {
  theme_ = theme;
  strip_->set_theme(theme);
  for (QToolButton* button : buttons_)
    button->setIcon(icon(button->property("icon_name").toString(), render::palette(theme).muted));
  if (playing()) buttons_[kPlay]->setIcon(icon(QStringLiteral("pause"), render::palette(theme).muted));
  show_step();
}

void StepsPanel::play(bool on) {
  on = on && replay_ && step() < strip_->maximum();
  if (on == playing()) return;
  on ? timer_.start() : timer_.stop();
  buttons_[kPlay]->setIcon(icon(on ? QStringLiteral("pause") : QStringLiteral("play"), render::palette(theme_).muted));
  show_step();
  emit playing_changed(on);
}

void StepsPanel::find_refusal(int direction) {
  if (!replay_) return;
  for (int i = step() + direction; i >= 0 && i < replay_->size(); i += direction)
    if (render::tone_of((*replay_)[i].kind) == render::StepTone::refused) return go_to(i);
}

void StepsPanel::next_refusal() { find_refusal(1); }
void StepsPanel::previous_refusal() { find_refusal(-1); }

void StepsPanel::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left: return back();
    case Qt::Key_Right: return forward();
    case Qt::Key_Home: return first();
    case Qt::Key_End: return last();
    case Qt::Key_Up: return previous_refusal();
    case Qt::Key_Down: return next_refusal();
    case Qt::Key_PageUp: return go_to(step() - 10);
    case Qt::Key_PageDown: return go_to(step() + 10);
    case Qt::Key_Space: return play(!playing());
    default: QWidget::keyPressEvent(event);
  }
}

}  // namespace isotherm::ui
