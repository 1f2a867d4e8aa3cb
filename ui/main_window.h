// The window: before and after side by side, tables below, inspector and conversion at the right.
#pragma once

#include <QMainWindow>
#include <QPointer>

#include <set>

#include "core/render/scene.h"
#include "ui/background_job.h"
#include "ui/document.h"

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
class GraphPane;
class Inspector;
class LegendStrip;
class SegmentedControl;
class TablesPanel;

class MainWindow final : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(render::Theme theme, QWidget* parent = nullptr);
  ~MainWindow() override;

  /// Opens a graph or a session in the background. What is open stays until the new one is there.
  void open_file(const QString& path);
  [[nodiscard]] const DocumentPtr& document() const { return document_; }
  [[nodiscard]] bool busy() const { return job_.running() || scene_jobs_[0].running() || scene_jobs_[1].running(); }

  void set_overlay(render::Overlay::Kind kind);
  void set_view(render::View view);
  void select_node(NodeId node, bool after);
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
  void fit_views();

 signals:
  void document_changed();
  void pictures_changed();
  void first_frame(double milliseconds);

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void closeEvent(QCloseEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void build_menus();
  void build_toolbar();
  void build_centre();
  void build_status();
  [[nodiscard]] QWidget* build_empty_state();
  void connect_views();
  void connect_job();
  void update_recent_files();
  void remember_file(const QString& path);
  void update_actions();
  void set_document(DocumentPtr document);
  /// Builds the scenes anew; a later call makes an earlier one's result void.
  void rebuild_pictures();
  void rebuild_picture(bool after);
  [[nodiscard]] render::SceneOptions scene_options(bool after) const;
  void show_failure(const QString& doing, const Error& error);
  void clear_failure();
  void toggle_scope(const QString& path, bool open);
  void update_status();
  [[nodiscard]] RunChoices run_choices() const;

  render::Theme theme_;
  DocumentPtr document_;
  NodeId selected_ = kNoNode;
  bool selected_after_ = false;
  std::set<std::string> expanded_, collapsed_;
  render::Overlay::Kind overlay_ = render::Overlay::Kind::engine;
  render::View view_ = render::View::both;
  std::vector<NodeId> matches_;
  std::size_t match_ = 0;
  QString matched_text_;

  BackgroundJob job_;             ///< open, convert, run, profile, export
  BackgroundJob scene_jobs_[2];   ///< before, after

  QSplitter* graphs_ = nullptr;
  QSplitter* rows_ = nullptr;
  QSplitter* columns_ = nullptr;
  GraphPane* panes_[2] = {};
  LegendStrip* legend_ = nullptr;
  TablesPanel* tables_ = nullptr;
  Inspector* inspector_ = nullptr;
  ConversionPanel* conversion_ = nullptr;
  SegmentedControl* view_choice_ = nullptr;
  QComboBox* overlay_choice_ = nullptr;
  QComboBox* depth_choice_ = nullptr;
  QLineEdit* search_ = nullptr;
  DeviceChoice* device_choice_ = nullptr;
  QPushButton* profile_button_ = nullptr;
  QProgressBar* progress_bar_ = nullptr;
  QPointer<QMessageBox> failure_;  ///< the one dialog of a failure, while it is open
  QLabel* status_message_ = nullptr;
  QLabel* status_layout_ = nullptr;
  QLabel* status_selection_ = nullptr;
  QPushButton* cancel_button_ = nullptr;
  QMenu* recent_menu_ = nullptr;
  QAction* export_action_ = nullptr;
  QAction* run_action_ = nullptr;
  QAction* profile_action_ = nullptr;
  QAction* convert_action_ = nullptr;
};

}  // namespace isotherm::ui
