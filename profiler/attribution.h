// From raw records to records with their node: kernel -> layer -> engine -> source nodes, also inside CUDA graphs.
//
// Launched by itself, a kernel's correlation id leads to its API call and through the external correlation to the tag
// that was in force. All kernels of one graph launch share the launch's correlation id: that gives the run; the place
// comes from the graph node, whose id was noted at capture. A graph is cloned when it is instantiated: clones lead back
// through their originals.
//
// Records are kept only if they pass the rules of validity; what fails is counted by rule. Nothing is dropped silently.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "profiler/activity.h"

namespace isotherm {

/// Why a record cannot be trusted.
enum class Fault : std::uint8_t {
  start_missing,  ///< start is 0
  end_missing,    ///< end is 0
  end_before_start,
  before_launch,  ///< it starts before the call that launched it
  no_call,        ///< no API record has its correlation id
  duplicate,      ///< the same work was recorded twice
};
inline constexpr std::size_t kFaults = 6;
/// "start missing", ..
std::string_view fault_name(Fault fault);

/// How complete the records of one kind are.
struct RecordCount {
  std::int64_t expected = -1;  ///< launches that API calls and replays add up to; -1: not known for this kind
  std::int64_t seen = 0;       ///< records that came
  std::array<std::int64_t, kFaults> invalid{};  ///< by rule; not in the session
  std::int64_t attributed = 0;                  ///< valid and on a node (or, a copy, on a feed or fetch)
  std::int64_t unattributed = 0;                ///< valid, but on no node
  std::int64_t without_layer = 0;               ///< of the attributed: inside an engine's plan, but in no layer
  std::int64_t in_overhead = 0;                 ///< of the valid: while the recorder itself was busy; kept

  [[nodiscard]] std::int64_t all_invalid() const {
    std::int64_t sum = 0;
    for (const std::int64_t n : invalid) sum += n;
    return sum;
  }
};

struct Coverage {
  RecordCount kernels, copies, sets;
  std::int64_t calls = 0;
  std::int64_t dropped = 0;
  std::int64_t unknown_replays = 0;  ///< replays of graphs that nobody saw being captured
  std::int64_t overhead_ns = 0;      ///< of the recorder and of lazy loading, on the host

  /// Attributed share of the kernels that were seen and valid, 0 to 1; 1 if there were none.
  [[nodiscard]] double kernel_share() const {
    const std::int64_t all = kernels.attributed + kernels.unattributed;
    return all > 0 ? static_cast<double>(kernels.attributed) / static_cast<double>(all) : 1.0;
  }
  /// Every kernel came, is valid and on its node.
  [[nodiscard]] bool complete() const {
    return dropped == 0 && kernels.unattributed == 0 && kernels.all_invalid() == 0 && unknown_replays == 0 &&
           (kernels.expected < 0 || kernels.expected == kernels.seen);
  }
  void add(const Coverage& other);
};

/// A valid record with its run and place.
template <class Raw>
struct Attributed : Raw {
  int run = -1;
  Place place;
};

struct AttributedBatch {
  std::vector<Attributed<RawKernel>> kernels;
  std::vector<Attributed<RawCopy>> copies;
  std::vector<Attributed<RawSet>> sets;
  std::vector<Attributed<RawCall>> calls;  ///< in order of their start
  Coverage coverage;
};

/// Records of runs that are not recorded (tag.run < 0, warming up) are left out and count nowhere.
AttributedBatch attribute(const ActivityBatch& batch);

}  // namespace isotherm
