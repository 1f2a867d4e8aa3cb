// A dock with the window's own head: title (or widgets in its place), a badge, float and close.
#pragma once

#include <QDockWidget>
#include <QLabel>
#include <QToolButton>

#include "core/render/theme.h"

namespace isotherm::ui {

class Dock final : public QDockWidget {
  Q_OBJECT

 public:
  /// `name` is what settings keep its place under. `head`: stands in the head in place of the title; may be null.
  Dock(const QString& name, const QString& title, QWidget* content, QWidget* head = nullptr, QWidget* parent = nullptr);

  /// A chip at the right of the head: "preview, not built"; empty: none.
  void set_badge(const QString& text);
  [[nodiscard]] QString badge() const { return badge_->isHidden() ? QString() : badge_->text(); }
  void set_theme(render::Theme theme);
  /// Among tabs the tab bears the title already.
  void show_title(bool show);

 signals:
  /// By its button, or from the menu.
  void closed();

 protected:
  void closeEvent(QCloseEvent* event) override;

 private:
  QLabel* title_ = nullptr;  ///< null where other widgets stand in its place
  QLabel* badge_;
  QToolButton* float_;
  QToolButton* close_;
};

}  // namespace isotherm::ui
