// The bar over the graphs while only a part of them is shown: what it is, how far it reaches, and the way back.
#pragma once

#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QWidget>

namespace isotherm::ui {

/// The part of the graphs that is shown, by names as render::SceneOptions has them. All empty: the whole.
struct ShownPart {
  std::string focus;
  int hops = 1;
  std::string path_from, path_to;
  bool after = false;  ///< asked for in the converted graph
  [[nodiscard]] bool whole() const { return focus.empty() && path_from.empty(); }
  /// The end of a path is still to be chosen: nothing is hidden yet.
  [[nodiscard]] bool choosing() const { return !path_from.empty() && path_to.empty(); }
  friend bool operator==(const ShownPart&, const ShownPart&) = default;
};

class PartBar final : public QWidget {
  Q_OBJECT

 public:
  explicit PartBar(QWidget* parent = nullptr);
  /// Hides for the whole.
  void show_part(const ShownPart& part);
  void set_counts(const QString& text);
  [[nodiscard]] QString text() const { return full_text_; }
  [[nodiscard]] QSpinBox* hops() const { return hops_; }

 signals:
  void hops_chosen(int hops);
  void leave_requested();

 protected:
  void resizeEvent(QResizeEvent*) override { fill(); }

 private:
  void fill();
  QLabel* text_;
  QLabel* hops_word_;
  QSpinBox* hops_;
  QLabel* counts_;
  QPushButton* leave_;
  QString full_text_;
};

}  // namespace isotherm::ui
