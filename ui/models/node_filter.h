// Which nodes a table or view is asked to show: the native ones by reason, or those that a preview moves.
#pragma once

#include <QCoreApplication>
#include <QMetaType>
#include <QString>

#include <vector>

#include "core/convert/segmentation_change.h"

namespace isotherm::ui {

struct NodeFilter {
  enum class Kind { all, native, reason, gained, lost } kind = Kind::all;
  Reason reason = Reason::excluded;  ///< of Kind::reason
  friend bool operator==(const NodeFilter&, const NodeFilter&) = default;
};

/// A filter that lets some nodes through, and how many.
struct NodeFilterChoice {
  NodeFilter filter;
  int nodes = 0;
};

/// Ascending; all nodes for Kind::all. `change` may be null: nothing gained or lost.
std::vector<NodeId> nodes_of(const NodeFilter& filter, const Conversion& conversion, const SegmentationChange* change);
/// Filters with at least one node: all, native, then reasons in the order of the tests, then gained and lost.
std::vector<NodeFilterChoice> filter_choices(const Conversion& conversion, const SegmentationChange* change);
/// "All nodes", "Native", "unsupported-op", "Gained", "Lost".
QString filter_name(const NodeFilter& filter);

}  // namespace isotherm::ui

Q_DECLARE_METATYPE(isotherm::ui::NodeFilter)
