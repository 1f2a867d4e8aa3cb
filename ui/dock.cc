#include "ui/dock.h"

#include <QCloseEvent>
#include <QHBoxLayout>

#include "ui/theme.h"

namespace isotherm::ui {

Dock::Dock(const QString& name, const QString& title, QWidget* content, QWidget* head, QWidget* parent)
    : QDockWidget(title, parent), badge_(new QLabel), float_(new QToolButton), close_(new QToolButton) {
  setObjectName(name);
  auto* bar = new QWidget;
  bar->setObjectName(QStringLiteral("head"));
  bar->setAttribute(Qt::WA_StyledBackground);
  bar->setFixedHeight(32);
  auto* layout = new QHBoxLayout(bar);
  layout->setContentsMargins(head ? 0 : 16, 0, 8, 0);
  layout->setSpacing(4);
  if (head) {
    layout->addWidget(head, 1);
  } else {
    title_ = new QLabel(title);
    title_->setObjectName(QStringLiteral("headTitle"));
    title_->setFont(sans_font(12.5, 600));
    layout->addWidget(title_);
    layout->addStretch();
  }
  badge_->setObjectName(QStringLiteral("badge"));
  badge_->setFont(sans_font(11, 500));
  badge_->hide();
  layout->addWidget(badge_, 0, Qt::AlignVCenter);
  layout->addSpacing(4);
  const std::pair<QToolButton*, QString> buttons[] = {{float_, tr("Float or dock: %1")}, {close_, tr("Close: %1")}};
  for (const auto& [button, tip] : buttons) {
    button->setObjectName(QStringLiteral("headButton"));
    button->setIconSize(QSize(12, 12));
    button->setToolTip(tip.arg(title));
    button->setAccessibleName(tip.arg(title));
    button->setFocusPolicy(Qt::TabFocus);
    layout->addWidget(button);
  }
  connect(float_, &QToolButton::clicked, this, [this] { setFloating(!isFloating()); });
  connect(close_, &QToolButton::clicked, this, &QWidget::close);
  setTitleBarWidget(bar);
  setWidget(content);
}

void Dock::closeEvent(QCloseEvent* event) {
  QDockWidget::closeEvent(event);
  emit closed();
}

void Dock::set_badge(const QString& text) {
  badge_->setText(text);
  badge_->setVisible(!text.isEmpty());
}

void Dock::show_title(bool show) {
  if (title_) title_->setVisible(show);
}

void Dock::set_theme(render::Theme theme) {
  const render::Color color = render::palette(theme).muted;
  float_->setIcon(icon(QStringLiteral("float"), color));
  close_->setIcon(icon(QStringLiteral("close"), color));
}

}  // namespace isotherm::ui
