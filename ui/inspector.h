// What the selected node is: why it stayed native, its tensors, attributes, constant values and time.
#pragma once

#include <QScrollArea>
#include <QVBoxLayout>

#include "profiler/summary.h"
#include "ui/document.h"
#include "ui/models/node_filter.h"

namespace isotherm::ui {

class Inspector final : public QScrollArea {
  Q_OBJECT

 public:
  explicit Inspector(QWidget* parent = nullptr);

  void set_theme(render::Theme theme) { theme_ = theme; }
  /// Shows a node of the graph before (`after` false) or after the conversion; kNoNode: the whole graph.
  void show_node(const DocumentPtr& document, NodeId node, bool after);
  /// The native node whose card is shown, as a node before the conversion; kNoNode: none.
  [[nodiscard]] NodeId native_node() const { return native_; }
  /// What settings would change for native_node(), once that is known.
  void show_remedies(const std::vector<RemedyOutcome>& outcomes);

 signals:
  /// A setting that would change the native node was chosen.
  void remedy_chosen(const ConversionParams& params);
  /// "Show all 3": the nodes that stay native for the same reason.
  void filter_requested(NodeFilter filter);
  /// A link to another node was followed.
  void node_requested(int node, bool after);

 private:
  void clear();
  void section(const QString& title);
  void row(const QString& name, const QString& value, const QString& tooltip = {});
  void tensor_row(const QString& name, const Graph& graph, const GraphShapes& shapes, TensorRef tensor, bool after);
  void show_graph(const Document& document);
  /// The layers of an engine that a node of the graph before went into, with their kernels.
  void show_layers_of(const Document& document, NodeId node);
  void show_measurement(const SessionData& session);
  void show_heading(const Node& node, int engine);
  void show_native_card(const Document& document, NodeId node);
  void show_tensors(const Graph& graph, const GraphShapes& shapes, NodeId node, bool after);
  void show_attributes(const Node& node);
  void show_constant(const Node& node);
  void show_time(const Document& document, NodeId node, bool after);
  /// The kernels of a node, or of a layer of an engine's node.
  void show_kernels(const std::vector<SummaryRow>& kernels, NodeId node, int layer);

  QWidget* page_ = nullptr;
  QVBoxLayout* layout_ = nullptr;
  QVBoxLayout* remedies_ = nullptr;  ///< in the card of native_
  NodeId native_ = kNoNode;
  render::Theme theme_ = render::Theme::light;
};

}  // namespace isotherm::ui
