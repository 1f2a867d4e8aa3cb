#include "core/engine/engine_runner_factory.h"

#include <algorithm>
#include <chrono>

#include "core/runtime/run.h"
#include "core/runtime/session_state.h"

namespace isotherm {
namespace {

constexpr std::string_view kContainer = "TF-TRT";  // where TF-TRT keeps its cache resources

std::string_view behind_last_slash(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

Result<Precision> node_precision(const Node& node) {
  const std::string mode = node.attrs.get_string("precision_mode", "FP32");
  const auto precision = precision_from_name(mode);
  if (!precision) return invalid_input("attribute 'precision_mode' is '" + mode + "', expected FP32, FP16 or INT8");
  return *precision;
}

/// The value of a resource input, which is a variable and becomes a weight of the engine.
Result<Tensor> variable_value(const Tensor& input, std::size_t i) {
  const auto* variable =
      input.elements() == 1 ? dynamic_cast<const Variable*>(input.object_values()[0].get()) : nullptr;
  if (!variable || !variable->value.valid())
    return invalid_input("input " + std::to_string(i) + " is a resource without the value of a variable");
  return variable->value;
}

}  // namespace

PlanEngineRunner::PlanEngineRunner(const EngineRunnerRequest& request, EngineRunnerOptions options,
                                   std::shared_ptr<PlanCache> cache)
    : graph_(request.graph),
      id_(request.id),
      node_(request.node),
      device_(request.device),
      state_(request.state),
      threads_(request.threads),
      options_(std::move(options)),
      cache_(std::move(cache)) {}

Result<std::shared_ptr<Plan>> PlanEngineRunner::build(const std::vector<Shape>& shapes,
                                                      const std::vector<Tensor>& weights) {
  const auto start = std::chrono::steady_clock::now();
  EngineBackend* backend = device_.engine_backend();
  if (!backend) return unsupported("device " + device_.name() + " builds no engines");
  ISO_ASSIGN(const Precision precision, node_precision(node_));
  NetworkOptions network_options;
  network_options.evaluator = options_.evaluator                            ? options_.evaluator.get()
                              : device_.memory_kind() != MemoryKind::device ? &device_
                                                                            : nullptr;
  network_options.weights = weights;
  ISO_ASSIGN(const Network network, build_network(graph_, node_, shapes, network_options));
  BuildOptions build_options;
  build_options.precision = precision;
  build_options.workspace_limit = static_cast<std::size_t>(
      std::max<std::int64_t>(node_.attrs.get_int("workspace_size_bytes", std::int64_t{1} << 30), 0));
  build_options.threads = threads_;
  build_options.deterministic = options_.deterministic;
  build_options.state = &state_;
  ISO_ASSIGN(std::shared_ptr<Plan> plan, backend->build(network, build_options));
  build_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return plan;
}

Result<std::shared_ptr<Plan>> PlanEngineRunner::find_plan(KernelContext& context, const std::vector<Shape>& shapes,
                                                          const std::vector<Tensor>& weights) {
  const std::lock_guard lock(cache_->mutex);
  const ShapeKey key = shape_key(shapes);
  auto [engine, refusal] = cache_->find(key, node_.attrs.get_bool("_use_implicit_batch", true));
  if (!refusal.empty()) return unsupported(refusal);
  if (engine && !engine->failure.empty()) return unsupported(engine->failure);
  if (engine) {
    if (std::shared_ptr<Plan>* plan = engine->plans.at(key)) return *plan;
    ISO_ASSIGN(std::shared_ptr<Plan> plan, build(shapes, weights));
    engine->plans.emplace(key, plan);
    return plan;
  }
  CachedEngine made;
  if (!node_.attrs.get_bool("_allow_build_at_runtime", true)) {
    made.failure = "there is no engine for these input shapes, and building at run time is not allowed";
    return unsupported(cache_->add(key, std::move(made))->failure);
  }
  auto plan = build(shapes, weights);
  if (!plan.ok()) {
    if (context.cancelled()) return cancelled();
    made.failure = "the engine could not be built: " + plan.error().message;
    return unsupported(cache_->add(key, std::move(made))->failure);
  }
  made.plans.emplace(key, *plan);
  cache_->add(key, std::move(made));
  return plan;
}

Status PlanEngineRunner::run(KernelContext& context, std::span<const Tensor> inputs, std::span<Tensor> outputs) {
  last_plan_.reset();
  std::vector<Shape> shapes;
  std::vector<Tensor> weights(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].dtype() == DType::resource) {
      ISO_ASSIGN(weights[i], variable_value(inputs[i], i));
    }
    shapes.push_back(weights[i].valid() ? weights[i].shape() : inputs[i].shape());
  }
  ISO_ASSIGN(std::shared_ptr<Plan> plan, find_plan(context, shapes, weights));
  const ScopeInfo info{.kind = ScopeKind::engine, .id = id_, .name = node_.name, .op = "TRTEngineOp", .function = {}};
  const Scope scope(context.observer(), info, &context.stream());
  ISO_TRY(plan->run(context, inputs, outputs, id_));
  last_plan_ = std::move(plan);
  return {};
}

EngineRunnerFactory engine_runner_factory(EngineRunnerOptions options) {
  return [options](const EngineRunnerRequest& request) -> Result<std::unique_ptr<EngineRunner>> {
    const auto capacity =
        static_cast<std::size_t>(std::max<std::int64_t>(request.node.attrs.get_int("max_cached_engines_count", 1), 1));
    const ResourceKey key{"engine_cache", kContainer, behind_last_slash(request.node.name)};
    ISO_ASSIGN(auto cache, request.state.find_or_make<PlanCache>(key, [&]() -> Result<std::shared_ptr<PlanCache>> {
      return std::make_shared<PlanCache>(capacity);
    }));
    return std::unique_ptr<EngineRunner>(std::make_unique<PlanEngineRunner>(request, options, std::move(cache)));
  };
}

}  // namespace isotherm
