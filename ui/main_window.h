// The window: before and after side by side; docks round them: steps and tables below, inspector and conversion at the
// right.
#pragma once

#include <QMainWindow>
#include <QPointer>

#include <set>

#include "core/render/render_file.h"
#include "core/render/scene.h"
#include "core/render/steps_picture.h"
#include "ui/background_job.h"
#include "ui/document.h"
#include "ui/part_bar.h"
#include "ui/view_link.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QMessageBox;
class QMenu;
class QProgressBar;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTabBar;

namespace isotherm::ui {

class ConversionPanel;
class DeviceChoice;
class Dock;
class GraphPane;
class Inspector;
class PictureChoices;
class LegendStrip;
class SegmentedControl;
class StepsPanel;
class TablesPanel;

class MainWindow final : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(render::Theme theme, QWidget* parent = nullptr);
  ~MainWindow() override;

  /// Opens a graph or a session in the background. What is open stays until the new one is there.
  void open_file(const QString& path);
  [[nodiscard]] const DocumentPtr& document() const { return document_; }
  /// What the views show: the document, or what the settings at hand would make of it.
  [[nodiscard]] const DocumentPtr& shown() const { return preview_ ? preview_ : document_; }
  [[nodiscard]] bool busy() const {
    return job_.running() || scene_jobs_[0].running() || scene_jobs_[1].running() || what_if_job_.running();
  }

  void set_overlay(render::Overlay::Kind kind);
  void set_view(render::View view);
  void select_node(NodeId node, bool after);
  /// Selects a closed scope of one of the graphs.
  void select_scope(const QString& scope, bool after);
  /// Draws a part of the graphs only; the whole where it is empty. Where it does not exist the pictures stay.
  void show_part(const ShownPart& part);
  void show_neighbourhood(const QString& name, bool after, int hops);
  void show_path(const QString& from, const QString& to, bool after);
  [[nodiscard]] const ShownPart& part() const { return part_; }
  /// The menu of a box or line of one of the graphs, -1: of neither; deletes itself when it is closed.
  [[nodiscard]] QMenu* graph_menu(bool after, std::int32_t box, std::int32_t line);
  [[nodiscard]] PictureChoices* choices() const { return choices_; }
  void set_theme(render::Theme theme);
  [[nodiscard]] DeviceChoice* device_choice() const { return device_choice_; }
  /// Profiles on the chosen device, writes the session there and opens it.
  void profile_to(const QString& path);
  /// What the status line says.
  [[nodiscard]] QString status_text() const;
  /// The sentence of the failure that is shown; empty when there is none.
  [[nodiscard]] QString failure_text() const;

 public slots:
  void choose_file();
  void convert();
  void run();
  void profile();
  void export_picture();
  void find_text(const QString& text);
  /// 1: the next match, -1: the one before.
  void next_match(int step);
  void show_whole();
  /// Gives up what is being done: drawing first, then jobs.
  void stop();
  void fit_views();
  /// Shows the steps of the segmentation in the graph view, from the first; false: the graph again.
  void replay(bool on);
  /// Docks where they were at the very first start.
  void reset_layout();

 signals:
  void document_changed();
  /// The settings' answer is shown: a preview, or none where they are the document's or cannot be.
  void preview_changed();
  /// The steps are there, or gone.
  void replay_changed(bool on);
  void pictures_changed();
  void first_frame(double milliseconds);

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void closeEvent(QCloseEvent* event) override;
  void showEvent(QShowEvent* event) override;
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  void build_menus();
  void build_dock_menu();
  void build_toolbar();
  void build_centre();
  void build_docks();
  void update_dock_titles();
  void build_status();
  [[nodiscard]] QWidget* build_empty_state();
  void connect_views();
  void connect_graphs();
  void connect_job();
  void update_recent_files();
  void remember_file(const QString& path);
  void update_actions();
  void connect_steps();
  void set_document(DocumentPtr document);
  /// Asks what the settings typed would give; an earlier question is dropped.
  void ask_what_if();
  void set_preview(WhatIfAnswerPtr answer, DocumentPtr preview);
  void drop_preview();
  /// What is seen becomes the document, before it is run or written.
  void adopt_preview();
  void ask_remedies();
  /// Hands what is shown to tables, inspector and views.
  void show_document();
  void show_step(int step);
  void start_replay();
  void export_step(const QString& path, render::Format format);
  /// Builds the scenes anew; a later call makes an earlier one's result void.
  void rebuild_pictures();
  void rebuild_picture(bool after);
  [[nodiscard]] render::SceneOptions scene_options(bool after) const;
  void show_failure(const QString& doing, const Error& error);
  void clear_failure();
  void toggle_scope(const QString& path, bool open);
  /// What the pictures that are shown were drawn with, after new ones were given up.
  void take_back_choices();
  void fill_overlays();
  void show_legend();
  void watch_drawing();
  void drawing_done();
  void node_chosen(NodeId node, bool after);
  [[nodiscard]] NodeId counterpart(NodeId node, bool after) const;
  void show_counterpart(bool after);
  void show_neighbourhood_of_selection();
  [[nodiscard]] QString selected_name() const;
  [[nodiscard]] bool linked() const;
  void follow_view(bool after, qreal zoom, qreal middle);
  void relink();
  /// Puts the counterpart of what was selected level with it.
  void level_counterpart(NodeId other, bool after);
  void show_match();
  void show_match_words();
  [[nodiscard]] QString scope_hiding_match() const;
  void open_scope_of_match();
  void update_status();
  [[nodiscard]] RunChoices run_choices() const;

  render::Theme theme_;
  DocumentPtr document_;
  DocumentPtr preview_;     ///< as the settings would have it; null: the settings are the document's
  WhatIfAnswerPtr answer_;  ///< that preview_ shows
  std::shared_ptr<const render::StepPictures> steps_;  ///< while the segmentation is replayed
  render::View view_before_replay_ = render::View::both;
  NodeId selected_ = kNoNode;
  bool selected_after_ = false;
  QString selected_scope_;      ///< a closed scope, where no node is selected
  QString previous_selection_;  ///< what was selected before, by name: a path may begin there
  ShownPart part_;
  QString status_before_drawing_;  ///< null: nothing is drawn that takes long
  ViewLink link_;
  std::optional<double> link_offset_;  ///< how far the view that follows is from level yet
  int link_leader_ = 0;
  NodeId reveal_after_rebuild_ = kNoNode;
  std::set<std::string> expanded_, collapsed_;
  render::Overlay::Kind overlay_ = render::Overlay::Kind::engine;
  render::View view_ = render::View::both;
  std::vector<NodeId> matches_;
  std::size_t match_ = 0;
  QString matched_text_;

  BackgroundJob job_;             ///< open, convert, run, profile, export
  BackgroundJob scene_jobs_[2];   ///< before, after
  BackgroundJob what_if_job_;     ///< a question, then its preview
  BackgroundJob remedy_job_;
  BackgroundJob step_job_;        ///< the replay, then each step's picture

  QSplitter* graphs_ = nullptr;
  Dock* tables_dock_ = nullptr;
  Dock* steps_dock_ = nullptr;
  Dock* inspector_dock_ = nullptr;
  Dock* conversion_dock_ = nullptr;
  StepsPanel* steps_panel_ = nullptr;
  bool placed_ = false;  ///< docks have had their sizes
  GraphPane* panes_[2] = {};
  LegendStrip* legend_ = nullptr;
  TablesPanel* tables_ = nullptr;
  Inspector* inspector_ = nullptr;
  ConversionPanel* conversion_ = nullptr;
  SegmentedControl* view_choice_ = nullptr;
  QComboBox* overlay_choice_ = nullptr;
  QComboBox* depth_choice_ = nullptr;
  QLineEdit* search_ = nullptr;
  QLabel* search_count_ = nullptr;
  QPushButton* search_open_ = nullptr;
  PictureChoices* choices_ = nullptr;
  PartBar* part_bar_ = nullptr;
  DeviceChoice* device_choice_ = nullptr;
  QPushButton* profile_button_ = nullptr;
  QProgressBar* progress_bar_ = nullptr;
  QPointer<QMessageBox> failure_;  ///< the one dialog of a failure, while it is open
  QLabel* status_message_ = nullptr;
  QLabel* status_layout_ = nullptr;
  QLabel* status_selection_ = nullptr;
  QPushButton* cancel_button_ = nullptr;
  QMenu* recent_menu_ = nullptr;
  QMenu* view_menu_ = nullptr;
  QAction* export_action_ = nullptr;
  QAction* run_action_ = nullptr;
  QAction* profile_action_ = nullptr;
  QAction* convert_action_ = nullptr;
  QAction* replay_action_ = nullptr;
  std::vector<QAction*> step_actions_;
};

}  // namespace isotherm::ui
