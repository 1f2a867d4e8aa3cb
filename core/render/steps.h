// A segmentation replayed: its recorded decisions, numbered, each with its sentence and what holds after it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/convert/converter.h"
#include "core/graph/status.h"

namespace isotherm::render {

/// One numbered step. The candidate tests of all nodes are the first step together; every later decision is its own.
struct ReplayStep {
  enum class Kind : std::uint8_t {
    candidates,
    merge,          ///< accepted
    merge_refused,  ///< for a cycle (then the record has its path), batch size or device
    trim,           ///< a node leaves its segment at the border
    too_small,
    engine_cap,
    segment,  ///< stands
    failed,   ///< stands, but no engine can be made of it
  } kind = Kind::candidates;
  std::size_t record = 0;  ///< index in Segmentation::steps; of the last test for `candidates`
  /// The edge under test as the graph has it: the segment of the record's node may reach the target from another
  /// member.
  NodeId from = kNoNode, to = kNoNode;
  int members = 0;  ///< of the segment that the step is about, after it
  /// Of a cycle: what its path enters outside the two segments, the first few; how many in all; whether these are not
  /// candidates.
  std::vector<NodeId> through;
  int through_count = 0;
  bool through_native = false;
  /// Of a cycle that enters nothing else: an edge between the two segments that was refused before.
  NodeId by_from = kNoNode, by_to = kNoNode;
};

/// How a step is coloured and marked.
enum class StepTone : std::uint8_t { neutral, accepted, refused, leaves };
StepTone tone_of(ReplayStep::Kind kind);

/// What has been decided about every node after some step.
struct ReplayState {
  enum class Fate : std::uint8_t { candidate, not_candidate, trimmed, too_small, engine_cap, failed };
  std::vector<Fate> fate;            ///< by node id
  std::vector<NodeId> leader;        ///< by node id: a member that stands for its segment, itself if alone
  std::vector<NodeId> next;          ///< by node id: ring through the members of its segment
  std::vector<char> stands;          ///< by leader: the segment was found to stand
  std::vector<std::int64_t> merged;  ///< ascending: contracted edges, see edge_key()

  [[nodiscard]] static std::int64_t edge_key(NodeId from, NodeId to) {
    return (static_cast<std::int64_t>(from) << 32) | static_cast<std::int64_t>(to);
  }
  [[nodiscard]] bool same_segment(NodeId a, NodeId b) const {
    return leader[static_cast<std::size_t>(a)] == leader[static_cast<std::size_t>(b)];
  }
  /// Members of the node's segment, ascending, without those that were trimmed.
  [[nodiscard]] std::vector<NodeId> members(NodeId node) const;
};

/// The record made ready. Immutable; shares the conversion.
class Replay {
 public:
  /// An error is a conversion without a record (a session keeps none, a graph may not have been converted).
  static Result<Replay> create(std::shared_ptr<const Conversion> conversion);

  [[nodiscard]] int size() const { return static_cast<int>(steps_.size()); }
  [[nodiscard]] const ReplayStep& operator[](int step) const { return steps_[static_cast<std::size_t>(step)]; }
  [[nodiscard]] const SegmentStep& record(int step) const;
  [[nodiscard]] const Conversion& conversion() const { return *conversion_; }
  [[nodiscard]] const std::shared_ptr<const Conversion>& shared_conversion() const { return conversion_; }
  [[nodiscard]] const Graph& graph() const { return *conversion_->before; }

  /// "accepted", "refused", "too small", ..: one or two words.
  [[nodiscard]] std::string verdict(int step) const;
  /// What was decided and why, with whole node names: "a → b: merging would close a cycle through m, which stays
  /// native".
  [[nodiscard]] std::string sentence(int step) const;
  /// The same for steps first to last drawn as one.
  [[nodiscard]] std::string sentence(int first, int last) const;

  /// O(nodes + steps).
  [[nodiscard]] ReplayState state_after(int step) const;
  /// Colour of the node's segment: the number of the engine that it becomes, a further number for one that becomes
  /// none.
  [[nodiscard]] int color_index(NodeId leader) const;

 private:
  explicit Replay(std::shared_ptr<const Conversion> conversion) : conversion_(std::move(conversion)) {}
  void number();
  [[nodiscard]] std::string cycle_sentence(const ReplayStep& step) const;
  [[nodiscard]] std::string candidates_sentence() const;

  std::shared_ptr<const Conversion> conversion_;
  std::vector<ReplayStep> steps_;
  std::vector<int> color_;  ///< by node id
  std::string candidates_;  ///< sentence of the first step
};

}  // namespace isotherm::render
