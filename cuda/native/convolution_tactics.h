// Ways to compute a convolution, and which is the fastest for a shape on this card.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/cpu/convolution_geometry.h"
#include "cuda/device/cudnn.h"
#include "cuda/kernels/direct_convolution.h"
#include "cuda/kernels/implicit_gemm.h"

namespace isotherm::cuda {

/// A 2-D convolution as the tactics see it.
struct ConvolutionProblem {
  ConvolutionShape shape;
  int groups = 1;               ///< input channels of a depthwise one
  bool channels_first = false;  ///< layout of input and output
  /// All numbers, for the map of choices.
  [[nodiscard]] std::array<int, 18> key() const;
};

/// Fails where a size does not fit 31 bits.
Result<ConvolutionProblem> problem_of(const cpu::ConvolutionShapes& shapes, bool channels_first);

enum class ConvolutionMethod : std::uint8_t {
  matrix_product,  ///< 1x1: cuBLASLt
  implicit_gemm,   ///< the project's kernel, channels last
  depthwise,       ///< the project's kernel, channels last, one filter a channel
  direct,          ///< the project's kernel for everything
  cudnn,
};

struct ConvolutionTactic {
  ConvolutionMethod method = ConvolutionMethod::direct;
  /// Layout in which it computes; where the tensors have the other, they are copied before and after.
  bool channels_first = false;
  ImplicitGemmChoice gemm;  ///< implicit_gemm
  int algorithm = 0;        ///< cudnn
  std::size_t workspace_bytes = 0;
  [[nodiscard]] std::string name() const;
};

/// cuDNN's descriptors of a problem in one layout.
class CudnnConvolutionPlan {
 public:
  static Result<std::shared_ptr<const CudnnConvolutionPlan>> make(const CudnnApi& api,
                                                                  const ConvolutionProblem& problem,
                                                                  bool channels_first, bool tf32);
  ~CudnnConvolutionPlan();
  CudnnConvolutionPlan(const CudnnConvolutionPlan&) = delete;
  CudnnConvolutionPlan& operator=(const CudnnConvolutionPlan&) = delete;
  /// Bytes that an algorithm needs; nothing where it does not do this problem.
  [[nodiscard]] std::optional<std::size_t> workspace(CudnnHandle handle, int algorithm) const;
  /// `weights` is [k, c/groups, r, s] or, channels last, [k, r, s, c/groups].
  Status run(CudnnHandle handle, int algorithm, const float* x, const float* weights, float* y, void* workspace,
             std::size_t workspace_bytes) const;

 private:
  explicit CudnnConvolutionPlan(const CudnnApi& api) : api_(api) {}
  Status initialise(const ConvolutionProblem& problem, bool channels_first, bool tf32);
  const CudnnApi& api_;
  CudnnTensor x_ = nullptr, y_ = nullptr;
  CudnnFilter w_ = nullptr;
  CudnnConvolution convolution_ = nullptr;
};

/// Whether cuDNN, which pads both sides alike, has the same output.
bool cudnn_pads_alike(const ConvolutionShape& shape);

/// What can compute a problem, the likely best first, never empty. `handle` is null where there is no cuDNN. Algorithms
/// of cuDNN that transform to frequencies are left out: they err more than FP32 sums.
std::vector<ConvolutionTactic> convolution_tactics(const ConvolutionProblem& problem, int multiprocessors,
                                                   const CudnnApi* cudnn, CudnnHandle handle, bool tf32);

/// What was chosen for a problem, and how long everything that was tried took.
struct ConvolutionChoice {
  ConvolutionTactic tactic;
  std::vector<std::pair<std::string, float>> milliseconds;
};

/// A device's choices. Thread-safe.
class ConvolutionChoices {
 public:
  [[nodiscard]] std::optional<ConvolutionTactic> find(const ConvolutionProblem& problem) const;
  void set(const ConvolutionProblem& problem, ConvolutionChoice choice);
  /// A copy, for reports.
  [[nodiscard]] std::vector<ConvolutionChoice> all() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::array<int, 18>, ConvolutionChoice> choices_;
};

}  // namespace isotherm::cuda
