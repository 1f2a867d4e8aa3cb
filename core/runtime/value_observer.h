// How the runtime shows the values of a run, and the memory they take, to whoever wants more than times: a RunObserver
// that has one (RunObserver::values). Such a run is never recorded or replayed (a CUDA Graph): nodes and layers are
// issued one by one. Looking costs time; runs that are measured have none.
#pragma once

#include <cstddef>
#include <span>

#include "core/graph/tensor.h"
#include "core/runtime/observer.h"

namespace isotherm {

class Device;

/// What a node has made. All is valid during the call only.
struct NodeValues {
  /// By port, on the host or the device; invalid where the port has no value (a branch not taken, an output nobody
  /// reads).
  std::span<const Tensor* const> outputs;
  /// By data input, as the kernel read them; an input's memory may hold an output by now. Invalid where a function took
  /// it over; none at all of nodes that the executor runs itself (Switch, Merge, Enter, ..).
  std::span<const Tensor* const> inputs;
  /// The arena of the device's memory: bytes in buffers when the node had run, its inputs not yet released, and the
  /// most there were while it ran: inputs brought to the device, scratch memory, all of a function that it called.
  std::size_t arena_in_use = 0, arena_peak = 0;
};

/// A result of an engine's layer.
struct LayerValue {
  std::string_view tensor;  ///< "node:port" in the native segment
  Tensor value;             ///< row-major in TensorFlow's layout, on the host or the device
};

/// Called on the thread that issues the work. What lies on the device may still be under way: read it with
/// Device::copy on `stream` and wait for the stream. An error ends the run and becomes its error.
class ValueObserver {
 public:
  virtual ~ValueObserver() = default;
  /// After a node ran, nodes of functions (ScopeInfo::function) before the node that called them.
  virtual Status node_ran(const ScopeInfo& node, const NodeValues& values, Device& device, Stream& stream) = 0;
  /// After a layer of a plan ran. The layer's scope, its values by output.
  virtual Status layer_ran(const ScopeInfo& layer, std::span<const LayerValue> values, Device& device,
                           Stream& stream) = 0;
};

}  // namespace isotherm
