#include "core/convert/what_if.h"

#include <algorithm>
#include <utility>

#include "core/convert/after_conversion.h"
#include "core/convert/assemble.h"
#include "core/convert/plan.h"
#include "core/convert/prepare.h"

namespace isotherm {
namespace {

constexpr std::size_t kKept = 6;

}  // namespace

WhatIf::WhatIf(std::shared_ptr<const Graph> graph, const Conversion& known) : graph_(std::move(graph)) {
  if (known.before == nullptr || known.shapes_before.empty()) return;
  edited_.push_back(std::make_shared<const Edited>(Edited{known.params, known.before, known.shapes_before}));
}

std::shared_ptr<const WhatIf::Edited> WhatIf::known(const ConversionParams& params) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(edited_.begin(), edited_.end(), [&](const auto& e) { return prepares_alike(e->params, params); });
  if (found == edited_.end()) return nullptr;
  std::rotate(edited_.begin(), found, found + 1);
  return edited_.front();
}

void WhatIf::keep(std::shared_ptr<const Edited> edited) const {
  const std::lock_guard lock(mutex_);
  edited_.insert(edited_.begin(), std::move(edited));
  if (edited_.size() > kKept) edited_.pop_back();
}

Result<Conversion> WhatIf::plan(const ConversionParams& params, const std::function<bool()>& stop,
                                const LiftRefusal& lift) const {
  const auto stopped = [&] { return stop && stop(); };
  if (stopped()) return cancelled();
  ISO_ASSIGN(Prepared prepared, prepare_conversion(graph_, params));
  if (stopped()) return cancelled();
  std::shared_ptr<const Edited> edited = known(prepared.params);
  if (edited == nullptr) {
    ISO_ASSIGN(GraphShapes shapes, infer_prepared_shapes(prepared));
    edited = std::make_shared<const Edited>(Edited{prepared.params, prepared.graph, std::move(shapes)});
    keep(edited);
  }
  prepared.graph = edited->graph;
  prepared.cancelled = stop;
  if (stopped()) return cancelled();
  return plan_prepared(prepared, edited->shapes, lift);
}

Result<Conversion> WhatIf::finish(Conversion planned, const ConversionParams& params) const {
  ISO_ASSIGN(Prepared prepared, prepare_conversion(graph_, params));
  prepared.graph = planned.before;
  ISO_TRY(assemble(planned, prepared));
  ISO_TRY(run_passes_after_conversion(planned));
  return planned;
}

}  // namespace isotherm
