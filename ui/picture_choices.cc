#include "ui/picture_choices.h"

#include <QActionGroup>
#include <QLocale>

namespace isotherm::ui {

PictureChoices::PictureChoices(QWidget* parent) : QObject(parent), menu_(new QMenu(tr("&Picture"), parent)) {
  menu_->setObjectName(QStringLiteral("pictureMenu"));
  menu_->setToolTipsVisible(true);
  direction_ = group(tr("&Direction"), QStringLiteral("direction"), {{tr("Top to bottom"), static_cast<int>(render::Direction::top_bottom)}, {tr("Left to right"), static_cast<int>(render::Direction::left_right)}}, 0);
  palette_ = group(tr("&Colours"), QStringLiteral("palette"),
                   {{tr("Safe for the colour-blind"), static_cast<int>(render::PaletteChoice::standard)}, {tr("TREx"), static_cast<int>(render::PaletteChoice::trex)}, {tr("TensorBoard"), static_cast<int>(render::PaletteChoice::tensorboard)}}, 0);
  scale_ = group(tr("&Scale of values"), QStringLiteral("scale"), {{tr("Logarithmic"), 1}, {tr("Linear"), 0}}, 1);
  std::vector<std::pair<QString, int>> budgets;
  for (const int nodes : {60, 120, 300, 1000, 5000, 20000}) budgets.emplace_back(tr("%1 boxes").arg(QLocale::c().toString(nodes).replace(QLatin1Char(','), QLatin1Char(' '))), nodes);
  budget_ = group(tr("At &most"), QStringLiteral("budget"), budgets, render::SceneOptions().max_nodes);
  menu_->addSeparator();
  const auto check = [this](const QString& text, const QString& name, const QString& tip, bool on) {
    QAction* out = menu_->addAction(text);
    out->setObjectName(name);
    out->setToolTip(tip);
    out->setCheckable(true);
    out->setChecked(on);
    return out;
  };
  edge_bytes_ = check(tr("&Edges as wide as their bytes"), QStringLiteral("edgeBytes"), tr("1 to 6 px, by what the tensor weighs"), false);
  repeats_ = check(tr("&Repeated blocks drawn once"), QStringLiteral("repeats"), tr("With their count; not where values are shown"), true);
  legend_ = check(tr("&Legend"), QStringLiteral("legend"), tr("Under the graphs, and in what is exported"), true);
  connect(edge_bytes_, &QAction::toggled, this, &PictureChoices::changed);
  connect(repeats_, &QAction::toggled, this, &PictureChoices::changed);
  connect(legend_, &QAction::toggled, this, &PictureChoices::legend_toggled);
}

QActionGroup* PictureChoices::group(const QString& title, const QString& name, const std::vector<std::pair<QString, int>>& choices, int chosen) {
  QMenu* menu = menu_->addMenu(title);
  auto* out = new QActionGroup(menu);
  out->setObjectName(name);
  for (const auto& [text, value] : choices) {
    QAction* action = menu->addAction(text);
    action->setData(value);
    action->setCheckable(true);
    action->setChecked(value == chosen);
    out->addAction(action);
  }
  connect(out, &QActionGroup::triggered, this, &PictureChoices::changed);
  return out;
}

int PictureChoices::chosen(const QActionGroup* group) { return group->checkedAction() ? group->checkedAction()->data().toInt() : 0; }

void PictureChoices::choose(const QActionGroup* group, int value) {
  for (QAction* action : group->actions())
    if (action->data().toInt() == value && !action->isChecked()) return action->trigger();
}

void PictureChoices::apply(render::SceneOptions& options) const {
  options.direction = static_cast<render::Direction>(chosen(direction_));
  options.palette = static_cast<render::PaletteChoice>(chosen(palette_));
  options.max_nodes = chosen(budget_);
  options.page = options.max_nodes == render::SceneOptions().max_nodes;  // another number is meant
  options.edge_bytes = edge_bytes_->isChecked();
  options.repeats = repeats_->isChecked();
}

bool PictureChoices::logarithmic() const { return chosen(scale_) == 1; }
bool PictureChoices::legend() const { return legend_->isChecked(); }

bool PictureChoices::same_shape(const render::SceneOptions& options) const {
  render::SceneOptions now;
  apply(now);
  return now.direction == options.direction && now.max_nodes == options.max_nodes && now.repeats == options.repeats;
}

void PictureChoices::set_direction(render::Direction direction) { choose(direction_, static_cast<int>(direction)); }
void PictureChoices::set_most_nodes(int nodes) { choose(budget_, nodes); }
void PictureChoices::set_repeats(bool once) { repeats_->setChecked(once); }

}  // namespace isotherm::ui
