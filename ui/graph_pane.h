// A graph view with its head: title, counts, the link switch, a bar of progress.
#pragma once

#include <QLabel>
#include <QPushButton>
#include <QWidget>

#include "ui/graph_view.h"

namespace isotherm::ui {

class GraphPane final : public QWidget {
  Q_OBJECT

 public:
  GraphPane(const QString& title, bool after_side, QWidget* parent = nullptr);

  [[nodiscard]] GraphView* view() const { return view_; }
  void set_detail(const QString& text) { detail_->setText(text); }
  [[nodiscard]] QPushButton* link_button() const { return link_; }
  /// The widget shown in place of an empty view; null: the view itself.
  void set_empty_widget(QWidget* widget);
  void show_empty(bool empty);

 private:
  GraphView* view_;
  QLabel* detail_;
  QPushButton* link_;
  QWidget* empty_ = nullptr;
};

}  // namespace isotherm::ui
