// Mouse, wheel, keys and tooltips of a graph view.
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <cmath>

#include "ui/graph_view.h"
#include "ui/minimap.h"
#include "ui/picture_words.h"

namespace isotherm::ui {

std::int32_t GraphView::box_at(QPointF position) const {
  const QPointF at = to_scene(position);
  return picture_ ? picture_->scene.box_at(static_cast<float>(at.x()), static_cast<float>(at.y())) : -1;
}

std::int32_t GraphView::line_at(QPointF position) const {
  if (!picture_ || picture_->step || detail_ < Detail::shape) return -1;
  constexpr qreal kReach = 5;  // px on the screen
  const QPointF at = to_scene(position);
  const qreal reach = kReach / zoom_;
  return nearest_line(picture_->scene, picture_->list.lines_near(QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach)), static_cast<float>(at.x()), static_cast<float>(at.y()), static_cast<float>(reach));
}

void GraphView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton) return;
  settle();
  drag_start_ = event->pos();
  drag_origin_ = origin_;
  dragging_ = false;
}

void GraphView::mouseMoveEvent(QMouseEvent* event) {
  if (!(event->buttons() & (Qt::LeftButton | Qt::MiddleButton))) return;
  const QPoint way = event->pos() - drag_start_;
  if (!dragging_ && way.manhattanLength() < 4) return;
  dragging_ = true;
  setCursor(Qt::ClosedHandCursor);
  look_at(zoom_, drag_origin_ - QPointF(way) / zoom_, false, By::hand);
}

void GraphView::mouseReleaseEvent(QMouseEvent* event) {
  unsetCursor();
  if (dragging_ || event->button() != Qt::LeftButton || !picture_) {
    dragging_ = false;
    return;
  }
  click_box(box_at(event->localPos()));
}

void GraphView::click_box(std::int32_t index) {
  if (index < 0) {
    emit node_clicked(kNoNode);
    return;
  }
  const render::Box& box = picture_->scene.boxes[static_cast<std::size_t>(index)];
  if (box.refers_to >= 0) return click_box(box.refers_to);
  if (box.scope >= 0) emit scope_clicked(QString::fromStdString(picture_->scene.scope_paths[static_cast<std::size_t>(box.scope)]));
  else emit node_clicked(box.node);
}

void GraphView::toggle_box(std::int32_t index) {
  const render::Scene& s = picture_->scene;
  const render::Box& box = s.boxes[static_cast<std::size_t>(index)];
  if (box.form == render::Box::Form::engine && box.after_side && s.overlay.kind == render::Overlay::Kind::time && s.overlay.parts_after.contains(box.node)) {
    const QString name = QString::fromStdString(s.text(box.full_name));
    const bool open = box.rows == 0;
    keep_in_place(index);
    emit scope_toggled(name, open);
  } else if (box.scope >= 0) {
    const QString path = QString::fromStdString(s.scope_paths[static_cast<std::size_t>(box.scope)]);
    keep_in_place(index);
    emit scope_toggled(path, true);
  }
}

void GraphView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (!picture_ || event->button() != Qt::LeftButton) return;
  if (const std::int32_t box = box_at(event->localPos()); box >= 0) return toggle_box(box);
  const render::Scene& s = picture_->scene;
  const QPointF at = to_scene(event->localPos());
  const std::int32_t frame = s.frame_at(static_cast<float>(at.x()), static_cast<float>(at.y()));
  if (frame < 0 || s.frames[static_cast<std::size_t>(frame)].scope < 0) return;
  const std::string path = s.scope_paths[static_cast<std::size_t>(s.frames[static_cast<std::size_t>(frame)].scope)];
  keep_scope_in_place(path);
  emit scope_toggled(QString::fromStdString(path), false);
}

void GraphView::wheelEvent(QWheelEvent* event) {
  settle();
  const QPointF delta = event->angleDelta();
  if (event->modifiers() & Qt::ControlModifier) {
    zoom_at(event->position(), std::pow(1.0015, delta.y()));
  } else {
    const bool across = event->modifiers() & Qt::ShiftModifier;
    move_by_hand(-QPointF(across ? delta.y() : delta.x(), across ? 0 : delta.y()) / zoom_ * 0.6);
  }
  event->accept();
}

void GraphView::move_by_hand(QPointF way) { look_at(zoom_, origin_ + way, false, By::hand); }

bool GraphView::walk_key(QKeyEvent* event) {
  // Along the flow goes along edges, whichever way the picture runs.
  const bool lying = sideways();
  using Way = EdgeWalk::Way;
  switch (event->key()) {
    case Qt::Key_Down: walk(lying ? Way::to_next : Way::with_flow); return true;
    case Qt::Key_Up: walk(lying ? Way::to_previous : Way::against_flow); return true;
    case Qt::Key_Right: walk(lying ? Way::with_flow : Way::to_next); return true;
    case Qt::Key_Left: walk(lying ? Way::against_flow : Way::to_previous); return true;
    default: return false;
  }
}

void GraphView::keyPressEvent(QKeyEvent* event) {
  if (!picture_) return QWidget::keyPressEvent(event);
  settle();
  const bool shift = event->modifiers() & Qt::ShiftModifier;
  const std::int32_t selected = selected_box();
  if (!shift && selected >= 0 && walk_key(event)) return;
  const qreal step = 60 / zoom_;
  QPointF way;
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoom_by(1.25); return;
    case Qt::Key_Minus: zoom_by(0.8); return;
    case Qt::Key_F: shift || selected < 0 ? fit() : reveal_box(selected); return;
    case Qt::Key_Return:
    case Qt::Key_Enter: selected < 0 ? walk(EdgeWalk::Way::with_flow) : toggle_box(selected); return;
    case Qt::Key_Backspace:
      if (const QString scope = scope_around(selected); !scope.isEmpty()) {
        // What closes is a frame round the node: its corner stays, and the node is in it.
        keep_scope_in_place(scope.toStdString());
        emit scope_clicked(scope);
        emit scope_toggled(scope, false);
      }
      return;
    case Qt::Key_Space: emit counterpart_requested(); return;
    case Qt::Key_Escape:
      if (has_selection()) click_box(-1);
      else emit leave_requested();
      return;
    case Qt::Key_Left: way.setX(-step); break;
    case Qt::Key_Right: way.setX(step); break;
    case Qt::Key_Up: way.setY(-step); break;
    case Qt::Key_Down: way.setY(step); break;
    case Qt::Key_PageUp: way.setY(-height() * 0.9 / zoom_); break;
    case Qt::Key_PageDown: way.setY(height() * 0.9 / zoom_); break;
    case Qt::Key_Home: way.setY(-16 / zoom_ - origin_.y()); break;
    case Qt::Key_End: way.setY(picture_->list.size().height() - height() / zoom_ + 16 / zoom_ - origin_.y()); break;
    default: QWidget::keyPressEvent(event); return;
  }
  move_by_hand(way);
}

void GraphView::contextMenuEvent(QContextMenuEvent* event) {
  if (!picture_ || picture_->step) return;
  std::int32_t box = -1, line = -1;
  QPoint where = event->globalPos();
  if (event->reason() == QContextMenuEvent::Keyboard) {
    box = selected_box();
    if (box >= 0) {
      const render::Box& b = picture_->scene.boxes[static_cast<std::size_t>(box)];
      where = mapToGlobal(to_widget(QRectF(b.x, b.y, b.width, b.height)).bottomLeft().toPoint());
    }
  } else {
    box = box_at(event->pos());
    if (box < 0) line = line_at(event->pos());
    // What the menu is about is seen.
    if (box >= 0) click_box(box);
  }
  emit menu_requested(box, line, where);
}

void GraphView::resizeEvent(QResizeEvent*) {
  if (fitted_) fit();
  minimap_->choose_corner(viewport());
  place_changed();
}

void GraphView::focusInEvent(QFocusEvent*) {
  say_selection();
  update();
}
void GraphView::focusOutEvent(QFocusEvent*) { update(); }

bool GraphView::show_tooltip(QHelpEvent* help) {
  QString text;
  QRect place;
  if (const std::int32_t box = box_at(help->pos()); box >= 0) {
    text = box_tooltip(picture_->scene, box);
    const render::Box& b = picture_->scene.boxes[static_cast<std::size_t>(box)];
    place = to_widget(QRectF(b.x, b.y, b.width, b.height)).toAlignedRect();
  } else if (const std::int32_t line = line_at(help->pos()); line >= 0) {
    text = line_tooltip(picture_->scene, line);
    place = QRect(help->pos() - QPoint(6, 6), QSize(12, 12));
  }
  if (text.isEmpty()) {
    QToolTip::hideText();
    help->ignore();
    return true;
  }
  QToolTip::showText(help->globalPos(), text, this, place);
  return true;
}

bool GraphView::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip && picture_) return show_tooltip(static_cast<QHelpEvent*>(event));
  // Escape stops a running job; here it first leaves what is selected.
  if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape && has_selection()) {
    event->accept();
    return true;
  }
  return QWidget::event(event);
}

}  // namespace isotherm::ui
