// One picture of a graph, to look around in: pan, zoom, fit, select, walk along edges, open and close scopes.
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include <memory>
#include <optional>

#include "core/render/scene.h"
#include "core/render/steps_picture.h"
#include "ui/edge_walk.h"
#include "ui/frame_titles.h"
#include "ui/painter.h"
#include "ui/tile_cache.h"

class QHelpEvent;

namespace isotherm::ui {

class Minimap;

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
  void set_canvas(QColor canvas, QColor selection);
  void set_empty_text(const QString& text) { empty_text_ = text; update(); }
  /// What is at this box stays where it is on the screen when the next picture comes, though it may be a frame there.
  void keep_in_place(std::int32_t box);
  void keep_scope_in_place(const std::string& path);

  /// Rings round a node's box; `counterpart`: thinner, for the selection made in the other view.
  void select_node(NodeId node, bool counterpart);
  /// Rings round a closed scope; an empty path: no scope is selected.
  void select_scope(const QString& path);
  void set_matches(std::vector<NodeId> nodes);
  [[nodiscard]] NodeId selected_node() const { return selected_; }
  [[nodiscard]] const std::string& selected_scope() const { return selected_scope_; }
  [[nodiscard]] bool has_selection() const { return selected_ != kNoNode || !selected_scope_.empty(); }
  /// The box that shows the node, or the collapsed scope it hides in; -1: none.
  [[nodiscard]] std::int32_t box_of(NodeId node) const;
  /// The box of what is selected; -1: none is drawn.
  [[nodiscard]] std::int32_t selected_box() const;
  /// Boxes that a search marks, and how many matches hide in each.
  [[nodiscard]] const std::vector<std::pair<std::int32_t, int>>& match_boxes() const { return match_boxes_; }

  [[nodiscard]] qreal zoom() const { return zoom_; }
  [[nodiscard]] QPointF origin() const { return origin_; }
  [[nodiscard]] Viewport viewport() const { return {origin_, zoom_, size()}; }
  /// Where the view will look when what moves has stopped.
  [[nodiscard]] Viewport destination() const { return motion_.isActive() ? Viewport{origin_to_, zoom_to_, size()} : viewport(); }
  /// The place along the flow that is in the middle.
  [[nodiscard]] qreal middle() const { return sideways() ? origin_.x() + width() / zoom_ / 2 : origin_.y() + height() / zoom_ / 2; }
  [[nodiscard]] Detail detail() const { return detail_; }
  [[nodiscard]] Minimap* minimap() const { return minimap_; }
  /// A rectangle of the scene on the widget.
  [[nodiscard]] QRectF to_widget(const QRectF& rect) const { return {(rect.topLeft() - origin_) * zoom_, rect.size() * zoom_}; }
  /// Box or frame of a scope; none where it is not drawn.
  [[nodiscard]] std::optional<QRectF> scope_rect(const std::string& path) const;
  /// Path of the innermost open scope round the box, or at a point of the scene; empty: none.
  [[nodiscard]] QString scope_around(std::int32_t box) const;

  /// Milliseconds that the last frame took to draw, and whether it was drawn whole: parts that would have taken too long
  /// follow in the next frames.
  [[nodiscard]] double frame_milliseconds() const { return frame_ms_; }
  [[nodiscard]] bool frame_complete() const { return frame_complete_; }

  QSize sizeHint() const override { return {560, 400}; }

 public slots:
  void fit();
  void zoom_by(qreal factor);
  void actual_size();
  /// Sets the zoom, the middle of the view keeps its place.
  void set_zoom(qreal zoom);
  void center_on(QPointF point);
  /// Brings the node's box into view without changing the zoom more than needed.
  void reveal(NodeId node);
  void reveal_box(std::int32_t box);
  /// Brings a part of the picture into view: the zoom is raised until it can be read, and lowered where it would not
  /// fit.
  void reveal_rect(const QRectF& rect);
  /// Follows the other view: same zoom, and this place along the flow in the middle.
  void follow(qreal zoom, qreal middle);
  /// Puts the middle of a box at a place of the widget along the flow, and in view across it.
  void level_box(std::int32_t box, qreal place, qreal zoom);
  /// The next picture is fitted, whatever was looked at before.
  void fit_next() { fitted_ = true; }
  /// Selects a box and brings it into view.
  void go_to(std::int32_t box);
  /// Ends what still moves or fades.
  void settle();
  /// Selects the neighbour that a walk leads to; where nothing is selected, what is nearest to the middle of the view.
  void walk(EdgeWalk::Way way);

 signals:
  void node_clicked(int node);
  /// A closed scope was clicked, or walked to.
  void scope_clicked(const QString& path);
  /// A collapsed scope or an open frame was double-clicked.
  void scope_toggled(const QString& path, bool open);
  /// The view moved by its user's hand: its zoom, and what place along the flow is in the middle.
  void moved(qreal zoom, qreal middle);
  /// Zoom or place changed, by whatever.
  void looked_elsewhere();
  void menu_requested(std::int32_t box, std::int32_t line, const QPoint& global);
  /// Space: the counterpart of what is selected, in the other view.
  void counterpart_requested();
  /// Escape where nothing is selected.
  void leave_requested();
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
  void contextMenuEvent(QContextMenuEvent*) override;
  void resizeEvent(QResizeEvent*) override;
  void focusInEvent(QFocusEvent*) override;
  void focusOutEvent(QFocusEvent*) override;
  bool event(QEvent*) override;

 private:
  [[nodiscard]] QPointF to_scene(QPointF position) const { return origin_ + position / zoom_; }
  [[nodiscard]] std::int32_t box_at(QPointF position) const;
  [[nodiscard]] std::int32_t line_at(QPointF position) const;
  void zoom_at(QPointF position, qreal factor);
  [[nodiscard]] qreal least_zoom() const;
  void move_by_hand(QPointF way);
  /// Looks there, at once or in a motion.
  enum class By { hand, program };
  void look_at(qreal zoom, QPointF origin, bool animated, By by);
  void advance_motion();
  void place_changed();
  void begin_fade(int milliseconds);
  void update_detail(bool fade);
  void draw_ring(QPainter& painter, std::int32_t box, qreal width) const;
  void draw_marks(QPainter& painter);
  bool walk_key(QKeyEvent* event);
  void click_box(std::int32_t box);
  void toggle_box(std::int32_t box);
  void find_match_boxes();
  void say_selection();
  [[nodiscard]] bool show_tooltip(QHelpEvent* event);
  [[nodiscard]] bool sideways() const;
  [[nodiscard]] std::int32_t first_box_in(const std::string& path) const;
  void announce_move() { emit moved(zoom_, middle()); }

  bool after_side_;
  std::shared_ptr<const ScenePicture> picture_;
  QPointF origin_;      ///< scene coordinates of the widget's top left
  qreal zoom_ = 1;
  bool fitted_ = true;  ///< stays fitted when the widget is resized
  Detail detail_ = Detail::all;
  qreal node_height_ = 30;
  NodeId selected_ = kNoNode;
  std::string selected_scope_;
  bool counterpart_ = false;
  EdgeWalk walk_;
  std::vector<NodeId> matches_;
  std::vector<std::pair<std::int32_t, int>> match_boxes_;  ///< what shows them: many may hide in one closed scope
  struct Anchor {
    std::string scope;
    NodeId node = kNoNode;
    QPointF position;  ///< of its top left, widget pixels
  };
  std::optional<Anchor> anchor_;
  QPoint drag_start_;
  QPointF drag_origin_;
  bool dragging_ = false;
  QColor canvas_, selection_color_;
  QString empty_text_;

  TileCache tiles_;
  Minimap* minimap_;
  QTimer motion_, idle_, settle_corner_;
  QElapsedTimer motion_clock_, fade_clock_;
  qreal zoom_from_ = 1, zoom_to_ = 1;
  QPointF origin_from_, origin_to_;
  By moving_by_ = By::program;
  int fade_time_ = 0;  ///< ms; 0: nothing fades
  double frame_ms_ = 0;
  bool frame_complete_ = true;
  QElapsedTimer since_picture_;
  bool awaiting_first_frame_ = false;
};

}  // namespace isotherm::ui
