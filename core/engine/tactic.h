// A tactic: one way to compute a layer on a device. Devices make them; the tuner compares them without knowing what
// they do.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/graph/status.h"

namespace isotherm {

/// Memory of one execution, on the device. Tactics never own activations.
struct TacticMemory {
  std::span<std::byte* const> inputs;  ///< by Layer::inputs
  std::span<std::byte* const>
      outputs;                     ///< by Layer::outputs; one may be an input's address, where the tactic allows it
  std::byte* workspace = nullptr;  ///< workspace_bytes() of it, aligned to 64
};

class Tactic {
 public:
  virtual ~Tactic() = default;
  /// "onednn jit:avx512_core, nhwc": what it is, stable over runs on one machine.
  [[nodiscard]] virtual std::string describe() const = 0;
  /// Whether it can compute its layer; an error of code `unsupported` says why not. Cheap: packs nothing.
  virtual Status can_implement() = 0;
  /// Bytes it needs beside inputs, outputs and weights. Known after can_implement().
  [[nodiscard]] virtual std::size_t workspace_bytes() const = 0;
  /// Packs weights, compiles code. Requires can_implement().
  virtual Status prepare() = 0;
  /// Computes. Requires prepare(). On an asynchronous device: issues the work.
  virtual Status run(const TacticMemory& memory) = 0;
};

}  // namespace isotherm
