#include "ui/device_choice.h"

#include <QMenu>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardItemModel>
#include <QStandardPaths>
#include <QtTest>

#include "ui/main_window.h"

using namespace isotherm;
using namespace isotherm::ui;

/// The choice of a device, with cards that are only said to be there.
class DeviceChoiceTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { QStandardPaths::setTestModeEnabled(true); }
  void init() { QSettings().clear(); }
  void cleanupTestCase() { QSettings().clear(); }

  void without_a_card_cuda_is_greyed_and_says_why() {
    DeviceChoice choice;
    const Finding module{Finding::State::works, "CUDA device", "built", ""};
    choice.set_devices(run_devices(not_found("no NVIDIA driver: libcuda.so.1 cannot be opened"), "13.0", module));
    const QAbstractItemModel* model = choice.findChild<QComboBox*>()->model();
    QCOMPARE(model->rowCount(), 2);
    QCOMPARE(model->index(0, 0).data().toString(), QStringLiteral("cpu"));
    QVERIFY(model->flags(model->index(0, 0)) & Qt::ItemIsEnabled);
    const QModelIndex cuda = model->index(1, 0);
    QCOMPARE(cuda.data().toString(), QStringLiteral("cuda:0"));
    QVERIFY(!(model->flags(cuda) & Qt::ItemIsEnabled));
    QVERIFY(cuda.data(Qt::ToolTipRole).toString().contains(QStringLiteral("no NVIDIA driver")));
    QVERIFY(cuda.data(Qt::ToolTipRole).toString().contains(QStringLiteral("nvidia-driver")));
    QVERIFY(choice.findChild<QComboBox*>()->toolTip().contains(QStringLiteral("no NVIDIA driver")));
    choice.choose(QStringLiteral("cuda:0"));
    QCOMPARE(choice.device(), QStringLiteral("cpu"));
    QVERIFY(!choice.on_gpu());
    for (QAction* action : choice.switches()) QVERIFY(!action->isEnabled());
  }

  void switches_belong_to_cards_and_are_kept() {
    {
      DeviceChoice choice;
      choice.set_devices(two_cards());
      QVERIFY(!choice.gpu().tf32);
      QVERIFY(choice.gpu().device_graphs);
      QVERIFY(choice.gpu().cudnn);
      choice.choose(QStringLiteral("cuda:1"));
      QVERIFY(choice.on_gpu());
      const QList<QAction*> switches = choice.switches();
      for (QAction* action : switches) QVERIFY(action->isEnabled());
      for (QAction* action : switches) action->toggle();
    }
    DeviceChoice again;
    again.set_devices(two_cards());
    QCOMPARE(again.device(), QStringLiteral("cuda:1"));
    QVERIFY(again.gpu().tf32);
    QVERIFY(!again.gpu().device_graphs);
    QVERIFY(!again.gpu().cudnn);
    // A card that is gone for once is not forgotten.
    again.set_devices({two_cards().front()});
    QCOMPARE(again.device(), QStringLiteral("cpu"));
    again.set_devices(two_cards());
    QCOMPARE(again.device(), QStringLiteral("cuda:1"));
  }

  void the_window_shows_what_this_machine_has() {
    MainWindow window(render::Theme::light);
    QSignalSpy shown(window.device_choice(), &DeviceChoice::devices_shown);
    QTRY_COMPARE_WITH_TIMEOUT(shown.count(), 1, 20000);
    const QAbstractItemModel* model = window.device_choice()->findChild<QComboBox*>()->model();
    QVERIFY(model->rowCount() >= 2);
    for (int row = 1; row < model->rowCount(); ++row) {
      QVERIFY(model->index(row, 0).data().toString().startsWith(QStringLiteral("cuda:")));
      QVERIFY(!model->index(row, 0).data(Qt::ToolTipRole).toString().isEmpty());
    }
    QCOMPARE(window.device_choice()->device(), QStringLiteral("cpu"));
  }

 private:
  static std::vector<RunDevice> two_cards() {
    const auto card = [](const char* name) {
      return RunDevice{name, "card", {Finding::State::works, "card", "a card", ""}};
    };
    return {card("cpu"), card("cuda:0"), card("cuda:1")};
  }
};

QTEST_MAIN(DeviceChoiceTest)
#include "device_choice_test.moc"
