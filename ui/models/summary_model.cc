#include "ui/models/summary_model.h"

#include <algorithm>
#include <unordered_map>

#include "profiler/gpu_records.h"

namespace isotherm::ui {
namespace {

QString q(const std::string& text) { return QString::fromStdString(text); }

QString number(double ns) { return ns < 0 ? QStringLiteral("–") : QString::number(ns / 1e3, 'f', 1); }

}  // namespace

void SummaryModel::set_run(RunMode run) {
  if (run == run_) return;
  run_ = run;
  set_document(document_);
}

void SummaryModel::set_document(const DocumentPtr& document) {
  beginResetModel();
  document_ = document;
  rows_.clear();
  refusals_.clear();
  largest_ = 0;
  description_.clear();
  if (document && document->conversion) {
    switch (kind_) {
      case TableKind::layers: add_layers(*document); break;
      case TableKind::nodes: add_nodes(*document); break;
      case TableKind::engines: add_engines(*document); break;
      case TableKind::kernels: add_kernels(*document); break;
    }
    for (const Row& row : rows_) largest_ = std::max(largest_, row.share);
    const QString what = kind_ == TableKind::layers ? tr("layers") : kind_ == TableKind::nodes ? tr("nodes") : kind_ == TableKind::engines ? tr("engines") : tr("kernels by node");
    description_ = QStringLiteral("%1 %2").arg(rows_.size()).arg(what);
    if (document->session) {
      const auto& meta = document->session->meta;
      const auto device = meta.find("device"), batch = meta.find("batch");
      if (device != meta.end()) description_ += QStringLiteral(", ") + q(device->second);
      const auto& settings = document->session->settings;
      const bool tf32 = std::find(settings.begin(), settings.end(), std::pair<std::string, std::string>("tf32", "on")) != settings.end();
      description_ += tf32 ? QStringLiteral(", TF32") : QStringLiteral(", FP32");
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
    if (!measured.sources.empty()) row.node = measured.sources.front() == measured.name ? tr("itself") : q(measured.sources.front());
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
  refusals_.assign(static_cast<std::size_t>(c.before->size()), nullptr);
  for (const NativeNode& native : c.segmentation.native) refusals_[static_cast<std::size_t>(native.node)] = &native.refusal;
  rows_.reserve(static_cast<std::size_t>(c.before->size()));
  for (NodeId id = 0; id < c.before->size(); ++id) {
    const Node& node = (*c.before)[id];
    if (node.op == "Const") continue;
    const auto i = static_cast<std::size_t>(id);
    Row row;
    row.before = id;
    if (i < c.map.engine_of.size()) row.engine = c.map.engine_of[i];
    if (i < c.map.after_of.size()) row.after = c.map.after_of[i];
    if (const auto found = measured.find(id); found != measured.end()) set_times(row, found->second);
    rows_.push_back(std::move(row));
  }
}

QString SummaryModel::name_of(const Row& row) const { return kind_ == TableKind::nodes ? q((*document_->conversion->before)[row.before].name) : row.name; }

QString SummaryModel::node_of(const Row& row) const {
  if (kind_ != TableKind::nodes) return row.node;
  const Refusal* refusal = refusals_[static_cast<std::size_t>(row.before)];
  return refusal ? QStringLiteral("%1: %2").arg(q(std::string(reason_name(refusal->reason))), q(refusal->detail)) : QString();
}

QString SummaryModel::op_of(const Row& row) const { return kind_ == TableKind::nodes ? q((*document_->conversion->before)[row.before].op) : row.op; }
QString SummaryModel::tooltip_of(const Row& row) const { return kind_ == TableKind::nodes ? node_of(row) : row.tooltip; }

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

void SummaryModel::add_kernels(const Document& document) {
  if (!document.session) return;
  const Conversion& c = *document.conversion;
  for (const SummaryRow& measured : summarise(*document.session, run_, GroupBy::kernel_node).rows) {
    Row row;
    row.name = q(kernel_label(measured.name));
    row.op = q(measured.op);
    row.tooltip = q(measured.name) + QStringLiteral("\n") + q(measured.detail);
    for (const std::string& source : measured.sources)
      if (const NodeId id = c.before->find(source); id != kNoNode) row.sources.push_back(id);
    for (std::size_t e = 0; e < c.engines.size(); ++e)
      if (c.engines[e].name == measured.engine) row.engine = static_cast<int>(e);
    if (run_ == RunMode::native) {
      row.before = measured.node;
    } else {
      row.after = measured.node;
      if (!row.sources.empty()) row.before = row.sources.front();
    }
    const auto i = static_cast<std::size_t>(row.before);
    if (row.after == kNoNode && row.before != kNoNode && i < c.map.after_of.size()) row.after = c.map.after_of[i];
    if (!measured.sources.empty()) row.node = q(measured.sources.front());
    else row.node = tr("no node");
    if (measured.sources.size() > 1) row.node += QStringLiteral(" +%1").arg(measured.sources.size() - 1);
    set_times(row, measured);
    rows_.push_back(std::move(row));
  }
}

bool SummaryModel::is_row_of(int index, NodeId before, NodeId after) const {
  if (index < 0 || index >= rowCount()) return false;
  const Row& row = rows_[static_cast<std::size_t>(index)];
  if (before != kNoNode) return row.before == before || std::find(row.sources.begin(), row.sources.end(), before) != row.sources.end();
  // An engine has many nodes of the graph before; none of them stands for it.
  return after != kNoNode && row.after == after && (kind_ != TableKind::nodes || row.engine < 0);
}

int SummaryModel::row_of(NodeId before, NodeId after) const {
  for (int i = 0; i < rowCount(); ++i)
    if (is_row_of(i, before, after)) return i;
  return -1;
}

QVariant SummaryModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const Row& row = rows_[static_cast<std::size_t>(index.row())];
  const int column = index.column();
  switch (role) {
    case Qt::DisplayRole:
      switch (column) {
        case kName: return name_of(row);
        case kNode: return node_of(row);
        case kEngine: return row.engine < 0 ? tr("native") : QString::number(row.engine);
        case kOp: return op_of(row);
        case kCalls: return row.calls > 0 ? QString::number(row.calls) : QStringLiteral("–");
        case kMedian: return number(row.median);
        case kPerRun: return number(row.per_run);
        case kShare: return row.share < 0 ? QStringLiteral("–") : QString::number(100 * row.share, 'f', 1) + QStringLiteral(" %");
        default: return {};
      }
    case Qt::TextAlignmentRole: return column >= kCalls && column <= kPerRun ? int(Qt::AlignRight | Qt::AlignVCenter) : int(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ToolTipRole: {
      const QString more = tooltip_of(row);
      return more.isEmpty() ? name_of(row) : name_of(row) + QStringLiteral("\n") + more;
    }
    case kSortRole:
      switch (column) {
        case kName: return name_of(row);
        case kNode: return node_of(row);
        case kEngine: return row.engine;
        case kOp: return op_of(row);
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
    case kProseRole: return kind_ == TableKind::nodes && column == kNode;
    default: return {};
  }
}

QVariant SummaryModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return section >= kCalls && section <= kPerRun ? int(Qt::AlignRight | Qt::AlignVCenter) : int(Qt::AlignLeft | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kName: return kind_ == TableKind::layers ? tr("Layer") : kind_ == TableKind::nodes ? tr("Node") : kind_ == TableKind::engines ? tr("Engine") : tr("Kernel");
    case kNode: return kind_ == TableKind::engines ? tr("Holds") : kind_ == TableKind::nodes ? tr("Why native") : tr("Nodes");
    case kEngine: return tr("Engine");
    case kOp: return kind_ == TableKind::layers ? tr("Kind") : kind_ == TableKind::kernels ? tr("Op or kind") : tr("Op");
    case kCalls: return tr("Calls");
    case kMedian: return tr("Median µs");
    case kPerRun: return tr("Per run µs");
    case kShare: return tr("Share");
    default: return {};
  }
}

}  // namespace isotherm::ui
