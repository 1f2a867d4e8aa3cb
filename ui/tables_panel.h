// The tables under the graphs: layers, nodes, engines, kernels and the segmenter's steps; linked with the selection both
// ways.
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTabBar>
#include <QTableView>
#include <QWidget>

#include <array>

#include "ui/models/node_filter.h"
#include "ui/models/steps_model.h"
#include "ui/models/summary_model.h"
#include "ui/table_delegate.h"

namespace isotherm::ui {

/// Sorts, and lets through the rows of some nodes of the graph before the conversion.
class NodeFilterProxy final : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  using QSortFilterProxyModel::QSortFilterProxyModel;
  void set_nodes(std::vector<NodeId> ascending);
  void clear_nodes();

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

 private:
  bool all_ = true;
  std::vector<NodeId> nodes_;
};

class TablesPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit TablesPanel(QWidget* parent = nullptr);

  /// Tabs, filter and counts; stands in the dock's head.
  [[nodiscard]] QWidget* head() const { return head_; }
  /// `change`: what a preview moves; null: `document` is no preview. Both null: nothing is open.
  void set_document(const DocumentPtr& document, std::shared_ptr<const WhatIfAnswer> preview = nullptr);
  /// Null: not replayed yet.
  void set_replay(std::shared_ptr<const render::Replay> replay);
  void set_theme(render::Theme theme);
  /// Marks the row of a node, without telling anybody.
  void select(NodeId before, NodeId after);
  /// Marks the row of a step, without telling anybody.
  void select_step(int step);
  void show_table(TableKind kind);
  /// Whose kernels are listed, where both runs were recorded.
  void show_run(RunMode run);
  void show_steps();
  /// Shows the nodes table with those nodes alone; Kind::all: with all of them.
  void set_filter(const NodeFilter& filter);
  [[nodiscard]] const NodeFilter& filter() const { return filter_; }
  [[nodiscard]] SummaryModel* model(TableKind kind) const { return models_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] StepsModel* steps() const { return steps_; }

 signals:
  void row_selected(int before, int after);
  void step_selected(int step);
  void profile_requested();
  void replay_requested();
  /// Nodes of the filter, to be marked in the graph; empty: all, none is to be marked.
  void filter_changed(const std::vector<NodeId>& nodes);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  static constexpr int kStepsTab = static_cast<int>(kTableKinds);
  void show_current();
  void show_steps_table();
  void fill_filters();
  void apply_filter();
  [[nodiscard]] bool steps_shown() const { return tabs_->currentIndex() == kStepsTab; }
  void size_columns();

  QWidget* head_;
  QTabBar* tabs_;
  QComboBox* filters_;
  QComboBox* run_choice_;
  QLabel* detail_;
  QTableView* table_;
  QWidget* empty_;
  QLabel* empty_text_;
  QPushButton* empty_button_;
  TableDelegate* delegate_;
  StepsDelegate* steps_delegate_;
  std::array<SummaryModel*, kTableKinds> models_;
  std::array<NodeFilterProxy*, kTableKinds> sorted_;
  StepsModel* steps_;
  DocumentPtr document_;
  std::shared_ptr<const WhatIfAnswer> preview_;
  NodeFilter filter_;
  int step_ = 0;  ///< that the replay shows
  bool selecting_ = false;
  bool has_both_runs_ = false;
};

}  // namespace isotherm::ui
