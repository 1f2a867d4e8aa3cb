#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QLineEdit>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QtTest>

#include "core/formats/graph_file.h"
#include "core/workbench/models/model_zoo.h"
#include "ui/conversion_panel.h"
#include "ui/dock.h"
#include "ui/graph_view.h"
#include "ui/inspector.h"
#include "ui/main_window.h"
#include "ui/models/node_filter.h"
#include "ui/models/steps_model.h"
#include "ui/steps_panel.h"
#include "ui/tables_panel.h"

using namespace isotherm;
using namespace isotherm::ui;

/// Settings tried before they are applied, the segmentation replayed, docks moved about.
class WhatIfTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    QVERIFY(folder_.isValid());
    QApplication::setOrganizationName(QStringLiteral("isotherm-test"));
    QApplication::setApplicationName(QStringLiteral("what_if_test"));
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_.filePath(QStringLiteral("settings")));
    const auto graph = make_model("segmentation_example");
    QVERIFY(graph.ok());
    model_ = folder_.filePath(QStringLiteral("example.pb"));
    QVERIFY(save_graph(**graph, model_.toStdString(), GraphFormat::binary).ok());
  }

  void init() {
    QSettings().clear();
    make_window();
  }
  void cleanup() { window_.reset(); }

  void a_setting_shows_what_it_would_give_and_nothing_is_applied() {
    open_model();
    const DocumentPtr document = window_->document();
    QCOMPARE(engines(window_->shown()), std::size_t(1));
    ask([this] { minimum()->setValue(1); });
    QVERIFY(window_->shown() != document);
    QCOMPARE(window_->document(), document);
    QCOMPARE(engines(window_->shown()), std::size_t(2));
    QCOMPARE(dock("conversionDock")->badge(), QStringLiteral("preview, not built"));
    const WhatIfAnswerPtr answer = card()->answer();
    QVERIFY(answer);
    QCOMPARE(answer->change.engines_now, 2);
    QVERIFY(!answer->change.gained.empty());
    // The views follow: the engine's node is in the new graph after the conversion.
    QTRY_VERIFY(view("after")->picture() && view("after")->picture()->scene.conversion == window_->shown()->conversion);

    ask([this] { minimum()->setValue(3); });
    QCOMPARE(window_->shown(), document);
    QVERIFY(dock("conversionDock")->badge().isEmpty());
    QVERIFY(!card()->answer());
  }

  void convert_makes_the_preview_the_document() {
    open_model();
    ask([this] { minimum()->setValue(1); });
    const DocumentPtr preview = window_->shown();
    window_->convert();
    QCOMPARE(window_->document(), preview);
    QVERIFY(dock("conversionDock")->badge().isEmpty());
    QCOMPARE(minimum()->value(), 1);
  }

  void a_wrong_setting_is_a_sentence_in_the_panel() {
    open_model();
    ask([this] { type(2, QStringLiteral("nosuch_node")); });
    QVERIFY2(card()->problem().contains(QStringLiteral("nosuch_node")), qPrintable(card()->problem()));
    QCOMPARE(window_->shown(), window_->document());
    QVERIFY(window_->failure_text().isEmpty());
    ask([this] { type(2, QString()); });
    QVERIFY(card()->problem().isEmpty());
  }

  void a_new_change_takes_the_place_of_the_one_before_it() {
    open_model();
    QSignalSpy answers(window_.get(), &MainWindow::preview_changed);
    for (const int size : {1, 2, 100, 5, 1}) minimum()->setValue(size);
    QTRY_VERIFY_WITH_TIMEOUT(!window_->busy() && engines(window_->shown()) == 2, 20000);
    QCOMPARE(answers.count(), 1);
    // The last word may be that nothing changes at all.
    minimum()->setValue(100);
    minimum()->setValue(3);
    QTRY_VERIFY_WITH_TIMEOUT(!window_->busy(), 20000);
    QCOMPARE(window_->shown(), window_->document());
  }

  void nodes_are_filtered_by_their_reason() {
    open_model();
    auto* tables = window_->findChild<TablesPanel*>();
    const Conversion& c = *window_->document()->conversion;
    tables->set_filter({NodeFilter::Kind::reason, Reason::too_small});
    const auto small = nodes_of({NodeFilter::Kind::reason, Reason::too_small}, c, nullptr);
    QVERIFY(!small.empty());
    const auto* table = tables->findChild<QTableView*>();
    for (int row = 0; row < table->model()->rowCount(); ++row) {
      const QModelIndex index = table->model()->index(row, 0);
      QVERIFY(std::count(small.begin(), small.end(), index.data(SummaryModel::kBeforeNodeRole).toInt()) == 1);
    }
    QVERIFY(table->model()->rowCount() > 0);
    // A preview in which no node has the reason lets go of the filter.
    ask([this] { minimum()->setValue(1); });
    QCOMPARE(tables->filter().kind, NodeFilter::Kind::all);
    QVERIFY(table->model()->rowCount() > static_cast<int>(small.size()));
    tables->set_filter({NodeFilter::Kind::gained});
    QVERIFY(table->model()->rowCount() > 0);
  }

  void the_native_card_offers_the_setting_and_previews_it() {
    open_model();
    const Graph& graph = *window_->document()->conversion->before;
    const NodeId reshape = graph.find("image/Reshape");
    window_->select_node(reshape, false);
    auto* inspector = window_->findChild<Inspector*>();
    QCOMPARE(inspector->native_node(), reshape);
    QPushButton* remedy = nullptr;
    QTRY_VERIFY_WITH_TIMEOUT((remedy = inspector->findChild<QPushButton*>(QStringLiteral("remedy"))) != nullptr, 20000);
    QCOMPARE(remedy->text(), QStringLiteral("Smallest segment 2"));
    ask([&] { remedy->click(); });
    QCOMPARE(minimum()->value(), 2);
    QCOMPARE(engines(window_->shown()), std::size_t(2));
    // A feed has no setting that would take it in.
    window_->select_node(graph.find("pixels"), false);
    QTRY_VERIFY_WITH_TIMEOUT(has_label(inspector, QStringLiteral("No setting changes that.")), 20000);
  }

  void the_replay_steps_forward_back_plays_and_jumps() {
    open_model();
    QSignalSpy begun(window_.get(), &MainWindow::replay_changed);
    window_->replay(true);
    QTRY_COMPARE_WITH_TIMEOUT(begun.count(), 1, 20000);
    auto* panel = window_->findChild<StepsPanel*>();
    QVERIFY(panel->isVisible());
    const auto shown_step = [this] {
      const auto& picture = view("before")->picture();
      return picture && picture->step ? picture->step->last : -1;
    };
    QTRY_COMPARE_WITH_TIMEOUT(shown_step(), 0, 20000);
    QTest::keyClick(panel, Qt::Key_Right);
    QTRY_COMPARE_WITH_TIMEOUT(shown_step(), 1, 20000);
    QTest::keyClick(panel, Qt::Key_Left);
    QTRY_COMPARE_WITH_TIMEOUT(shown_step(), 0, 20000);
    QTest::keyClick(panel, Qt::Key_End);
    const int last = panel->replay()->size() - 1;
    QTRY_COMPARE_WITH_TIMEOUT(shown_step(), last, 20000);
    QTest::keyClick(panel, Qt::Key_Home);
    // The strip is a slider: a click jumps.
    auto* strip = panel->findChild<StepStrip*>();
    QTest::mouseClick(strip, Qt::LeftButton, Qt::NoModifier, QPoint(strip->width() - 4, 8));
    QTRY_COMPARE_WITH_TIMEOUT(shown_step(), last, 20000);
    // The table jumps too.
    auto* tables = window_->findChild<TablesPanel*>();
    tables->show_steps();
    auto* table = tables->findChild<QTableView*>();
    QCOMPARE(table->model()->rowCount(), last + 1);
    table->setCurrentIndex(table->model()->index(2, 0));
    QTRY_COMPARE_WITH_TIMEOUT(shown_step(), 2, 20000);
    // Played to the end it stops there.
    panel->go_to(last - 2);
    panel->findChild<QComboBox*>()->setCurrentIndex(4);
    panel->play(true);
    QTRY_COMPARE_WITH_TIMEOUT(shown_step(), last, 20000);
    QTRY_VERIFY(!panel->playing());
    // A click finds the node under it.
    const render::Scene& scene = view("before")->picture()->scene;
    QVERIFY(!scene.boxes.empty());
    window_->replay(false);
    QVERIFY(!panel->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(view("before")->picture() && !view("before")->picture()->step, 20000);
  }

  void the_replay_follows_a_preview() {
    open_model();
    QSignalSpy begun(window_.get(), &MainWindow::replay_changed);
    window_->replay(true);
    QTRY_COMPARE_WITH_TIMEOUT(begun.count(), 1, 20000);
    auto* panel = window_->findChild<StepsPanel*>();
    const auto before = panel->replay();
    ask([this] { minimum()->setValue(1); });
    QTRY_VERIFY_WITH_TIMEOUT(panel->replay() && panel->replay() != before, 20000);
    const auto has = [&](const render::Replay& replay, render::ReplayStep::Kind kind) {
      for (int i = 0; i < replay.size(); ++i)
        if (replay[i].kind == kind) return true;
      return false;
    };
    QVERIFY(has(*before, render::ReplayStep::Kind::too_small));
    QVERIFY(!has(*panel->replay(), render::ReplayStep::Kind::too_small));
  }

  void the_steps_model_obeys_the_rules_of_item_models() {
    open_model();
    auto replay = render::Replay::create(window_->document()->conversion);
    QVERIFY(replay.ok());
    StepsModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.set_replay(std::make_shared<const render::Replay>(std::move(*replay)));
    QVERIFY(model.rowCount() > 10);
    QCOMPARE(model.data(model.index(0, StepsModel::kNode), Qt::DisplayRole).toString(), QStringLiteral("all nodes"));
    QCOMPARE(model.data(model.index(1, StepsModel::kNumber), Qt::DisplayRole).toInt(), 2);
    model.set_replay(nullptr);
    QCOMPARE(model.rowCount(), 0);
  }

  void docks_move_float_close_and_come_back() {
    for (const char* name : {"tablesDock", "inspectorDock", "conversionDock", "stepsDock"}) {
      const Dock* d = dock(name);
      QVERIFY2(d, name);
      QVERIFY(d->features().testFlag(QDockWidget::DockWidgetMovable));
      QVERIFY(d->features().testFlag(QDockWidget::DockWidgetFloatable));
      QVERIFY(d->features().testFlag(QDockWidget::DockWidgetClosable));
    }
    QVERIFY(!dock("stepsDock")->isVisible());
    QCOMPARE(window_->dockWidgetArea(dock("inspectorDock")), Qt::RightDockWidgetArea);
    QCOMPARE(window_->dockWidgetArea(dock("tablesDock")), Qt::BottomDockWidgetArea);
    window_->addDockWidget(Qt::LeftDockWidgetArea, dock("inspectorDock"));
    dock("conversionDock")->close();
    dock("tablesDock")->setFloating(true);
    window_->close();
    make_window();
    QCOMPARE(window_->dockWidgetArea(dock("inspectorDock")), Qt::LeftDockWidgetArea);
    QVERIFY(dock("conversionDock")->isHidden());
    QVERIFY(dock("tablesDock")->isFloating());
    // The View menu brings one back, Reset all of them.
    dock("conversionDock")->toggleViewAction()->trigger();
    QVERIFY(!dock("conversionDock")->isHidden());
    window_->reset_layout();
    QCOMPARE(window_->dockWidgetArea(dock("inspectorDock")), Qt::RightDockWidgetArea);
    QVERIFY(!dock("tablesDock")->isFloating());
  }

 private:
  void make_window() {
    window_ = std::make_unique<MainWindow>(render::Theme::light);
    window_->resize(1600, 1000);
    window_->show();
  }
  GraphView* view(const char* side) const { return window_->findChild<GraphView*>(QLatin1String(side)); }
  Dock* dock(const char* name) const { return window_->findChild<Dock*>(QLatin1String(name)); }
  ConversionPanel* panel() const { return window_->findChild<ConversionPanel*>(); }
  PreviewCard* card() const { return panel()->card(); }
  QSpinBox* minimum() const { return panel()->findChildren<QSpinBox*>().at(0); }
  static std::size_t engines(const DocumentPtr& document) { return document->conversion->engines.size(); }
  static bool has_label(const QWidget* where, const QString& text) {
    const auto labels = where->findChildren<QLabel*>();
    return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) { return label->text() == text; });
  }
  /// Types into the line edit of `tip`'s field: 1 denied ops, 2 excluded nodes.
  void type(int which, const QString& text) {
    const QString tip = which == 1 ? QStringLiteral("TF_TRT_OP_DENYLIST") : QStringLiteral("Nodes that stay native");
    for (QLineEdit* field : panel()->findChildren<QLineEdit*>())
      if (field->toolTip() == tip) {
        field->selectAll();
        if (text.isEmpty())
          QTest::keyClick(field, Qt::Key_Delete);
        else
          QTest::keyClicks(field, text);
        return;
      }
    QFAIL("no such field");
  }
  /// Changes a setting and waits for its answer.
  template <class Change>
  void ask(Change change) {
    QSignalSpy answers(window_.get(), &MainWindow::preview_changed);
    change();
    QTRY_VERIFY_WITH_TIMEOUT(answers.count() >= 1, 20000);
  }
  void open_model() {
    QSignalSpy drawn(window_.get(), &MainWindow::pictures_changed);
    window_->open_file(model_);
    QTRY_COMPARE_WITH_TIMEOUT(drawn.count(), 2, 20000);
  }

  QTemporaryDir folder_;
  QString model_;
  std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(WhatIfTest)
#include "what_if_test.moc"
