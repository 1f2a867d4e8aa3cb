// The window's look: the diagrams' tokens as Qt colours, palette, fonts and style sheet.
#pragma once

#include <QApplication>
#include <QColor>
#include <QFont>
#include <QIcon>
#include <QString>

#include "core/render/theme.h"

namespace isotherm::ui {

inline QColor to_qcolor(render::Color c) { return QColor(c.r, c.g, c.b, c.a); }

/// Inter, or what stands in for it; `size` in px.
QFont sans_font(qreal size, int weight = 400);
/// JetBrains Mono, or what stands in for it: names, values and columns of numbers.
QFont mono_font(qreal size, int weight = 400);

/// Palette, font and style sheet of the whole application.
void apply_theme(QApplication& app, render::Theme theme);

/// An icon of resources/icons, drawn in the colour: 16 px and twice that.
QIcon icon(const QString& name, render::Color color);

}  // namespace isotherm::ui
