// The segmentation replayed in the graph view.
#include <QAction>
#include <QLabel>

#include <algorithm>

#include "core/formats/atomic_file.h"
#include "core/render/render_file.h"
#include "core/render/theme.h"
#include "ui/dock.h"
#include "ui/graph_pane.h"
#include "ui/legend_strip.h"
#include "ui/main_window.h"
#include "ui/steps_panel.h"
#include "ui/tables_panel.h"
#include "ui/theme.h"

namespace isotherm::ui {
namespace {

using Pictures = std::shared_ptr<const render::StepPictures>;

Result<Pictures> make_pictures(const DocumentPtr& document, render::Theme theme, const Progress& progress) {
  std::shared_ptr<const Conversion> conversion = document->conversion;
  if (conversion->segmentation.steps.empty() && document->what_if) {
    ISO_ASSIGN(Conversion planned,
               document->what_if->plan(document->params, [&progress] { return progress.cancelled(); }));
    conversion = std::make_shared<const Conversion>(std::move(planned));
  }
  ISO_ASSIGN(render::Replay replay, render::Replay::create(conversion));
  render::StepOptions options;
  options.theme = theme;
  options.legend = false;
  options.cancelled = [&progress] { return progress.cancelled(); };
  ISO_ASSIGN(render::StepPictures pictures,
             render::StepPictures::create(std::make_shared<const render::Replay>(std::move(replay)), options));
  return Pictures(std::make_shared<const render::StepPictures>(std::move(pictures)));
}

/// Where a step takes place: its edge and the refused path, else the segment that it is about, else everything.
QRectF focus_of(const render::StepScene& step, const render::Replay& replay) {
  const render::Scene& s = step.scene;
  QRectF rect;
  const auto take = [&](std::int32_t box) {
    const render::Box& b = s.boxes[static_cast<std::size_t>(box)];
    rect |= QRectF(b.x, b.y, b.width, b.height);
  };
  for (std::size_t l = 0; l < s.lines.size(); ++l) {
    const auto role = step.lines[l].role;
    if (role != render::StepLine::Role::test && role != render::StepLine::Role::refused) continue;
    take(s.lines[l].from);
    take(s.lines[l].to);
    for (std::int32_t p = 0; p < s.lines[l].points; ++p) {
      const render::Point& point = s.points[static_cast<std::size_t>(s.lines[l].first_point + p)];
      rect |= QRectF(point.x, point.y, 1, 1);
    }
  }
  if (rect.isEmpty() && replay[step.last].kind != render::ReplayStep::Kind::candidates)
    if (const NodeId node = replay.record(step.last).node;
        static_cast<std::size_t>(node) < s.box_of_before.size() && s.box_of_before[static_cast<std::size_t>(node)] >= 0)
      take(s.box_of_before[static_cast<std::size_t>(node)]);
  return rect.isEmpty() ? QRectF(0, 0, s.width, s.height) : rect.adjusted(-24, -24, 24, 24);
}

}  // namespace

void MainWindow::connect_steps() {
  connect(steps_panel_, &StepsPanel::step_changed, this, &MainWindow::show_step);
  connect(steps_dock_, &Dock::closed, this, [this] { replay(false); });
  connect(tables_, &TablesPanel::step_selected, steps_panel_, &StepsPanel::go_to);
  connect(tables_, &TablesPanel::replay_requested, this, [this] { replay(true); });
}

void MainWindow::replay(bool on) {
  if (on) {
    if (!steps_ && document_) start_replay();
    return;
  }
  step_job_.cancel();
  const bool replayed = steps_ != nullptr;
  steps_.reset();
  steps_panel_->set_replay(nullptr);
  tables_->set_replay(nullptr);
  steps_dock_->hide();
  update_actions();
  if (!replayed) return;
  panes_[0]->view()->set_picture(nullptr);
  set_view(view_before_replay_);
  rebuild_picture(false);
  emit replay_changed(false);
}

void MainWindow::start_replay() {
  const DocumentPtr document = shown();
  step_job_.start<Pictures>(
      tr("Replaying the segmentation"),
      [document, theme = theme_](const Progress& progress) { return make_pictures(document, theme, progress); },
      [this, document](Result<Pictures> result) {
        if (document != shown()) return;
        if (!result.ok()) {
          if (result.error().code != ErrorCode::cancelled) {
            replay(false);
            show_failure(tr("Replaying the segmentation"), result.error());
          }
          update_actions();
          return;
        }
        if (!steps_) view_before_replay_ = view_;
        steps_ = *result;
        panes_[0]->view()->set_picture(nullptr);
        set_view(render::View::before);
        steps_panel_->set_replay(steps_->shared_replay());
        tables_->set_replay(steps_->shared_replay());
        steps_dock_->show();
        steps_panel_->setFocus();
        update_actions();
        emit replay_changed(true);
        show_step(0);
      });
}

void MainWindow::show_step(int step) {
  if (!steps_) return;
  using Picture = std::shared_ptr<const ScenePicture>;
  tables_->select_step(step);
  step_job_.start<Picture>(
      QString(),
      [pictures = steps_, step, theme = theme_](const Progress& progress) -> Result<Picture> {
        ISO_ASSIGN(render::StepScene scene, pictures->scene(step, step, [&progress] { return progress.cancelled(); }));
        scene.scene.options.theme = theme;
        auto picture = std::make_shared<ScenePicture>();
        picture->list = PaintedList(render::paint_step(scene));
        picture->step = std::make_shared<const render::StepScene>(std::move(scene));
        picture->scene = picture->step->scene;
        return Picture(std::move(picture));
      },
      [this, pictures = steps_, step](Result<Picture> result) {
        if (pictures != steps_) return;
        steps_panel_->step_drawn();
        if (!result.ok()) {
          if (result.error().code != ErrorCode::cancelled) show_failure(tr("Drawing the step"), result.error());
          return;
        }
        GraphView* view = panes_[0]->view();
        const render::StepScene& scene = *(*result)->step;
        // A small graph is one drawing in which things change; of a large one every step draws its own part.
        if (!scene.drawn.empty()) view->set_picture(nullptr);
        view->set_picture(*result);
        view->reveal_rect(focus_of(scene, steps_->replay()));
        panes_[0]->set_detail(tr("step %1 of %2").arg(step + 1).arg(steps_->replay().size()));
        legend_->set_picture(*result, to_qcolor(render::palette(theme_).panel));
        update_status();
        emit pictures_changed();
      });
}

void MainWindow::export_step(const QString& path, render::Format format) {
  job_.start<bool>(
      tr("Exporting"),
      [pictures = steps_, step = steps_panel_->step(), theme = theme_, file = path.toStdString(),
       title = QString::fromStdString(document_->path).section(QLatin1Char('/'), -1).toStdString(),
       format](const Progress& progress) -> Result<bool> {
        ISO_ASSIGN(render::StepScene scene, pictures->scene(step, step, [&progress] { return progress.cancelled(); }));
        scene.scene.options.theme = theme;
        scene.options.legend = true;
        scene.options.title = title;
        ISO_ASSIGN(const std::string bytes,
                   render::list_bytes(render::paint_step_picture(pictures->replay(), scene), format));
        ISO_TRY(write_file(file, bytes));
        return true;
      },
      [this, path](Result<bool> result) {
        if (!result.ok()) return show_failure(tr("Exporting"), result.error());
        status_message_->setText(tr("Written: %1").arg(path));
      });
}

}  // namespace isotherm::ui
