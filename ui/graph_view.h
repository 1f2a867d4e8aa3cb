// One picture of a graph, to look around in: pan, zoom, fit, select, open and close scopes.
#pragma once

#include <QElapsedTimer>
#include <QWidget>

#include <memory>
#include <optional>

#include "core/render/scene.h"
#include "core/render/steps_picture.h"
#include "ui/painter.h"

namespace isotherm::ui {

/// A scene made ready to draw, off the UI thread.
struct ScenePicture {
  render::Scene scene;
  PaintedList list;
  std::shared_ptr<const render::StepScene> step;  ///< of a replayed step; null for others
};

class GraphView final : public QWidget {
  Q_OBJECT

 public:
  explicit GraphView(bool after_side, QWidget* parent = nullptr);

  /// Shows a picture. The first one is fitted; later ones keep zoom and the anchor set by keep_in_place() where it is
  /// on the screen.
  void set_picture(std::shared_ptr<const ScenePicture> picture);
  [[nodiscard]] const std::shared_ptr<const ScenePicture>& picture() const { return picture_; }
  void set_canvas(QColor canvas, QColor selection) { canvas_ = canvas; selection_color_ = selection; update(); }
  void set_empty_text(const QString& text) { empty_text_ = text; update(); }

  /// Rings round a node's box; `counterpart`: thinner, for the selection made in the other view.
  void select_node(NodeId node, bool counterpart);
  void set_matches(std::vector<NodeId> nodes);
  [[nodiscard]] NodeId selected_node() const { return selected_; }
  /// The box that shows the node, or the collapsed scope it hides in; -1: none.
  [[nodiscard]] std::int32_t box_of(NodeId node) const;

  [[nodiscard]] qreal zoom() const { return zoom_; }
  [[nodiscard]] QPointF origin() const { return origin_; }

  QSize sizeHint() const override { return {560, 400}; }

 public slots:
  void fit();
  void zoom_by(qreal factor);
  void actual_size();
  /// Brings the node's box into view without changing the zoom more than needed.
  void reveal(NodeId node);
  /// Brings a part of the picture into view: the zoom is raised until it can be read, and lowered where it would not
  /// fit.
  void reveal_rect(const QRectF& rect);
  /// Follows the other view: same zoom, same height.
  void follow(qreal zoom, qreal top);

 signals:
  void node_clicked(int node);
  /// A collapsed scope or an open frame was double-clicked.
  void scope_toggled(const QString& path, bool open);
  void moved(qreal zoom, qreal top);
  /// The picture was on the screen for the first time, so many milliseconds after set_picture.
  void first_frame(double milliseconds);

 protected:
  void paintEvent(QPaintEvent*) override;
  void mousePressEvent(QMouseEvent*) override;
  void mouseMoveEvent(QMouseEvent*) override;
  void mouseReleaseEvent(QMouseEvent*) override;
  void mouseDoubleClickEvent(QMouseEvent*) override;
  void wheelEvent(QWheelEvent*) override;
  void keyPressEvent(QKeyEvent*) override;
  void resizeEvent(QResizeEvent*) override;
  bool event(QEvent*) override;

 private:
  [[nodiscard]] QPointF to_scene(QPointF position) const { return origin_ + position / zoom_; }
  void zoom_at(QPointF position, qreal factor);
  void draw_ring(QPainter& painter, std::int32_t box, qreal width) const;
  [[nodiscard]] std::optional<QRectF> scope_rect(const std::string& path) const;
  void find_match_boxes();
  void announce_move() { emit moved(zoom_, origin_.y()); }

  bool after_side_;
  std::shared_ptr<const ScenePicture> picture_;
  QPointF origin_;        ///< scene coordinates of the widget's top left
  qreal zoom_ = 1;
  bool fitted_ = true;    ///< stays fitted when the widget is resized
  NodeId selected_ = kNoNode;
  bool counterpart_ = false;
  std::vector<NodeId> matches_;
  std::vector<std::int32_t> match_boxes_;  ///< what shows them in the picture: many may hide in one closed scope
  std::string anchor_scope_;  ///< stays where it is on the screen when the next picture comes
  QPointF anchor_position_;
  QPoint drag_start_;
  QPointF drag_origin_;
  bool dragging_ = false;
  QColor canvas_, selection_color_;
  QString empty_text_;
  QElapsedTimer since_picture_;
  bool awaiting_first_frame_ = false;
};

}  // namespace isotherm::ui
