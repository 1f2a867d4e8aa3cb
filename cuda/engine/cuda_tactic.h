// What all tactics of the CUDA device have in common.
//
// Tensors of a plan are dense and row-major as the network has them (NHWC for images), float32, aligned to 16 bytes:
// the project's convolutions and cuBLASLt's products read and write that layout, so nothing is ever converted. What a
// library needs otherwise (a layer of an NCHW graph) is turned inside its tactic.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/engine/layers.h"
#include "core/engine/network_edit.h"
#include "core/engine/tactic.h"
#include "cuda/device/device.h"
#include "cuda/device/error.h"
#include "cuda/kernels/epilogue.h"
#include "cuda/kernels/implicit_gemm.h"

namespace isotherm::cuda {

/// A layer and where it is to run. The network, layer and device outlive the tactics, the stream their build.
struct LayerProblem {
  const Network& network;
  const Layer& layer;
  CudaDevice& device;
  DeviceStream& stream;  ///< for questions at build time
  std::size_t workspace_limit = std::size_t{1} << 30;

  [[nodiscard]] const Shape& input_shape(std::size_t i) const { return tensor_at(network, layer.inputs[i]).shape; }
  [[nodiscard]] const Shape& output_shape() const { return tensor_at(network, layer.outputs[0]).shape; }
};

/// The layer's post-ops as an epilogue's steps. False, with the reason, where one has no counterpart or there are too
/// many. `first`: post-ops before it are left out.
bool epilogue_steps(const Layer& layer, std::size_t first, Epilogue& epilogue, std::string& refusal);
/// Input of the layer that its add_tensor post-op adds, -1: none.
int added_input(const Layer& layer);
/// Layer::bias as float32, one value per output channel; empty where there is none.
std::vector<float> bias_values(const Layer& layer);

class CudaTactic : public Tactic {
 public:
  explicit CudaTactic(const LayerProblem& problem)
      : network_(problem.network),
        layer_(problem.layer),
        device_(problem.device),
        build_stream_(&problem.stream),
        workspace_limit_(problem.workspace_limit) {}

  [[nodiscard]] std::string describe() const override { return description_; }
  [[nodiscard]] std::size_t workspace_bytes() const override { return workspace_; }
  Status can_implement() final;
  Status prepare() final;
  /// On the stream that the tactic is built with.
  Status run(const TacticMemory& memory) final { return issue(memory, *build_stream_); }

  /// Issues the layer on `stream`. Requires prepare().
  virtual Status issue(const TacticMemory& memory, DeviceStream& stream) = 0;

  /// Input whose memory may be the output's too, if nobody needs it afterwards; -1: none.
  [[nodiscard]] int shareable_input() const { return shareable_; }
  /// Bytes of weights and other constants on the device.
  [[nodiscard]] std::size_t weight_bytes() const { return weight_bytes_; }

 protected:
  /// Whether the tactic can compute the layer; sets description, workspace, the input that may be shared.
  virtual Status plan() = 0;
  /// Uploads weights.
  virtual Status pack() { return {}; }

  [[nodiscard]] const Shape& input_shape(std::size_t i) const { return tensor_at(network_, layer_.inputs[i]).shape; }
  [[nodiscard]] const Shape& output_shape() const { return tensor_at(network_, layer_.outputs[0]).shape; }
  /// Reserves workspace, aligned to 256; returns its offset.
  std::size_t reserve(std::size_t bytes);
  /// Values on the device, kept as long as the tactic.
  Result<const float*> upload(const std::vector<float>& values);
  Result<const float*> upload(const void* data, std::size_t bytes);

  /// All post-ops, for kernels that fuse them or for finish(). Set by take_steps().
  Epilogue epilogue_;
  int added_ = -1;
  /// Reads the post-ops from `first` on into epilogue_.
  Status take_steps(std::size_t first = 0);
  /// epilogue_ with the address of the tensor to add.
  [[nodiscard]] Epilogue epilogue(const TacticMemory& memory) const;
  /// Applies epilogue_ to the output in place, where there is anything to apply. `columns`: of the bias.
  Status finish(const TacticMemory& memory, DeviceStream& stream, std::int64_t columns = 1) const;

  const Network& network_;
  const Layer& layer_;
  CudaDevice& device_;
  DeviceStream* build_stream_;
  std::size_t workspace_limit_;
  std::string description_;
  int shareable_ = -1;

 private:
  std::vector<std::shared_ptr<Buffer>> constants_;
  std::size_t weight_bytes_ = 0, workspace_ = 0;
  bool prepared_ = false;
};

inline const float* floats(const std::byte* data) { return reinterpret_cast<const float*>(data); }
inline float* floats(std::byte* data) { return reinterpret_cast<float*>(data); }

using TacticList = std::vector<std::unique_ptr<CudaTactic>>;

/// The tactics for a layer in order of preference, the first being its default; empty where the device's native kernel
/// must do.
TacticList make_tactics(const LayerProblem& problem);
void add_convolution_tactics(const LayerProblem& problem, TacticList& list);
void add_cudnn_tactics(const LayerProblem& problem, TacticList& list);
void add_product_tactics(const LayerProblem& problem, TacticList& list);  ///< matmul, and 1x1 convolutions
void add_pooling_tactics(const LayerProblem& problem, TacticList& list);  ///< and reductions
void add_pointwise_tactics(const LayerProblem& problem, TacticList& list);
void add_array_tactics(const LayerProblem& problem, TacticList& list);  ///< softmax, concat, shuffle, pad

/// Sizes of a 2-D convolution layer; false where it has another rank, negative pads, or numbers above an int.
bool convolution_shape(const Network& network, const Layer& layer, ConvolutionShape& shape);

}  // namespace isotherm::cuda
