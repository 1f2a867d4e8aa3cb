#include "core/cpu/engine/plan_builder.h"

#include <omp.h>

#include <algorithm>

#include "core/engine/memory_plan.h"
#include "core/engine/network_edit.h"

namespace isotherm::cpu {
namespace {

/// Zeroed memory for timing a tactic, kept from one run to the next so that only the tactic is timed.
class TuningMemory {
 public:
  Result<std::byte*> get(std::size_t bytes) {
    if (buffer_ && buffer_->size() >= bytes) return buffer_->data();
    buffer_ = allocate_host(std::max<std::size_t>(bytes, 64));
    if (!buffer_) return exhausted("no memory to time a layer");
    std::fill_n(buffer_->data(), buffer_->size(), std::byte{0});
    return buffer_->data();
  }

 private:
  std::shared_ptr<Buffer> buffer_;
};

std::string layer_words(const Layer& layer) {
  std::string sources;
  for (std::size_t i = 0; i < layer.sources.size() && i < 4; ++i) sources += (i ? ", " : "") + layer.sources[i];
  if (layer.sources.size() > 4) sources += ", .. (" + std::to_string(layer.sources.size()) + " nodes)";
  return "layer '" + layer.name + "' (" + std::string(layer_kind_name(layer.kind)) + " of " + sources + ")";
}

}  // namespace

PlanBuilder::PlanBuilder(Device& device, const Network& network, const BuildOptions& options, LayoutPolicy policy,
                         double& tuning_seconds)
    : device_(device),
      options_(options),
      policy_(policy),
      tuning_seconds_(tuning_seconds),
      threads_(options.threads > 0 ? options.threads : omp_get_num_procs()),
      plan_(std::make_unique<CpuPlan>(network, threads_)),
      net_(plan_->network_) {}

int PlanBuilder::base_of(int tensor) const {
  while (tensor_at(net_, tensor).view_of >= 0) tensor = tensor_at(net_, tensor).view_of;
  return tensor;
}

int PlanBuilder::new_storage(Storage::Kind kind, int index, std::size_t bytes, int first, int last) {
  plan_->storages_.push_back({kind, index, bytes, 0, first, last});
  return static_cast<int>(plan_->storages_.size()) - 1;
}

Status PlanBuilder::place_sources() {
  const int end = static_cast<int>(net_.layers.size());
  plan_->places_.resize(net_.tensors.size());
  last_read_.assign(net_.tensors.size(), -1);
  for (int l = 0; l < end; ++l) {
    for (const std::vector<int>* list : {&layer_at(net_, l).inputs, &layer_at(net_, l).native_inputs})
      for (const int t : *list) last_read_[static_cast<std::size_t>(base_of(t))] = l;
  }
  for (const int t : net_.outputs) last_read_[static_cast<std::size_t>(base_of(t))] = end;
  for (std::size_t i = 0; i < net_.tensors.size(); ++i) {
    const int t = static_cast<int>(i);
    NetworkTensor& tensor = net_.tensors[i];
    TensorPlace& where = plan_->places_[i];
    where.base = base_of(t);
    if (where.base != t) continue;
    if (tensor.constant.valid()) {
      if (dtype_size(tensor.constant.dtype()) > 0) {
        ISO_ASSIGN(tensor.constant, tensor.constant.aligned());
      }
      where.storage = new_storage(Storage::Kind::constant, t, 0, 0, end);
    }
    if (tensor.shape.is_static() && tensor.dtype == DType::float32)
      where.layout = {plain_desc(tensor.shape), tensor.shape};
  }
  for (std::size_t p = 0; p < net_.inputs.size(); ++p)
    place(net_.inputs[p]).storage = new_storage(Storage::Kind::input, static_cast<int>(p), 0, 0, end);
  return {};
}

bool PlanBuilder::may_overwrite(int index, int input) {
  if (input < 0) return false;
  const Layer& layer = layer_at(net_, index);
  const int tensor = layer.inputs[static_cast<std::size_t>(input)];
  const Storage& s = storage(tensor);
  if (s.kind != Storage::Kind::arena || s.last > index) return false;
  for (std::size_t i = 0; i < layer.inputs.size(); ++i)
    if (static_cast<int>(i) != input && place(layer.inputs[i]).storage == place(tensor).storage) return false;
  return true;
}

std::string PlanBuilder::timing_key(const LayerProblem& problem) const {
  const Layer& layer = problem.layer;
  std::string key = std::string(layer_kind_name(layer.kind)) + " threads " + std::to_string(threads_);
  for (const auto& [name, value] : layer.attrs) key += " " + name + "=" + to_string(value);
  if (layer.weights.valid()) key += " weights " + layer.weights.shape().to_string();
  for (std::size_t i = 0; i < problem.inputs.size(); ++i)
    key += " in " + problem.input_shape(i).to_string() + " as " + layout_name(problem.inputs[i].desc) + " of " +
           problem.inputs[i].shape.to_string();
  key += " out " + problem.output_shape().to_string();
  for (const PostOp& op : layer.post_ops) key += " post " + std::to_string(static_cast<int>(op.kind)) + op.op;
  return key;
}

Status PlanBuilder::choose_tactic(int index, TacticList tactics, Step& step) {
  const Layer& layer = layer_at(net_, index);
  LayerProblem problem{net_, layer, {}, threads_};
  for (const int t : layer.inputs) problem.inputs.push_back(place(t).layout);

  std::vector<std::unique_ptr<Tactic>> candidates;
  for (auto& tactic : tactics) candidates.push_back(std::move(tactic));
  std::vector<TuningMemory> input_memory(problem.inputs.size());
  TuningMemory output_memory, workspace_memory;
  const TacticRun run = [&](Tactic& t) -> Status {
    auto& tactic = static_cast<CpuTactic&>(t);
    std::vector<std::byte*> inputs;
    for (std::size_t i = 0; i < problem.inputs.size(); ++i) {
      ISO_ASSIGN(std::byte * data, input_memory[i].get(problem.inputs[i].desc.get_size()));
      inputs.push_back(data);
    }
    ISO_ASSIGN(std::byte * workspace, workspace_memory.get(tactic.workspace_bytes()));
    std::byte* output = nullptr;
    if (may_overwrite(index, tactic.shareable_input())) {
      output = inputs[static_cast<std::size_t>(tactic.shareable_input())];
    } else {
      ISO_ASSIGN(output, output_memory.get(tactic.output_desc().get_size()));
    }
    return tactic.run({inputs, std::span(&output, 1), workspace});
  };
  TuneOptions tuning;
  tuning.deterministic = options_.deterministic;
  tuning.workspace_limit = options_.workspace_limit;
  tuning.cache = options_.timing_cache;
  tuning.budget = &tuning_seconds_;
  tuning.key = timing_key(problem);
  ISO_ASSIGN(const TuneResult result, tune(candidates, run, tuning));
  step.tactic.reset(static_cast<CpuTactic*>(candidates[result.best].release()));
  const bool shared = may_overwrite(index, step.tactic->shareable_input());
  place_result(index, *step.tactic, shared);
  step.inputs = layer.inputs;
  step.outputs = layer.outputs;
  workspace_ = std::max(workspace_, step.tactic->workspace_bytes());
  weights_ += step.tactic->weight_bytes();
  describe_layer(index, step, result.candidates[result.best].seconds);
  return {};
}

void PlanBuilder::place_result(int index, const CpuTactic& tactic, bool shared) {
  const int out = layer_at(net_, index).outputs[0];
  const int last = std::max(last_read_[static_cast<std::size_t>(out)], index);
  TensorPlace& where = plan_->places_[static_cast<std::size_t>(out)];
  where.layout = {tactic.output_desc(), tensor_at(net_, out).shape};
  if (shared) {
    where.storage = place(layer_at(net_, index).inputs[static_cast<std::size_t>(tactic.shareable_input())]).storage;
    Storage& s = plan_->storages_[static_cast<std::size_t>(where.storage)];
    s.last = std::max(s.last, last);
  } else {
    where.storage = new_storage(Storage::Kind::arena, out, tactic.output_desc().get_size(), index, last);
  }
}

Status PlanBuilder::add_native(int index, Step& step) {
  const Layer& layer = layer_at(net_, index);
  ISO_ASSIGN(step.native, make_node_kernel(device_, net_, layer, options_.state, threads_));
  step.inputs = layer.native_inputs;
  step.outputs = layer.outputs;
  std::size_t workspace = 0;
  for (const int t : step.inputs) {
    InputPort port;
    const NetworkTensor& tensor = tensor_at(net_, t);
    if (storage(t).kind == Storage::Kind::arena)
      port = InputPort(place(t).layout, tensor.shape, plain_desc(tensor.shape));
    step.native_offsets.push_back(workspace);
    workspace += port.workspace_bytes();
    step.native_ports.push_back(std::move(port));
  }
  workspace_ = std::max(workspace_, workspace);
  for (const int t : step.outputs) {
    TensorPlace& where = plan_->places_[static_cast<std::size_t>(t)];
    where.storage =
        new_storage(Storage::Kind::values, t, 0, index, std::max(last_read_[static_cast<std::size_t>(t)], index));
  }
  describe_layer(index, step, -1);
  return {};
}

void PlanBuilder::describe_layer(int index, const Step& step, double tuned_seconds) {
  const Layer& layer = layer_at(net_, index);
  PlanLayer out;
  out.name = layer.name;
  out.kind = layer.kind;
  out.tactic = step.tactic ? step.tactic->describe() : "native kernel of " + node_of(net_, layer).op;
  out.sources = layer.sources;
  if (!layer.outputs.empty()) {
    out.output_shape = tensor_at(net_, layer.outputs[0]).shape;
    out.output_dtype = tensor_at(net_, layer.outputs[0]).dtype;
  }
  out.workspace_bytes = step.tactic ? step.tactic->workspace_bytes() : 0;
  out.flops = layer_flops(net_, layer);
  out.bytes = layer_bytes(net_, layer);
  out.tuned_seconds = tuned_seconds;
  plan_->layers_.push_back(std::move(out));
}

Status PlanBuilder::build_layer(int index) {
  const Layer& layer = layer_at(net_, index);
  const auto placed = [&](int t) { return place(t).storage >= 0; };
  if (!std::all_of(layer.inputs.begin(), layer.inputs.end(), placed))
    return internal_error("an input has no producer before it");
  LayerProblem problem{net_, layer, {}, threads_};
  for (const int t : layer.inputs) problem.inputs.push_back(place(t).layout);
  Step step;
  Status status = unsupported("there is no tactic for it");
  TacticList tactics = make_tactics(problem, policy_);
  if (!tactics.empty()) status = choose_tactic(index, std::move(tactics), step);
  if (!status.ok() && is_single_node(layer)) status = add_native(index, step);
  ISO_TRY(status);
  plan_->steps_.push_back(std::move(step));
  return {};
}

Status PlanBuilder::add_exports() {
  std::vector<int> producers(net_.tensors.size(), -1);
  for (std::size_t l = 0; l < net_.layers.size(); ++l)
    for (const int t : net_.layers[l].outputs) producers[static_cast<std::size_t>(t)] = static_cast<int>(l);
  for (std::size_t o = 0; o < net_.outputs.size(); ++o) {
    const int base = base_of(net_.outputs[o]);
    const TensorPlace& where = place(base);
    if (where.storage < 0) return internal_error("output " + std::to_string(o) + " has no producer");
    Storage& s = storage(base);
    if (s.kind != Storage::Kind::arena) continue;
    if (is_plain(where.layout.desc, where.layout.shape)) {  // written where the engine's output is to be
      s.kind = Storage::Kind::output;
      s.index = static_cast<int>(o);
      continue;
    }
    Export e;
    e.output = static_cast<int>(o);
    e.tensor = base;
    e.port = InputPort(where.layout, where.layout.shape, plain_desc(where.layout.shape));
    workspace_ = std::max(workspace_, e.port.workspace_bytes());
    plan_->steps_[static_cast<std::size_t>(producers[static_cast<std::size_t>(base)])].exports.push_back(std::move(e));
  }
  return {};
}

Status PlanBuilder::place_in_memory() {
  std::vector<BufferLife> lives;
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < plan_->storages_.size(); ++i) {
    const Storage& s = plan_->storages_[i];
    if (s.kind != Storage::Kind::arena) continue;
    lives.push_back({s.bytes, s.first, s.last});
    which.push_back(i);
  }
  const MemoryPlan memory_plan = plan_memory(lives);
  for (std::size_t i = 0; i < which.size(); ++i) plan_->storages_[which[i]].offset = memory_plan.offsets[i];
  plan_->workspace_offset_ = round_up(memory_plan.bytes);
  const std::size_t bytes = plan_->workspace_offset_ + round_up(workspace_) + 64;
  plan_->arena_ = allocate_host(bytes);
  if (!plan_->arena_) return exhausted("no memory for " + std::to_string(bytes) + " bytes of activations");
  plan_->device_bytes_ = bytes + weights_;
  return {};
}

Result<std::unique_ptr<CpuPlan>> PlanBuilder::build() {
  set_onednn_threads(threads_);
  const std::string where = "engine '" + net_.name + "'";
  try {
    if (const Status status = place_sources(); !status.ok()) return status.error().at(where);
    for (int l = 0; l < static_cast<int>(net_.layers.size()); ++l) {
      const Status status = build_layer(l);
      if (!status.ok()) return status.error().at(where + ": " + layer_words(layer_at(net_, l)));
    }
    if (const Status status = add_exports(); !status.ok()) return status.error().at(where);
    if (const Status status = place_in_memory(); !status.ok()) return status.error().at(where);
  } catch (const dnnl::error& e) {
    return onednn_error(e).at(where);
  } catch (const std::bad_alloc&) {
    return exhausted(where + ": no memory for the plan");
  }
  for (std::size_t l = 0; l < net_.layers.size(); ++l) {  // packed by now
    if (!plan_->steps_[l].tactic) continue;
    net_.layers[l].weights = Tensor();
    net_.layers[l].bias = Tensor();
  }
  return std::move(plan_);
}

}  // namespace isotherm::cpu
