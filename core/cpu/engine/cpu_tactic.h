// What all tactics of the CPU device have in common.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/cpu/engine/port.h"
#include "core/engine/layers.h"
#include "core/engine/tactic.h"

namespace isotherm::cpu {

/// A layer with what is decided already when its tactics are made. The network and layer outlive the tactics.
struct LayerProblem {
  const Network& network;
  const Layer& layer;
  std::vector<TensorLayout> inputs;  ///< by Layer::inputs; of a view: those of its base
  int threads = 1;

  [[nodiscard]] const Shape& input_shape(std::size_t i) const {
    return network.tensors[static_cast<std::size_t>(layer.inputs[i])].shape;
  }
  [[nodiscard]] const Shape& output_shape() const {
    return network.tensors[static_cast<std::size_t>(layer.outputs[0])].shape;
  }
};

class CpuTactic : public Tactic {
 public:
  explicit CpuTactic(const LayerProblem& problem) : problem_(problem) {}

  [[nodiscard]] std::string describe() const override { return description_; }
  [[nodiscard]] std::size_t workspace_bytes() const override { return workspace_; }
  Status can_implement() final;
  Status prepare() final;
  Status run(const TacticMemory& memory) final;

  /// Layout of the result. Known after can_implement().
  [[nodiscard]] const memory::desc& output_desc() const { return output_desc_; }
  /// Input whose memory may be the output's too, if nobody needs it afterwards; -1: none.
  [[nodiscard]] int shareable_input() const { return shareable_; }
  /// Bytes of packed weights.
  [[nodiscard]] std::size_t weight_bytes() const { return weight_bytes_; }

 protected:
  /// The three steps; they may throw dnnl::error.
  virtual Status plan() = 0;
  virtual void pack() {}
  virtual void execute(const TacticMemory& memory) = 0;

  /// Adds a port for input `i`; its workspace is reserved.
  void add_port(std::size_t i, const memory::desc& wanted, bool reinterpret = false);
  /// Input `i` of add_port's order, brought into the wanted layout.
  memory& bring(std::size_t i, const TacticMemory& m) {
    return ports_[i].bring(m.inputs[port_input_[i]], m.workspace + port_offset_[i]);
  }
  [[nodiscard]] bool is_direct(std::size_t port) const { return ports_[port].is_direct(); }
  /// Reserves workspace; returns its offset.
  std::size_t reserve(std::size_t bytes);

  LayerProblem problem_;
  std::string description_ = "onednn";
  memory::desc output_desc_;
  int shareable_ = -1;
  std::size_t weight_bytes_ = 0;

 private:
  std::vector<InputPort> ports_;
  std::vector<std::size_t> port_input_, port_offset_;
  std::size_t workspace_ = 0;
};

/// Which layouts tactics may choose. A plan is built with each and the fastest is kept.
enum class LayoutPolicy { blocked, channels_last, either };

/// The tactics for a layer in order of preference; empty where the device's native kernel must do.
std::vector<std::unique_ptr<CpuTactic>> make_tactics(const LayerProblem& problem, LayoutPolicy policy);

using TacticList = std::vector<std::unique_ptr<CpuTactic>>;
void add_convolution_tactics(const LayerProblem& problem, LayoutPolicy policy, TacticList& list);
void add_deconvolution_tactics(const LayerProblem& problem, TacticList& list);
void add_matmul_tactics(const LayerProblem& problem, TacticList& list);
void add_pooling_tactics(const LayerProblem& problem, LayoutPolicy policy, TacticList& list);
void add_pointwise_tactics(const LayerProblem& problem, TacticList& list);
void add_array_tactics(const LayerProblem& problem, TacticList& list);  ///< softmax, concat, shuffle

}  // namespace isotherm::cpu
