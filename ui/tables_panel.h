// The tables under the graphs: layers, nodes, engines, kernels; linked with the selection both ways.
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QSortFilterProxyModel>
#include <QTabBar>
#include <QTableView>
#include <QWidget>

#include <array>

#include "ui/models/summary_model.h"
#include "ui/table_delegate.h"

namespace isotherm::ui {

class TablesPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit TablesPanel(QWidget* parent = nullptr);

  void set_document(const DocumentPtr& document);
  void set_theme(render::Theme theme);
  /// Marks the row of a node, without telling anybody.
  void select(NodeId before, NodeId after);
  void show_table(TableKind kind);
  /// Whose kernels are listed, where both runs were recorded.
  void show_run(RunMode run);
  [[nodiscard]] SummaryModel* model(TableKind kind) const { return models_[static_cast<std::size_t>(kind)]; }

 signals:
  void row_selected(int before, int after);
  void profile_requested();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void show_current();
  void size_columns();

  QTabBar* tabs_;
  QLabel* detail_;
  QTableView* table_;
  QWidget* empty_;
  QLabel* empty_text_;
  TableDelegate* delegate_;
  QComboBox* run_choice_;
  std::array<SummaryModel*, kTableKinds> models_;
  std::array<QSortFilterProxyModel*, kTableKinds> sorted_;
  bool selecting_ = false;
  bool has_document_ = false, has_both_runs_ = false;
};

}  // namespace isotherm::ui
