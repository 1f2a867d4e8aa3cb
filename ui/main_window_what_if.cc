// What the settings at hand would give, shown while they are typed.
#include <QLabel>

#include "ui/conversion_panel.h"
#include "ui/dock.h"
#include "ui/graph_pane.h"
#include "ui/inspector.h"
#include "ui/main_window.h"
#include "ui/tables_panel.h"

namespace isotherm::ui {

void MainWindow::ask_what_if() {
  if (!document_) return;
  const Result<ConversionParams> asked = conversion_->params();
  const auto fail = [this](const Error& error) {
    drop_preview();
    conversion_->card()->show_problem(QString::fromStdString(error.message));
    emit preview_changed();
  };
  if (!asked.ok()) {
    what_if_job_.cancel();
    return fail(asked.error());
  }
  if (*asked == document_->params) {
    what_if_job_.cancel();
    drop_preview();
    conversion_->card()->show_answer(nullptr);
    emit preview_changed();
    return;
  }
  // A question that was dropped may be answered all the same.
  const auto still_asked = [this](const ConversionParams& params) {
    const auto now = conversion_->params();
    return now.ok() && *now == params;
  };
  const DocumentPtr document = document_;
  what_if_job_.start<WhatIfAnswerPtr>(
      QString(),
      [document, params = *asked](const Progress& progress) {
        return isotherm::ui::ask_what_if(document, params, progress);
      },
      [this, document, still_asked, fail, params = *asked](Result<WhatIfAnswerPtr> result) {
        if (document != document_ || !still_asked(params)) return;
        if (!result.ok()) {
          if (result.error().code != ErrorCode::cancelled) fail(result.error());
          return;
        }
        const WhatIfAnswerPtr answer = *result;
        conversion_->card()->show_answer(answer);
        conversion_dock_->set_badge(tr("preview, not built"));
        what_if_job_.start<DocumentPtr>(
            QString(),
            [document, answer](const Progress& progress) { return preview_document(document, *answer, progress); },
            [this, document, answer, still_asked, fail](Result<DocumentPtr> preview) {
              if (document != document_ || !still_asked(answer->params)) return;
              if (preview.ok()) return set_preview(answer, std::move(*preview));
              if (preview.error().code != ErrorCode::cancelled) fail(preview.error());
            });
      });
}

void MainWindow::set_preview(WhatIfAnswerPtr answer, DocumentPtr preview) {
  // Numbers of nodes change with the settings, names of those before the conversion do not.
  std::string name;
  if (selected_ != kNoNode) {
    const Conversion& old = *shown()->conversion;
    const auto i = static_cast<std::size_t>(selected_);
    const bool one = selected_after_ && i < old.map.before_of.size() && old.map.before_of[i].size() == 1;
    const NodeId before = !selected_after_ ? selected_ : one ? old.map.before_of[i].front() : kNoNode;
    if (before != kNoNode) name = (*old.before)[before].name;
  }
  const bool replaying = steps_ != nullptr;
  answer_ = std::move(answer);
  preview_ = std::move(preview);
  selected_ = name.empty() ? kNoNode : shown()->conversion->before->find(name);
  selected_after_ = false;
  show_document();
  if (replaying) start_replay();
  emit preview_changed();
}

void MainWindow::drop_preview() {
  conversion_dock_->set_badge({});
  if (!preview_) return;
  set_preview(nullptr, nullptr);
}

void MainWindow::adopt_preview() {
  if (!preview_) return;
  what_if_job_.cancel();
  set_document(DocumentPtr(preview_));
}

void MainWindow::ask_remedies() {
  remedy_job_.cancel();
  const NodeId node = inspector_->native_node();
  const DocumentPtr document = shown();
  if (node == kNoNode || !document || !document->what_if) return;
  remedy_job_.start<std::vector<RemedyOutcome>>(
      QString(),
      [document, node](const Progress& progress) { return isotherm::ui::ask_remedies(document, node, progress); },
      [this, document, node](Result<std::vector<RemedyOutcome>> outcomes) {
        if (outcomes.ok() && document == shown() && node == inspector_->native_node())
          inspector_->show_remedies(*outcomes);
      });
}

}  // namespace isotherm::ui
