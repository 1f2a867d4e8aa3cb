#include "ui/graph_view.h"

#include <QAccessible>

#include <algorithm>
#include <cmath>

#include "ui/minimap.h"
#include "ui/motion.h"
#include "ui/picture_words.h"

namespace isotherm::ui {
namespace {

constexpr qreal kMostZoom = 6;
constexpr qreal kMargin = 16;
constexpr int kFrame = 15;          // ms between frames of a motion
constexpr int kCornerPatience = 300;  // ms without movement before the minimap looks for a better corner

QRectF rect_of(const render::Box& b) { return {b.x, b.y, b.width, b.height}; }
QRectF rect_of(const render::Frame& f) { return {f.x, f.y, f.width, f.height}; }

}  // namespace

GraphView::GraphView(bool after_side, QWidget* parent) : QWidget(parent), after_side_(after_side), minimap_(new Minimap(this)) {
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(160, 120);
  setMouseTracking(true);
  setObjectName(after_side ? QStringLiteral("after") : QStringLiteral("before"));
  setAccessibleName(after_side ? tr("Graph after the conversion") : tr("Graph before the conversion"));
  setAttribute(Qt::WA_OpaquePaintEvent);
  motion_.setInterval(kFrame);
  connect(&motion_, &QTimer::timeout, this, &GraphView::advance_motion);
  idle_.setInterval(0);
  // Tiles beside the view are drawn while nobody waits.
  connect(&idle_, &QTimer::timeout, this, [this] {
    if (!tiles_.prepare_one(viewport())) idle_.stop();
  });
  settle_corner_.setSingleShot(true);
  settle_corner_.setInterval(kCornerPatience);
  connect(&settle_corner_, &QTimer::timeout, this, [this] { minimap_->choose_corner(viewport()); });
  connect(minimap_, &Minimap::center_requested, this, [this](QPointF point) {
    fitted_ = false;
    center_on(point);
  });
}

void GraphView::set_canvas(QColor canvas, QColor selection) {
  canvas_ = canvas;
  selection_color_ = selection;
  tiles_.drop_backdrop();
  update();
}

bool GraphView::sideways() const { return picture_ && picture_->scene.options.direction == render::Direction::left_right; }

void GraphView::set_picture(std::shared_ptr<const ScenePicture> picture) {
  const bool first = !picture_ || !picture;
  settle();
  if (!first) tiles_.keep_backdrop(viewport());
  else tiles_.drop_backdrop();
  const QPointF looked_at = origin_;
  picture_ = std::move(picture);
  tiles_.clear();
  walk_.reset();
  idle_.stop();
  since_picture_.start();
  awaiting_first_frame_ = picture_ != nullptr;
  node_height_ = picture_ ? node_height(picture_->scene) : 30;
  minimap_->set_picture(picture_);
  std::optional<QRectF> rect;
  if (anchor_ && picture_) {
    rect = scope_rect(anchor_->scope);
    if (const std::int32_t box = box_of(anchor_->node); !rect && box >= 0) rect = rect_of(picture_->scene.boxes[static_cast<std::size_t>(box)]);
  }
  if (first) {
    fit();
  } else if (rect) {
    fitted_ = false;
    origin_ = rect->topLeft() - anchor_->position / zoom_;
    tiles_.move_backdrop(origin_ - looked_at);
    begin_fade(kMoveTime);
  } else if (fitted_) {
    fit();
    tiles_.drop_backdrop();
  }
  anchor_.reset();
  if (!selected_scope_.empty() && hasFocus() && selected_box() < 0)
    if (const auto inside = first_box_in(selected_scope_); inside >= 0) QTimer::singleShot(0, this, [this, inside, shown = picture_] { if (shown == picture_) click_box(inside); });
  detail_ = detail_at(node_height_ * zoom_);
  find_match_boxes();
  say_selection();
  place_changed();
}

void GraphView::keep_in_place(std::int32_t index) {
  if (!picture_ || index < 0) return;
  const render::Box& box = picture_->scene.boxes[static_cast<std::size_t>(index)];
  anchor_ = Anchor{box.scope >= 0 ? picture_->scene.scope_paths[static_cast<std::size_t>(box.scope)] : std::string(), box.node, to_widget(rect_of(box)).topLeft()};
}

void GraphView::keep_scope_in_place(const std::string& path) {
  if (const auto rect = scope_rect(path)) anchor_ = Anchor{path, kNoNode, to_widget(*rect).topLeft()};
}

std::optional<QRectF> GraphView::scope_rect(const std::string& path) const {
  if (path.empty() || !picture_) return std::nullopt;
  const render::Scene& s = picture_->scene;
  for (const render::Box& b : s.boxes)
    if (b.scope >= 0 && s.scope_paths[static_cast<std::size_t>(b.scope)] == path) return rect_of(b);
  for (const render::Frame& f : s.frames)
    if (f.scope >= 0 && s.scope_paths[static_cast<std::size_t>(f.scope)] == path) return rect_of(f);
  return std::nullopt;
}

std::int32_t GraphView::first_box_in(const std::string& path) const {
  const auto rect = scope_rect(path);
  if (!rect) return -1;
  std::int32_t first = -1;
  const auto& boxes = picture_->scene.boxes;
  const auto along = [this, &boxes](std::int32_t i) { const render::Box& b = boxes[static_cast<std::size_t>(i)]; return sideways() ? b.x : b.y; };
  for (std::size_t i = 0; i < boxes.size(); ++i)
    if (const auto box = static_cast<std::int32_t>(i); rect->contains(rect_of(boxes[i])) && (first < 0 || along(box) < along(first))) first = box;
  return first;
}

QString GraphView::scope_around(std::int32_t index) const {
  if (!picture_ || index < 0) return {};
  const render::Scene& s = picture_->scene;
  const render::Box& b = s.boxes[static_cast<std::size_t>(index)];
  for (std::int32_t f = s.frame_at(b.x + b.width / 2, b.y + b.height / 2); f >= 0; f = s.frames[static_cast<std::size_t>(f)].parent)
    if (const std::int32_t scope = s.frames[static_cast<std::size_t>(f)].scope; scope >= 0) return QString::fromStdString(s.scope_paths[static_cast<std::size_t>(scope)]);
  return {};
}

std::int32_t GraphView::box_of(NodeId node) const {
  if (!picture_ || node == kNoNode) return -1;
  const auto& map = after_side_ ? picture_->scene.box_of_after : picture_->scene.box_of_before;
  return static_cast<std::size_t>(node) < map.size() ? map[static_cast<std::size_t>(node)] : -1;
}

std::int32_t GraphView::selected_box() const {
  if (!picture_ || selected_scope_.empty()) return box_of(selected_);
  const render::Scene& s = picture_->scene;
  for (std::size_t i = 0; i < s.boxes.size(); ++i)
    if (s.boxes[i].scope >= 0 && s.scope_paths[static_cast<std::size_t>(s.boxes[i].scope)] == selected_scope_) return static_cast<std::int32_t>(i);
  return -1;
}

void GraphView::select_node(NodeId node, bool counterpart) {
  selected_ = node;
  if (node != kNoNode || counterpart) selected_scope_.clear();
  counterpart_ = counterpart;
  say_selection();
  update();
}

void GraphView::select_scope(const QString& path) {
  selected_scope_ = path.toStdString();
  if (!selected_scope_.empty()) selected_ = kNoNode;
  counterpart_ = false;
  say_selection();
  update();
}

void GraphView::say_selection() {
  const std::int32_t box = selected_box();
  const QString words = box < 0 ? QString() : box_sentence(picture_->scene, box);
  if (words == accessibleDescription()) return;
  setAccessibleDescription(words);
  if (hasFocus() && !words.isEmpty()) {
    // Readers say the name of what has the focus when it changes: the node is it.
    QAccessibleEvent named(this, QAccessible::NameChanged), focus(this, QAccessible::Focus);
    setAccessibleName((after_side_ ? tr("After: %1") : tr("Before: %1")).arg(words));
    QAccessible::updateAccessibility(&named);
    QAccessible::updateAccessibility(&focus);
  } else if (words.isEmpty()) {
    setAccessibleName(after_side_ ? tr("Graph after the conversion") : tr("Graph before the conversion"));
  }
}

void GraphView::set_matches(std::vector<NodeId> nodes) {
  matches_ = std::move(nodes);
  find_match_boxes();
  update();
}

void GraphView::find_match_boxes() {
  std::vector<std::int32_t> boxes;
  for (const NodeId node : matches_)
    if (const std::int32_t box = box_of(node); box >= 0) boxes.push_back(box);
  std::sort(boxes.begin(), boxes.end());
  match_boxes_.clear();
  for (const std::int32_t box : boxes)
    if (match_boxes_.empty() || match_boxes_.back().first != box) match_boxes_.emplace_back(box, 1);
    else ++match_boxes_.back().second;
}

qreal GraphView::least_zoom() const {
  constexpr qreal kSmall = 0.02;
  if (!picture_ || picture_->list.empty()) return kSmall;
  // However large a picture is, all of it can be seen.
  const QSizeF size = picture_->list.size();
  return qMin(kSmall, 0.9 * qMin(width() / size.width(), height() / size.height()));
}

void GraphView::fit() {
  motion_.stop();
  fitted_ = true;
  if (!picture_ || picture_->list.empty() || width() < 2) return;
  // The drawing alone: the head over it, which may be wider, is the pane's here.
  const QRectF drawing = drawing_of(*picture_);
  // All of what lies across the flow; a long graph starts at its beginning instead of shrinking to a thread.
  const qreal wide = (width() - 2 * kMargin) / qMax<qreal>(1, drawing.width()), high = (height() - 2 * kMargin) / qMax<qreal>(1, drawing.height());
  const bool lying = sideways();
  constexpr qreal kReadable = 0.92;
  zoom_ = qBound(least_zoom(), qMin(qMin(lying ? high : wide, 1.0), qMax(lying ? wide : high, kReadable)), kMostZoom);
  const auto place = [&](qreal room, qreal begin, qreal whole, bool along) { return begin + (along && whole * zoom_ >= room ? -kMargin / zoom_ : (whole - room / zoom_) / 2); };
  origin_ = QPointF(place(width(), drawing.x(), drawing.width(), lying), place(height(), drawing.y(), drawing.height(), !lying));
  update_detail(false);
  place_changed();
}

void GraphView::actual_size() { zoom_by(1 / zoom_); }
void GraphView::set_zoom(qreal zoom) { zoom_at(QPointF(width() / 2.0, height() / 2.0), zoom / zoom_); }

void GraphView::zoom_by(qreal factor) {
  const QPointF middle(width() / 2.0, height() / 2.0);
  const qreal zoom = qBound(least_zoom(), zoom_ * factor, kMostZoom);
  look_at(zoom, to_scene(middle) - middle / zoom, true, By::hand);
}

void GraphView::zoom_at(QPointF position, qreal factor) {
  const QPointF fixed = to_scene(position);
  const qreal zoom = qBound(least_zoom(), zoom_ * factor, kMostZoom);
  look_at(zoom, fixed - position / zoom, false, By::hand);
}

void GraphView::look_at(qreal zoom, QPointF origin, bool animated, By by) {
  fitted_ = false;
  const int time = animated && isVisible() ? motion_time(kMoveTime) : 0;
  if (time == 0) {
    motion_.stop();
    if (zoom != zoom_ && frame_complete_) tiles_.keep_backdrop(viewport());
    zoom_ = zoom;
    origin_ = origin;
    update_detail(true);
    place_changed();
    if (by == By::hand) announce_move();
    return;
  }
  moving_by_ = by;
  if (zoom != zoom_) tiles_.keep_backdrop(viewport());
  zoom_from_ = zoom_;
  zoom_to_ = zoom;
  origin_from_ = origin_;
  origin_to_ = origin;
  motion_clock_.start();
  motion_.start();
}

void GraphView::advance_motion() {
  const double t = qMin(1.0, static_cast<double>(motion_clock_.elapsed()) / kMoveTime);
  const double way = ease_out(t);
  zoom_ = zoom_from_ * std::pow(zoom_to_ / zoom_from_, way);
  // The middle of what is seen goes straight from here to there.
  const QPointF half(width() / 2.0, height() / 2.0);
  const QPointF from = origin_from_ + half / zoom_from_, to = origin_to_ + half / zoom_to_;
  // Where the zoom changes, what stays in place on the screen stays there all the way.
  const double share = qFuzzyCompare(zoom_from_, zoom_to_) ? way : (1 / zoom_from_ - 1 / zoom_) / (1 / zoom_from_ - 1 / zoom_to_);
  origin_ = from + (to - from) * share - half / zoom_;
  if (t >= 1) {
    motion_.stop();
    zoom_ = zoom_to_;
    origin_ = origin_to_;
    update_detail(true);
  }
  place_changed();
  if (moving_by_ == By::hand) announce_move();
}

void GraphView::settle() {
  fade_time_ = 0;
  if (!motion_.isActive()) return;
  motion_.stop();
  zoom_ = zoom_to_;
  origin_ = origin_to_;
  update_detail(false);
  place_changed();
  if (moving_by_ == By::hand) announce_move();
}

void GraphView::place_changed() {
  minimap_->set_view(viewport());
  settle_corner_.start();
  emit looked_elsewhere();
  update();
}

void GraphView::begin_fade(int milliseconds) {
  fade_time_ = isVisible() ? motion_time(milliseconds) : 0;
  fade_clock_.start();
}

void GraphView::update_detail(bool fade) {
  const Detail wanted = next_detail(detail_, node_height_ * zoom_);
  if (wanted == detail_) return;
  detail_ = wanted;
  if (fade) begin_fade(kFadeTime);
}

void GraphView::center_on(QPointF point) { look_at(zoom_, point - QPointF(width(), height()) / zoom_ / 2, false, By::hand); }

void GraphView::follow(qreal zoom, qreal middle) {
  if (!picture_) return;
  motion_.stop();
  fitted_ = false;
  if (zoom != zoom_ && frame_complete_) tiles_.keep_backdrop(viewport());
  const QPointF center = origin_ + QPointF(width(), height()) / zoom_ / 2;
  zoom_ = zoom;
  origin_ = QPointF(sideways() ? middle : center.x(), sideways() ? center.y() : middle) - QPointF(width(), height()) / zoom_ / 2;
  update_detail(true);
  place_changed();
}

void GraphView::level_box(std::int32_t index, qreal place, qreal zoom) {
  if (index < 0 || !picture_) return;
  const QRectF box = rect_of(picture_->scene.boxes[static_cast<std::size_t>(index)]);
  const bool lying = sideways();
  const qreal room = (lying ? height() : width()) / zoom;
  qreal across = (lying ? origin_.y() : origin_.x()) + (lying ? height() : width()) / zoom_ / 2 - room / 2;
  const qreal low = lying ? box.top() : box.left(), high = lying ? box.bottom() : box.right(), edge = 20 / zoom;
  if (low < across + edge || high > across + room - edge) across = (low + high) / 2 - room / 2;
  const qreal along = (lying ? box.center().x() : box.center().y()) - place / zoom;
  look_at(zoom, lying ? QPointF(along, across) : QPointF(across, along), true, By::program);
}

void GraphView::reveal(NodeId node) { reveal_box(box_of(node)); }

void GraphView::reveal_box(std::int32_t index) {
  if (index < 0 || !picture_) return;
  const QRectF box = rect_of(picture_->scene.boxes[static_cast<std::size_t>(index)]);
  constexpr qreal kReadable = 0.7;
  const qreal zoom = qMax(zoom_, kReadable);
  const QRectF visible(origin_, QSizeF(size()) / zoom_);
  const qreal edge = 20 / zoom_;
  if (visible.adjusted(edge, edge, -edge, -edge).contains(box) && zoom == zoom_) return update();
  look_at(zoom, box.center() - QPointF(width(), height()) / zoom / 2, true, By::program);
}

void GraphView::reveal_rect(const QRectF& rect) {
  if (!picture_ || rect.isEmpty()) return;
  constexpr qreal kReadable = 0.8;
  const qreal fits = qMin((width() - 2 * kMargin) / rect.width(), (height() - 2 * kMargin) / rect.height());
  const qreal wanted = qBound(least_zoom(), qMin(qMax(zoom_, kReadable), qMin(fits, 1.0)), kMostZoom);
  const bool inside = QRectF(origin_, QSizeF(size()) / zoom_).contains(rect);
  if (inside && zoom_ >= qMin(kReadable, wanted)) return;
  // Where the whole picture has room in one direction it stays in the middle of it.
  const QSizeF all = picture_->list.size(), room = QSizeF(size()) / wanted;
  const auto place = [](qreal middle, qreal shown, qreal whole) {
    if (whole <= shown) return (whole - shown) / 2;
    return qBound(-kMargin, middle - shown / 2, whole - shown + kMargin);
  };
  look_at(wanted, QPointF(place(rect.center().x(), room.width(), all.width()), place(rect.center().y(), room.height(), all.height())), false, By::program);
}

void GraphView::walk(EdgeWalk::Way way) {
  if (!picture_) return;
  const render::Scene& s = picture_->scene;
  std::int32_t to = -1;
  if (const std::int32_t from = selected_box(); from >= 0) {
    to = walk_.step(s, from, way);
  } else {
    const QPointF middle = to_scene(QPointF(width() / 2.0, height() / 2.0));
    qreal least = 1e30;
    for (std::size_t i = 0; i < s.boxes.size(); ++i)
      if (const qreal d = (rect_of(s.boxes[i]).center() - middle).manhattanLength(); d < least) least = d, to = static_cast<std::int32_t>(i);
  }
  if (to >= 0) go_to(to);
}

void GraphView::go_to(std::int32_t box) {
  click_box(box);
  reveal_box(box);
}

}  // namespace isotherm::ui
