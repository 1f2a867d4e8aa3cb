#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QLabel>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTableView>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>

#include "core/formats/graph_file.h"
#include "core/workbench/models/model_zoo.h"
#include "profiler/summary.h"
#include "ui/device_choice.h"
#include "ui/graph_view.h"
#include "ui/inspector.h"
#include "ui/main_window.h"
#include "ui/tables_panel.h"

using namespace isotherm;
using namespace isotherm::ui;

/// Runs and profiles on a card from the window: ResNet-50 of ISOTHERM_MODELS_UNPACKED, elsewhere a small network.
/// Pictures of the window go into the folder that ISOTHERM_GRAB_DIR names.
class WindowGpuTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QSettings().clear();
    QVERIFY(folder_.isValid());
    window_ = std::make_unique<MainWindow>(render::Theme::light);
    window_->resize(1600, 1000);
    window_->show();
    QSignalSpy shown(window_->device_choice(), &DeviceChoice::devices_shown);
    QTRY_COMPARE_WITH_TIMEOUT(shown.count(), 1, 60000);
    window_->device_choice()->choose(QStringLiteral("cuda:0"));
    if (!window_->device_choice()->on_gpu()) {
      const QComboBox* devices = window_->device_choice()->findChild<QComboBox*>();
      QSKIP(qPrintable(QStringLiteral("not run: the window on a GPU; ") +
                       devices->itemData(1, Qt::ToolTipRole).toString()));
    }
    const QString big = qEnvironmentVariable("ISOTHERM_MODELS_UNPACKED") + QStringLiteral("/arch/resnet50/frozen.pb");
    model_ = big;
    if (!QFileInfo::exists(big)) {
      const auto graph = make_model("segmentation_example");
      QVERIFY(graph.ok());
      model_ = folder_.filePath(QStringLiteral("example.pb"));
      QVERIFY(save_graph(**graph, model_.toStdString(), GraphFormat::binary).ok());
    }
    QSignalSpy drawn(window_.get(), &MainWindow::pictures_changed);
    window_->open_file(model_);
    QTRY_COMPARE_WITH_TIMEOUT(drawn.count(), 2, 60000);
  }
  void cleanupTestCase() {
    window_.reset();
    QSettings().clear();
  }

  void runs_on_the_card() {
    window_->run();
    wait_for_job();
    QVERIFY2(window_->failure_text().isEmpty(), qPrintable(window_->failure_text()));
    QVERIFY2(window_->status_text().contains(QStringLiteral("cuda:0")), qPrintable(window_->status_text()));
    QVERIFY2(window_->status_text().contains(QStringLiteral("engines ")), qPrintable(window_->status_text()));
    grab("gpu_run");
  }

  void a_profile_fills_overlay_and_kernel_table() {
    const QString session = folder_.filePath(QStringLiteral("gpu.isotherm"));
    QSignalSpy opened(window_.get(), &MainWindow::document_changed);
    window_->profile_to(session);
    wait_for_job();
    QVERIFY2(window_->failure_text().isEmpty(), qPrintable(window_->failure_text()));
    QCOMPARE(opened.count(), 1);
    QTRY_VERIFY_WITH_TIMEOUT(!window_->busy(), 60000);
    const SessionData& data = *window_->document()->session;
    QCOMPARE(QString::fromStdString(data.meta.at("device")), QStringLiteral("cuda:0"));
    QVERIFY2(window_->status_text().contains(QStringLiteral("cuda:0")), qPrintable(window_->status_text()));
    if (!data.on_device(RunMode::engines))
      QSKIP("not run: kernels in the window; CUPTI cannot record here, see isotherm doctor");
    for (const RunMode mode : {RunMode::native, RunMode::engines}) {
      const Coverage& coverage = data.coverage.at(mode);
      QVERIFY2(coverage.kernels.seen > 0 && coverage.kernels.unattributed == 0 && coverage.dropped == 0,
               coverage_line(coverage).c_str());
    }
    // The overlay: the engine holds what its kernels took; the native graph's boxes their nodes' kernels.
    for (const char* side : {"before", "after"}) {
      const render::Scene& scene = view(side)->picture()->scene;
      const auto measured =
          std::count_if(scene.boxes.begin(), scene.boxes.end(), [](const render::Box& b) { return b.value > 0; });
      QVERIFY2(measured > 0, side);
    }
    const NodeId engine = window_->document()->conversion->engines.front().node;
    const auto rows = summarise(data, RunMode::engines, GroupBy::node).rows;
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const SummaryRow& r) { return r.node == engine; });
    QVERIFY(row != rows.end());
    const render::Scene& after = view("after")->picture()->scene;
    QVERIFY(std::any_of(after.boxes.begin(), after.boxes.end(), [&](const render::Box& b) {
      return b.node == engine && std::abs(b.value - row->per_run / 1e3) < 1e-6 * b.value;
    }));
    window_->fit_views();
    grab("gpu_overlay");

    // The table of kernels, linked both ways.
    auto* tables = window_->findChild<TablesPanel*>();
    auto* table = tables->findChild<QTableView*>();
    tables->show_table(TableKind::kernels);
    QVERIFY(table->model()->rowCount() > 0);
    const QModelIndex longest = table->model()->index(0, 0);
    table->setCurrentIndex(longest);
    const auto before = NodeId(longest.data(SummaryModel::kBeforeNodeRole).toInt());
    QVERIFY(before != kNoNode);
    QCOMPARE(view("before")->selected_node(), before);
    QCOMPARE(view("after")->selected_node(), NodeId(longest.data(SummaryModel::kAfterNodeRole).toInt()));
    grab("gpu_kernel_selected");
    window_->select_node(kNoNode, false);
    window_->select_node(before, false);
    QCOMPARE(table->currentIndex().data(SummaryModel::kBeforeNodeRole).toInt(), before);
    tables->show_run(RunMode::native);
    QVERIFY(table->model()->rowCount() > 0);
    grab("gpu_kernels_native");

    // The engine, opened in picture and inspector: layers and kernels.
    window_->select_node(engine, true);
    QStringList words;
    for (QLabel* text : window_->findChild<Inspector*>()->findChildren<QLabel*>()) words << text->text();
    QVERIFY2(words.join(QLatin1Char('\n')).contains(QStringLiteral("GPU time")),
             qPrintable(words.join(QLatin1Char('\n'))));
    window_->set_view(render::View::after);
    QSignalSpy drawn(window_.get(), &MainWindow::pictures_changed);
    emit view("after")->scope_toggled(QString::fromStdString((*window_->document()->conversion->after)[engine].name),
                                      true);
    QTRY_COMPARE_WITH_TIMEOUT(drawn.count(), 2, 60000);
    window_->fit_views();
    grab("gpu_engine_opened");
    window_->set_view(render::View::both);
    if (const QString kept = qEnvironmentVariable("ISOTHERM_GRAB_DIR"); !kept.isEmpty())
      QFile::copy(session, kept + QStringLiteral("/window_gpu.isotherm"));
  }

 private:
  GraphView* view(const char* side) const { return window_->findChild<GraphView*>(QLatin1String(side)); }
  void wait_for_job() { QTRY_VERIFY_WITH_TIMEOUT(!window_->busy(), 120000); }
  void grab(const char* name) const {
    const QString into = qEnvironmentVariable("ISOTHERM_GRAB_DIR");
    if (into.isEmpty()) return;
    QDir().mkpath(into);
    QTest::qWait(300);  // lets selections finish their motion
    QVERIFY(window_->grab().save(into + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png")));
  }

  QTemporaryDir folder_;
  QString model_;
  std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(WindowGpuTest)
#include "window_gpu_test.moc"
