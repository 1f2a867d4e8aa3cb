// What the settings give: engines, their share of the nodes, what changed, and why nodes stay native.
#pragma once

#include <QFrame>
#include <QLabel>
#include <QPushButton>

#include "ui/document.h"
#include "ui/models/node_filter.h"

namespace isotherm::ui {

/// The share of nodes per engine and of native nodes, as a strip.
class ResultStrip final : public QWidget {
  Q_OBJECT

 public:
  explicit ResultStrip(QWidget* parent = nullptr) : QWidget(parent) { setFixedHeight(14); }
  void set_conversion(std::shared_ptr<const Conversion> conversion, render::Theme theme) {
    conversion_ = std::move(conversion);
    theme_ = theme;
    update();
  }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  std::shared_ptr<const Conversion> conversion_;
  render::Theme theme_ = render::Theme::light;
};

class PreviewCard final : public QFrame {
  Q_OBJECT

 public:
  explicit PreviewCard(QWidget* parent = nullptr);

  /// What is converted; null: nothing is.
  void set_document(const DocumentPtr& document, render::Theme theme);
  /// What other settings would give; null: back to the document's.
  void show_answer(WhatIfAnswerPtr answer);
  /// A sentence in place of an answer: settings that exclude each other, a name that does not exist.
  void show_problem(const QString& sentence);
  [[nodiscard]] const WhatIfAnswerPtr& answer() const { return answer_; }
  [[nodiscard]] QString problem() const { return problem_->isHidden() ? QString() : problem_->text(); }

 signals:
  void filter_requested(NodeFilter filter);
  /// Back to the settings of the document.
  void reset_requested();

 private:
  void update_contents();
  [[nodiscard]] QString change_html() const;
  [[nodiscard]] QString reasons_html() const;

  QLabel* head_;
  QLabel* time_;
  QPushButton* reset_;
  ResultStrip* strip_;
  QLabel* change_;
  QLabel* reasons_;
  QLabel* problem_;
  DocumentPtr document_;
  WhatIfAnswerPtr answer_;
  render::Theme theme_ = render::Theme::light;
};

}  // namespace isotherm::ui
