#include "core/runtime/run.h"

#include <algorithm>
#include <cstring>

namespace isotherm {

Status Run::synchronise() {
  Status done = stream.synchronise();
  pending.clear();
  return done;
}

Result<const Tensor*> Run::value_on(Cell& cell, bool host, bool* must_wait, std::int64_t node, std::string_view name) {
  const Tensor& value = cell.value;
  if (!value.valid() || is_host_only(value.dtype()) || value.on_host() == host || value.elements() == 0) return &value;
  if (!cell.mirror) cell.mirror = std::make_shared<Tensor>();
  Tensor& mirror = *cell.mirror;
  if (mirror.valid()) return &mirror;
  const std::size_t bytes = value.byte_size();
  ISO_ASSIGN(std::shared_ptr<Buffer> buffer, (host ? host_arena : arena)->allocate(bytes));
  Tensor copy(value.dtype(), value.shape(), std::move(buffer));
  const ScopeInfo info{.kind = ScopeKind::copy,
                       .id = node,
                       .name = name,
                       .op = host ? "device to host" : "host to device",
                       .function = function};
  const Scope scope(observer, info, &stream);
  ISO_TRY(device.copy(value, copy, stream));
  pending.push_back(value);
  pending.push_back(copy);
  if (host && must_wait) *must_wait = true;
  mirror = std::move(copy);
  return &mirror;
}

Result<Tensor> Run::take_out(const Tensor& value, std::int64_t node, std::string_view name) {
  if (!value.valid() || is_host_only(value.dtype()) || !value.buffer()) return value;
  // Constants, feeds and values of variables are nobody's to write to and may be shared.
  if (value.on_host() && !Arena::owns(*value.buffer())) return aligned_for_elements(value);
  ISO_ASSIGN(Tensor copy, Tensor::make(value.dtype(), value.shape()));
  if (value.byte_size() == 0) return copy;
  const ScopeInfo info{.kind = ScopeKind::copy,
                       .id = node,
                       .name = name,
                       .op = value.on_host() ? "fetch" : "device to host",
                       .function = function};
  const Scope scope(observer, info, &stream);
  if (value.on_host()) {
    std::memcpy(copy.raw(), value.raw(), value.byte_size());
    return copy;
  }
  ISO_TRY(device.copy(value, copy, stream));
  pending.push_back(value);
  return copy;
}

Status NodeWatch::tell(const ScopeInfo& scope, std::span<const Cell> outputs, const KernelContext* context) {
  std::vector<const Tensor*> out, in;
  out.reserve(outputs.size());
  for (const Cell& cell : outputs) out.push_back(&cell.value);
  for (int i = 0; context && i < context->input_count(); ++i) in.push_back(&context->input(i));
  const std::size_t in_use = run_.arena->alive_bytes();
  return observer_->node_ran(scope, {out, in, in_use, run_.arena->end_window(outer_)}, run_.device, run_.stream);
}

Result<Tensor> aligned_for_elements(const Tensor& value) {
  const DType dtype = value.dtype();
  const bool complex = dtype == DType::complex64 || dtype == DType::complex128;
  return value.aligned(complex ? dtype_size(dtype) / 2 : std::max<std::size_t>(dtype_size(dtype), 1));
}

std::string describe_node(const Node& node) { return "node '" + node.name + "' (" + node.op + ")"; }

Error at_node(const Error& error, const Node& node) {
  if (error.code == ErrorCode::cancelled || error.message.starts_with("node '" + node.name + "'")) return error;
  return error.at(describe_node(node));
}

}  // namespace isotherm
