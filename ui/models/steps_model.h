// Table model over a replayed segmentation: number, verdict, edge or node, and the sentence of every step.
#pragma once

#include <QAbstractTableModel>

#include <memory>

#include "core/render/steps.h"

namespace isotherm::ui {

class StepsModel final : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kNumber, kVerdict, kNode, kSentence, kColumns };
  enum Role {
    kToneRole = Qt::UserRole,  ///< int of render::StepTone
    kNodeRole,                 ///< node that the step is about, -1 for the candidate tests
  };

  using QAbstractTableModel::QAbstractTableModel;

  /// Null: no rows. Rows are steps, in their order.
  void set_replay(std::shared_ptr<const render::Replay> replay);
  [[nodiscard]] const std::shared_ptr<const render::Replay>& replay() const { return replay_; }
  /// "31 steps: 24 accepted, 3 refused"; empty without a replay.
  [[nodiscard]] const QString& description() const { return description_; }

  int rowCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() || !replay_ ? 0 : replay_->size();
  }
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : kColumns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::shared_ptr<const render::Replay> replay_;
  QString description_;
};

}  // namespace isotherm::ui
