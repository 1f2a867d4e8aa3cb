#include "core/cpu/engine/cpu_tactic.h"

#include <algorithm>
#include <new>

namespace isotherm::cpu {
namespace {

/// oneDNN reports through exceptions; none leaves a tactic.
template <class F>
Status guarded(F&& f) {
  try {
    return f();
  } catch (const dnnl::error& e) {
    return onednn_error(e);
  } catch (const std::bad_alloc&) {
    return exhausted("no memory for a layer's weights or code");
  }
}

}  // namespace

Status CpuTactic::can_implement() {
  return guarded([&] { return plan(); });
}

Status CpuTactic::prepare() {
  return guarded([&] {
    pack();
    return Status();
  });
}

Status CpuTactic::run(const TacticMemory& memory) {
  return guarded([&] {
    execute(memory);
    onednn_stream().wait();
    return Status();
  });
}

void CpuTactic::add_port(std::size_t i, const memory::desc& wanted, bool reinterpret) {
  ports_.emplace_back(problem_.inputs[i], problem_.input_shape(i), wanted, reinterpret);
  port_input_.push_back(i);
  port_offset_.push_back(reserve(ports_.back().workspace_bytes()));
}

std::size_t CpuTactic::reserve(std::size_t bytes) {
  const std::size_t offset = workspace_;
  workspace_ += round_up(bytes);
  return offset;
}

TacticList make_tactics(const LayerProblem& problem, LayoutPolicy policy) {
  TacticList list;
  const auto usable = [&](int t) {
    const NetworkTensor& tensor = problem.network.tensors[static_cast<std::size_t>(t)];
    return tensor.dtype == DType::float32 && tensor.shape.is_static() && tensor.shape.rank() <= 6 &&
           tensor.shape.elements().value_or(0) > 0;
  };
  const Layer& layer = problem.layer;
  if (layer.outputs.size() != 1 || layer.inputs.empty() || !usable(layer.outputs[0])) return list;
  if (!std::all_of(layer.inputs.begin(), layer.inputs.end(), usable)) return list;
  switch (layer.kind) {
    case LayerKind::convolution:
      add_convolution_tactics(problem, policy, list);
      break;
    case LayerKind::deconvolution:
      add_deconvolution_tactics(problem, list);
      break;
    case LayerKind::matmul:
      add_matmul_tactics(problem, list);
      break;
    case LayerKind::pooling:
    case LayerKind::reduce:
      add_pooling_tactics(problem, policy, list);
      break;
    case LayerKind::elementwise:
      add_pointwise_tactics(problem, list);
      break;
    case LayerKind::softmax:
    case LayerKind::concat:
    case LayerKind::shuffle:
      add_array_tactics(problem, list);
      break;
    default:
      break;
  }
  return list;
}

}  // namespace isotherm::cpu
