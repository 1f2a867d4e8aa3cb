#include "core/convert/what_if.h"

#include <algorithm>
#include <utility>

#include "core/convert/assemble.h"
#include "core/convert/prepare.h"

namespace isotherm {
namespace {

constexpr std::size_t kKept = 6;

/// What decides how a graph is edited before its shapes are inferred.
std::string edit_key(const ConversionParams& params) {
  std::string key = params.precision_mode == Precision::fp16 ? "fp16" : "";
  if (params.clear_devices) key += " cleared";
  const auto add = [&](const std::string& text) { key += '\n' + text; };
  for (const std::string& name : params.inputs) add("input " + name);
  // What is cut away depends on what is needed.
  if (!params.inputs.empty())
    for (const std::string& name : params.outputs) add("output " + name);
  for (const auto& [name, shape] : params.shapes) add("shape " + name + "=" + shape.to_string());
  return key;
}

}  // namespace

WhatIf::WhatIf(std::shared_ptr<const Graph> graph, const Conversion& known) : graph_(std::move(graph)) {
  if (known.before == nullptr || known.shapes_before.empty()) return;
  edited_.push_back(std::make_shared<const Edited>(Edited{edit_key(known.params), known.before, known.shapes_before}));
}

std::shared_ptr<const WhatIf::Edited> WhatIf::known(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(edited_.begin(), edited_.end(), [&](const auto& e) { return e->key == key; });
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
  const std::string key = edit_key(params);
  std::shared_ptr<const Edited> edited = known(key);
  if (edited == nullptr || edited->graph->size() != prepared.graph->size()) {
    ISO_ASSIGN(GraphShapes shapes, infer_shapes(*prepared.graph));
    edited = std::make_shared<const Edited>(Edited{key, prepared.graph, std::move(shapes)});
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
  return planned;
}

}  // namespace isotherm
