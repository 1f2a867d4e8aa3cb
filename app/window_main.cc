// isotherm-window: the workbench. `isotherm` starts it.
#include <QApplication>
#include <QSettings>

#include <clocale>

#include "ui/main_window.h"

int main(int argc, char** argv) {
  QApplication::setAttribute(Qt::AA_EnableHighDpiScaling);
  QApplication::setAttribute(Qt::AA_UseHighDpiPixmaps);
  QApplication app(argc, argv);
  // QApplication takes the user's locale; numbers in files and layouts are written with a point all the same.
  std::setlocale(LC_NUMERIC, "C");
  QApplication::setOrganizationName(QStringLiteral("isotherm"));
  QApplication::setApplicationName(QStringLiteral("isotherm"));
  QApplication::setApplicationVersion(QStringLiteral(ISOTHERM_VERSION));
  const QString theme = QSettings().value(QStringLiteral("theme"), QStringLiteral("light")).toString();
  isotherm::ui::MainWindow window(theme == QLatin1String("dark") ? isotherm::render::Theme::dark : isotherm::render::Theme::light);
  window.show();
  const QStringList files = QApplication::arguments().mid(1);
  if (!files.isEmpty()) window.open_file(files.first());
  return QApplication::exec();
}
