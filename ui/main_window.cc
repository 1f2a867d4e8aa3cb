#include "ui/main_window.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QThread>
#include <QThreadPool>
#include <QTimer>
#include <QToolButton>

#include <utility>

#include "core/render/render_file.h"
#include "core/render/settings_words.h"
#include "profiler/session_overlay.h"
#include "ui/conversion_panel.h"
#include "ui/device_choice.h"
#include "ui/dock.h"
#include "ui/graph_pane.h"
#include "ui/inspector.h"
#include "ui/legend_strip.h"
#include "ui/picture_choices.h"
#include "ui/segmented_control.h"
#include "ui/steps_panel.h"
#include "ui/tables_panel.h"
#include "ui/theme.h"

namespace isotherm::ui {
namespace {

constexpr int kDockLayout = 1;  // raised when docks come or go, so that older settings are not taken for these

}  // namespace

MainWindow::MainWindow(render::Theme theme, QWidget* parent) : QMainWindow(parent), theme_(theme) {
  setWindowTitle(tr("Isotherm"));
  setAcceptDrops(true);
  build_menus();
  build_toolbar();
  build_centre();
  build_docks();
  build_dock_menu();
  build_status();
  connect_views();
  connect_steps();
  connect_job();
  resize(1600, 1000);
  // Jobs that were given up may work on for a while: they are not to keep the next ones from starting.
  constexpr int kThreads = 4;
  QThreadPool::globalInstance()->setMaxThreadCount(qMax(kThreads, QThread::idealThreadCount()));
  if (const QByteArray geometry = QSettings().value(QStringLiteral("window/geometry")).toByteArray(); !geometry.isEmpty()) restoreGeometry(geometry);
  device_choice_->look();
  tables_->set_document(nullptr);
  conversion_->set_document(nullptr, theme_);
  set_theme(theme);
  update_actions();
}

MainWindow::~MainWindow() = default;

void MainWindow::connect_views() {
  connect_graphs();
  connect(choices_, &PictureChoices::changed, this, &MainWindow::rebuild_pictures);
  connect(choices_, &PictureChoices::legend_toggled, this, &MainWindow::show_legend);
  connect(inspector_, &Inspector::remedy_chosen, conversion_, &ConversionPanel::apply);
  connect(inspector_, &Inspector::filter_requested, tables_, &TablesPanel::set_filter);
  connect(conversion_, &ConversionPanel::settings_changed, this, &MainWindow::ask_what_if);
  connect(conversion_->card(), &PreviewCard::filter_requested, tables_, &TablesPanel::set_filter);
  connect(tables_, &TablesPanel::filter_changed, this, [this](const std::vector<NodeId>& nodes) {
    panes_[0]->view()->set_matches(nodes);
    if (!nodes.empty()) matched_text_.clear();
  });
  connect(inspector_, &Inspector::node_requested, this, [this](int node, bool after) {
    select_node(node, after);
    panes_[after ? 1 : 0]->view()->reveal(node);
  });
  connect(conversion_, &ConversionPanel::convert_requested, this, &MainWindow::convert);
  connect(conversion_, &ConversionPanel::copied, this, [this](const QString& command) { status_message_->setText(tr("Copied: %1").arg(command)); });
  connect(tables_, &TablesPanel::profile_requested, this, &MainWindow::profile);
  connect(tables_, &TablesPanel::row_selected, this, [this](int before, int after) {
    if (before != kNoNode) {
      select_node(before, false);
      panes_[0]->view()->reveal(before);
    } else if (after != kNoNode) {
      select_node(after, true);
      panes_[1]->view()->reveal(after);
    }
  });
}

void MainWindow::connect_job() {
  connect(&job_, &BackgroundJob::started, this, [this](const QString& title) {
    status_message_->setText(title);
    update_actions();
    // Short work shows nothing: a flash would only disturb.
    QTimer::singleShot(100, this, [this] {
      if (!job_.running()) return;
      progress_bar_->setRange(0, 0);
      progress_bar_->show();
      cancel_button_->show();
    });
  });
  connect(&job_, &BackgroundJob::progressed, this, [this](double fraction, const QString& what) {
    status_message_->setText(what);
    progress_bar_->setRange(0, fraction < 0 ? 0 : 1000);
    if (fraction >= 0) progress_bar_->setValue(static_cast<int>(1000 * fraction));
  });
  for (BackgroundJob& job : scene_jobs_) connect(&job, &BackgroundJob::finished, this, &MainWindow::drawing_done);
  connect(&job_, &BackgroundJob::finished, this, [this] {
    progress_bar_->hide();
    cancel_button_->hide();
    update_actions();
  });
}

void MainWindow::update_actions() {
  const bool open = document_ != nullptr, can_run = open && document_->can_run() && !job_.running();
  replay_action_->setEnabled(open);
  replay_action_->setChecked(steps_ != nullptr);
  if (auto* button = findChild<QToolButton*>(QStringLiteral("icon_steps"))) button->setEnabled(open);
  for (QAction* action : step_actions_) action->setEnabled(steps_ != nullptr);
  export_action_->setEnabled(open);
  run_action_->setEnabled(can_run);
  profile_action_->setEnabled(can_run);
  convert_action_->setEnabled(can_run);
  profile_button_->setEnabled(can_run);
  conversion_->set_busy(job_.running());
}

void MainWindow::choose_file() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Open a graph or a session"), QString(),
                                                    tr("Graphs and sessions (*.pb *.pbtxt *.isotherm);;All files (*)"));
  if (!path.isEmpty()) open_file(path);
}

void MainWindow::open_file(const QString& path) {
  const std::string file = path.toStdString();
  const bool reopened = document_ && document_->path == file;
  ConversionParams params = reopened ? document_->params : first_params();
  job_.start<DocumentPtr>(tr("Opening %1").arg(path), [file, params](const Progress& progress) { return open_document(file, params, progress); },
                          [this, path](Result<DocumentPtr> result) {
                            if (!result.ok()) return show_failure(tr("Opening %1").arg(path), result.error());
                            expanded_.clear();
                            collapsed_.clear();
                            remember_file(QFileInfo(path).absoluteFilePath());
                            // What a session holds is its times: they are shown at once, as `render` shows them.
                            if ((*result)->session && (!document_ || document_->path != (*result)->path)) overlay_ = render::Overlay::Kind::time;
                            set_document(std::move(*result));
                            status_message_->setText(document_->session ? tr("Session %1, measured on %2").arg(QFileInfo(path).fileName(), QString::fromStdString(measured_on(*document_->session)).section(QLatin1Char(','), 0, 0)) : path);
                          });
}

void MainWindow::set_document(DocumentPtr document) {
  clear_failure();
  what_if_job_.cancel();
  replay(false);
  const bool other_graph = !document_ || document_->path != document->path;
  document_ = std::move(document);
  preview_.reset();
  answer_.reset();
  setWindowTitle(QFileInfo(QString::fromStdString(document_->path)).fileName() + QStringLiteral(" – Isotherm"));
  selected_ = kNoNode;
  selected_scope_.clear();
  previous_selection_.clear();
  part_ = {};
  part_bar_->show_part(part_);
  matches_.clear();
  matched_text_.clear();
  show_match_words();
  if (other_graph) {
    for (GraphPane* pane : panes_) pane->view()->set_picture(nullptr);
    tables_->set_filter({});
  }
  panes_[0]->show_empty(false);
  fill_overlays();
  conversion_->set_document(document_, theme_);
  conversion_dock_->set_badge({});
  show_document();
  update_actions();
  emit document_changed();
}

void MainWindow::show_document() {
  for (GraphPane* pane : panes_) {
    pane->view()->select_node(kNoNode, false);
    pane->view()->select_scope({});
  }
  fill_overlays();
  tables_->set_document(shown(), preview_ ? answer_ : nullptr);
  inspector_->show_node(shown(), selected_, selected_after_);
  ask_remedies();
  if (!steps_) set_view(shown()->conversion->after ? view_ : render::View::before);
  rebuild_pictures();
}

void MainWindow::set_view(render::View view) {
  view_ = view;
  panes_[0]->setVisible(view != render::View::after);
  panes_[1]->setVisible(view != render::View::before);
  view_choice_->set_current(view == render::View::before ? 0 : view == render::View::both ? 1 : 2);
  show_legend();
}

NodeId MainWindow::counterpart(NodeId node, bool after) const {
  if (!document_ || node == kNoNode) return kNoNode;
  const NodeMap& map = shown()->conversion->map;
  const auto i = static_cast<std::size_t>(node);
  if (!after) return i < map.after_of.size() ? map.after_of[i] : kNoNode;
  if (i >= map.before_of.size() || map.before_of[i].empty()) return kNoNode;
  return map.before_of[i].front();
}

void MainWindow::select_node(NodeId node, bool after) {
  if (const QString name = selected_name(); !name.isEmpty() && (node != selected_ || after != selected_after_)) previous_selection_ = name;
  selected_ = node;
  selected_after_ = after;
  selected_scope_.clear();
  NodeId other = kNoNode;
  if (document_ && node != kNoNode) {
    const NodeMap& map = shown()->conversion->map;
    const auto i = static_cast<std::size_t>(node);
    if (!after && i < map.after_of.size()) other = map.after_of[i];
    if (after && i < map.before_of.size() && map.before_of[i].size() == 1) other = map.before_of[i].front();
  }
  for (GraphPane* pane : panes_) pane->view()->select_scope({});
  panes_[after ? 1 : 0]->view()->select_node(node, false);
  panes_[after ? 0 : 1]->view()->select_node(other, true);
  tables_->select(after ? other : node, after ? node : other);
  inspector_->show_node(shown(), node, after);
  ask_remedies();
  if (other != kNoNode && linked()) level_counterpart(other, after);
  update_status();
}

void MainWindow::fit_views() {
  for (GraphPane* pane : panes_) pane->view()->fit();
}

void MainWindow::convert() {
  if (!document_ || !document_->can_run()) return;
  auto params = conversion_->params();
  if (!params.ok()) return show_failure(tr("Converting"), params.error());
  const auto say = [this] {
    const std::size_t engines = document_->conversion->engines.size();
    status_message_->setText(engines == 1 ? tr("Converted: 1 engine") : tr("Converted: %1 engines").arg(engines));
  };
  if (preview_ && preview_->params == *params) {
    adopt_preview();
    return say();
  }
  const DocumentPtr document = document_;
  job_.start<DocumentPtr>(tr("Converting"), [document, params = *params](const Progress& progress) { return reconvert(document, params, progress); },
                          [this, say](Result<DocumentPtr> result) {
                            if (!result.ok()) return show_failure(tr("Converting"), result.error());
                            set_document(std::move(*result));
                            say();
                          });
}

void MainWindow::run() {
  if (!document_ || !document_->can_run()) return;
  adopt_preview();
  const DocumentPtr document = document_;
  job_.start<RunReport>(tr("Running"), [document, choices = run_choices()](const Progress& progress) { return run_document(document, choices, progress); },
                        [this](Result<RunReport> result) {
                          if (!result.ok()) return show_failure(tr("Running"), result.error());
                          QString text = tr("native %1 ms").arg(result->native_ms, 0, 'f', 2);
                          if (result->engines_ms > 0) text += tr(", engines %1 ms").arg(result->engines_ms, 0, 'f', 2);
                          if (result->engines_ms > 0 && result->fallbacks.empty()) text += tr(" (%1 × as fast)").arg(result->native_ms / result->engines_ms, 0, 'f', 2);
                          if (!result->fallbacks.empty()) text += tr("; %1 fell back: %2").arg(QString::fromStdString(result->fallbacks[0].node), QString::fromStdString(result->fallbacks[0].reason));
                          text += tr("; %1%2, batch 1, medians of 5 runs").arg(QString::fromStdString(result->device), result->resident ? tr(", inputs and outputs on the card") : QString());
                          status_message_->setText(text);
                          status_message_->setToolTip(QString::fromStdString(result->description));
                        });
}

void MainWindow::profile() {
  if (!document_ || !document_->can_run()) return;
  const QFileInfo model(QString::fromStdString(document_->path));
  const QString suggested = model.absolutePath() + QLatin1Char('/') + model.completeBaseName() + QStringLiteral(".isotherm");
  const QString path = QFileDialog::getSaveFileName(this, tr("Write the session to"), suggested, tr("Sessions (*.isotherm)"));
  if (path.isEmpty()) return;
  profile_to(path);
}

RunChoices MainWindow::run_choices() const {
  RunChoices out;
  out.device = device_choice_->device().toStdString();
  if (device_choice_->on_gpu()) out.gpu = device_choice_->gpu();
  return out;
}

void MainWindow::profile_to(const QString& path) {
  adopt_preview();
  const DocumentPtr document = document_;
  RunChoices choices = run_choices();
  choices.iterations = 10;
  job_.start<DocumentPtr>(tr("Profiling"), [document, choices, file = path.toStdString()](const Progress& progress) { return profile_document(document, choices, file, progress); },
                          [this, path](Result<DocumentPtr> result) {
                            if (!result.ok()) return show_failure(tr("Profiling"), result.error());
                            set_document(std::move(*result));
                            set_overlay(render::Overlay::Kind::time);
                            status_message_->setText(tr("Session %1, saved; measured on %2").arg(QFileInfo(path).fileName(), QString::fromStdString(measured_on(*document_->session)).section(QLatin1Char(','), 0, 0)));
                          });
}

void MainWindow::export_picture() {
  if (!document_) return;
  const QFileInfo model(QString::fromStdString(document_->path));
  const QString path = QFileDialog::getSaveFileName(this, tr("Export the picture"), model.completeBaseName() + QStringLiteral(".svg"),
                                                    tr("SVG (*.svg);;PNG (*.png);;PDF (*.pdf);;Graphviz (*.dot)"));
  if (path.isEmpty()) return;
  const auto format = render::format_of_path(path.toStdString());
  if (!format) return show_failure(tr("Exporting"), invalid_input("'" + path.toStdString() + "' ends in none of .svg, .png, .pdf and .dot"));
  if (steps_) return export_step(path, *format);
  render::SceneOptions options = scene_options(false);
  options.view = view_;
  options.title = model.completeBaseName().toStdString();
  options.legend = choices_->legend();
  options.previous.reset();
  if (const DocumentPtr exported = shown(); exported->conversion->after) options.subtitle = render::settings_words(exported->conversion->params);
  const DocumentPtr document = shown();
  const render::Overlay::Kind overlay = overlay_;
  job_.start<bool>(tr("Exporting"), [document, overlay, options, logarithmic = choices_->logarithmic(), file = path.toStdString(), format = *format](const Progress& progress) mutable -> Result<bool> {
        options.cancelled = [&progress] { return progress.cancelled(); };
        ISO_ASSIGN(const render::Scene scene, render::build_scene(document->conversion, make_overlay(*document, overlay, logarithmic), options));
        render::FileOptions file_options;
        if (document->session) describe_session(*document->session, file_options);
        ISO_TRY(render::render_file(scene, file, format, file_options));
        return true;
      },
      [this, path](Result<bool> result) {
        if (!result.ok()) return show_failure(tr("Exporting"), result.error());
        status_message_->setText(tr("Written: %1").arg(path));
      });
}

void MainWindow::show_failure(const QString& doing, const Error& error) {
  if (error.code == ErrorCode::cancelled) {
    status_message_->setText(tr("%1: cancelled").arg(doing));
    return;
  }
  clear_failure();
  auto* box = new QMessageBox(QMessageBox::NoIcon, tr("Isotherm"), QStringLiteral("<b>%1</b>").arg(tr("%1 failed").arg(doing).toHtmlEscaped()),
                              QMessageBox::Close, this);
  const QString sentence = QString::fromStdString(error.message);
  box->setInformativeText(sentence.toHtmlEscaped());
  QPushButton* copy = box->addButton(tr("Copy details"), QMessageBox::ActionRole);
  copy->disconnect();  // copying leaves the dialog open
  connect(copy, &QPushButton::clicked, this, [doing, sentence] { QApplication::clipboard()->setText(doing + QStringLiteral(": ") + sentence); });
  box->setDefaultButton(QMessageBox::Close);
  box->setProperty("sentence", doing + QStringLiteral(": ") + sentence);
  box->setAttribute(Qt::WA_DeleteOnClose);
  failure_ = box;
  box->open();
  status_message_->setText(tr("%1 failed").arg(doing));
}

void MainWindow::clear_failure() {
  if (failure_) failure_->close();
  failure_.clear();
}

QString MainWindow::status_text() const { return status_message_->text(); }

QString MainWindow::failure_text() const { return failure_ ? failure_->property("sentence").toString() : QString(); }

void MainWindow::update_status() {
  const auto& picture = panes_[0]->view()->picture();
  status_layout_->setText(picture ? QString::fromStdString(picture->scene.layout_note) : QString());
  status_selection_->setText(selected_ == kNoNode ? tr("nothing selected") : tr("1 node selected"));
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls() && event->mimeData()->urls().first().isLocalFile()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) { open_file(event->mimeData()->urls().first().toLocalFile()); }

void MainWindow::closeEvent(QCloseEvent* event) {
  for (BackgroundJob* job : {&job_, &scene_jobs_[0], &scene_jobs_[1], &what_if_job_, &remedy_job_, &step_job_}) job->cancel();
  QSettings settings;
  settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
  settings.setValue(QStringLiteral("window/docks"), saveState(kDockLayout));
  QMainWindow::closeEvent(event);
}

void MainWindow::showEvent(QShowEvent* event) {
  QMainWindow::showEvent(event);
  if (std::exchange(placed_, true)) return;
  const QSettings settings;
  const QByteArray docks = settings.value(QStringLiteral("window/docks")).toByteArray();
  if (docks.isEmpty() || !restoreState(docks, kDockLayout)) reset_layout();
  steps_dock_->setVisible(false);  // a replay begins when it is asked for
}

}  // namespace isotherm::ui
