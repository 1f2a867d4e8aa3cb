#include "core/engine/tuner.h"

#include <algorithm>
#include <chrono>
#include <limits>

namespace isotherm {
namespace {

/// A tactic this much slower in its first run than the best so far is not run again.
constexpr double kHopeless = 1.3;
/// The same of the run before, which also waits for memory and code.
constexpr double kHopelessCold = 3;

double wall_clock() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class Tuner {
 public:
  Tuner(std::span<const std::unique_ptr<Tactic>> tactics, const TacticRun& run, const TuneOptions& options)
      : tactics_(tactics), run_(run), options_(options), clock_(options.clock ? options.clock : wall_clock) {}

  Result<TuneResult> tune() {
    check();
    if (usable_.empty()) return no_tactic();
    if (!options_.deterministic && usable_.size() > 1) time_all();
    // The fastest first; what was not timed keeps its place behind what was.
    std::stable_sort(usable_.begin(), usable_.end(), [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    for (const std::size_t i : usable_) {
      const Status status = tactics_[i]->prepare();
      result_.best = i;
      if (status.ok()) return result_;
      result_.candidates[i].refusal = status.error().message;
    }
    return no_tactic();
  }

 private:
  void check() {
    for (std::size_t i = 0; i < tactics_.size(); ++i) {
      Tactic& tactic = *tactics_[i];
      const Status status = tactic.can_implement();
      TuneCandidate candidate{tactic.describe(), status.ok() ? "" : status.error().message, -1};
      if (status.ok() && tactic.workspace_bytes() > options_.workspace_limit)
        candidate.refusal = "it needs " + std::to_string(tactic.workspace_bytes()) +
                            " bytes of workspace, the limit is " + std::to_string(options_.workspace_limit);
      if (candidate.refusal.empty()) usable_.push_back(i);
      result_.candidates.push_back(std::move(candidate));
    }
  }

  [[nodiscard]] double rank(std::size_t i) const {
    const double seconds = result_.candidates[i].seconds;
    return seconds < 0 ? std::numeric_limits<double>::infinity() : seconds;
  }

  void time_all() {
    double best = -1;
    for (const std::size_t i : usable_) {
      TuneCandidate& candidate = result_.candidates[i];
      candidate.seconds = time_one(*tactics_[i], candidate, best);
      if (candidate.seconds >= 0 && (best < 0 || candidate.seconds < best)) best = candidate.seconds;
    }
    std::erase_if(usable_, [&](std::size_t i) { return !result_.candidates[i].refusal.empty(); });
  }

  double time_one(Tactic& tactic, TuneCandidate& candidate, double best) {
    const bool cached = options_.cache && !options_.key.empty();
    if (cached)
      if (const auto known = options_.cache->find(options_.key, candidate.tactic)) return *known;
    if (options_.budget && *options_.budget <= 0) return -1;
    const double start = clock_();
    double seconds = -1;
    const Status status = measure(tactic, best, seconds);
    if (options_.budget) *options_.budget -= clock_() - start;
    if (!status.ok()) {
      candidate.refusal = status.error().message;
      return -1;
    }
    if (cached) options_.cache->put(options_.key, candidate.tactic, seconds);
    return seconds;
  }

  Status measure(Tactic& tactic, double best, double& least) {
    ISO_TRY(tactic.prepare());
    const double first = clock_();
    ISO_TRY(run_(tactic));  // caches, pages and threads warm
    const double start = clock_();
    if (best >= 0 && start - first > kHopelessCold * best) {
      least = start - first;
      return {};
    }
    for (int i = 0; i < std::max(options_.repetitions, 1); ++i) {
      const double begin = clock_();
      ISO_TRY(run_(tactic));
      const double end = clock_();
      least = i == 0 ? end - begin : std::min(least, end - begin);
      if (end - start > options_.seconds_per_tactic || (best >= 0 && least > kHopeless * best)) break;
    }
    return {};
  }

  Result<TuneResult> no_tactic() const {
    std::string reason = "no way to compute it";
    for (const TuneCandidate& c : result_.candidates)
      if (!c.refusal.empty()) return unsupported(reason + ": " + c.tactic + ": " + c.refusal);
    return unsupported(reason);
  }

  std::span<const std::unique_ptr<Tactic>> tactics_;
  const TacticRun& run_;
  const TuneOptions& options_;
  std::function<double()> clock_;
  std::vector<std::size_t> usable_;
  TuneResult result_;
};

}  // namespace

Result<TuneResult> tune(std::span<const std::unique_ptr<Tactic>> tactics, const TacticRun& run,
                        const TuneOptions& options) {
  return Tuner(tactics, run, options).tune();
}

}  // namespace isotherm
