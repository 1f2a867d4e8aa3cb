#include "ui/preview_card.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

#include "ui/theme.h"

namespace isotherm::ui {
namespace {

QString q(const std::string& text) { return QString::fromStdString(text); }

QString link(const QString& target, const QString& text, render::Color color) {
  return QStringLiteral("<a href=\"%1\" style=\"text-decoration:none; color:%2\">%3</a>")
      .arg(target, to_qcolor(color).name(), text);
}

/// "conv_a, bn_1, .. and 18 more": the last parts of long names.
QString some_names(const Graph& graph, const std::vector<NodeId>& nodes) {
  constexpr std::size_t kNamed = 3;
  QStringList out;
  for (std::size_t i = 0; i < nodes.size() && i < kNamed; ++i) {
    QString name = q(graph[nodes[i]].name);
    constexpr int kLongest = 28;
    if (name.size() > kLongest) name = QStringLiteral("…") + name.right(kLongest - 1);
    out << name.toHtmlEscaped();
  }
  QString text = out.join(QStringLiteral(", "));
  if (nodes.size() > kNamed) text += QCoreApplication::translate("PreviewCard", " and %1 more").arg(nodes.size() - kNamed);
  return text;
}

QString count_nodes(std::size_t count) {
  return count == 1 ? QCoreApplication::translate("PreviewCard", "1 node")
                    : QCoreApplication::translate("PreviewCard", "%1 nodes").arg(count);
}

}  // namespace

void ResultStrip::paintEvent(QPaintEvent*) {
  if (!conversion_) return;
  const Conversion& c = *conversion_;
  const render::Palette& p = render::palette(theme_);
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const double all = qMax(1, c.before->size());
  double x = 0;
  const double room = width() - 2.0 * static_cast<double>(c.engines.size());
  for (std::size_t e = 0; e < c.engines.size(); ++e) {
    const double w = qMax(3.0, room * c.engines[e].node_count / all);
    painter.setPen(Qt::NoPen);
    painter.setBrush(to_qcolor(p.engine(static_cast<int>(e)).line));
    painter.drawRoundedRect(QRectF(x, 2, w, 10), 2.5, 2.5);
    x += w + 2;
  }
  if (x >= width() - 3) return;
  QPen pen(to_qcolor(p.native), 1.2);
  pen.setDashPattern({3, 2});
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(QRectF(x + 1, 2.6, width() - x - 2, 8.8), 2.5, 2.5);
}

PreviewCard::PreviewCard(QWidget* parent)
    : QFrame(parent),
      head_(new QLabel),
      time_(new QLabel),
      reset_(new QPushButton(tr("Reset"))),
      strip_(new ResultStrip),
      change_(new QLabel),
      reasons_(new QLabel),
      problem_(new QLabel) {
  setObjectName(QStringLiteral("resultCard"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(12, 5, 12, 9);
  layout->setSpacing(4);
  auto* line = new QHBoxLayout;
  time_->setObjectName(QStringLiteral("muted"));
  time_->setToolTip(tr("How long the answer took"));
  line->addWidget(head_, 1);
  line->addWidget(time_);
  reset_->setObjectName(QStringLiteral("link"));
  reset_->setToolTip(tr("Back to the settings of the conversion that is open"));
  // Its place stays reserved: nothing jumps when a preview begins.
  QSizePolicy keep = reset_->sizePolicy();
  keep.setRetainSizeWhenHidden(true);
  reset_->setSizePolicy(keep);
  line->addWidget(reset_);
  connect(reset_, &QPushButton::clicked, this, &PreviewCard::reset_requested);
  layout->addLayout(line);
  layout->addWidget(strip_);
  for (QLabel* label : {change_, reasons_}) {
    label->setTextFormat(Qt::RichText);
    label->setWordWrap(true);
    label->setFont(sans_font(12));
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::LinksAccessibleByMouse |
                                   Qt::LinksAccessibleByKeyboard);
    connect(label, &QLabel::linkActivated, this, [this](const QString& target) {
      if (target == QLatin1String("gained")) return emit filter_requested({NodeFilter::Kind::gained});
      if (target == QLatin1String("lost")) return emit filter_requested({NodeFilter::Kind::lost});
      emit filter_requested({NodeFilter::Kind::reason, static_cast<Reason>(target.toInt())});
    });
    layout->addWidget(label);
  }
  problem_->setObjectName(QStringLiteral("problem"));
  problem_->setWordWrap(true);
  problem_->setFont(sans_font(12));
  problem_->setTextFormat(Qt::PlainText);
  problem_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  problem_->hide();
  layout->addWidget(problem_);
  update_contents();
}

void PreviewCard::set_document(const DocumentPtr& document, render::Theme theme) {
  if (document != document_) {
    answer_.reset();
    problem_->hide();
  }
  document_ = document;
  theme_ = theme;
  update_contents();
}

void PreviewCard::show_answer(WhatIfAnswerPtr answer) {
  answer_ = std::move(answer);
  problem_->hide();
  update_contents();
}

void PreviewCard::show_problem(const QString& sentence) {
  answer_.reset();
  problem_->setText(sentence);
  problem_->show();
  update_contents();
}

void PreviewCard::update_contents() {
  const std::shared_ptr<const Conversion> shown =
      answer_ ? answer_->conversion : document_ ? document_->conversion : nullptr;
  strip_->set_conversion(shown, theme_);
  time_->setText(answer_ ? QStringLiteral("%1 ms").arg(answer_->milliseconds, 0, 'f', 0) : QString());
  strip_->setVisible(shown != nullptr);
  reset_->setVisible(answer_ != nullptr || !problem_->isHidden());
  if (!shown) {
    head_->setText(tr("Nothing converted yet"));
    change_->hide();
    reasons_->hide();
    return;
  }
  int inside = 0;
  for (const EngineSummary& engine : shown->engines) inside += engine.node_count;
  const QString engines = shown->engines.empty()       ? tr("no engine")
                          : shown->engines.size() == 1 ? tr("1 engine")
                                                       : tr("%1 engines").arg(shown->engines.size());
  head_->setText(QStringLiteral("<b>%1</b>&nbsp;&nbsp;%2").arg(engines, tr("%1 of %2 nodes").arg(inside).arg(shown->before->size())));
  const QString change = change_html(), reasons = reasons_html();
  change_->setText(change);
  change_->setVisible(!change.isEmpty());
  reasons_->setText(reasons);
  reasons_->setVisible(!reasons.isEmpty());
}

QString PreviewCard::change_html() const {
  if (!answer_) return {};
  const SegmentationChange& change = answer_->change;
  const render::Palette& p = render::palette(theme_);
  const Conversion &before = *document_->conversion, &now = *answer_->conversion;
  QStringList lines = {q(change_sentence(change)).toHtmlEscaped()};
  const auto badge = [&](int engine) {
    const render::EngineColors colors = p.engine(engine);
    return QStringLiteral("<span style=\"background-color:%1; color:%2; font-weight:600\">&nbsp;%3&nbsp;</span>&nbsp; ")
        .arg(to_qcolor(colors.line).name(), to_qcolor(colors.on).name())
        .arg(engine);
  };
  constexpr int kLines = 6;
  int listed = 0, changed = 0;
  for (const EngineChange& engine : change.engines) {
    if (engine.before >= 0 && engine.now >= 0 && engine.same_nodes()) continue;
    if (++changed > kLines) continue;
    ++listed;
    if (engine.now < 0)
      lines << tr("gone: %1, %2").arg(q(before.engines[static_cast<std::size_t>(engine.before)].name),
                                      count_nodes(static_cast<std::size_t>(engine.nodes_before)));
    else if (engine.before < 0)
      lines << badge(engine.now) + tr("new: %1, %2").arg(q(now.engines[static_cast<std::size_t>(engine.now)].name),
                                                         count_nodes(static_cast<std::size_t>(engine.nodes_now)));
    else
      lines << badge(engine.now) + tr("%1: %2 nodes, were %3")
                                       .arg(q(now.engines[static_cast<std::size_t>(engine.now)].name))
                                       .arg(engine.nodes_now)
                                       .arg(engine.nodes_before);
  }
  if (changed > listed) lines << tr("and %1 more engines").arg(changed - listed);
  if (!change.gained.empty())
    lines << link(QStringLiteral("gained"), tr("%1 gained").arg(count_nodes(change.gained.size())), p.accent) +
                 QStringLiteral(": ") + some_names(*now.before, change.gained);
  if (!change.lost.empty())
    lines << link(QStringLiteral("lost"), tr("%1 lost").arg(count_nodes(change.lost.size())), p.accent) +
                 QStringLiteral(": ") + some_names(*now.before, change.lost);
  if (!change.regrouped.empty()) lines << tr("%1 in another engine").arg(count_nodes(change.regrouped.size()));
  if (!change.other_reason.empty())
    lines << tr("%1 native for another reason").arg(count_nodes(change.other_reason.size()));
  return lines.join(QStringLiteral("<br>"));
}

QString PreviewCard::reasons_html() const {
  const Conversion& c = answer_ ? *answer_->conversion : *document_->conversion;
  QStringList parts;
  for (const NodeFilterChoice& choice : filter_choices(c, nullptr)) {
    if (choice.filter.kind != NodeFilter::Kind::reason) continue;
    parts << link(QString::number(static_cast<int>(choice.filter.reason)),
                  QStringLiteral("%1&nbsp;%2").arg(filter_name(choice.filter)).arg(choice.nodes),
                  render::palette(theme_).native);
  }
  if (parts.isEmpty()) return {};
  return tr("Native: %1").arg(parts.join(QStringLiteral(", ")));
}

}  // namespace isotherm::ui
