#include "core/engine/plan_runner.h"

#include "core/engine/evaluate.h"

namespace isotherm {

Result<std::vector<Tensor>> PlanRunner::run(Plan& plan, std::span<const Tensor> inputs, RunObserver* observer) {
  if (!stream_) {
    ISO_ASSIGN(stream_, device_.make_stream());
  }
  std::vector<Tensor> outputs(static_cast<std::size_t>(plan.output_count()));
  LayerContext context(device_, *stream_, state_, threads_, inputs, 0, observer);
  ISO_TRY(plan.run(context, inputs, outputs, kNoNode));
  ISO_TRY(stream_->synchronise());
  return outputs;
}

}  // namespace isotherm
