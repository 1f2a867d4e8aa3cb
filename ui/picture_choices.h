// How the picture is drawn, chosen from one menu: the View menu's and the toolbar's.
#pragma once

#include <QMenu>
#include <QObject>

#include "core/render/scene.h"

class QActionGroup;

namespace isotherm::ui {

class PictureChoices final : public QObject {
  Q_OBJECT

 public:
  explicit PictureChoices(QWidget* parent);

  [[nodiscard]] QMenu* menu() const { return menu_; }
  /// Sets direction, palette, node budget, widths of edges and repeats.
  void apply(render::SceneOptions& options) const;
  [[nodiscard]] bool logarithmic() const;
  [[nodiscard]] bool legend() const;
  /// The choices that shape the picture, not its colours: with other ones nothing keeps its place.
  [[nodiscard]] bool same_shape(const render::SceneOptions& options) const;

  void set_direction(render::Direction direction);
  void set_most_nodes(int nodes);
  void set_repeats(bool once);

 signals:
  /// The pictures are to be built anew.
  void changed();
  void legend_toggled(bool on);

 private:
  QActionGroup* group(const QString& title, const QString& name, const std::vector<std::pair<QString, int>>& choices, int chosen);
  static int chosen(const QActionGroup* group);
  static void choose(const QActionGroup* group, int value);

  QMenu* menu_;
  QActionGroup* direction_;
  QActionGroup* palette_;
  QActionGroup* scale_;
  QActionGroup* budget_;
  QAction* edge_bytes_;
  QAction* repeats_;
  QAction* legend_;
};

}  // namespace isotherm::ui
