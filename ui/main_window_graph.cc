// What can be done with a node of the graphs: its menu, its neighbourhood, paths, scopes, and moving both views together.
#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QMenu>
#include <QPushButton>

#include <utility>

#include "ui/dock.h"
#include "ui/graph_pane.h"
#include "ui/main_window.h"
#include "ui/part_bar.h"
#include "ui/picture_choices.h"
#include "ui/picture_words.h"

namespace isotherm::ui {

void MainWindow::connect_graphs() {
  for (int side : {0, 1}) {
    GraphView* view = panes_[side]->view();
    connect(view, &GraphView::node_clicked, this, [this, side](int node) { node_chosen(node, side == 1); });
    connect(view, &GraphView::scope_clicked, this, [this, side](const QString& path) { select_scope(path, side == 1); });
    connect(view, &GraphView::scope_toggled, this, &MainWindow::toggle_scope);
    connect(view, &GraphView::first_frame, this, &MainWindow::first_frame);
    connect(view, &GraphView::moved, this, [this, side](qreal zoom, qreal middle) { follow_view(side == 1, zoom, middle); });
    connect(view, &GraphView::menu_requested, this, [this, side](std::int32_t box, std::int32_t line, const QPoint& at) {
      QMenu* menu = graph_menu(side == 1, box, line);
      menu->popup(at);
    });
    connect(view, &GraphView::counterpart_requested, this, [this, side] { show_counterpart(side == 1); });
    connect(view, &GraphView::leave_requested, this, &MainWindow::show_whole);
  }
  connect(panes_[0]->link_button(), &QPushButton::toggled, this, [this](bool on) {
    if (on) follow_view(false, panes_[0]->view()->zoom(), panes_[0]->view()->middle());
  });
  connect(part_bar_, &PartBar::hops_chosen, this, [this](int hops) {
    ShownPart part = part_;
    part.hops = hops;
    show_part(part);
  });
  connect(part_bar_, &PartBar::leave_requested, this, &MainWindow::show_whole);
}

bool MainWindow::linked() const { return panes_[0]->link_button()->isChecked() && view_ == render::View::both && !steps_; }

void MainWindow::follow_view(bool after, qreal zoom, qreal middle) {
  if (!linked()) return;
  GraphView* other = panes_[after ? 0 : 1]->view();
  if (!other->picture() || link_.empty()) return;
  const double level = after ? link_.before_of(middle) : link_.after_of(middle);
  // Views that did not stand level come level while they are moved: a jump would lose the place.
  constexpr double kKept = 0.7, kNear = 2;
  if (std::exchange(link_leader_, after ? 1 : 0) != (after ? 1 : 0) || !link_offset_) link_offset_ = other->middle() - level;
  *link_offset_ = std::abs(*link_offset_) * zoom < kNear ? 0 : *link_offset_ * kKept;
  other->follow(zoom, level + *link_offset_);
}

void MainWindow::relink() {
  const auto& before = panes_[0]->view()->picture();
  const auto& after = panes_[1]->view()->picture();
  link_ = before && after && !before->step && before->scene.conversion == after->scene.conversion ? ViewLink(before->scene, after->scene) : ViewLink();
  link_offset_.reset();
}

void MainWindow::level_counterpart(NodeId other, bool after) {
  const GraphView* here = panes_[after ? 1 : 0]->view();
  GraphView* there = panes_[after ? 0 : 1]->view();
  const std::int32_t box = here->box_of(selected_), to = there->box_of(other);
  if (box < 0 || to < 0) return there->reveal(other);
  // Many nodes of one engine: it stays where it is while it can be seen.
  const render::Box& target = there->picture()->scene.boxes[static_cast<std::size_t>(to)];
  const bool many = target.form == render::Box::Form::engine || (!after && target.count > 1);
  if (many) return there->reveal(other);
  const render::Box& b = here->picture()->scene.boxes[static_cast<std::size_t>(box)];
  const Viewport look = here->destination();
  const bool lying = here->picture()->scene.options.direction == render::Direction::left_right;
  const qreal place = lying ? (b.x + b.width / 2 - look.origin.x()) * look.zoom : (b.y + b.height / 2 - look.origin.y()) * look.zoom;
  const qreal room = lying ? there->width() : there->height();
  // What was selected out of sight will be brought into it.
  if (place < 0 || place > room) return there->reveal(other);
  there->level_box(to, place, look.zoom);
}

void MainWindow::node_chosen(NodeId node, bool after) {
  if (part_.choosing() && node != kNoNode) {
    const Graph& graph = *(after ? shown()->conversion->after : shown()->conversion->before);
    ShownPart part = part_;
    part.path_to = graph[node].name;
    return show_part(part);
  }
  select_node(node, after);
}

void MainWindow::select_scope(const QString& scope, bool after) {
  const QString path = scope;  // may be selected_scope_ itself
  if (part_.choosing()) {
    ShownPart part = part_;
    part.path_to = path.toStdString();
    return show_part(part);
  }
  select_node(kNoNode, after);
  selected_scope_ = path;
  panes_[after ? 1 : 0]->view()->select_scope(path);
  update_status();
}

void MainWindow::show_counterpart(bool after) {
  const NodeId other = counterpart(selected_, selected_after_);
  if (after != selected_after_ || other == kNoNode) return status_message_->setText(tr("What is selected has no counterpart in the other graph"));
  if (view_ != render::View::both) set_view(after ? render::View::before : render::View::after);
  select_node(other, !after);
  GraphView* view = panes_[after ? 0 : 1]->view();
  view->setFocus();
  view->reveal(other);
}

void MainWindow::show_part(const ShownPart& part) {
  if (part == part_ || steps_) return;
  const bool was_choosing = part_.choosing(), was_whole = part_.whole();
  part_ = part;
  part_bar_->show_part(part_);
  if (part_.choosing() || (was_choosing && part_.whole())) return;
  if (was_whole || part_.whole() || was_choosing)
    for (GraphPane* pane : panes_) pane->view()->fit_next();
  rebuild_pictures();
}

void MainWindow::show_neighbourhood(const QString& name, bool after, int hops) {
  ShownPart part;
  part.focus = name.toStdString();
  part.after = after;
  part.hops = hops;
  show_part(part);
}

void MainWindow::show_path(const QString& from, const QString& to, bool after) {
  ShownPart part;
  part.path_from = from.toStdString();
  part.path_to = to.toStdString();
  part.after = after;
  show_part(part);
}

void MainWindow::show_whole() { show_part({}); }

QString MainWindow::selected_name() const {
  if (!selected_scope_.isEmpty()) return selected_scope_;
  if (!document_ || selected_ == kNoNode) return {};
  const auto& graph = selected_after_ ? shown()->conversion->after : shown()->conversion->before;
  return graph && selected_ < graph->size() ? QString::fromStdString((*graph)[selected_].name) : QString();
}

void MainWindow::show_neighbourhood_of_selection() {
  if (const QString name = selected_name(); !name.isEmpty()) show_neighbourhood(name, selected_after_, part_.focus.empty() ? 1 : part_.hops);
  else status_message_->setText(tr("Select a node first: its neighbourhood is shown"));
}

QMenu* MainWindow::graph_menu(bool after, std::int32_t box, std::int32_t line) {
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("graphMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->setToolTipsVisible(true);
  GraphView* view = panes_[after ? 1 : 0]->view();
  const auto picture = view->picture();
  const auto add = [menu](const QString& text, const char* name, auto act) {
    QAction* out = menu->addAction(text);
    out->setObjectName(QLatin1String(name));
    connect(out, &QAction::triggered, menu, act);
    return out;
  };
  if (box >= 0 && picture) {
    const render::Scene& s = picture->scene;
    const render::Box& b = s.boxes[static_cast<std::size_t>(box)];
    const QString name = QString::fromStdString(s.text(b.full_name));
    const bool scope = b.scope >= 0;
    if (scope) add(tr("Open the scope"), "open", [this, view, box, name] { view->keep_in_place(box); toggle_scope(name, true); });
    if (const QString around = view->scope_around(box); !around.isEmpty())
      add(tr("Close %1").arg(around.section(QLatin1Char('/'), -1)), "close", [this, view, around] { view->keep_scope_in_place(around.toStdString()); toggle_scope(around, false); });
    menu->addSeparator();
    QMenu* near = menu->addMenu(tr("Show neighbourhood"));
    near->setObjectName(QStringLiteral("neighbourhoodMenu"));
    for (const int hops : {1, 2, 3}) {
      QAction* action = near->addAction(hops == 1 ? tr("1 hop") : tr("%1 hops").arg(hops));
      connect(action, &QAction::triggered, menu, [this, name, after, hops] { show_neighbourhood(name, after, hops); });
    }
    add(tr("Path from here to …"), "pathFrom", [this, name, after] { show_path(name, {}, after); });
    if (const QString from = previous_selection_; !from.isEmpty() && from != name)
      add(tr("Path from %1 to here").arg(from.section(QLatin1Char('/'), -2)), "pathTo", [this, from, name, after] { show_path(from, name, after); });
    menu->addSeparator();
    add(tr("Copy name"), "copy", [name] { QApplication::clipboard()->setText(name); });
    if (!scope) {
      add(tr("Show in the inspector"), "inspect", [this, node = b.node, after] {
        select_node(node, after);
        inspector_dock_->show();
        inspector_dock_->raise();
      });
      QAction* reveal = add(tr("Show its counterpart"), "counterpart", [this, after] { show_counterpart(after); });
      reveal->setEnabled(counterpart(b.node, after) != kNoNode);
    }
  } else if (line >= 0 && picture) {
    const render::Line& l = picture->scene.lines[static_cast<std::size_t>(line)];
    for (const auto& [end, text, object] : {std::tuple(l.from, tr("Go to where it comes from"), "edgeFrom"), std::tuple(l.to, tr("Go to where it leads"), "edgeTo")})
      if (end >= 0) add(text, object, [view, end = end, picture] { if (view->picture() == picture) view->go_to(end); });
  }
  if (!part_.whole()) {
    menu->addSeparator();
    add(tr("Show the whole graph"), "whole", [this] { show_whole(); });
  }
  if (menu->isEmpty()) {
    add(tr("Fit"), "fit", [this] { fit_views(); });
    menu->addMenu(choices_->menu());
  }
  return menu;
}

}  // namespace isotherm::ui
