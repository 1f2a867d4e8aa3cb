#include "ui/models/summary_model.h"

#include <QAbstractItemModelTester>
#include <QtTest>

#include "tests/profiler/synthetic_device_session.h"

using namespace isotherm;
using namespace isotherm::ui;

namespace {

DocumentPtr synthetic_document(bool measured, bool on_device = false) {
  auto document = std::make_shared<Document>();
  SessionData data = on_device ? synthetic_device_session() : synthetic_session();
  document->path = "synthetic.pb";
  document->conversion = data.conversion;
  if (measured) document->session = std::make_shared<const SessionData>(std::move(data));
  return document;
}

/// The model printed, a row a line: what the table shows.
QString printed(const SummaryModel& model) {
  QString out;
  for (int row = 0; row < model.rowCount(); ++row) {
    QStringList cells;
    for (int column : {SummaryModel::kName, SummaryModel::kEngine, SummaryModel::kOp, SummaryModel::kPerRun, SummaryModel::kShare})
      cells << model.data(model.index(row, column), Qt::DisplayRole).toString();
    out += cells.join(QStringLiteral(" | ")) + QLatin1Char('\n');
  }
  return out;
}

}  // namespace

class SummaryModelTest : public QObject {
  Q_OBJECT

 private slots:
  void obeys_the_rules_of_item_models() {
    for (const TableKind kind : {TableKind::layers, TableKind::nodes, TableKind::engines, TableKind::kernels}) {
      SummaryModel model(kind);
      QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
      model.set_document(synthetic_document(true));
      model.set_document(synthetic_document(false));
      model.set_document(nullptr);
    }
  }

  void nodes_show_their_engine_and_time() {
    SummaryModel model(TableKind::nodes);
    model.set_document(synthetic_document(true));
    QCOMPARE(printed(model), QStringLiteral("x | native | Placeholder | – | –\n"
                                            "s/mul | 0 | Mul | 0.3 | 70.0 %\n"
                                            "s/relu | 0 | Relu | 0.1 | 30.0 %\n"
                                            "out | native | Identity | – | –\n"));
    QCOMPARE(model.data(model.index(1, 0), SummaryModel::kHeatRole).toDouble(), 1.0);
  }

  void without_a_session_nothing_looks_measured() {
    SummaryModel model(TableKind::nodes);
    model.set_document(synthetic_document(false));
    for (int row = 0; row < model.rowCount(); ++row) {
      QCOMPARE(model.data(model.index(row, SummaryModel::kPerRun), Qt::DisplayRole).toString(), QStringLiteral("–"));
      QCOMPARE(model.data(model.index(row, 0), SummaryModel::kShareRole).toDouble(), -1.0);
    }
    SummaryModel layers(TableKind::layers);
    layers.set_document(synthetic_document(false));
    QCOMPARE(layers.rowCount(), 0);
  }

  void kernels_are_listed_by_node_and_layer() {
    SummaryModel model(TableKind::kernels);
    model.set_document(synthetic_document(true));
    QCOMPARE(model.rowCount(), 0);  // of a CPU session
    model.set_document(synthetic_document(true, true));
    QCOMPARE(printed(model), QStringLiteral("relu_kernel | 0 | elementwise | 0.1 | 52.4 %\n"
                                            "mul_kernel<float> | 0 | elementwise | 0.1 | 47.6 %\n"));
    QVERIFY(model.data(model.index(1, 0), Qt::ToolTipRole).toString().contains(QLatin1String(kMulKernel)));
    QCOMPARE(model.row_of(2, kNoNode), 1);   // the node before, through the layer
    QCOMPARE(model.row_of(kNoNode, 2), 0);   // the engine: its longest
    QVERIFY(model.is_row_of(1, kNoNode, 2));
    QCOMPARE(model.data(model.index(0, 0), SummaryModel::kBeforeNodeRole).toInt(), 3);
    QCOMPARE(model.data(model.index(0, 0), SummaryModel::kAfterNodeRole).toInt(), 2);
    model.set_run(RunMode::native);
    QCOMPARE(printed(model), QStringLiteral("mul_kernel<float> | native | Mul | 0.2 | 66.7 %\n"
                                            "relu_kernel | native | Relu | 0.1 | 33.3 %\n"));
    QCOMPARE(model.data(model.index(0, 0), SummaryModel::kBeforeNodeRole).toInt(), 2);
    QCOMPARE(model.data(model.index(0, 0), SummaryModel::kAfterNodeRole).toInt(), 2);
  }

  void nodes_on_a_device_show_the_time_of_their_kernels() {
    SummaryModel model(TableKind::nodes);
    model.set_document(synthetic_document(true, true));
    QCOMPARE(printed(model), QStringLiteral("x | native | Placeholder | – | –\n"
                                            "s/mul | 0 | Mul | 0.2 | 67.7 %\n"
                                            "s/relu | 0 | Relu | 0.1 | 32.3 %\n"
                                            "out | native | Identity | – | –\n"));
  }

  void rows_are_found_by_any_of_their_nodes() {
    SummaryModel layers(TableKind::layers);
    layers.set_document(synthetic_document(true));
    QCOMPARE(layers.rowCount(), 2);
    QCOMPARE(layers.data(layers.index(layers.row_of(3, kNoNode), 0), Qt::DisplayRole).toString(), QStringLiteral("s/relu"));
    SummaryModel engines(TableKind::engines);
    engines.set_document(synthetic_document(true));
    QCOMPARE(engines.row_of(kNoNode, 2), 0);
    QCOMPARE(engines.row_of(kNoNode, 3), -1);
  }
};

QTEST_GUILESS_MAIN(SummaryModelTest)
#include "summary_model_test.moc"
