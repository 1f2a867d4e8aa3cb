#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QTableView>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <queue>
#include <set>

#include "core/formats/graph_file.h"
#include "tests/ui/scoped_graph.h"
#include "ui/graph_pane.h"
#include "ui/main_window.h"
#include "ui/minimap.h"
#include "ui/part_bar.h"
#include "ui/picture_choices.h"
#include "ui/steps_panel.h"
#include "ui/tables_panel.h"

using namespace isotherm;
using namespace isotherm::ui;

/// What the window does with its graphs: parts of them, scopes, search, choices, both views together.
class WindowPartsTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    qApp->setProperty("reducedMotion", true);
    qputenv("XDG_CACHE_HOME", QFile::encodeName(folder_.path()));
    const auto graph = scoped_graph(12);
    QVERIFY(graph);
    model_ = folder_.filePath(QStringLiteral("blocks.pb"));
    QVERIFY(save_graph(*graph, model_.toStdString(), GraphFormat::binary).ok());
  }
  void init() {
    window_ = std::make_unique<MainWindow>(render::Theme::light);
    window_->resize(1280, 800);
    window_->show();
    drawn_ = std::make_unique<QSignalSpy>(window_.get(), &MainWindow::pictures_changed);
    window_->open_file(model_);
    wait_for_pictures();
    redraw([&] { window_->choices()->set_repeats(false); });
  }
  void cleanup() {
    drawn_.reset();
    window_.reset();
  }

  void a_scope_opens_and_closes_where_it_is() {
    GraphView* view = before();
    redraw([&] { toggle("block_2", false); });
    const std::int32_t closed = scope_box("block_2");
    QVERIFY(closed >= 0);
    view->set_zoom(0.8);
    view->reveal_box(closed);
    const QPointF place = view->to_widget(*view->scope_rect("block_2")).topLeft();
    redraw([&] { double_click(closed); });
    QVERIFY(scope_box("block_2") < 0);
    const QPointF opened = view->to_widget(*view->scope_rect("block_2")).topLeft();
    QVERIFY2((opened - place).manhattanLength() < 1.5, qPrintable(QStringLiteral("%1 %2").arg(opened.x() - place.x()).arg(opened.y() - place.y())));
    // And back, by the menu of a node inside.
    const NodeId inside = graph().find("block_2/sum");
    redraw([&] { choose(window_->graph_menu(false, view->box_of(inside), -1), "close"); });
    QVERIFY(scope_box("block_2") >= 0);
    const QPointF again = view->to_widget(*view->scope_rect("block_2")).topLeft();
    QVERIFY((again - opened).manhattanLength() < 1.5);
  }

  void enter_opens_a_scope_and_backspace_closes_it() {
    GraphView* view = before();
    redraw([&] { toggle("block_5", false); });
    view->setFocus();
    window_->select_scope(QStringLiteral("block_5"), false);
    QCOMPARE(view->selected_box(), scope_box("block_5"));
    QVERIFY(view->accessibleDescription().contains(QStringLiteral("closed scope")));
    redraw([&] { QTest::keyClick(view, Qt::Key_Return); });
    QVERIFY(scope_box("block_5") < 0);
    // The walk goes on inside.
    QTRY_VERIFY(view->selected_node() != kNoNode);
    QVERIFY(graph()[view->selected_node()].name.starts_with("block_5/"));
    redraw([&] { QTest::keyClick(view, Qt::Key_Backspace); });
    QCOMPARE(view->selected_box(), scope_box("block_5"));
  }

  void a_neighbourhood_holds_what_is_within_its_hops_and_nothing_else() {
    for (const int hops : {1, 2, 3}) {
      redraw([&] { window_->show_neighbourhood(QStringLiteral("block_4/sum"), false, hops); });
      QCOMPARE(shown_nodes(), within("block_4/sum", hops));
      auto* bar = window_->findChild<PartBar*>();
      QVERIFY(bar->isVisible());
      QVERIFY(bar->text().contains(QStringLiteral("block_4/sum")));
      QCOMPARE(bar->hops()->value(), hops);
    }
    auto* bar = window_->findChild<PartBar*>();
    redraw([&] { bar->hops()->setValue(1); });
    QCOMPARE(shown_nodes(), within("block_4/sum", 1));
    before()->setFocus();
    redraw([&] { QTest::keyClick(before(), Qt::Key_Escape); });
    QVERIFY(!bar->isVisible());
    QVERIFY(static_cast<int>(shown_nodes().size()) == graph().size());
  }

  void a_path_is_chosen_with_two_nodes() {
    const auto box = [&](const char* name) { return before()->box_of(graph().find(name)); };
    choose(window_->graph_menu(false, box("block_3/start"), -1), "pathFrom");
    QVERIFY(window_->findChild<PartBar*>()->text().contains(QStringLiteral("block_3/start")));
    redraw([&] { emit before()->node_clicked(graph().find("block_3/join")); });
    QCOMPARE(shown_nodes(), (std::set<std::string>{"block_3/start", "block_3/left", "block_3/middle", "block_3/right", "block_3/sum", "block_3/join"}));
    redraw([&] { window_->show_whole(); });
    // No way leads back: a sentence, and the picture stays.
    const auto picture = before()->picture();
    window_->show_path(QStringLiteral("block_3/join"), QStringLiteral("block_3/start"), false);
    QTRY_VERIFY_WITH_TIMEOUT(window_->failure_text().contains(QStringLiteral("no path")), 10000);
    QTRY_VERIFY_WITH_TIMEOUT(!window_->busy(), 10000);
    QCOMPARE(before()->picture(), picture);
    QVERIFY(window_->part().whole());
  }

  void the_menu_of_a_node_offers_what_can_be_done() {
    std::unique_ptr<QMenu> menu(window_->graph_menu(false, before()->box_of(graph().find("block_1/sum")), -1));
    QVERIFY(menu->findChild<QMenu*>(QStringLiteral("neighbourhoodMenu")));
    for (const char* name : {"close", "pathFrom", "copy", "inspect", "counterpart"}) QVERIFY2(menu->findChild<QAction*>(QLatin1String(name)), name);
  }

  void search_walks_both_ways_and_counts() {
    auto* field = window_->findChild<QLineEdit*>();
    auto* count = window_->findChild<QLabel*>(QStringLiteral("searchCount"));
    field->setText(QStringLiteral("tanh"));
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(count->text(), QStringLiteral("1 of 12"));
    const NodeId first = before()->selected_node();
    QCOMPARE(graph()[first].name, std::string("block_0/middle"));
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(count->text(), QStringLiteral("2 of 12"));
    QTest::keyClick(field, Qt::Key_Return, Qt::ShiftModifier);
    QTest::keyClick(field, Qt::Key_Return, Qt::ShiftModifier);
    QCOMPARE(count->text(), QStringLiteral("12 of 12"));
    QCOMPARE(graph()[before()->selected_node()].name, std::string("block_11/middle"));
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(before()->selected_node(), first);
    field->setText(QStringLiteral("nothing of that name"));
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(count->text(), QStringLiteral("none"));
  }

  void matches_in_a_closed_scope_are_counted_on_it_and_it_can_be_opened() {
    redraw([&] { toggle("block_6", false); });
    auto* field = window_->findChild<QLineEdit*>();
    field->setText(QStringLiteral("block_6/"));
    QTest::keyClick(field, Qt::Key_Return);
    const auto& marked = before()->match_boxes();
    QCOMPARE(marked.size(), std::size_t(1));
    QCOMPARE(marked.front(), (std::pair<std::int32_t, int>{scope_box("block_6"), 6}));
    redraw([&] { QTest::keyClick(field, Qt::Key_Return, Qt::AltModifier); });
    QVERIFY(scope_box("block_6") < 0);
    QCOMPARE(before()->match_boxes().size(), std::size_t(6));
  }

  void views_come_level_and_stay_so() {
    redraw([&] { window_->show_whole(); }, false);
    before()->set_zoom(0.9);
    const NodeId node = native_node();
    QVERIFY(node != kNoNode);
    const NodeId other = window_->document()->conversion->map.after_of[static_cast<std::size_t>(node)];
    QVERIFY(other != kNoNode);
    const auto middle = [](GraphView* view, NodeId id) {
      const render::Box& b = view->picture()->scene.boxes[static_cast<std::size_t>(view->box_of(id))];
      return view->to_widget(QRectF(b.x, b.y, b.width, b.height)).center();
    };
    // Turning the wheel to and fro round the node: what was apart comes together.
    for (int i = 0; i < 60; ++i) {
      const qreal off = middle(before(), node).y() - before()->height() / 2.0;
      const int turn = std::abs(off) > 4 ? static_cast<int>(-off / 0.6) : (i % 2 ? 2 : -2);
      const QPointF at(before()->width() / 2.0, before()->height() / 2.0);
      QWheelEvent event(at, before()->mapToGlobal(at.toPoint()), QPoint(), QPoint(0, turn), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
      QApplication::sendEvent(before(), &event);
    }
    QVERIFY(std::abs(middle(before(), node).y() - before()->height() / 2.0) < 6);
    QCOMPARE(after()->zoom(), before()->zoom());
    QVERIFY2(std::abs(middle(after(), other).y() - middle(before(), node).y()) < 30, qPrintable(QString::number(middle(after(), other).y() - middle(before(), node).y())));
    // Not linked: the other one stays.
    qobject_cast<GraphPane*>(before()->parentWidget())->link_button()->setChecked(false);
    const QPointF still = after()->origin();
    before()->set_zoom(0.5);
    QCOMPARE(after()->origin(), still);
  }

  void a_selected_node_has_its_counterpart_level_with_it() {
    before()->set_zoom(0.9);
    const NodeId node = native_node();
    before()->reveal(node);
    window_->select_node(node, false);
    const NodeId other = window_->document()->conversion->map.after_of[static_cast<std::size_t>(node)];
    QCOMPARE(after()->selected_node(), other);
    const auto middle = [](GraphView* view, NodeId id) {
      const render::Box& b = view->picture()->scene.boxes[static_cast<std::size_t>(view->box_of(id))];
      return view->to_widget(QRectF(b.x, b.y, b.width, b.height)).center().y();
    };
    QVERIFY(std::abs(middle(before(), node) - middle(after(), other)) < 1.5);
    before()->setFocus();
    QTest::keyClick(before(), Qt::Key_Space);
    QVERIFY(after()->hasFocus());
    QCOMPARE(after()->selected_node(), other);
  }

  void choices_shape_the_picture() {
    redraw([&] { window_->choices()->set_direction(render::Direction::left_right); });
    QVERIFY(before()->picture()->scene.width > before()->picture()->scene.height);
    QCOMPARE(after()->picture()->scene.options.direction, render::Direction::left_right);
    redraw([&] { window_->choices()->set_most_nodes(60); });
    QVERIFY(before()->picture()->scene.boxes.size() <= 60);
  }

  void overlays_that_cannot_be_say_why() {
    auto* choice = window_->findChild<QComboBox*>(QStringLiteral("overlay"));
    QCOMPARE(choice->count(), 6);
    auto* model = qobject_cast<QStandardItemModel*>(choice->model());
    QVERIFY(model->item(0)->isEnabled());
    QVERIFY(model->item(1)->isEnabled());
    for (int i = 2; i < 6; ++i) {
      QVERIFY(!model->item(i)->isEnabled());
      QVERIFY(model->item(i)->toolTip().contains(QStringLiteral("profile")));
    }
  }

  void drawing_can_be_given_up_and_the_old_picture_stays() {
    const auto old = before()->picture();
    drawn_->clear();
    toggle("block_8", false);
    window_->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!window_->busy(), 10000);
    // Given up in time, or drawn already; never something between.
    if (drawn_->isEmpty()) {
      QCOMPARE(before()->picture(), old);
      QVERIFY(window_->status_text().contains(QStringLiteral("cancelled")));
    }
    QVERIFY(window_->failure_text().isEmpty());
  }

  void the_steps_table_opens_at_the_step_that_is_shown() {
    QSignalSpy replayed(window_.get(), &MainWindow::replay_changed);
    window_->replay(true);
    QTRY_COMPARE_WITH_TIMEOUT(replayed.count(), 1, 10000);
    auto* steps = window_->findChild<StepsPanel*>();
    auto* tables = window_->findChild<TablesPanel*>();
    QVERIFY(tables->steps()->rowCount() > 30);
    steps->go_to(30);
    tables->show_steps();
    QCOMPARE(tables->findChild<QTableView*>()->currentIndex().row(), 30);
    QTRY_VERIFY_WITH_TIMEOUT(!window_->busy(), 10000);
  }

 private:
  GraphView* before() const { return window_->findChild<GraphView*>(QStringLiteral("before")); }
  GraphView* after() const { return window_->findChild<GraphView*>(QStringLiteral("after")); }
  const Graph& graph() const { return *window_->document()->conversion->before; }

  void wait_for_pictures() {
    QTRY_VERIFY_WITH_TIMEOUT(drawn_->count() >= 2, 20000);
    QTRY_VERIFY_WITH_TIMEOUT(!window_->busy(), 20000);
  }
  void redraw(const std::function<void()>& act, bool wait = true) {
    drawn_->clear();
    act();
    if (wait) wait_for_pictures();
  }
  void toggle(const char* path, bool open) { emit before()->scope_toggled(QString::fromLatin1(path), open); }
  std::int32_t scope_box(const std::string& path) const {
    const render::Scene& s = before()->picture()->scene;
    for (std::size_t i = 0; i < s.boxes.size(); ++i)
      if (s.boxes[i].scope >= 0 && s.scope_paths[static_cast<std::size_t>(s.boxes[i].scope)] == path) return static_cast<std::int32_t>(i);
    return -1;
  }
  void double_click(std::int32_t box) {
    const render::Box& b = before()->picture()->scene.boxes[static_cast<std::size_t>(box)];
    QTest::mouseDClick(before(), Qt::LeftButton, Qt::NoModifier, before()->to_widget(QRectF(b.x, b.y, b.width, b.height)).center().toPoint());
  }
  void choose(QMenu* menu, const char* name) {
    auto* action = menu->findChild<QAction*>(QLatin1String(name));
    QVERIFY2(action, name);
    action->trigger();
    delete menu;
  }
  /// A node that stays native and is none of the ends.
  NodeId native_node() const {
    const NodeMap& map = window_->document()->conversion->map;
    for (NodeId id = 0; id < graph().size(); ++id)
      if (map.engine_of[static_cast<std::size_t>(id)] < 0 && before()->box_of(id) >= 0 && map.after_of[static_cast<std::size_t>(id)] != kNoNode) return id;
    return kNoNode;
  }
  std::set<std::string> shown_nodes() const {
    std::set<std::string> out;
    for (NodeId id = 0; id < graph().size(); ++id)
      if (before()->box_of(id) >= 0) out.insert(graph()[id].name);
    return out;
  }
  /// By breadth-first search over edges in both directions.
  std::set<std::string> within(const std::string& name, int hops) const {
    std::vector<std::set<NodeId>> beside(static_cast<std::size_t>(graph().size()));
    for (NodeId id = 0; id < graph().size(); ++id)
      for (const Input& in : graph()[id].inputs) {
        beside[static_cast<std::size_t>(id)].insert(in.node);
        beside[static_cast<std::size_t>(in.node)].insert(id);
      }
    std::set<std::string> out{name};
    std::queue<std::pair<NodeId, int>> next;
    std::set<NodeId> seen{graph().find(name)};
    next.emplace(graph().find(name), 0);
    while (!next.empty()) {
      const auto [node, far] = next.front();
      next.pop();
      if (far == hops) continue;
      for (const NodeId other : beside[static_cast<std::size_t>(node)])
        if (seen.insert(other).second) {
          out.insert(graph()[other].name);
          next.emplace(other, far + 1);
        }
    }
    return out;
  }

  QTemporaryDir folder_;
  QString model_;
  std::unique_ptr<MainWindow> window_;
  std::unique_ptr<QSignalSpy> drawn_;
};

QTEST_MAIN(WindowPartsTest)
#include "window_parts_test.moc"
