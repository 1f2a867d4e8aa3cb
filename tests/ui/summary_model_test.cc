#include "ui/models/summary_model.h"

#include <QAbstractItemModelTester>
#include <QtTest>

#include "tests/profiler/synthetic_session.h"

using namespace isotherm;
using namespace isotherm::ui;

namespace {

DocumentPtr synthetic_document(bool measured) {
  auto document = std::make_shared<Document>();
  SessionData data = synthetic_session();
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
    for (const TableKind kind : {TableKind::layers, TableKind::nodes, TableKind::engines}) {
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
