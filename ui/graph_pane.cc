#include "ui/graph_pane.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "ui/elided_label.h"
#include "ui/theme.h"

namespace isotherm::ui {

GraphPane::GraphPane(const QString& title, bool after_side, QWidget* parent)
    : QWidget(parent), view_(new GraphView(after_side)), detail_(new ElidedLabel), link_(new QPushButton(tr("linked"))) {
  auto* head = new QWidget;
  head->setObjectName(QStringLiteral("head"));
  head->setAttribute(Qt::WA_StyledBackground);
  auto* head_layout = new QHBoxLayout(head);
  head_layout->setContentsMargins(14, 0, 10, 0);
  head_layout->setSpacing(10);
  auto* name = new QLabel(title);
  name->setObjectName(QStringLiteral("headTitle"));
  name->setFont(sans_font(12.5, 600));
  detail_->setObjectName(QStringLiteral("headDetail"));
  link_->setObjectName(QStringLiteral("link"));
  link_->setCheckable(true);
  link_->setChecked(true);
  link_->setToolTip(tr("Both views move and zoom together"));
  link_->setVisible(!after_side);
  connect(link_, &QPushButton::toggled, this, [this](bool on) { link_->setText(on ? tr("linked") : tr("not linked")); });
  head_layout->addWidget(name);
  head_layout->addWidget(detail_, 1);
  head_layout->addWidget(link_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(head);
  layout->addWidget(view_, 1);
}

void GraphPane::set_empty_widget(QWidget* widget) {
  empty_ = widget;
  layout()->addWidget(widget);
  show_empty(true);
}

void GraphPane::show_empty(bool empty) {
  if (!empty_) return;
  empty_->setVisible(empty);
  view_->setVisible(!empty);
}

}  // namespace isotherm::ui
