#include "ui/motion.h"

#include <QApplication>
#include <QProcess>
#include <QSettings>
#include <QStandardPaths>
#include <QVariant>

namespace isotherm::ui {
namespace {

bool ask_desktop() {
  const QString config = QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation);
  const QSettings kde(config + QStringLiteral("/kdeglobals"), QSettings::IniFormat);
  if (kde.value(QStringLiteral("KDE/AnimationDurationFactor"), 1.0).toDouble() <= 0) return true;
  const QSettings gtk(config + QStringLiteral("/gtk-3.0/settings.ini"), QSettings::IniFormat);
  const QString enabled = gtk.value(QStringLiteral("Settings/gtk-enable-animations")).toString().toLower();
  if (enabled == QLatin1String("0") || enabled == QLatin1String("false")) return true;
  // GNOME keeps the answer in a database of its own; its tool reads it.
  if (!qEnvironmentVariable("XDG_CURRENT_DESKTOP").contains(QLatin1String("GNOME"))) return false;
  QProcess tool;
  tool.start(QStringLiteral("gsettings"), {QStringLiteral("get"), QStringLiteral("org.gnome.desktop.interface"), QStringLiteral("enable-animations")});
  constexpr int kPatience = 80;  // ms
  if (!tool.waitForFinished(kPatience)) {
    tool.kill();
    tool.waitForFinished(kPatience);
    return false;
  }
  return tool.readAllStandardOutput().trimmed() == "false";
}

}  // namespace

bool reduced_motion() {
  if (const QVariant said = qApp->property("reducedMotion"); said.isValid()) return said.toBool();
  static const bool asked = ask_desktop();
  return asked;
}

int motion_time(int milliseconds) { return reduced_motion() ? 0 : milliseconds; }

double ease_out(double t) {
  const double left = 1 - t;
  return 1 - left * left * left;
}

}  // namespace isotherm::ui
