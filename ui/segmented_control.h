// A row of buttons of which one is chosen: "Before | Both | After".
#pragma once

#include <QButtonGroup>
#include <QFontMetrics>
#include <QFrame>
#include <QHBoxLayout>
#include <QPushButton>
#include <QStringList>

#include "ui/theme.h"

namespace isotherm::ui {

class SegmentedControl final : public QFrame {
  Q_OBJECT

 public:
  explicit SegmentedControl(const QStringList& labels, QWidget* parent = nullptr) : QFrame(parent), group_(new QButtonGroup(this)) {
    setObjectName(QStringLiteral("segments"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(2, 2, 2, 2);
    layout->setSpacing(0);
    for (int i = 0; i < labels.size(); ++i) {
      auto* button = new QPushButton(labels[i], this);
      button->setObjectName(QStringLiteral("segment"));
      button->setCheckable(true);
      // The chosen one is bold, and wider: room for that is kept in every one.
      constexpr int kPadding = 9;
      button->setMinimumWidth(QFontMetrics(sans_font(12.5, 600)).horizontalAdvance(labels[i]) + 2 * kPadding + 2);
      group_->addButton(button, i);
      layout->addWidget(button);
    }
    group_->setExclusive(true);
    if (!labels.isEmpty()) group_->button(0)->setChecked(true);
    connect(group_, &QButtonGroup::idClicked, this, &SegmentedControl::chosen);
  }

  [[nodiscard]] int current() const { return group_->checkedId(); }
  /// Does not emit chosen().
  void set_current(int index) {
    if (QAbstractButton* button = group_->button(index)) button->setChecked(true);
  }
  void set_tool_tip(int index, const QString& text) {
    if (QAbstractButton* button = group_->button(index)) button->setToolTip(text);
  }

 signals:
  void chosen(int index);

 private:
  QButtonGroup* group_;
};

}  // namespace isotherm::ui
