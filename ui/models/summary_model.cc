#include "ui/models/summary_model.h"

#include <unordered_map>

namespace isotherm::ui {
namespace {

QString q(const std::string& text) { return QString::fromStdString(text); }

QString number(double ns) { return ns < 0 ? QStringLiteral("–") : QString::number(ns / 1e3, 'f', 1); }

}  // namespace

void SummaryModel::set_document(const DocumentPtr& document) {
  beginResetModel();
  rows_.clear();
  largest_ = 0;
  description_.clear();
  if (document && document->conversion) {
    switch (kind_) {
      case TableKind::layers: add_layers(*document); break;
      case TableKind::nodes: add_nodes(*document); break;
      case TableKind::engines: add_engines(*document); break;
    }
    for (const Row& row : rows_) largest_ = std::max(largest_, row.share);
    const QString what = kind_ == TableKind::layers ? tr("layers") : kind_ == TableKind::nodes ? tr("nodes") : tr("engines");
    description_ = QStringLiteral("%1 %2").arg(rows_.size()).arg(what);
    if (document->session) {
      const auto& meta = document->session->meta;
      const auto device = meta.find("device"), batch = meta.find("batch");
      if (device != meta.end()) description_ += QStringLiteral(", ") + q(device->second);
      description_ += QStringLiteral(", FP32");
      if (batch != meta.end()) description_ += tr(", batch %1").arg(q(batch->second));
    } else {
      description_ += tr(", not measured");
    }
  }
  endResetModel();
}

void SummaryModel::set_times(Row& row, const SummaryRow& measured) const {
  row.calls = measured.time.count;
  row.median = measured.time.median;
  row.per_run = measured.per_run;
  row.share = measured.share;
}

void SummaryModel::add_layers(const Document& document) {
  if (!document.session) return;
  const Conversion& c = *document.conversion;
  for (const SummaryRow& measured : summarise(*document.session, RunMode::engines, GroupBy::layer).rows) {
    Row row;
    row.name = q(measured.name);
    row.op = q(measured.op);
    row.tooltip = q(measured.detail);
    for (const std::string& source : measured.sources)
      if (const NodeId id = c.before->find(source); id != kNoNode) row.sources.push_back(id);
    if (!row.sources.empty()) row.before = row.sources.front();
    if (!measured.sources.empty()) row.node = q(measured.sources.front());
    if (measured.sources.size() > 1) row.node += tr(" and %1 more").arg(measured.sources.size() - 1);
    for (std::size_t e = 0; e < c.engines.size(); ++e)
      if (c.engines[e].name == measured.engine) {
        row.engine = static_cast<int>(e);
        row.after = c.engines[e].node;
      }
    set_times(row, measured);
    rows_.push_back(std::move(row));
  }
}

void SummaryModel::add_nodes(const Document& document) {
  const Conversion& c = *document.conversion;
  std::unordered_map<NodeId, SummaryRow> measured;
  if (document.session)
    for (SummaryRow& row : summarise(*document.session, RunMode::native, GroupBy::node).rows) measured.emplace(row.node, std::move(row));
  std::vector<const Refusal*> refusals(static_cast<std::size_t>(c.before->size()), nullptr);
  for (const NativeNode& native : c.segmentation.native) refusals[static_cast<std::size_t>(native.node)] = &native.refusal;
  for (NodeId id = 0; id < c.before->size(); ++id) {
    const Node& node = (*c.before)[id];
    if (node.op == "Const") continue;
    const auto i = static_cast<std::size_t>(id);
    Row row;
    row.name = q(node.name);
    if (refusals[i]) row.node = QStringLiteral("%1: %2").arg(q(std::string(reason_name(refusals[i]->reason))), q(refusals[i]->detail));
    row.tooltip = row.node;
    row.op = q(node.op);
    row.before = id;
    if (i < c.map.engine_of.size()) row.engine = c.map.engine_of[i];
    if (i < c.map.after_of.size()) row.after = c.map.after_of[i];
    if (const auto found = measured.find(id); found != measured.end()) set_times(row, found->second);
    rows_.push_back(std::move(row));
  }
}

void SummaryModel::add_engines(const Document& document) {
  const Conversion& c = *document.conversion;
  std::unordered_map<NodeId, SummaryRow> measured;
  if (document.session)
    for (SummaryRow& row : summarise(*document.session, RunMode::engines, GroupBy::node).rows) measured.emplace(row.node, std::move(row));
  for (std::size_t e = 0; e < c.engines.size(); ++e) {
    Row row;
    row.name = q(c.engines[e].name);
    row.node = tr("%1 nodes").arg(c.engines[e].node_count);
    row.op = QStringLiteral("TRTEngineOp");
    row.engine = static_cast<int>(e);
    row.after = c.engines[e].node;
    if (document.session)
      if (const EngineRecord* record = document.session->engine_at(row.after); record && !record->fallback.empty()) {
        row.node += tr(", fell back");
        row.tooltip = tr("ran its native segment: %1").arg(q(record->fallback));
      }
    if (const auto found = measured.find(row.after); found != measured.end()) set_times(row, found->second);
    rows_.push_back(std::move(row));
  }
}

int SummaryModel::row_of(NodeId before, NodeId after) const {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Row& row = rows_[i];
    if (before != kNoNode && (row.before == before || std::find(row.sources.begin(), row.sources.end(), before) != row.sources.end())) return static_cast<int>(i);
    if (before == kNoNode && after != kNoNode && row.after == after) return static_cast<int>(i);
  }
  return -1;
}

QVariant SummaryModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const Row& row = rows_[static_cast<std::size_t>(index.row())];
  const int column = index.column();
  switch (role) {
    case Qt::DisplayRole:
      switch (column) {
        case kName: return row.name;
        case kNode: return row.node;
        case kEngine: return row.engine < 0 ? tr("native") : QString::number(row.engine);
        case kOp: return row.op;
        case kCalls: return row.calls > 0 ? QString::number(row.calls) : QStringLiteral("–");
        case kMedian: return number(row.median);
        case kPerRun: return number(row.per_run);
        case kShare: return row.share < 0 ? QStringLiteral("–") : QString::number(100 * row.share, 'f', 1) + QStringLiteral(" %");
        default: return {};
      }
    case Qt::TextAlignmentRole: return column >= kCalls && column <= kPerRun ? int(Qt::AlignRight | Qt::AlignVCenter) : int(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ToolTipRole: return row.tooltip.isEmpty() ? row.name : row.name + QStringLiteral("\n") + row.tooltip;
    case kSortRole:
      switch (column) {
        case kName: return row.name;
        case kNode: return row.node;
        case kEngine: return row.engine;
        case kOp: return row.op;
        case kCalls: return row.calls;
        case kMedian: return row.median;
        case kPerRun: return row.per_run;
        default: return row.share;
      }
    case kShareRole: return row.share;
    case kHeatRole: return largest_ > 0 && row.share >= 0 ? row.share / largest_ : -1.0;
    case kEngineRole: return row.engine;
    case kBeforeNodeRole: return row.before;
    case kAfterNodeRole: return row.after;
    default: return {};
  }
}

QVariant SummaryModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return section >= kCalls && section <= kPerRun ? int(Qt::AlignRight | Qt::AlignVCenter) : int(Qt::AlignLeft | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kName: return kind_ == TableKind::layers ? tr("Layer") : kind_ == TableKind::nodes ? tr("Node") : tr("Engine");
    case kNode: return kind_ == TableKind::engines ? tr("Holds") : kind_ == TableKind::layers ? tr("Nodes") : tr("Why native");
    case kEngine: return tr("Engine");
    case kOp: return kind_ == TableKind::layers ? tr("Kind") : tr("Op");
    case kCalls: return tr("Calls");
    case kMedian: return tr("Median µs");
    case kPerRun: return tr("Per run µs");
    case kShare: return tr("Share");
    default: return {};
  }
}

}  // namespace isotherm::ui
