// Picks the fastest of the tactics that can compute a layer, by timing them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/engine/tactic.h"
#include "core/engine/timing_cache.h"

namespace isotherm {

struct TuneOptions {
  /// The first tactic that can compute the layer, nothing is timed: the same plan on every run.
  bool deterministic = false;
  std::size_t workspace_limit = std::size_t{1} << 30;
  int repetitions = 5;               ///< timed runs of a tactic; the least counts
  double seconds_per_tactic = 0.05;  ///< no further repetition after that
  /// Seconds that may still be spent, counted down by what is; at zero nothing more is timed, and the first tactic is
  /// taken where no timing is known. Null: no limit.
  double* budget = nullptr;
  TimingCache* cache = nullptr;
  std::string key;  ///< of the problem in the cache; empty: not cached
  /// Seconds, monotonic; the wall clock if empty.
  std::function<double()> clock;
};

/// What the tuner found out about one tactic.
struct TuneCandidate {
  std::string tactic;
  std::string refusal;  ///< why it was not timed; empty if it was, or did not have to be
  double seconds = -1;  ///< least of its runs; < 0: not timed
};

struct TuneResult {
  std::size_t best = 0;  ///< index; that tactic is prepared
  std::vector<TuneCandidate> candidates;
};

/// Runs a prepared tactic once on memory of the caller's choice, waits for it.
using TacticRun = std::function<Status(Tactic&)>;

/// Tactics in order of preference. An error if none can compute the layer: its sentence holds the first refusal.
Result<TuneResult> tune(std::span<const std::unique_ptr<Tactic>> tactics, const TacticRun& run,
                        const TuneOptions& options);

}  // namespace isotherm
