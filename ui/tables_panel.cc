#include "ui/tables_panel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/theme.h"

namespace isotherm::ui {

TablesPanel::TablesPanel(QWidget* parent)
    : QWidget(parent), tabs_(new QTabBar), detail_(new QLabel), table_(new QTableView), empty_(new QWidget), empty_text_(new QLabel),
      delegate_(new TableDelegate(this)), run_choice_(new QComboBox) {
  auto* head = new QWidget;
  head->setObjectName(QStringLiteral("head"));
  head->setAttribute(Qt::WA_StyledBackground);
  auto* head_layout = new QHBoxLayout(head);
  head_layout->setContentsMargins(4, 0, 14, 0);
  for (const QString& name : {tr("Layers"), tr("Nodes"), tr("Engines"), tr("Kernels")}) tabs_->addTab(name);
  tabs_->setDrawBase(false);
  tabs_->setExpanding(false);
  detail_->setObjectName(QStringLiteral("headDetail"));
  run_choice_->addItem(tr("run with engines"), static_cast<int>(RunMode::engines));
  run_choice_->addItem(tr("native run"), static_cast<int>(RunMode::native));
  run_choice_->setAccessibleName(tr("Run whose kernels are listed"));
  head_layout->addWidget(tabs_);
  head_layout->addWidget(run_choice_);
  head_layout->addStretch();
  head_layout->addWidget(detail_);

  for (std::size_t i = 0; i < models_.size(); ++i) {
    models_[i] = new SummaryModel(static_cast<TableKind>(i), this);
    sorted_[i] = new QSortFilterProxyModel(this);
    sorted_[i]->setSourceModel(models_[i]);
    sorted_[i]->setSortRole(SummaryModel::kSortRole);
  }
  table_->setItemDelegate(delegate_);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setShowGrid(false);
  table_->setFrameShape(QFrame::NoFrame);
  table_->setSortingEnabled(true);
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
  auto* button = new QPushButton(tr("Profile this graph"));
  button->setObjectName(QStringLiteral("emptyButton"));
  empty_layout->addStretch();
  empty_layout->addWidget(empty_text_, 0, Qt::AlignCenter);
  empty_layout->addWidget(button, 0, Qt::AlignCenter);
  empty_layout->addStretch();
  connect(button, &QPushButton::clicked, this, &TablesPanel::profile_requested);

  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(head);
  layout->addWidget(table_, 1);
  layout->addWidget(empty_, 1);
  connect(tabs_, &QTabBar::currentChanged, this, &TablesPanel::show_current);
  connect(run_choice_, qOverload<int>(&QComboBox::currentIndexChanged), this, [this] {
    models_[static_cast<std::size_t>(TableKind::kernels)]->set_run(static_cast<RunMode>(run_choice_->currentData().toInt()));
    show_current();
  });
  show_current();
}

void TablesPanel::set_document(const DocumentPtr& document) {
  has_both_runs_ = document && document->session && document->session->on_device(RunMode::native) && document->session->on_device(RunMode::engines);
  for (SummaryModel* model : models_) model->set_document(document);
  if (document && document->session && !has_both_runs_) show_run(document->session->on_device(RunMode::native) ? RunMode::native : RunMode::engines);
  empty_->findChild<QPushButton*>()->setVisible(document && document->can_run());
  has_document_ = document != nullptr;
  if (document && !document->session && tabs_->currentIndex() == 0) tabs_->setCurrentIndex(1);
  if (document && document->session && models_[0]->rowCount() > 0) tabs_->setCurrentIndex(0);
  show_current();
}

void TablesPanel::set_theme(render::Theme theme) {
  delegate_->set_theme(theme);
  table_->viewport()->update();
}

void TablesPanel::show_table(TableKind kind) { tabs_->setCurrentIndex(static_cast<int>(kind)); }

void TablesPanel::show_run(RunMode run) { run_choice_->setCurrentIndex(run_choice_->findData(static_cast<int>(run))); }

void TablesPanel::show_current() {
  const auto i = static_cast<std::size_t>(tabs_->currentIndex());
  const bool changed = table_->model() != sorted_[i];
  if (changed) {
    QItemSelectionModel* old = table_->selectionModel();
    table_->setModel(sorted_[i]);
    delete old;
    table_->sortByColumn(SummaryModel::kPerRun, Qt::DescendingOrder);
    auto* header = table_->horizontalHeader();
    header->setMinimumSectionSize(40);
    header->setSectionResizeMode(SummaryModel::kName, QHeaderView::Stretch);
    // Only kernels need as much room for their nodes as for themselves; a layer has the name of its main node.
    header->setSectionResizeMode(SummaryModel::kNode, models_[i]->kind() == TableKind::kernels ? QHeaderView::Stretch : QHeaderView::Interactive);
    table_->setColumnHidden(SummaryModel::kNode, models_[i]->kind() == TableKind::nodes);
    size_columns();
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this, i](const QModelIndex& current) {
      if (selecting_ || !current.isValid()) return;
      const QModelIndex source = sorted_[i]->mapToSource(current);
      emit row_selected(source.data(SummaryModel::kBeforeNodeRole).toInt(), source.data(SummaryModel::kAfterNodeRole).toInt());
    });
  }
  const bool kernels = models_[i]->kind() == TableKind::kernels;
  run_choice_->setVisible(kernels && has_both_runs_);
  empty_text_->setText(!has_document_ ? tr("Layers, nodes and engines of the open graph appear here.")
                       : kernels      ? tr("Kernels appear here after a profile on a GPU: choose the device beside the Profile button.")
                                      : tr("Engine layers and their times appear here after a profile."));
  const bool empty = models_[i]->rowCount() == 0;
  table_->setVisible(!empty);
  empty_->setVisible(empty);
  detail_->setText(empty ? QString() : models_[i]->description());
}

void TablesPanel::size_columns() {
  if (!table_->model()) return;
  // Names get what the numbers leave: in a narrow window the bars of the shares are short.
  const bool narrow = table_->width() < 1000;
  const std::pair<int, int> widths[] = {{SummaryModel::kEngine, 72},  {SummaryModel::kOp, narrow ? 104 : 124}, {SummaryModel::kCalls, 58},
                                        {SummaryModel::kMedian, 88},  {SummaryModel::kPerRun, 92},             {SummaryModel::kShare, narrow ? 122 : 170}};
  for (const auto& [column, width] : widths) table_->setColumnWidth(column, width);
  const bool kernels = models_[static_cast<std::size_t>(tabs_->currentIndex())]->kind() == TableKind::kernels;
  if (!kernels) table_->setColumnWidth(SummaryModel::kNode, 140);
  table_->setColumnHidden(SummaryModel::kCalls, kernels && narrow);
}

void TablesPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  size_columns();
}

void TablesPanel::select(NodeId before, NodeId after) {
  const auto i = static_cast<std::size_t>(tabs_->currentIndex());
  selecting_ = true;
  // A node may have several rows: one of its own that is selected already stays.
  const QModelIndex current = table_->currentIndex();
  const bool stays = current.isValid() && models_[i]->is_row_of(sorted_[i]->mapToSource(current).row(), before, after);
  const int row = stays ? sorted_[i]->mapToSource(current).row() : models_[i]->row_of(before, after);
  if (row < 0) {
    table_->clearSelection();
  } else {
    const QModelIndex index = sorted_[i]->mapFromSource(models_[i]->index(row, 0));
    table_->setCurrentIndex(index);
    table_->scrollTo(index);
  }
  selecting_ = false;
}

}  // namespace isotherm::ui
