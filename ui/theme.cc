#include "ui/theme.h"

#include <QFile>
#include <QFontDatabase>
#include <QPainter>
#include <QPalette>
#include <QSvgRenderer>

// A resource of a static library is linked in only where somebody asks for it. Must stand outside any namespace.
static void load_icons() { Q_INIT_RESOURCE(icons); }

namespace isotherm::ui {
namespace {

QString family(std::initializer_list<const char*> wanted) {
  static const QStringList families = QFontDatabase().families();
  for (const char* name : wanted)
    if (families.contains(QLatin1String(name))) return QLatin1String(name);
  return QLatin1String(*(wanted.end() - 1));
}

// Qt 5 counts weights from 0 to 99.
int qt_weight(int css) {
  if (css >= 700) return QFont::Bold;
  if (css >= 600) return QFont::DemiBold;
  if (css >= 500) return QFont::Medium;
  return QFont::Normal;
}

QFont make_font(const QString& name, qreal size, int weight) {
  QFont font(name);
  font.setPixelSize(qRound(size));
  font.setWeight(qt_weight(weight));
  return font;
}

QString hex(render::Color c) { return to_qcolor(c).name(); }

QString style_sheet(const render::Palette& p) {
  QString sheet = QStringLiteral(R"(
QMainWindow, QDialog { background: @window; }
QMenuBar { background: @window; border-bottom: 1px solid @border; }
QMenuBar::item { padding: 5px 9px; background: transparent; }
QMenuBar::item:selected, QMenu::item:selected { background: @hover; }
QMenu { background: @raised; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 22px 5px 12px; border-radius: 4px; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @border; margin: 4px 6px; }
QToolBar { background: @window; border: none; border-bottom: 1px solid @border; padding: 0 10px; spacing: 6px; }
QToolBar QComboBox, QToolBar QLineEdit, QToolBar QPushButton { padding-top: 3px; padding-bottom: 3px; min-height: 16px; }
QToolBar QToolButton { border: none; border-radius: 5px; padding: 5px; }
QToolBar QToolButton:hover { background: @hover; }
QToolBar QToolButton#gpuOptions { color: @muted; padding: 5px 16px 5px 6px; }
QToolBar QToolButton#pictureButton { padding: 5px 18px 5px 8px; }
QToolButton#gpuOptions::menu-indicator, QToolButton#pictureButton::menu-indicator { image: url(:/icons/chevron_@mode.svg); width: 10px; height: 10px; subcontrol-position: right center; right: 3px; }
QStatusBar { background: @window; border-top: 1px solid @border; min-height: 27px; color: @muted; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: @muted; padding: 0 10px; }
QDockWidget { color: @text; border: 1px solid @border; }
QMainWindow::separator { background: @border; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: @accent; }
QToolButton#headButton { border: none; border-radius: 5px; padding: 4px; }
QToolButton#headButton:hover { background: @hover; }
QLabel#badge { color: @accent; background: @accentTint; border-radius: 9px; padding: 2px 9px; }
QLabel#problem { color: @error; }
QComboBox#headChoice { border: none; background: @hover; border-radius: 5px; padding: 1px 8px; min-height: 20px; }
QSplitter::handle { background: @border; }
QSplitter::handle:horizontal { width: 1px; } QSplitter::handle:vertical { height: 1px; }
QWidget#head { background: @panel; border-bottom: 1px solid @border; min-height: 31px; max-height: 31px; }
QWidget#partBar { background: @accentTint; border-bottom: 1px solid @border; }
QLabel#searchCount { color: @muted; }
QLabel#headTitle { font-weight: 600; }
QLabel#muted, QLabel#headDetail { color: @muted; }
QWidget#panel, QScrollArea, QScrollArea > QWidget > QWidget#panel { background: @panel; border: none; }
QPushButton { background: @raised; border: 1px solid @control; border-radius: 6px; padding: 6px 14px; }
QPushButton:hover { background: @hover; }
QPushButton:disabled { color: @faint; border-color: @border; }
QPushButton#primary { background: @accent; border-color: @accent; color: @onAccent; font-weight: 600; }
QPushButton#primary:disabled { background: @hover; border-color: @border; color: @faint; }
QPushButton#link { border: none; background: transparent; color: @accent; padding: 4px 2px; text-align: left; }
QPushButton#segment { border: none; border-radius: 5px; background: transparent; color: @muted; padding: 4px 9px; }
QPushButton#segment:checked { background: @raised; color: @text; font-weight: 600; }
QPushButton#segment:disabled { color: @faint; }
QFrame#segments { background: @hover; border-radius: 7px; }
QLineEdit, QSpinBox, QComboBox { background: @raised; border: 1px solid @control; border-radius: 6px; padding: 4px 8px; min-height: 18px;
  selection-background-color: @accent; selection-color: @onAccent; }
QLineEdit:focus, QSpinBox:focus, QComboBox:focus, QPushButton:focus { border-color: @accent; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url(:/icons/chevron_@mode.svg); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @raised; border: 1px solid @border; selection-background-color: @selectionTint; selection-color: @text; outline: none; }
QSpinBox::up-button, QSpinBox::down-button { width: 0; border: none; }
QSpinBox#hops { padding: 1px 18px 1px 8px; }
QSpinBox#hops::up-button, QSpinBox#hops::down-button { width: 16px; border: none; }
QSpinBox#hops::up-arrow { image: url(:/icons/chevron_up_@mode.svg); width: 9px; height: 9px; }
QSpinBox#hops::down-arrow { image: url(:/icons/chevron_@mode.svg); width: 9px; height: 9px; }
QTabBar { background: @panel; }
QTabBar::tab { background: transparent; color: @muted; padding: 7px 4px 5px 4px; margin: 0 8px; border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @text; font-weight: 600; border-bottom: 2px solid @accent; }
QTabBar::tab:disabled { color: @faint; }
QTableView { background: @panel; border: none; gridline-color: transparent; selection-background-color: @selectionTint; selection-color: @text; outline: none; }
QTableView::item { border: none; padding: 0 10px; }
QHeaderView { background: @panel; }
QHeaderView::section { background: @panel; color: @muted; border: none; border-bottom: 1px solid @border; padding: 5px 10px; font-size: 11px; font-weight: 500; }
QHeaderView::up-arrow, QHeaderView::down-arrow { subcontrol-origin: padding; subcontrol-position: top center; width: 8px; height: 8px; }
QHeaderView::down-arrow { image: url(:/icons/chevron_@mode.svg); } QHeaderView::up-arrow { image: url(:/icons/chevron_up_@mode.svg); }
QScrollBar:vertical { background: transparent; width: 10px; } QScrollBar:horizontal { background: transparent; height: 10px; }
QScrollBar::handle { background: @border; border-radius: 4px; margin: 2px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: @faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; } QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: 4px 6px; }
QLabel#sectionTitle { font-weight: 600; }
QFrame#nativeCard { background: @nativeTint; border: 1px solid @native; border-radius: 8px; }
QFrame#nativeCard QLabel#cardTitle { color: @native; font-weight: 600; }
QLabel#reasonChip { color: @native; border: 1px dashed @native; border-radius: 9px; padding: 1px 8px; }
QFrame#resultCard { background: @panel; border: 1px solid @border; border-radius: 8px; }
QProgressBar { background: @hover; border: none; max-height: 2px; min-height: 2px; } QProgressBar::chunk { background: @accent; }
QMessageBox QLabel#qt_msgbox_informativelabel { min-width: 400px; }
QFrame#separator { background: @border; max-height: 1px; min-height: 1px; border: none; }
)");
  const std::pair<const char*, render::Color> colors[] = {
      {"@window", p.window}, {"@panel", p.panel}, {"@raised", p.raised}, {"@hover", p.hover}, {"@border", p.border}, {"@control", p.control},
      {"@text", p.text}, {"@muted", p.muted}, {"@faint", p.faint}, {"@error", p.error}, {"@accent", p.accent}, {"@onAccent", p.on_accent},
      {"@selectionTint", p.selection_tint}, {"@nativeTint", p.native_tint}, {"@native", p.native}};
  sheet.replace(QLatin1String("@mode"), p.dark ? QLatin1String("dark") : QLatin1String("light"));
  // Longer names first: "@nativeTint" begins with "@native".
  sheet.replace(QLatin1String("@nativeTint"), hex(p.native_tint));
  sheet.replace(QLatin1String("@accentTint"), hex(p.accent_tint));
  for (const auto& [name, color] : colors) sheet.replace(QLatin1String(name), hex(color));
  return sheet;
}

}  // namespace

QFont sans_font(qreal size, int weight) { return make_font(family({"Inter", "Noto Sans", "DejaVu Sans"}), size, weight); }
QFont mono_font(qreal size, int weight) { return make_font(family({"JetBrains Mono", "DejaVu Sans Mono"}), size, weight); }

void apply_theme(QApplication& app, render::Theme theme) {
  load_icons();
  const render::Palette& p = render::palette(theme);
  QApplication::setStyle(QStringLiteral("Fusion"));
  QApplication::setFont(sans_font(12.5));
  QPalette q;
  q.setColor(QPalette::Window, to_qcolor(p.window));
  q.setColor(QPalette::WindowText, to_qcolor(p.text));
  q.setColor(QPalette::Base, to_qcolor(p.panel));
  q.setColor(QPalette::AlternateBase, to_qcolor(p.hover));
  q.setColor(QPalette::Text, to_qcolor(p.text));
  q.setColor(QPalette::Button, to_qcolor(p.raised));
  q.setColor(QPalette::ButtonText, to_qcolor(p.text));
  q.setColor(QPalette::Highlight, to_qcolor(p.accent));
  q.setColor(QPalette::HighlightedText, to_qcolor(p.on_accent));
  q.setColor(QPalette::ToolTipBase, to_qcolor(p.raised));
  q.setColor(QPalette::ToolTipText, to_qcolor(p.text));
  q.setColor(QPalette::PlaceholderText, to_qcolor(p.muted));
  q.setColor(QPalette::Link, to_qcolor(p.accent));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) q.setColor(QPalette::Disabled, role, to_qcolor(p.faint));
  QApplication::setPalette(q);
  app.setStyleSheet(style_sheet(p));
}

QIcon icon(const QString& name, render::Color color) {
  load_icons();
  QFile file(QStringLiteral(":/icons/") + name + QStringLiteral(".svg"));
  if (!file.open(QIODevice::ReadOnly)) return {};
  QByteArray svg = file.readAll();
  svg.replace("currentColor", to_qcolor(color).name().toLatin1());
  QSvgRenderer renderer(svg);
  QIcon out;
  for (const int scale : {1, 2}) {
    QPixmap pixmap(16 * scale, 16 * scale);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    renderer.render(&painter);
    pixmap.setDevicePixelRatio(scale);
    out.addPixmap(pixmap);
  }
  return out;
}

}  // namespace isotherm::ui
