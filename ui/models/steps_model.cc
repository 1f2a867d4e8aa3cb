#include "ui/models/steps_model.h"

namespace isotherm::ui {
namespace {

QString q(const std::string& text) { return QString::fromStdString(text); }

}  // namespace

void StepsModel::set_replay(std::shared_ptr<const render::Replay> replay) {
  beginResetModel();
  replay_ = std::move(replay);
  description_.clear();
  if (replay_) {
    int accepted = 0, refused = 0;
    for (int i = 0; i < replay_->size(); ++i) {
      accepted += (*replay_)[i].kind == render::ReplayStep::Kind::merge ? 1 : 0;
      refused += (*replay_)[i].kind == render::ReplayStep::Kind::merge_refused ? 1 : 0;
    }
    description_ = tr("%1 steps: %2 merges accepted, %3 refused").arg(replay_->size()).arg(accepted).arg(refused);
  }
  endResetModel();
}

QVariant StepsModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const int row = index.row();
  const render::ReplayStep& step = (*replay_)[row];
  const bool about_all = step.kind == render::ReplayStep::Kind::candidates;
  switch (role) {
    case Qt::DisplayRole:
      switch (index.column()) {
        case kNumber: return row + 1;
        case kVerdict: return q(replay_->verdict(row));
        case kNode:
          if (about_all) return tr("all nodes");
          if (step.to != kNoNode)
            return q(replay_->graph()[step.from].name) + QStringLiteral(" → ") + q(replay_->graph()[step.to].name);
          return q(replay_->graph()[replay_->record(row).node].name);
        case kSentence: return q(replay_->sentence(row));
        default: return {};
      }
    case Qt::TextAlignmentRole:
      return int((index.column() == kNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::ToolTipRole: return q(replay_->sentence(row));
    case kToneRole: return static_cast<int>(render::tone_of(step.kind));
    case kNodeRole: return about_all ? kNoNode : replay_->record(row).node;
    default: return {};
  }
}

QVariant StepsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return int((section == kNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kNumber: return tr("Step");
    case kVerdict: return tr("Verdict");
    case kNode: return tr("Edge or node");
    case kSentence: return tr("What was decided, and why");
    default: return {};
  }
}

}  // namespace isotherm::ui
