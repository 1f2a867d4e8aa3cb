#include "ui/tables_panel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QVBoxLayout>

#include <algorithm>

#include "ui/theme.h"

namespace isotherm::ui {

void NodeFilterProxy::set_nodes(std::vector<NodeId> ascending) {
  all_ = false;
  nodes_ = std::move(ascending);
  invalidateFilter();
}

void NodeFilterProxy::clear_nodes() {
  if (all_) return;
  all_ = true;
  nodes_.clear();
  invalidateFilter();
}

bool NodeFilterProxy::filterAcceptsRow(int row, const QModelIndex& parent) const {
  if (all_) return true;
  const NodeId node = sourceModel()->index(row, 0, parent).data(SummaryModel::kBeforeNodeRole).toInt();
  return std::binary_search(nodes_.begin(), nodes_.end(), node);
}

TablesPanel::TablesPanel(QWidget* parent)
    : QWidget(parent), head_(new QWidget), tabs_(new QTabBar), filters_(new QComboBox), run_choice_(new QComboBox), detail_(new QLabel), table_(new QTableView),
      empty_(new QWidget), empty_text_(new QLabel), empty_button_(new QPushButton), delegate_(new TableDelegate(this)), steps_delegate_(new StepsDelegate(this)), steps_(new StepsModel(this)) {
  auto* head_layout = new QHBoxLayout(head_);
  head_layout->setContentsMargins(4, 0, 6, 0);
  for (const QString& name : {tr("Layers"), tr("Nodes"), tr("Engines"), tr("Kernels"), tr("Steps")}) tabs_->addTab(name);
  tabs_->setDrawBase(false);
  tabs_->setExpanding(false);
  detail_->setObjectName(QStringLiteral("headDetail"));
  detail_->setMinimumWidth(10);
  filters_->setObjectName(QStringLiteral("headChoice"));
  filters_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  filters_->setToolTip(tr("Which nodes are listed, and marked in the graph"));
  filters_->setAccessibleName(filters_->toolTip());
  run_choice_->setObjectName(QStringLiteral("headChoice"));
  run_choice_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  run_choice_->addItem(tr("run with engines"), static_cast<int>(RunMode::engines));
  run_choice_->addItem(tr("native run"), static_cast<int>(RunMode::native));
  run_choice_->setAccessibleName(tr("Run whose kernels are listed"));
  head_layout->addWidget(tabs_);
  head_layout->addWidget(filters_);
  head_layout->addWidget(run_choice_);
  head_layout->addStretch();
  head_layout->addWidget(detail_);

  for (std::size_t i = 0; i < models_.size(); ++i) {
    models_[i] = new SummaryModel(static_cast<TableKind>(i), this);
    sorted_[i] = new NodeFilterProxy(this);
    sorted_[i]->setSourceModel(models_[i]);
    sorted_[i]->setSortRole(SummaryModel::kSortRole);
  }
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setShowGrid(false);
  table_->setFrameShape(QFrame::NoFrame);
  table_->setWordWrap(false);
  table_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  table_->setAccessibleName(tr("Measured layers, nodes, engines and kernels"));
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setDefaultSectionSize(25);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);

  auto* empty_layout = new QVBoxLayout(empty_);
  empty_->setObjectName(QStringLiteral("panel"));
  empty_->setAttribute(Qt::WA_StyledBackground);
  empty_text_->setObjectName(QStringLiteral("muted"));
  empty_text_->setAlignment(Qt::AlignCenter);
  empty_button_->setObjectName(QStringLiteral("emptyButton"));
  empty_layout->addStretch();
  empty_layout->addWidget(empty_text_, 0, Qt::AlignCenter);
  empty_layout->addWidget(empty_button_, 0, Qt::AlignCenter);
  empty_layout->addStretch();
  connect(empty_button_, &QPushButton::clicked, this, [this] { steps_shown() ? emit replay_requested() : emit profile_requested(); });

  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(table_, 1);
  layout->addWidget(empty_, 1);
  connect(tabs_, &QTabBar::currentChanged, this, &TablesPanel::show_current);
  connect(filters_, QOverload<int>::of(&QComboBox::activated), this, [this](int i) { set_filter(filters_->itemData(i).value<NodeFilter>()); });
  connect(run_choice_, qOverload<int>(&QComboBox::currentIndexChanged), this, [this] {
    models_[static_cast<std::size_t>(TableKind::kernels)]->set_run(static_cast<RunMode>(run_choice_->currentData().toInt()));
    show_current();
  });
  show_current();
}

void TablesPanel::set_document(const DocumentPtr& document, std::shared_ptr<const WhatIfAnswer> preview) {
  document_ = document;
  preview_ = std::move(preview);
  const auto session = document ? document->session : nullptr;
  has_both_runs_ = session && session->on_device(RunMode::native) && session->on_device(RunMode::engines);
  for (SummaryModel* model : models_) model->set_document(document);
  if (session && !has_both_runs_) show_run(session->on_device(RunMode::native) ? RunMode::native : RunMode::engines);
  fill_filters();
  if (!steps_shown()) {
    if (document && !session && tabs_->currentIndex() == 0) tabs_->setCurrentIndex(1);
    if (session && models_[0]->rowCount() > 0 && filter_.kind == NodeFilter::Kind::all) tabs_->setCurrentIndex(0);
  }
  apply_filter();
  show_current();
}

void TablesPanel::fill_filters() {
  filters_->clear();
  const SegmentationChange* change = preview_ ? &preview_->change : nullptr;
  if (document_ && document_->conversion)
    for (const NodeFilterChoice& choice : filter_choices(*document_->conversion, change))
      filters_->addItem(QStringLiteral("%1  %2").arg(filter_name(choice.filter)).arg(choice.nodes), QVariant::fromValue(choice.filter));
  int current = 0;
  for (int i = 0; i < filters_->count(); ++i)
    if (filters_->itemData(i).value<NodeFilter>() == filter_) current = i;
  // A reason that nothing has any more filters nothing.
  if (current == 0) filter_ = {};
  filters_->setCurrentIndex(filters_->count() > 0 ? current : -1);
}

void TablesPanel::apply_filter() {
  auto* proxy = sorted_[static_cast<std::size_t>(TableKind::nodes)];
  if (filter_.kind == NodeFilter::Kind::all || !document_ || !document_->conversion) {
    proxy->clear_nodes();
    emit filter_changed({});
    return;
  }
  const std::vector<NodeId> nodes = nodes_of(filter_, *document_->conversion, preview_ ? &preview_->change : nullptr);
  proxy->set_nodes(nodes);
  emit filter_changed(nodes);
}

void TablesPanel::set_filter(const NodeFilter& filter) {
  filter_ = filter;
  fill_filters();
  apply_filter();
  if (filter_.kind != NodeFilter::Kind::all) show_table(TableKind::nodes);
  show_current();
}

void TablesPanel::set_replay(std::shared_ptr<const render::Replay> replay) {
  steps_->set_replay(std::move(replay));
  show_current();
}

void TablesPanel::set_theme(render::Theme theme) {
  delegate_->set_theme(theme);
  steps_delegate_->set_theme(theme);
  table_->viewport()->update();
}

void TablesPanel::show_table(TableKind kind) { tabs_->setCurrentIndex(static_cast<int>(kind)); }
void TablesPanel::show_steps() { tabs_->setCurrentIndex(kStepsTab); }

void TablesPanel::show_run(RunMode run) { run_choice_->setCurrentIndex(run_choice_->findData(static_cast<int>(run))); }

void TablesPanel::show_current() {
  filters_->setVisible(tabs_->currentIndex() == static_cast<int>(TableKind::nodes) && filters_->count() > 1);
  run_choice_->setVisible(tabs_->currentIndex() == static_cast<int>(TableKind::kernels) && has_both_runs_);
  if (steps_shown()) return show_steps_table();
  const auto i = static_cast<std::size_t>(tabs_->currentIndex());
  if (table_->model() != sorted_[i]) {
    QItemSelectionModel* old = table_->selectionModel();
    table_->setModel(sorted_[i]);
    delete old;
    table_->setItemDelegate(delegate_);
    table_->setSortingEnabled(true);
    const bool times = document_ && document_->session;
    table_->sortByColumn(times ? SummaryModel::kPerRun : -1, times ? Qt::DescendingOrder : Qt::AscendingOrder);
    auto* header = table_->horizontalHeader();
    header->setMinimumSectionSize(40);
    header->setSectionResizeMode(SummaryModel::kName, QHeaderView::Stretch);
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this, i](const QModelIndex& current) {
      if (selecting_ || !current.isValid()) return;
      const QModelIndex source = sorted_[i]->mapToSource(current);
      emit row_selected(source.data(SummaryModel::kBeforeNodeRole).toInt(), source.data(SummaryModel::kAfterNodeRole).toInt());
    });
  }
  // Without times there is room for the reasons; with them the columns of times take it. Only kernels need as much room
  // for their nodes as for themselves; a layer has the name of its main node.
  const TableKind kind = models_[i]->kind();
  const bool measured = document_ && document_->session, kernels = kind == TableKind::kernels;
  table_->horizontalHeader()->setSectionResizeMode(SummaryModel::kNode, kernels || !measured ? QHeaderView::Stretch : QHeaderView::Interactive);
  for (const int column : {SummaryModel::kMedian, SummaryModel::kPerRun, SummaryModel::kShare}) table_->setColumnHidden(column, !measured);
  table_->setColumnHidden(SummaryModel::kEngine, false);
  table_->setColumnHidden(SummaryModel::kNode, measured && kind == TableKind::nodes);
  size_columns();
  const bool empty = models_[i]->rowCount() == 0;
  table_->setVisible(!empty);
  empty_->setVisible(empty);
  empty_button_->setText(tr("Profile this graph"));
  empty_button_->setVisible(document_ && document_->can_run());
  empty_text_->setText(!document_ ? tr("Layers, nodes and engines of the open graph appear here.")
                       : kernels  ? tr("Kernels appear here after a profile on a GPU: choose the device beside the Profile button.")
                                  : tr("Engine layers and their times appear here after a profile."));
  QString detail = empty ? QString() : models_[i]->description();
  if (!empty && models_[i]->kind() == TableKind::nodes && filter_.kind != NodeFilter::Kind::all)
    detail = sorted_[i]->rowCount() == 1 ? tr("1 node listed; constants are not") : tr("%1 nodes listed; constants are not").arg(sorted_[i]->rowCount());
  detail_->setText(detail);
}

void TablesPanel::show_steps_table() {
  if (table_->model() != steps_) {
    QItemSelectionModel* old = table_->selectionModel();
    table_->setSortingEnabled(false);
    table_->setModel(steps_);
    delete old;
    table_->setItemDelegate(steps_delegate_);
    auto* header = table_->horizontalHeader();
    for (int column = 0; column < StepsModel::kColumns; ++column) table_->setColumnHidden(column, false);
    const std::pair<int, int> widths[] = {{StepsModel::kNumber, 70}, {StepsModel::kVerdict, 110}, {StepsModel::kNode, 380}};
    for (const auto& [column, width] : widths) {
      header->setSectionResizeMode(column, QHeaderView::Interactive);
      table_->setColumnWidth(column, width);
    }
    header->setSectionResizeMode(StepsModel::kSentence, QHeaderView::Stretch);
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& current) {
      if (!selecting_ && current.isValid()) emit step_selected(current.row());
    });
  }
  const bool empty = steps_->rowCount() == 0;
  table_->setVisible(!empty);
  empty_->setVisible(empty);
  empty_text_->setText(tr("Every decision of the segmenter, one after the other."));
  empty_button_->setText(tr("Replay the segmentation"));
  empty_button_->setVisible(document_ != nullptr);
  detail_->setText(steps_->description());
  select_step(step_);
}

void TablesPanel::size_columns() {
  if (!table_->model() || steps_shown()) return;
  // Names get what the numbers leave: in a narrow window the bars of the shares are short.
  const bool narrow = table_->width() < 1000;
  const std::pair<int, int> widths[] = {{SummaryModel::kEngine, 72},  {SummaryModel::kOp, narrow ? 104 : 124}, {SummaryModel::kCalls, 58},
                                        {SummaryModel::kMedian, 88},  {SummaryModel::kPerRun, 92},             {SummaryModel::kShare, narrow ? 122 : 170}};
  for (const auto& [column, width] : widths) table_->setColumnWidth(column, width);
  const bool kernels = tabs_->currentIndex() == static_cast<int>(TableKind::kernels), measured = document_ && document_->session;
  if (!kernels && measured) table_->setColumnWidth(SummaryModel::kNode, 140);
  table_->setColumnHidden(SummaryModel::kCalls, !measured || (kernels && narrow));
}

void TablesPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  size_columns();
}

void TablesPanel::select(NodeId before, NodeId after) {
  if (steps_shown()) return;
  const auto i = static_cast<std::size_t>(tabs_->currentIndex());
  selecting_ = true;
  // A node may have several rows: one of its own that is selected already stays.
  QModelIndex index = table_->currentIndex();
  if (!index.isValid() || !models_[i]->is_row_of(sorted_[i]->mapToSource(index).row(), before, after)) {
    const int row = models_[i]->row_of(before, after);
    index = row < 0 ? QModelIndex() : sorted_[i]->mapFromSource(models_[i]->index(row, 0));
  }
  if (!index.isValid()) {
    table_->clearSelection();
  } else {
    table_->setCurrentIndex(index);
    table_->scrollTo(index);
  }
  selecting_ = false;
}

void TablesPanel::select_step(int step) {
  step_ = step;
  if (!steps_shown() || step < 0 || step >= steps_->rowCount()) return;
  selecting_ = true;
  table_->setCurrentIndex(steps_->index(step, 0));
  table_->scrollTo(steps_->index(step, 0));
  selecting_ = false;
}

}  // namespace isotherm::ui
