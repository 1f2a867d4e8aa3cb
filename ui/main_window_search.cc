// Finding nodes by name or op, and going from one to the next.
#include <QAction>
#include <QEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

#include <algorithm>

#include "ui/graph_pane.h"
#include "ui/main_window.h"

namespace isotherm::ui {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string lowered(const std::string& text) {
  std::string out = text;
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

bool holds(const std::string& text, const std::string& wanted) {
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), [](char a, char b) { return lower(a) == b; }) != text.end();
}

}  // namespace

void MainWindow::find_text(const QString& text) {
  if (!document_) return;
  if (text == matched_text_ && !matches_.empty()) return next_match(1);
  matched_text_ = text;
  matches_.clear();
  match_ = 0;
  const Graph& graph = *shown()->conversion->before;
  const std::string wanted = lowered(text.toStdString());
  if (!wanted.empty())
    for (NodeId id = 0; id < graph.size(); ++id)
      if (holds(graph[id].name, wanted) || lowered(graph[id].op) == wanted) matches_.push_back(id);
  panes_[0]->view()->set_matches(matches_);
  if (text.isEmpty()) {
    show_match_words();
    return update_status();
  }
  if (matches_.empty()) {
    show_match_words();
    status_message_->setText(tr("No node or op matches '%1'").arg(text));
    return;
  }
  show_match();
}

void MainWindow::next_match(int step) {
  if (matches_.empty()) return;
  const auto count = static_cast<std::ptrdiff_t>(matches_.size());
  match_ = static_cast<std::size_t>((static_cast<std::ptrdiff_t>(match_) + step + count) % count);
  show_match();
}

void MainWindow::show_match() {
  const NodeId node = matches_[match_];
  select_node(node, false);
  panes_[0]->view()->reveal(node);
  show_match_words();
}

QString MainWindow::scope_hiding_match() const {
  if (matches_.empty()) return {};
  const GraphView* view = panes_[0]->view();
  const std::int32_t box = view->box_of(matches_[match_]);
  if (box < 0) return {};
  const render::Scene& s = view->picture()->scene;
  const std::int32_t scope = s.boxes[static_cast<std::size_t>(box)].scope;
  return scope < 0 ? QString() : QString::fromStdString(s.scope_paths[static_cast<std::size_t>(scope)]);
}

void MainWindow::show_match_words() {
  const bool any = !matches_.empty();
  const QString text = search_->text();
  search_count_->setText(any ? tr("%1 of %2").arg(match_ + 1).arg(matches_.size()) : text.isEmpty() ? QString() : tr("none"));
  search_count_->setVisible(!search_count_->text().isEmpty());
  const QString scope = scope_hiding_match();
  search_open_->setVisible(!scope.isEmpty());
  search_open_->setToolTip(tr("Opens %1, which holds this one").arg(scope));
  if (!any) return;
  const QString name = QString::fromStdString((*shown()->conversion->before)[matches_[match_]].name);
  QString words = tr("%1 of %2 for '%3': %4").arg(match_ + 1).arg(matches_.size()).arg(matched_text_, name);
  if (!scope.isEmpty()) words += tr(", in the closed scope %1").arg(scope.section(QLatin1Char('/'), -1));
  else if (panes_[0]->view()->box_of(matches_[match_]) < 0) words += tr(", not drawn here");
  status_message_->setText(words);
}

void MainWindow::open_scope_of_match() {
  const QString scope = scope_hiding_match();
  if (scope.isEmpty()) return;
  GraphView* view = panes_[0]->view();
  view->keep_in_place(view->box_of(matches_[match_]));
  reveal_after_rebuild_ = matches_[match_];
  toggle_scope(scope, true);
}

bool MainWindow::eventFilter(QObject* object, QEvent* event) {
  if (object == search_ && event->type() == QEvent::KeyPress) {
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
      if (key->modifiers() & Qt::AltModifier) open_scope_of_match();
      else if (key->modifiers() & Qt::ShiftModifier && search_->text() == matched_text_) next_match(-1);
      else find_text(search_->text());
      return true;
    }
    if (key->key() == Qt::Key_Escape) {
      search_->clear();
      panes_[view_ == render::View::after ? 1 : 0]->view()->setFocus();
      return true;
    }
  }
  return QMainWindow::eventFilter(object, event);
}

}  // namespace isotherm::ui
