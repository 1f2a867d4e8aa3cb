#include "ui/part_bar.h"

#include <QHBoxLayout>
#include <QSignalBlocker>

#include "ui/theme.h"

namespace isotherm::ui {
namespace {
constexpr int kMostHops = 20;
}

PartBar::PartBar(QWidget* parent) : QWidget(parent), text_(new QLabel), hops_word_(new QLabel(tr("hops"))), hops_(new QSpinBox), counts_(new QLabel), leave_(new QPushButton) {
  setObjectName(QStringLiteral("partBar"));
  setAttribute(Qt::WA_StyledBackground);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(14, 3, 10, 3);
  layout->setSpacing(8);
  text_->setTextFormat(Qt::PlainText);
  text_->setFont(sans_font(12.5, 500));
  text_->setMinimumWidth(60);
  text_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  counts_->setObjectName(QStringLiteral("headDetail"));
  hops_word_->setObjectName(QStringLiteral("muted"));
  hops_->setObjectName(QStringLiteral("hops"));
  hops_->setRange(0, kMostHops);
  hops_->setFixedWidth(64);
  hops_->setButtonSymbols(QAbstractSpinBox::UpDownArrows);
  hops_->setAccessibleName(tr("Hops round the node"));
  hops_->setToolTip(tr("How many edges away from it"));
  leave_->setObjectName(QStringLiteral("link"));
  layout->addWidget(text_, 1);
  layout->addWidget(hops_word_);
  layout->addWidget(hops_);
  layout->addSpacing(6);
  layout->addWidget(counts_);
  layout->addSpacing(6);
  layout->addWidget(leave_);
  connect(hops_, qOverload<int>(&QSpinBox::valueChanged), this, &PartBar::hops_chosen);
  connect(leave_, &QPushButton::clicked, this, &PartBar::leave_requested);
  hide();
}

void PartBar::show_part(const ShownPart& part) {
  const auto q = [](const std::string& s) { return QString::fromStdString(s); };
  const bool neighbourhood = !part.focus.empty();
  if (neighbourhood) full_text_ = tr("Neighbourhood of %1").arg(q(part.focus));
  else if (part.choosing()) full_text_ = tr("Path from %1 to …: click the node where it ends").arg(q(part.path_from));
  else if (!part.whole()) full_text_ = tr("Path from %1 to %2").arg(q(part.path_from), q(part.path_to));
  hops_word_->setVisible(neighbourhood);
  hops_->setVisible(neighbourhood);
  counts_->setVisible(!part.choosing());
  leave_->setText(part.choosing() ? tr("Give up (Esc)") : tr("Show the whole graph (Esc)"));
  {
    const QSignalBlocker quiet(hops_);
    hops_->setValue(part.hops);
  }
  setVisible(!part.whole());
  fill();
}

void PartBar::set_counts(const QString& text) { counts_->setText(text); }

void PartBar::fill() {
  text_->setText(text_->fontMetrics().elidedText(full_text_, Qt::ElideMiddle, text_->width()));
  text_->setToolTip(full_text_);
}

}  // namespace isotherm::ui
