// The parts of the main window and how they stand.
#include <QActionGroup>
#include <QApplication>
#include <QComboBox>
#include <QDesktopServices>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QMessageBox>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QStatusBar>
#include <QTabBar>
#include <QTimer>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

#include "ui/conversion_panel.h"
#include "ui/device_choice.h"
#include "ui/dock.h"
#include "ui/elided_label.h"
#include "ui/graph_pane.h"
#include "ui/inspector.h"
#include "ui/legend_strip.h"
#include "ui/main_window.h"
#include "ui/part_bar.h"
#include "ui/picture_choices.h"
#include "ui/segmented_control.h"
#include "ui/steps_panel.h"
#include "ui/tables_panel.h"
#include "ui/theme.h"

namespace isotherm::ui {
void MainWindow::build_menus() {
  QMenu* file = menuBar()->addMenu(tr("&File"));
  file->addAction(tr("&Open…"), this, &MainWindow::choose_file, QKeySequence::Open);
  recent_menu_ = file->addMenu(tr("Open &recent"));
  update_recent_files();
  file->addSeparator();
  export_action_ = file->addAction(tr("&Export picture…"), this, &MainWindow::export_picture, QKeySequence(QStringLiteral("Ctrl+E")));
  file->addSeparator();
  file->addAction(tr("&Quit"), this, &QWidget::close, QKeySequence::Quit);

  QMenu* edit = menuBar()->addMenu(tr("&Edit"));
  edit->addAction(tr("&Find"), this, [this] { search_->setFocus(); search_->selectAll(); }, QKeySequence::Find);
  edit->addAction(tr("Find &next"), this, [this] { find_text(search_->text()); }, QKeySequence(Qt::Key_F3));
  edit->addAction(tr("Find &previous"), this, [this] { next_match(-1); }, QKeySequence(QStringLiteral("Shift+F3")));
  edit->addSeparator();
  edit->addAction(tr("Show the n&eighbourhood of what is selected"), this, &MainWindow::show_neighbourhood_of_selection, QKeySequence(QStringLiteral("Ctrl+G")));
  edit->addAction(tr("Show the &whole graph"), this, &MainWindow::show_whole, QKeySequence(QStringLiteral("Ctrl+Shift+G")));

  QMenu* view = menuBar()->addMenu(tr("&View"));
  const std::pair<QString, render::View> views[] = {{tr("&Before"), render::View::before}, {tr("B&oth"), render::View::both}, {tr("&After"), render::View::after}};
  for (const auto& [name, which] : views) view->addAction(name, this, [this, which = which] { set_view(which); });
  view->addSeparator();
  view->addAction(tr("&Fit"), this, &MainWindow::fit_views, QKeySequence(QStringLiteral("Shift+F")));
  const auto each = [this](auto act) { return [this, act] { for (GraphPane* pane : panes_) act(pane->view()); }; };
  view->addAction(tr("Zoom &in"), this, each([](GraphView* v) { v->zoom_by(1.25); }), QKeySequence::ZoomIn);
  view->addAction(tr("Zoom o&ut"), this, each([](GraphView* v) { v->zoom_by(0.8); }), QKeySequence::ZoomOut);
  view->addAction(tr("A&ctual size"), this, each([](GraphView* v) { v->actual_size(); }), QKeySequence(QStringLiteral("Ctrl+0")));
  view->addSeparator();
  choices_ = new PictureChoices(this);
  view->addMenu(choices_->menu());
  view->addSeparator();
  view_menu_ = view;
  view->addAction(tr("&Light"), this, [this] { set_theme(render::Theme::light); });
  view->addAction(tr("&Dark"), this, [this] { set_theme(render::Theme::dark); });

  QMenu* convert_menu = menuBar()->addMenu(tr("&Convert"));
  convert_action_ = convert_menu->addAction(tr("&Convert"), this, &MainWindow::convert, QKeySequence(QStringLiteral("Ctrl+Return")));
  convert_menu->addSeparator();
  replay_action_ = convert_menu->addAction(tr("&Replay the segmentation"));
  replay_action_->setShortcut(QKeySequence(Qt::Key_F6));
  replay_action_->setCheckable(true);
  connect(replay_action_, &QAction::triggered, this, &MainWindow::replay);
  const std::tuple<QString, QKeySequence, void (StepsPanel::*)()> steps[] = {
      {tr("Step &forward"), QKeySequence(QStringLiteral("Ctrl+Right")), &StepsPanel::forward},
      {tr("Step &back"), QKeySequence(QStringLiteral("Ctrl+Left")), &StepsPanel::back},
      {tr("&Next refused merge"), QKeySequence(QStringLiteral("Ctrl+Down")), &StepsPanel::next_refusal},
      {tr("&Previous refused merge"), QKeySequence(QStringLiteral("Ctrl+Up")), &StepsPanel::previous_refusal}};
  for (const auto& [name, key, slot] : steps)
    step_actions_.push_back(convert_menu->addAction(name, this, [this, slot = slot] { (steps_panel_->*slot)(); }, key));
  step_actions_.push_back(convert_menu->addAction(tr("P&lay or pause"), this, [this] { steps_panel_->play(!steps_panel_->playing()); }, QKeySequence(Qt::Key_F9)));

  QMenu* profile_menu = menuBar()->addMenu(tr("&Profile"));
  profile_menu->setToolTipsVisible(true);
  run_action_ = profile_menu->addAction(tr("&Run both ways"), this, &MainWindow::run, QKeySequence(QStringLiteral("Ctrl+Shift+R")));
  profile_action_ = profile_menu->addAction(tr("&Profile…"), this, &MainWindow::profile, QKeySequence(QStringLiteral("Ctrl+R")));
  profile_menu->addAction(tr("&Stop"), this, &MainWindow::stop, QKeySequence(Qt::Key_Escape));

  profile_menu->addSeparator();
  device_choice_ = new DeviceChoice;
  profile_menu->addActions(device_choice_->switches());

  QMenu* help = menuBar()->addMenu(tr("&Help"));
  help->addAction(tr("&About"), this, [this] {
    QMessageBox::about(this, tr("Isotherm"), tr("<b>Isotherm %1</b><br>A workbench for frozen TensorFlow graphs: which nodes became an engine, why not the "
                                                "others, what did it buy, and where does the time go?").arg(QStringLiteral(ISOTHERM_VERSION)));
  });
}

void MainWindow::build_toolbar() {
  auto* bar = addToolBar(tr("Tools"));
  bar->setObjectName(QStringLiteral("toolBar"));
  bar->setMovable(false);
  bar->setIconSize(QSize(16, 16));
  bar->setContextMenuPolicy(Qt::PreventContextMenu);
  const auto button = [&](const QString& name, const QString& tip, auto slot) {
    auto* out = new QToolButton;
    out->setObjectName(name);
    out->setToolTip(tip);
    out->setAccessibleName(tip);
    connect(out, &QToolButton::clicked, this, slot);
    bar->addWidget(out);
    return out;
  };
  const auto gap = [&](int width) {
    auto* out = new QWidget;
    out->setFixedWidth(width);
    bar->addWidget(out);
  };
  const auto word = [&](const QString& text) {
    auto* out = new QLabel(text);
    out->setObjectName(QStringLiteral("muted"));
    bar->addWidget(out);
  };
  button(QStringLiteral("icon_open"), tr("Open a graph or a session (Ctrl+O)"), &MainWindow::choose_file);
  button(QStringLiteral("icon_export"), tr("Export the picture (Ctrl+E)"), &MainWindow::export_picture);
  gap(8);
  view_choice_ = new SegmentedControl({tr("Before"), tr("Both"), tr("After")});
  view_choice_->set_current(1);
  bar->addWidget(view_choice_);
  connect(view_choice_, &SegmentedControl::chosen, this, [this](int i) {
    constexpr render::View kViews[] = {render::View::before, render::View::both, render::View::after};
    set_view(kViews[i]);
  });
  gap(8);
  word(tr("Overlay"));
  overlay_choice_ = new QComboBox;
  using Kind = render::Overlay::Kind;
  const std::pair<QString, Kind> overlays[] = {{tr("Engine"), Kind::engine}, {tr("Op class"), Kind::op_class}, {tr("Time"), Kind::time}, {tr("Memory"), Kind::memory}, {tr("Precision"), Kind::precision}, {tr("Error"), Kind::error}};
  for (const auto& [name, kind] : overlays) overlay_choice_->addItem(name, static_cast<int>(kind));
  overlay_choice_->setObjectName(QStringLiteral("overlay"));
  overlay_choice_->setToolTip(tr("What the bodies of the nodes show"));
  overlay_choice_->setMinimumWidth(104);
  bar->addWidget(overlay_choice_);
  connect(overlay_choice_, QOverload<int>::of(&QComboBox::activated), this, [this](int i) { set_overlay(static_cast<Kind>(overlay_choice_->itemData(i).toInt())); });
  gap(6);
  word(tr("Depth"));
  depth_choice_ = new QComboBox;
  depth_choice_->addItem(tr("auto"), -1);
  for (int depth = 0; depth <= 6; ++depth) depth_choice_->addItem(QString::number(depth), depth);
  depth_choice_->setToolTip(tr("Scopes deeper than this are drawn closed; auto: as many as are easy to read"));
  bar->addWidget(depth_choice_);
  connect(depth_choice_, QOverload<int>::of(&QComboBox::activated), this, [this] {
    expanded_.clear();
    collapsed_.clear();
    rebuild_pictures();
  });
  gap(4);
  auto* picture = new QToolButton;
  picture->setObjectName(QStringLiteral("pictureButton"));
  picture->setText(tr("Picture"));
  picture->setToolTip(tr("Direction, colours, scale and more"));
  picture->setPopupMode(QToolButton::InstantPopup);
  picture->setMenu(choices_->menu());
  bar->addWidget(picture);
  button(QStringLiteral("icon_fit"), tr("Fit (Shift+F)"), &MainWindow::fit_views);
  button(QStringLiteral("icon_steps"), tr("Replay the segmentation, or back to the graph (F6)"), [this] { replay(steps_ == nullptr); });
  auto* stretch = new QWidget;
  stretch->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  bar->addWidget(stretch);
  search_ = new QLineEdit;
  search_->setPlaceholderText(tr("Find node or op"));
  search_->setClearButtonEnabled(true);
  search_->setMinimumWidth(120);
  search_->setMaximumWidth(250);
  search_->setToolTip(tr("Ctrl+F; Enter goes to the next one, Shift+Enter to the one before, Alt+Enter opens the closed scope that holds it"));
  search_->setAccessibleName(tr("Find node or op"));
  search_->installEventFilter(this);
  bar->addWidget(search_);
  search_count_ = new QLabel;
  search_count_->setObjectName(QStringLiteral("searchCount"));
  search_open_ = new QPushButton(tr("open scope"));
  search_open_->setObjectName(QStringLiteral("link"));
  connect(search_open_, &QPushButton::clicked, this, &MainWindow::open_scope_of_match);
  auto* found = new QWidget;
  auto* found_layout = new QHBoxLayout(found);
  found_layout->setContentsMargins(6, 0, 0, 0);
  found_layout->setSpacing(6);
  found_layout->addWidget(search_count_);
  found_layout->addWidget(search_open_);
  search_count_->hide();
  search_open_->hide();
  bar->addWidget(found);
  connect(search_, &QLineEdit::textChanged, this, [this](const QString& text) { if (text.isEmpty()) find_text(text); });
  gap(8);
  bar->addWidget(device_choice_);
  gap(8);
  profile_button_ = new QPushButton(tr("Profile"));
  profile_button_->setObjectName(QStringLiteral("primary"));
  bar->addWidget(profile_button_);
  connect(profile_button_, &QPushButton::clicked, this, &MainWindow::profile);
}

QWidget* MainWindow::build_empty_state() {
  auto* out = new QWidget;
  out->setObjectName(QStringLiteral("panel"));
  out->setAttribute(Qt::WA_StyledBackground);
  auto* layout = new QVBoxLayout(out);
  auto* picture = new QLabel;
  picture->setObjectName(QStringLiteral("icon_graph"));
  auto* text = new QLabel(tr("A graph opens here: a frozen GraphDef, or a session recorded by a profile.\nDrop a file, or choose one."));
  text->setObjectName(QStringLiteral("muted"));
  text->setAlignment(Qt::AlignCenter);
  auto* open = new QPushButton(tr("Open a graph"));
  open->setObjectName(QStringLiteral("primary"));
  layout->addStretch();
  layout->addWidget(picture, 0, Qt::AlignCenter);
  layout->addWidget(text, 0, Qt::AlignCenter);
  layout->addSpacing(8);
  layout->addWidget(open, 0, Qt::AlignCenter);
  layout->addStretch();
  connect(open, &QPushButton::clicked, this, &MainWindow::choose_file);
  return out;
}

void MainWindow::build_centre() {
  panes_[0] = new GraphPane(tr("Before"), false);
  panes_[1] = new GraphPane(tr("After"), true);
  panes_[0]->set_empty_widget(build_empty_state());
  panes_[1]->view()->set_empty_text(tr("The graph with its engines appears here once a graph is open."));
  graphs_ = new QSplitter(Qt::Horizontal);
  graphs_->addWidget(panes_[0]);
  graphs_->addWidget(panes_[1]);
  graphs_->setChildrenCollapsible(false);
  graphs_->setSizes({640, 604});

  progress_bar_ = new QProgressBar;
  progress_bar_->setTextVisible(false);
  progress_bar_->setRange(0, 1000);
  // Its two pixels stay reserved: nothing jumps when work begins.
  QSizePolicy keep = progress_bar_->sizePolicy();
  keep.setRetainSizeWhenHidden(true);
  progress_bar_->setSizePolicy(keep);
  progress_bar_->hide();
  legend_ = new LegendStrip;
  auto* graph_area = new QWidget;
  auto* graph_layout = new QVBoxLayout(graph_area);
  graph_layout->setContentsMargins(0, 0, 0, 0);
  graph_layout->setSpacing(0);
  part_bar_ = new PartBar;
  graph_layout->addWidget(progress_bar_);
  graph_layout->addWidget(part_bar_);
  graph_layout->addWidget(graphs_, 1);
  graph_layout->addWidget(legend_);

  setCentralWidget(graph_area);
}

void MainWindow::build_docks() {
  setDockOptions(QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks | QMainWindow::AnimatedDocks);
  setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
  // The right column goes from top to bottom; what is below the graphs ends at it.
  setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
  setCorner(Qt::TopRightCorner, Qt::RightDockWidgetArea);
  setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
  tables_ = new TablesPanel;
  inspector_ = new Inspector;
  conversion_ = new ConversionPanel;
  steps_panel_ = new StepsPanel;
  steps_dock_ = new Dock(QStringLiteral("stepsDock"), tr("Steps"), steps_panel_, nullptr, this);
  tables_dock_ = new Dock(QStringLiteral("tablesDock"), tr("Tables"), tables_, tables_->head(), this);
  inspector_dock_ = new Dock(QStringLiteral("inspectorDock"), tr("Inspector"), inspector_, nullptr, this);
  conversion_dock_ = new Dock(QStringLiteral("conversionDock"), tr("Conversion"), conversion_, nullptr, this);
  for (Dock* dock : {steps_dock_, tables_dock_, inspector_dock_, conversion_dock_}) {
    // Which docks share a place is known only when the layout has done its work.
    const auto titles = [this] { QTimer::singleShot(0, this, &MainWindow::update_dock_titles); };
    connect(dock, &QDockWidget::dockLocationChanged, this, titles);
    connect(dock, &QDockWidget::topLevelChanged, this, titles);
    connect(dock, &QDockWidget::visibilityChanged, this, titles);
  }
  reset_layout();
}

void MainWindow::update_dock_titles() {
  for (Dock* dock : {steps_dock_, tables_dock_, inspector_dock_, conversion_dock_}) {
    const auto others = tabifiedDockWidgets(dock);
    const bool among_tabs = std::any_of(others.begin(), others.end(), [](const QDockWidget* d) { return !d->isHidden() && !d->isFloating(); });
    dock->show_title(!among_tabs || dock->isFloating());
  }
  // The style's line under the tabs of docks has a colour of its own.
  for (QTabBar* tabs : findChildren<QTabBar*>(QString(), Qt::FindDirectChildrenOnly)) tabs->setDrawBase(false);
}

void MainWindow::build_dock_menu() {
  view_menu_->addSeparator();
  for (Dock* dock : {inspector_dock_, conversion_dock_, tables_dock_}) view_menu_->addAction(dock->toggleViewAction());
  view_menu_->addAction(replay_action_);
  view_menu_->addAction(tr("&Reset layout"), this, &MainWindow::reset_layout);
}

void MainWindow::reset_layout() {
  const bool replaying = steps_ != nullptr;
  for (Dock* dock : {steps_dock_, tables_dock_, inspector_dock_, conversion_dock_}) {
    dock->setFloating(false);
    removeDockWidget(dock);
  }
  addDockWidget(Qt::BottomDockWidgetArea, steps_dock_);
  addDockWidget(Qt::BottomDockWidgetArea, tables_dock_);
  splitDockWidget(steps_dock_, tables_dock_, Qt::Vertical);
  addDockWidget(Qt::RightDockWidgetArea, inspector_dock_);
  addDockWidget(Qt::RightDockWidgetArea, conversion_dock_);
  // A low window has room for one of the two at a time.
  const bool low = height() < 900;
  if (low)
    tabifyDockWidget(inspector_dock_, conversion_dock_);
  else
    splitDockWidget(inspector_dock_, conversion_dock_, Qt::Vertical);
  for (Dock* dock : {tables_dock_, inspector_dock_, conversion_dock_}) dock->show();
  steps_dock_->setVisible(replaying);
  if (low) inspector_dock_->raise();
  const int right = width() < 1400 ? 300 : width() > 1800 ? 380 : 356;
  resizeDocks({inspector_dock_, conversion_dock_}, {right, right}, Qt::Horizontal);
  resizeDocks({tables_dock_}, {height() < 900 ? 240 : 282}, Qt::Vertical);
  if (!low) resizeDocks({inspector_dock_, conversion_dock_}, {qMax(200, height() - 620), 520}, Qt::Vertical);
}

void MainWindow::build_status() {
  status_message_ = new ElidedLabel;
  status_layout_ = new QLabel;
  status_selection_ = new QLabel;
  cancel_button_ = new QPushButton(tr("Cancel"));
  cancel_button_->setObjectName(QStringLiteral("link"));
  cancel_button_->hide();
  connect(cancel_button_, &QPushButton::clicked, this, &MainWindow::stop);
  statusBar()->addWidget(status_message_, 1);
  statusBar()->addWidget(cancel_button_);
  statusBar()->addPermanentWidget(status_layout_);
  statusBar()->addPermanentWidget(status_selection_);
  statusBar()->setSizeGripEnabled(false);
}

void MainWindow::update_recent_files() {
  recent_menu_->clear();
  const QStringList files = QSettings().value(QStringLiteral("recentFiles")).toStringList();
  recent_menu_->setEnabled(!files.isEmpty());
  for (int i = 0; i < files.size(); ++i) {
    const QString path = files[i];
    recent_menu_->addAction(QStringLiteral("&%1  %2").arg(i + 1).arg(path), this, [this, path] { open_file(path); });
  }
}

void MainWindow::remember_file(const QString& path) {
  QSettings settings;
  QStringList files = settings.value(QStringLiteral("recentFiles")).toStringList();
  files.removeAll(path);
  files.prepend(path);
  while (files.size() > 9) files.removeLast();
  settings.setValue(QStringLiteral("recentFiles"), files);
  update_recent_files();
}

void MainWindow::set_theme(render::Theme theme) {
  theme_ = theme;
  apply_theme(*qApp, theme);
  QSettings().setValue(QStringLiteral("theme"), theme == render::Theme::dark ? QStringLiteral("dark") : QStringLiteral("light"));
  const render::Palette& p = render::palette(theme);
  for (GraphPane* pane : panes_) pane->view()->set_canvas(to_qcolor(p.canvas), to_qcolor(p.selection));
  for (Dock* dock : {steps_dock_, tables_dock_, inspector_dock_, conversion_dock_}) dock->set_theme(theme);
  steps_panel_->set_theme(theme);
  tables_->set_theme(theme);
  inspector_->set_theme(theme);
  conversion_->set_document(document_, theme);
  for (const char* name : {"open", "export", "fit", "steps"})
    if (auto* button = findChild<QToolButton*>(QStringLiteral("icon_") + QLatin1String(name))) button->setIcon(icon(QLatin1String(name), p.muted));
  if (auto* picture = findChild<QLabel*>(QStringLiteral("icon_graph"))) picture->setPixmap(icon(QStringLiteral("graph"), p.muted).pixmap(24, 24));
  panes_[0]->link_button()->setIcon(icon(QStringLiteral("link"), p.accent));
  profile_button_->setIcon(icon(QStringLiteral("play"), p.on_accent));
  inspector_->show_node(shown(), selected_, selected_after_);
  ask_remedies();
  rebuild_pictures();
}

}  // namespace isotherm::ui
