#include "cuda/engine/plan_builder.h"

#include <algorithm>

#include "core/engine/memory_plan.h"
#include "core/engine/network_edit.h"

namespace isotherm::cuda {
namespace {

constexpr std::size_t kAlignment = 256;
/// Launches of a tactic in one timed run: what lies between two launches is not the tactic's.
constexpr int kLaunches = 3;

std::size_t round_up(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

std::size_t float_bytes(const Shape& shape) {
  return static_cast<std::size_t>(shape.elements().value_or(0)) * sizeof(float);
}

std::string layer_words(const Layer& layer) {
  std::string sources;
  for (std::size_t i = 0; i < layer.sources.size() && i < 4; ++i) sources += (i ? ", " : "") + layer.sources[i];
  if (layer.sources.size() > 4) sources += ", .. (" + std::to_string(layer.sources.size()) + " nodes)";
  return "layer '" + layer.name + "' (" + std::string(layer_kind_name(layer.kind)) + " of " + sources + ")";
}

/// Zeroed memory of at least so many bytes.
Status provide(CudaDevice& device, DeviceStream& stream, std::size_t bytes, std::shared_ptr<Buffer>& buffer) {
  if (buffer && buffer->size() >= bytes) return {};
  buffer.reset();
  ISO_ASSIGN(buffer, device.allocate(std::max(bytes, kAlignment)));
  ISO_CUDA(cudaMemsetAsync(buffer->data(), 0, buffer->size(), stream.handle()));
  return {};
}

}  // namespace

PlanBuilder::PlanBuilder(CudaDevice& device, DeviceStream& stream, const Network& network, const BuildOptions& options)
    : device_(device),
      stream_(stream),
      options_(options),
      tuning_seconds_(options.tuning_seconds),
      plan_(std::make_unique<CudaPlan>(device, network)),
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
  const std::size_t count = net_.tensors.size();
  plan_->base_.resize(count);
  plan_->storage_index_.assign(count, -1);
  plan_->constants_.resize(count);
  last_read_.assign(count, -1);
  for (int l = 0; l < end; ++l) {
    for (const std::vector<int>* list : {&layer_at(net_, l).inputs, &layer_at(net_, l).native_inputs})
      for (const int t : *list) last_read_[static_cast<std::size_t>(base_of(t))] = l;
  }
  for (const int t : net_.outputs) last_read_[static_cast<std::size_t>(base_of(t))] = end;
  for (std::size_t i = 0; i < count; ++i) {
    const int t = static_cast<int>(i);
    NetworkTensor& tensor = net_.tensors[i];
    plan_->base_[i] = base_of(t);
    if (plan_->base_[i] != t || !tensor.constant.valid()) continue;
    if (dtype_size(tensor.constant.dtype()) > 0) {
      ISO_ASSIGN(tensor.constant, tensor.constant.aligned());
    }
    plan_->storage_index_[i] = new_storage(Storage::Kind::constant, t, 0, 0, end);
  }
  for (std::size_t p = 0; p < net_.inputs.size(); ++p)
    storage_index(net_.inputs[p]) = new_storage(Storage::Kind::input, static_cast<int>(p), 0, 0, end);
  return {};
}

Status PlanBuilder::upload_constant(int tensor) {
  if (storage_index(tensor) < 0 || storage(tensor).kind != Storage::Kind::constant) return {};
  const int base = base_of(tensor);
  const Tensor& constant = tensor_at(net_, base).constant;
  Tensor& uploaded = plan_->constants_[static_cast<std::size_t>(base)];
  if (uploaded.valid() || dtype_size(constant.dtype()) == 0) return {};
  ISO_ASSIGN(auto buffer, device_.upload(constant.raw(), constant.byte_size()));
  weights_ += constant.byte_size();
  uploaded = Tensor(constant.dtype(), constant.shape(), std::move(buffer));
  return {};
}

bool PlanBuilder::may_overwrite(int index, int input) {
  if (input < 0) return false;
  const Layer& layer = layer_at(net_, index);
  const int tensor = layer.inputs[static_cast<std::size_t>(input)];
  const Storage& s = storage(tensor);
  if (s.kind != Storage::Kind::arena || s.last > index) return false;
  if (float_bytes(tensor_at(net_, tensor).shape) != float_bytes(tensor_at(net_, layer.outputs[0]).shape)) return false;
  for (std::size_t i = 0; i < layer.inputs.size(); ++i)
    if (static_cast<int>(i) != input && storage_index(layer.inputs[i]) == storage_index(tensor)) return false;
  return true;
}

std::string PlanBuilder::timing_key(const LayerProblem& problem) const {
  const Layer& layer = problem.layer;
  std::string key = device_.card().name + " " + std::string(layer_kind_name(layer.kind));
  for (const auto& [name, value] : layer.attrs) key += " " + name + "=" + to_string(value);
  if (layer.weights.valid()) key += " weights " + layer.weights.shape().to_string();
  if (layer.bias.valid()) key += " bias";
  for (std::size_t i = 0; i < layer.inputs.size(); ++i) key += " in " + problem.input_shape(i).to_string();
  key += " out " + problem.output_shape().to_string();
  for (const PostOp& op : layer.post_ops) key += " post " + std::to_string(static_cast<int>(op.kind)) + op.op;
  return key;
}

Status PlanBuilder::time_tactic(int index, CudaTactic& tactic) {
  const Layer& layer = layer_at(net_, index);
  trial_inputs_.resize(std::max(trial_inputs_.size(), layer.inputs.size()));
  std::vector<std::byte*> inputs;
  for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
    ISO_TRY(provide(device_, stream_, float_bytes(tensor_at(net_, layer.inputs[i]).shape), trial_inputs_[i]));
    inputs.push_back(trial_inputs_[i]->data());
  }
  ISO_TRY(provide(device_, stream_, float_bytes(tensor_at(net_, layer.outputs[0]).shape), trial_output_));
  ISO_TRY(provide(device_, stream_, tactic.workspace_bytes(), trial_workspace_));
  std::byte* const output = trial_output_->data();
  const TacticMemory memory{inputs, std::span(&output, 1), trial_workspace_->data()};
  const auto once = [&] { return tactic.issue(memory, stream_); };
  if (warm_ != &tactic) {  // its code is loaded before it is timed
    ISO_TRY(once());
    ISO_TRY(stream_.synchronise());
    warm_ = &tactic;
  }
  ISO_ASSIGN(const float milliseconds, stream_.time(once, kLaunches));
  gpu_seconds_ += static_cast<double>(milliseconds) / 1000;
  return {};
}

Status PlanBuilder::choose_tactic(int index, TacticList tactics, Step& step) {
  const Layer& layer = layer_at(net_, index);
  const LayerProblem problem{net_, layer, device_, stream_, options_.workspace_limit};
  std::vector<std::unique_ptr<Tactic>> candidates;
  for (auto& tactic : tactics) candidates.push_back(std::move(tactic));
  TuneOptions tuning;
  tuning.deterministic = options_.deterministic;
  tuning.workspace_limit = options_.workspace_limit;
  tuning.cache = options_.timing_cache;
  tuning.budget = &tuning_seconds_;
  tuning.key = timing_key(problem);
  tuning.clock = [this] { return gpu_seconds_; };
  warm_ = nullptr;
  const TacticRun run = [&](Tactic& tactic) { return time_tactic(index, static_cast<CudaTactic&>(tactic)); };
  ISO_ASSIGN(const TuneResult result, tune(candidates, run, tuning));
  warm_ = nullptr;
  step.tactic.reset(static_cast<CudaTactic*>(candidates[result.best].release()));
  step.inputs = layer.inputs;
  step.outputs = layer.outputs;
  for (const int t : step.inputs) ISO_TRY(upload_constant(t));
  place_result(index, *step.tactic);
  workspace_ = std::max(workspace_, step.tactic->workspace_bytes());
  weights_ += step.tactic->weight_bytes();
  describe_layer(index, step, result.candidates[result.best].seconds);
  return {};
}

void PlanBuilder::place_result(int index, const CudaTactic& tactic) {
  const int out = layer_at(net_, index).outputs[0];
  const int last = std::max(last_read_[static_cast<std::size_t>(out)], index);
  if (may_overwrite(index, tactic.shareable_input())) {
    const int shared = storage_index(layer_at(net_, index).inputs[static_cast<std::size_t>(tactic.shareable_input())]);
    storage_index(out) = shared;
    Storage& s = plan_->storages_[static_cast<std::size_t>(shared)];
    s.last = std::max(s.last, last);
    return;
  }
  const int made = new_storage(Storage::Kind::arena, out, float_bytes(tensor_at(net_, out).shape), index, last);
  storage_index(out) = made;
}

Status PlanBuilder::add_native(int index, Step& step) {
  const Layer& layer = layer_at(net_, index);
  ISO_ASSIGN(step.native, make_node_kernel(device_, net_, layer, options_.state, std::max(options_.threads, 1)));
  step.inputs = layer.native_inputs;
  step.outputs = layer.outputs;
  const Kernel& kernel = *step.native->kernel;
  for (std::size_t i = 0; i < step.inputs.size(); ++i)
    if (const int port = static_cast<int>(i); !kernel.input_on_host(port) && kernel.reads_input(port))
      ISO_TRY(upload_constant(step.inputs[i]));
  for (const int t : step.outputs) {
    const int last = std::max(last_read_[static_cast<std::size_t>(t)], index);
    const int made = new_storage(Storage::Kind::values, t, 0, index, last);
    storage_index(t) = made;
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
  out.tuned_seconds = tuned_seconds < 0 ? -1 : tuned_seconds;
  plan_->layers_.push_back(std::move(out));
}

Status PlanBuilder::build_layer(int index) {
  const Layer& layer = layer_at(net_, index);
  const auto placed = [&](int t) { return storage_index(t) >= 0; };
  if (!std::all_of(layer.inputs.begin(), layer.inputs.end(), placed))
    return internal_error("an input has no producer before it");
  Step step;
  Status status = unsupported("there is no tactic for it");
  TacticList tactics = make_tactics({net_, layer, device_, stream_, options_.workspace_limit});
  if (!tactics.empty()) status = choose_tactic(index, std::move(tactics), step);
  if (!status.ok() && status.error().code == ErrorCode::unsupported && is_single_node(layer))
    status = add_native(index, step);
  ISO_TRY(status);
  plan_->steps_.push_back(std::move(step));
  return {};
}

Status PlanBuilder::place_outputs() {
  for (std::size_t o = 0; o < net_.outputs.size(); ++o) {
    const int base = base_of(net_.outputs[o]);
    if (storage_index(base) < 0) return internal_error("output " + std::to_string(o) + " has no producer");
    ISO_TRY(upload_constant(base));
    Storage& s = storage(base);
    if (s.kind != Storage::Kind::arena) continue;
    s.kind = Storage::Kind::output;  // written where the engine's output is to be
    s.index = static_cast<int>(o);
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
  const MemoryPlan memory_plan = plan_memory(lives, kAlignment);
  for (std::size_t i = 0; i < which.size(); ++i) plan_->storages_[which[i]].offset = memory_plan.offsets[i];
  plan_->workspace_offset_ = round_up(memory_plan.bytes);
  const std::size_t bytes = plan_->workspace_offset_ + round_up(workspace_) + kAlignment;
  ISO_ASSIGN(plan_->arena_, device_.allocate(bytes));
  plan_->device_bytes_ = bytes + weights_;
  return {};
}

Result<std::unique_ptr<CudaPlan>> PlanBuilder::build() {
  const std::string where = "engine '" + net_.name + "'";
  if (const Status status = place_sources(); !status.ok()) return status.error().at(where);
  for (int l = 0; l < static_cast<int>(net_.layers.size()); ++l) {
    const Status status = build_layer(l);
    if (!status.ok()) return status.error().at(where + ": " + layer_words(layer_at(net_, l)));
  }
  if (const Status status = place_outputs(); !status.ok()) return status.error().at(where);
  trial_inputs_.clear();
  trial_output_.reset();
  trial_workspace_.reset();
  if (const Status status = place_in_memory(); !status.ok()) return status.error().at(where);
  for (std::size_t l = 0; l < net_.layers.size(); ++l) {  // uploaded by now
    if (!plan_->steps_[l].tactic) continue;
    net_.layers[l].weights = Tensor();
    net_.layers[l].bias = Tensor();
  }
  return std::move(plan_);
}

}  // namespace isotherm::cuda
