#include "ui/models/node_filter.h"

#include <map>
#include <numeric>

namespace isotherm::ui {

std::vector<NodeId> nodes_of(const NodeFilter& filter, const Conversion& conversion, const SegmentationChange* change) {
  std::vector<NodeId> out;
  switch (filter.kind) {
    case NodeFilter::Kind::all:
      out.resize(static_cast<std::size_t>(conversion.before->size()));
      std::iota(out.begin(), out.end(), 0);
      break;
    case NodeFilter::Kind::native:
    case NodeFilter::Kind::reason:
      for (const NativeNode& n : conversion.segmentation.native)
        if (filter.kind == NodeFilter::Kind::native || n.refusal.reason == filter.reason) out.push_back(n.node);
      break;
    case NodeFilter::Kind::gained:
      if (change) out = change->gained;
      break;
    case NodeFilter::Kind::lost:
      if (change) out = change->lost;
      break;
  }
  return out;
}

std::vector<NodeFilterChoice> filter_choices(const Conversion& conversion, const SegmentationChange* change) {
  using Kind = NodeFilter::Kind;
  std::vector<NodeFilterChoice> out = {{{Kind::all}, conversion.before->size()}};
  std::map<Reason, int> reasons;
  for (const NativeNode& n : conversion.segmentation.native) ++reasons[n.refusal.reason];
  if (!reasons.empty()) out.push_back({{Kind::native}, static_cast<int>(conversion.segmentation.native.size())});
  for (const auto& [reason, count] : reasons) out.push_back({{Kind::reason, reason}, count});
  if (change && !change->gained.empty()) out.push_back({{Kind::gained}, static_cast<int>(change->gained.size())});
  if (change && !change->lost.empty()) out.push_back({{Kind::lost}, static_cast<int>(change->lost.size())});
  return out;
}

QString filter_name(const NodeFilter& filter) {
  const auto tr = [](const char* text) { return QCoreApplication::translate("NodeFilter", text); };
  switch (filter.kind) {
    case NodeFilter::Kind::all:
      return tr("All nodes");
    case NodeFilter::Kind::native:
      return tr("Native");
    case NodeFilter::Kind::reason: {
      const std::string_view name = reason_name(filter.reason);
      return QString::fromUtf8(name.data(), static_cast<int>(name.size()));
    }
    case NodeFilter::Kind::gained:
      return tr("Gained");
    case NodeFilter::Kind::lost:
      return tr("Lost");
  }
  return {};
}

}  // namespace isotherm::ui
