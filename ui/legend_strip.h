// The legend under the graphs, drawn from the same list as in files.
#pragma once

#include <QWidget>

#include "ui/graph_view.h"

namespace isotherm::ui {

class LegendStrip final : public QWidget {
  Q_OBJECT

 public:
  explicit LegendStrip(QWidget* parent = nullptr) : QWidget(parent) { setFixedHeight(0); }
  void set_picture(std::shared_ptr<const ScenePicture> picture, QColor background);

 protected:
  void paintEvent(QPaintEvent*) override;
  void resizeEvent(QResizeEvent*) override;

 private:
  void rebuild();

  std::shared_ptr<const ScenePicture> picture_;
  PaintedList list_;
  QColor background_;
};

}  // namespace isotherm::ui
