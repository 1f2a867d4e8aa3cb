#include "core/runtime/recorded_run.h"

#include <cstring>

namespace isotherm {

RecordedRun::Key RecordedRun::key_of(const RecordedCall& call) {
  Key key;
  key.executable = &call.executable;
  key.fetches_on_device = call.fetches_on_device;
  for (const Tensor& value : call.arguments) {
    key.dtypes.push_back(value.dtype());
    key.shapes.push_back(value.shape());
    key.addresses.push_back(value.on_host() ? nullptr : value.raw());
  }
  return key;
}

void RecordedRun::refuse(std::string reason) {
  recording_.reset();
  values_.clear();
  state_ = State::refused;
  refusal_ = std::move(reason);
}

void RecordedRun::record_again() {
  if (state_ != State::recorded) return;
  recording_.reset();
  state_ = State::warm;
}

Status RecordedRun::start(const RecordedCall& call, const Key& key) {
  recording_.reset();
  values_.clear();
  feeds_.assign(call.arguments.size(), {});
  fetches_.assign(call.fetches.size(), {});
  statistics_ = {};
  refusal_.clear();
  state_ = State::empty;
  key_ = {};
  arena_ =
      Arena::make([this](std::size_t bytes) { return device_.allocate(bytes); }, device_.alignment(), reuse_buffers_);
  host_arena_ = Arena::make([this](std::size_t bytes) { return device_.allocate_on_host(bytes); }, kHostAlignment,
                            reuse_buffers_);
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const Tensor& value = call.arguments[i];
    if (!value.on_host() || value.byte_size() == 0) continue;
    ISO_ASSIGN(auto host, device_.allocate_on_host(value.byte_size()));
    ISO_ASSIGN(auto memory, device_.allocate(value.byte_size()));
    feeds_[i].host = Tensor(value.dtype(), value.shape(), std::move(host));
    feeds_[i].device = Tensor(value.dtype(), value.shape(), std::move(memory));
  }
  key_ = key;
  return {};
}

void RecordedRun::fill_feeds(const RecordedCall& call) {
  for (std::size_t i = 0; i < feeds_.size(); ++i)
    if (feeds_[i].host.valid()) std::memcpy(feeds_[i].host.raw(), call.arguments[i].raw(), feeds_[i].host.byte_size());
}

Status RecordedRun::issue(Run& run, const RecordedCall& call) {
  const auto copy = [&](const Tensor& from, const Tensor& to, NodeId node, std::string_view name,
                        std::string_view way) -> Status {
    const ScopeInfo info{.kind = ScopeKind::copy, .id = node, .name = name, .op = way, .function = {}};
    const Scope scope(run.observer, info, &run.stream);
    return device_.copy(from, to, run.stream);
  };
  std::vector<Tensor> arguments = call.arguments;
  for (std::size_t i = 0; i < feeds_.size(); ++i) {
    if (!feeds_[i].host.valid()) continue;
    ISO_TRY(copy(feeds_[i].host, feeds_[i].device, call.feeds[i].node, "feed", "host to device"));
    arguments[i] = feeds_[i].device;
  }
  values_.assign(call.fetches.size(), {});
  ISO_TRY(call.executable.run(run, arguments, values_));
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const Tensor& value = values_[i];
    if (!value.valid() || value.on_host() || value.byte_size() == 0 || call.fetches_on_device) continue;
    Tensor& host = fetches_[i].host;
    if (!host.valid() || host.shape() != value.shape() || host.dtype() != value.dtype()) {
      ISO_ASSIGN(auto buffer, device_.allocate_on_host(value.byte_size()));
      host = Tensor(value.dtype(), value.shape(), std::move(buffer));
    }
    ISO_TRY(copy(value, host, call.fetches[i].node, call.fetch_names[i], "device to host"));
  }
  return {};
}

Status RecordedRun::record(Run& run, const RecordedCall& call) {
  ISO_ASSIGN(const std::uint64_t number, device_.begin_recording(run.stream));
  if (run.observer) run.observer->capture_begin(number, &run.stream);
  const Status issued = issue(run, call);
  run.pending.clear();
  auto recording = device_.end_recording(run.stream);
  if (run.observer) run.observer->capture_end(number, &run.stream);
  if (!issued.ok()) return issued;
  if (!recording.ok()) return recording.error();
  recording_ = std::move(*recording);
  observer_ = run.observer;
  state_ = State::recorded;
  return {};
}

Status RecordedRun::read_fetches(std::vector<Tensor>& out) const {
  out.assign(values_.size(), {});
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const Tensor& from = fetches_[i].host.valid() ? fetches_[i].host : values_[i];
    const bool own = !from.valid() || !from.on_host() || is_host_only(from.dtype()) ||
                     (!fetches_[i].host.valid() && from.buffer() && !Arena::owns(*from.buffer()));
    if (own) {
      out[i] = from;
      continue;
    }
    ISO_ASSIGN(out[i], Tensor::make(from.dtype(), from.shape()));
    if (from.byte_size() > 0) std::memcpy(out[i].raw(), from.raw(), from.byte_size());
  }
  return {};
}

Result<bool> RecordedRun::run(Run& run, const RecordedCall& call, std::vector<Tensor>& out) {
  for (const Tensor& value : call.arguments)
    if (is_host_only(value.dtype())) {
      run.statistics->not_recorded = "a feed is a " + std::string(dtype_name(value.dtype()));
      return false;
    }
  if (const Key key = key_of(call); !(key == key_)) ISO_TRY(start(call, key));
  if (state_ == State::refused) {
    run.statistics->not_recorded = refusal_;
    return false;
  }
  const std::shared_ptr<Arena> arena = run.arena, host_arena = run.host_arena;
  run.arena = arena_;
  run.host_arena = host_arena_;
  fill_feeds(call);
  if (state_ == State::empty) {
    ISO_TRY(issue(run, call));
    ISO_TRY(run.synchronise());
    ISO_TRY(read_fetches(out));
    values_.clear();
    arena_->begin_run();
    host_arena_->begin_run();
    state_ = State::warm;
    return true;
  }
  if (state_ == State::recorded && run.observer && run.observer != observer_) record_again();
  if (state_ == State::warm) {
    values_.clear();
    if (const Status status = record(run, call); !status.ok()) {
      if (status.error().code == ErrorCode::cancelled) return status.error();
      refuse(status.error().message);
      run.arena = arena;
      run.host_arena = host_arena;
      *run.statistics = {};
      run.statistics->not_recorded = refusal_;
      return false;
    }
    statistics_ = *run.statistics;
  }
  if (run.observer) run.observer->replay(recording_->number(), &run.stream);
  ISO_TRY(recording_->replay(run.stream));
  ISO_TRY(run.synchronise());
  *run.statistics = statistics_;
  run.statistics->replayed = true;
  ISO_TRY(read_fetches(out));
  return true;
}

}  // namespace isotherm
