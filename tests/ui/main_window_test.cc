#include "ui/main_window.h"

#include <QApplication>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>

#include "core/formats/graph_file.h"
#include "core/workbench/models/model_zoo.h"
#include "profiler/session_file.h"
#include "tests/profiler/synthetic_device_session.h"
#include "ui/graph_view.h"
#include "ui/inspector.h"
#include "ui/tables_panel.h"

using namespace isotherm;
using namespace isotherm::ui;

/// Drives the window as a person would: opens, looks, selects, closes scopes, converts.
class MainWindowTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QVERIFY(folder_.isValid());
    const auto graph = make_model("segmentation_example");
    QVERIFY(graph.ok());
    model_ = folder_.filePath(QStringLiteral("example.pb"));
    QVERIFY(save_graph(**graph, model_.toStdString(), GraphFormat::binary).ok());
  }

  void init() {
    window_ = std::make_unique<MainWindow>(render::Theme::light);
    window_->resize(1280, 800);
    window_->show();
  }
  void cleanup() { window_.reset(); }

  void opens_a_graph_and_draws_both_sides() {
    open_model();
    for (GraphView* view : window_->findChildren<GraphView*>()) {
      QVERIFY(view->picture());
      QVERIFY(!view->picture()->scene.boxes.empty());
    }
    QCOMPARE(window_->document()->conversion->engines.size(), std::size_t(1));
  }

  void environment_variables_of_tf_trt_count() {
    qputenv("TF_TRT_OP_DENYLIST", "Conv2D");
    open_model();
    qunsetenv("TF_TRT_OP_DENYLIST");
    const Document& document = *window_->document();
    QVERIFY(document.params.denied_ops.contains("Conv2D"));
    const auto& native = document.conversion->segmentation.native;
    QVERIFY(std::any_of(native.begin(), native.end(), [](const NativeNode& n) { return n.refusal.reason == Reason::denied; }));
    QVERIFY(std::any_of(document.warnings.begin(), document.warnings.end(), [](const std::string& w) { return w.find("TF_TRT_OP_DENYLIST") != std::string::npos; }));
  }

  void a_bad_file_is_a_sentence_and_the_open_graph_stays() {
    open_model();
    const DocumentPtr before = window_->document();
    QFile bad(folder_.filePath(QStringLiteral("bad.pb")));
    QVERIFY(bad.open(QIODevice::WriteOnly));
    bad.write("no graph at all");
    bad.close();
    window_->open_file(bad.fileName());
    QTRY_VERIFY(!window_->failure_text().isEmpty());
    QVERIFY(window_->failure_text().contains(QStringLiteral("bad.pb")));
    QCOMPARE(window_->document(), before);
  }

  void selection_is_linked_between_the_views_and_the_table() {
    open_model();
    const Graph& graph = *window_->document()->conversion->before;
    const NodeId conv = graph.find("conv_b/Conv2D");
    QVERIFY(conv != kNoNode);
    window_->select_node(conv, false);
    QCOMPARE(view("before")->selected_node(), conv);
    QCOMPARE(view("after")->selected_node(), window_->document()->conversion->map.engines.front());
    auto* tables = window_->findChild<TablesPanel*>();
    QSignalSpy rows(tables, &TablesPanel::row_selected);
    auto* table = tables->findChild<QTableView*>();
    QVERIFY(table->currentIndex().isValid());
    QCOMPARE(table->currentIndex().data(SummaryModel::kBeforeNodeRole).toInt(), conv);
    table->setCurrentIndex(table->model()->index(table->currentIndex().row() == 0 ? 1 : 0, 0));
    QCOMPARE(rows.count(), 1);
    QCOMPARE(view("before")->selected_node(), NodeId(rows.first().first().toInt()));
  }

  void kernels_of_a_device_session_are_linked_with_the_graphs() {
    const QString path = folder_.filePath(QStringLiteral("device.isotherm"));
    const SessionData data = synthetic_device_session();
    {
      auto writer = SessionWriter::create(path.toStdString(), data);
      QVERIFY(writer.ok());
      QVERIFY((*writer)->add_engines(data).ok());
      QVERIFY((*writer)->add_runs(data.runs, data.ops, data.layers).ok());
      QVERIFY((*writer)->add_device_records(data).ok());
      QVERIFY((*writer)->finish().ok());
    }
    QSignalSpy opened(window_.get(), &MainWindow::document_changed);
    window_->open_file(path);
    QTRY_COMPARE_WITH_TIMEOUT(opened.count(), 1, 20000);
    QTRY_VERIFY_WITH_TIMEOUT(!window_->busy(), 20000);
    auto* tables = window_->findChild<TablesPanel*>();
    tables->show_table(TableKind::kernels);
    auto* table = tables->findChild<QTableView*>();
    QCOMPARE(table->model()->rowCount(), 2);
    // A kernel selects the node that its layer came from, and the engine in the other graph.
    table->setCurrentIndex(table->model()->index(1, 0));
    QCOMPARE(view("before")->selected_node(), NodeId(2));
    QCOMPARE(view("after")->selected_node(), NodeId(2));
    QCOMPARE(table->currentIndex().row(), 1);
    // And a node selects its kernel.
    window_->select_node(3, false);
    QCOMPARE(table->currentIndex().data().toString(), QStringLiteral("relu_kernel"));
    // The engine, opened in the inspector: its layers and their kernels.
    window_->select_node(2, true);
    QStringList words;
    for (QLabel* text : window_->findChild<Inspector*>()->findChildren<QLabel*>()) words << text->text().remove(QChar(0x200b));
    QVERIFY2(words.contains(QStringLiteral("s/mul")), qPrintable(words.join(QLatin1Char('\n'))));
    QVERIFY2(words.contains(QStringLiteral("100 ns  mul_kernel<float>")), qPrintable(words.join(QLatin1Char('\n'))));
    tables->show_run(RunMode::native);
    window_->select_node(2, false);
    QCOMPARE(table->currentIndex().data().toString(), QStringLiteral("mul_kernel<float>"));
    window_->set_overlay(render::Overlay::Kind::time);
    QTRY_VERIFY_WITH_TIMEOUT(!window_->busy(), 20000);
    const render::Scene& scene = view("after")->picture()->scene;
    QVERIFY(std::any_of(scene.boxes.begin(), scene.boxes.end(), [](const render::Box& b) { return b.node == 2 && std::abs(b.value - 0.21) < 1e-9; }));
  }

  void search_goes_from_match_to_match() {
    open_model();
    window_->find_text(QStringLiteral("conv_"));
    const NodeId first = view("before")->selected_node();
    QVERIFY(first != kNoNode);
    window_->find_text(QStringLiteral("conv_"));
    QVERIFY(view("before")->selected_node() != first);
  }

  void overlay_of_time_without_a_session_says_what_to_do() {
    open_model();
    window_->set_overlay(render::Overlay::Kind::time);
    QVERIFY(window_->failure_text().contains(QStringLiteral("profile")));
  }

  void a_scope_opens_and_closes() {
    open_model();
    const auto has_frame = [&](const std::string& path) {
      const render::Scene& s = view("before")->picture()->scene;
      return std::any_of(s.frames.begin(), s.frames.end(), [&](const render::Frame& f) { return f.scope >= 0 && s.scope_paths[f.scope] == path; });
    };
    std::string path;
    {
      const render::Scene& s = view("before")->picture()->scene;
      for (const render::Frame& f : s.frames)
        if (f.scope >= 0) path = s.scope_paths[f.scope];
    }
    if (path.empty()) path = "conv_a";
    QSignalSpy drawn(window_.get(), &MainWindow::pictures_changed);
    emit view("before")->scope_toggled(QString::fromStdString(path), !has_frame(path));
    const bool open = !has_frame(path);
    QTRY_COMPARE_WITH_TIMEOUT(drawn.count(), 2, 10000);
    if (open) {
      emit view("before")->scope_toggled(QString::fromStdString(path), false);
      QTRY_COMPARE_WITH_TIMEOUT(drawn.count(), 4, 10000);
    }
    const render::Scene& closed = view("before")->picture()->scene;
    QVERIFY(!has_frame(path));
    QVERIFY(std::any_of(closed.boxes.begin(), closed.boxes.end(), [&](const render::Box& b) { return b.scope >= 0 && closed.scope_paths[b.scope] == path; }));
  }

  void a_dropped_file_opens() {
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(model_)});
    QSignalSpy opened(window_.get(), &MainWindow::document_changed);
    QDragEnterEvent enter(QPoint(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(window_.get(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(window_.get(), &drop);
    QTRY_COMPARE_WITH_TIMEOUT(opened.count(), 1, 20000);
    QCOMPARE(window_->document()->path, model_.toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(!window_->busy(), 20000);
  }

  void themes_change_the_canvas() {
    open_model();
    const QRgb light = window_->grab().toImage().pixel(window_->width() / 2, window_->height() / 3);
    QSignalSpy drawn(window_.get(), &MainWindow::pictures_changed);
    window_->set_theme(render::Theme::dark);
    QTRY_COMPARE_WITH_TIMEOUT(drawn.count(), 2, 10000);
    const QRgb dark = window_->grab().toImage().pixel(window_->width() / 2, window_->height() / 3);
    QVERIFY(qGray(light) > 128);
    QVERIFY(qGray(dark) < 128);
  }

 private:
  GraphView* view(const char* side) const { return window_->findChild<GraphView*>(QLatin1String(side)); }
  void open_model() {
    QSignalSpy drawn(window_.get(), &MainWindow::pictures_changed);
    window_->open_file(model_);
    QTRY_COMPARE_WITH_TIMEOUT(drawn.count(), 2, 20000);
  }

  QTemporaryDir folder_;
  QString model_;
  std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(MainWindowTest)
#include "main_window_test.moc"
