// Drawing what the views show: with which choices, in the background, and how it is given up.
#include <QComboBox>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStandardItemModel>
#include <QTimer>

#include "core/render/layout_cache.h"
#include "ui/graph_pane.h"
#include "ui/legend_strip.h"
#include "ui/main_window.h"
#include "ui/picture_choices.h"
#include "ui/steps_panel.h"
#include "ui/theme.h"

namespace isotherm::ui {

render::SceneOptions MainWindow::scene_options(bool after) const {
  render::SceneOptions options;
  options.view = after ? render::View::after : render::View::before;
  options.theme = theme_;
  options.depth = depth_choice_->currentData().toInt();
  options.expanded = expanded_;
  options.collapsed = collapsed_;
  choices_->apply(options);
  if (!part_.choosing()) {
    options.focus = part_.focus;
    options.hops = part_.hops;
    options.path_from = part_.path_from;
    options.path_to = part_.path_to;
  }
  options.layout_cache = render::layout_cache_folder();
  // What both draw keeps its place, where the new picture is the old one with scopes opened, other values or colours.
  const auto& shows = panes_[after ? 1 : 0]->view()->picture();
  if (!shows || shows->step || shows->scene.conversion != shown()->conversion) return options;
  const render::SceneOptions& old = shows->scene.options;
  if (choices_->same_shape(old) && old.depth == options.depth && old.focus == options.focus && old.hops == options.hops && old.path_from == options.path_from && old.path_to == options.path_to)
    options.previous = std::shared_ptr<const render::Scene>(shows, &shows->scene);
  return options;
}

void MainWindow::rebuild_pictures() {
  rebuild_picture(false);
  rebuild_picture(true);
}

void MainWindow::rebuild_picture(bool after) {
  if (!document_ || (after && !shown()->conversion->after)) return;
  if (steps_ && !after) return show_step(steps_panel_->step());
  render::SceneOptions options = scene_options(after);
  const DocumentPtr document = shown();
  const render::Overlay::Kind overlay = overlay_;
  using Picture = std::shared_ptr<const ScenePicture>;
  const bool part_of_other = !part_.whole() && part_.after != after;
  watch_drawing();
  scene_jobs_[after ? 1 : 0].start<Picture>(
      QString(),
      [document, overlay, options, part_of_other, logarithmic = choices_->logarithmic()](const Progress& progress) mutable {
        options.cancelled = [&progress] { return progress.cancelled(); };
        auto picture = make_picture(document, overlay, options, false, logarithmic);
        if (picture.ok() || !part_of_other || picture.error().code == ErrorCode::cancelled) return picture;
        // The part is of the other graph; this one is shown whole where it has nothing of it.
        options.focus.clear();
        options.path_from.clear();
        options.path_to.clear();
        return make_picture(document, overlay, options, false, logarithmic);
      },
      [this, after](Result<Picture> result) {
        if (!result.ok()) {
          take_back_choices();
          if (result.error().code == ErrorCode::cancelled) status_message_->setText(tr("Drawing the graph: cancelled, the picture is the one from before"));
          else show_failure(tr("Drawing the graph"), result.error());
          return;
        }
        if (steps_ && !after) return;
        GraphPane* pane = panes_[after ? 1 : 0];
        pane->view()->set_picture(*result);
        const render::Scene& scene = (*result)->scene;
        if (!scene.sides.empty()) pane->set_detail(QString::fromStdString(scene.text(scene.sides.front().head_detail)));
        show_legend();
        relink();
        selected_scope_.isEmpty() ? select_node(selected_, selected_after_) : select_scope(selected_scope_, selected_after_);
        if (!part_.whole() && part_.after == after) part_bar_->set_counts(scene.boxes.size() == 1 ? tr("1 box") : tr("%1 boxes").arg(scene.boxes.size()));
        if (!after && !matches_.empty()) show_match_words();
        if (const NodeId node = reveal_after_rebuild_; !after && node != kNoNode) {
          reveal_after_rebuild_ = kNoNode;
          pane->view()->reveal(node);
        }
        update_status();
        emit pictures_changed();
      });
}

void MainWindow::set_overlay(render::Overlay::Kind kind) {
  const std::string obstacle = document_ ? overlay_obstacle(*shown(), kind) : "nothing is open yet: open a graph or a recorded session";
  if (!obstacle.empty()) {
    fill_overlays();
    return show_failure(tr("Overlay of %1").arg(overlay_choice_->itemText(overlay_choice_->findData(static_cast<int>(kind))).toLower()), invalid_input(obstacle));
  }
  overlay_ = kind;
  fill_overlays();
  rebuild_pictures();
}

void MainWindow::show_legend() {
  const auto& picture = panes_[view_ == render::View::after ? 1 : 0]->view()->picture();
  legend_->set_picture(choices_->legend() ? picture : nullptr, to_qcolor(render::palette(theme_).panel));
}

void MainWindow::fill_overlays() {
  const DocumentPtr& document = shown();
  if (document && !overlay_obstacle(*document, overlay_).empty()) overlay_ = render::Overlay::Kind::engine;
  auto* model = qobject_cast<QStandardItemModel*>(overlay_choice_->model());
  for (int i = 0; i < overlay_choice_->count(); ++i) {
    const auto kind = static_cast<render::Overlay::Kind>(overlay_choice_->itemData(i).toInt());
    const QString obstacle = document ? QString::fromStdString(overlay_obstacle(*document, kind)) : QString();
    model->item(i)->setEnabled(obstacle.isEmpty());
    model->item(i)->setToolTip(obstacle);
    if (kind == overlay_) overlay_choice_->setCurrentIndex(i);
  }
}

void MainWindow::watch_drawing() {
  // Short work shows nothing: a flash would only disturb.
  QTimer::singleShot(100, this, [this] {
    if (job_.running() || (!scene_jobs_[0].running() && !scene_jobs_[1].running())) return;
    progress_bar_->setRange(0, 0);
    progress_bar_->show();
    cancel_button_->show();
    if (status_before_drawing_.isNull()) status_before_drawing_ = status_message_->text() + QLatin1String("");
    status_message_->setText(tr("Drawing the graph"));
  });
}

void MainWindow::take_back_choices() {
  const auto& picture = panes_[0]->view()->picture() ? panes_[0]->view()->picture() : panes_[1]->view()->picture();
  if (!picture || picture->step) return;
  const render::SceneOptions& o = picture->scene.options;
  expanded_ = o.expanded;
  collapsed_ = o.collapsed;
  part_.focus = o.focus;
  part_.hops = o.hops;
  part_.path_from = o.path_from;
  part_.path_to = o.path_to;
  part_bar_->show_part(part_);
  overlay_ = picture->scene.overlay.kind;
  fill_overlays();
}

void MainWindow::stop() {
  // A layout stops when it next asks; nobody waits for that.
  const bool before = scene_jobs_[0].give_up(), after = scene_jobs_[1].give_up();
  if (before || after) {
    take_back_choices();
    status_message_->setText(tr("Drawing the graph: cancelled, the picture is the one from before"));
  }
  if (job_.running()) return job_.cancel();
  if (!before && !after && !part_.whole()) show_whole();
}

void MainWindow::drawing_done() {
  if (job_.running() || scene_jobs_[0].running() || scene_jobs_[1].running()) return;
  if (!status_before_drawing_.isNull() && status_message_->text() == tr("Drawing the graph")) status_message_->setText(status_before_drawing_);
  status_before_drawing_ = QString();
  progress_bar_->hide();
  cancel_button_->hide();
}

void MainWindow::toggle_scope(const QString& path, bool open) {
  const std::string scope = path.toStdString();
  (open ? expanded_ : collapsed_).insert(scope);
  (open ? collapsed_ : expanded_).erase(scope);
  rebuild_pictures();
}

}  // namespace isotherm::ui
