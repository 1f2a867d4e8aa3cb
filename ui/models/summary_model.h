// Table models over a document: its layers, nodes, engines and GPU kernels, with times where a session measured them.
#pragma once

#include <QAbstractTableModel>

#include <vector>

#include "profiler/summary.h"
#include "ui/document.h"

namespace isotherm::ui {

enum class TableKind { layers, nodes, engines, kernels };
inline constexpr std::size_t kTableKinds = 4;

class SummaryModel final : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kName, kNode, kEngine, kOp, kCalls, kMedian, kPerRun, kShare, kColumns };
  enum Role {
    kSortRole = Qt::UserRole,  ///< number or text to sort by
    kShareRole,                ///< 0 to 1, -1: not measured
    kHeatRole,                 ///< 0 to 1, place on the ramp: the row's share of the largest
    kEngineRole,               ///< engine's index, -1: native
    kBeforeNodeRole,           ///< main node in the graph before the conversion
    kAfterNodeRole,            ///< node in the converted graph
    kProseRole,                ///< true: a sentence, cut at its end; others are names, which differ at their ends
  };

  explicit SummaryModel(TableKind kind, QObject* parent = nullptr) : QAbstractTableModel(parent), kind_(kind) {}

  void set_document(const DocumentPtr& document);
  /// Which run's kernels are listed; the other tables belong to one run each.
  void set_run(RunMode run);
  [[nodiscard]] RunMode run() const { return run_; }
  [[nodiscard]] TableKind kind() const { return kind_; }
  /// "54 layers, CPU, batch 8": for the head; empty without a document.
  [[nodiscard]] QString description() const { return description_; }
  /// First row of a node of the graph before or after; -1: none.
  [[nodiscard]] int row_of(NodeId before, NodeId after) const;
  /// Whether a row belongs to that node.
  [[nodiscard]] bool is_row_of(int row, NodeId before, NodeId after) const;

  int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : kColumns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  struct Row {
    QString name, node, op, tooltip;  ///< of nodes: empty, they are read from the graph when they are asked for
    int engine = -1;
    NodeId before = kNoNode, after = kNoNode;
    std::vector<NodeId> sources;  ///< of a layer, before the conversion
    int calls = 0;
    double median = -1, per_run = -1, share = -1;  ///< ns; below 0: not measured
  };

  void add_layers(const Document& document);
  void add_nodes(const Document& document);
  void add_engines(const Document& document);
  void add_kernels(const Document& document);
  [[nodiscard]] QString name_of(const Row& row) const;
  [[nodiscard]] QString node_of(const Row& row) const;
  [[nodiscard]] QString op_of(const Row& row) const;
  [[nodiscard]] QString tooltip_of(const Row& row) const;
  void set_times(Row& row, const SummaryRow& measured) const;

  TableKind kind_;
  RunMode run_ = RunMode::engines;
  DocumentPtr document_;
  std::vector<Row> rows_;
  std::vector<const Refusal*> refusals_;  ///< by node before, of the document's; null: none. Of nodes alone
  double largest_ = 0;
  QString description_;
};

}  // namespace isotherm::ui
