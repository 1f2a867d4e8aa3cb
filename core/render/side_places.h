// Where the boxes and frames of one side of a picture stand, remembered so that the picture that replaces it, after
// scopes were opened or closed, keeps them there.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/render/flow.h"
#include "core/render/visible.h"

namespace isotherm::render {

/// Places are wishes: where a box would stand if no scope had been opened beside it since. What had to make room finds
/// back by itself when the room is no longer needed.
struct SidePlaces {
  struct Box {
    int rank = 0;
    float home = 0;  ///< center across, px
  };
  struct Frame {
    int first = 0, last = 0;  ///< ranks
    float home = 0;           ///< decides on which side of it its neighbours stand
    bool opened = false;      ///< took the place of a closed box: it needs room for its title, too
  };
  std::unordered_map<std::string, Box> boxes;
  std::unordered_map<std::string, Frame> frames;
  std::unordered_map<std::string, float> lanes;  ///< of edges, by their boxes: where the layout wished them to run
  bool segments = false;                         ///< outlines of segments are drawn
  /// Of pictures that this one replaced, newest first, at most kMostEarlier, each without its own. A picture that shows
  /// the same boxes as one of them is that one again.
  std::vector<std::shared_ptr<const SidePlaces>> earlier;
  static constexpr std::size_t kMostEarlier = 32;
};

/// What a group is called in `frames` and, closed, in `boxes`.
std::string place_key(const Group& group);

/// Carries the places of a replaced picture over to a flow whose boxes and frames have no places yet.
///
/// A scope that was opened takes the ranks of its box: its content is laid out alone, by the caller, and stands where
/// the box stood; ranks below go down. A scope that was closed is a box in the first of its ranks that lies between
/// what it reads and what reads it; ranks that become empty vanish. Across, everything stays where it was, unless
/// something else must now stand there: then neighbours move aside, to both sides alike, by no more than is needed.
class PlaceKeeper {
 public:
  PlaceKeeper(const SidePlaces& before, const Visible& visible, Flow& flow);

  /// Whether enough of the boxes was drawn before. If not, nothing else may be called.
  [[nodiscard]] bool possible() const { return possible_; }

  /// Scopes that were opened and whose content must be laid out: flow boxes by scope.
  struct Opened {
    int frame = -1;
    std::vector<int> boxes;
    std::vector<int> rank;      ///< by its boxes, filled by the caller: from 0
    std::vector<float> center;  ///< the same, across
  };
  [[nodiscard]] std::vector<Opened>& opened() { return opened_; }

  /// Fills ranks and centers of the flow. Returns the places to remember.
  SidePlaces place();

 private:
  void match();
  bool as_before(const SidePlaces& places) const;
  void rank_boxes();
  void place_others();
  void close_ranks();
  [[nodiscard]] SidePlaces remember() const;

  const SidePlaces& before_;
  const SidePlaces* again_ = nullptr;  ///< the earlier picture that this one is
  const Visible& visible_;
  Flow& flow_;
  std::vector<std::string> box_key_, frame_key_;
  std::vector<Opened> opened_;
  std::vector<int> opened_of_;  ///< by box: index in opened_, -1: none
  std::vector<int> rank_;       ///< by box; kUnknown: not yet known
  std::vector<float> home_, frame_home_;
  std::vector<bool> frame_opened_;
  bool possible_ = false;
};

/// The places of a flow that was laid out afresh.
SidePlaces fresh_places(const Visible& visible, const Flow& flow);

/// Centers nearest to `home` at which nothing overlaps. Members of a frame (of the whole) that share a rank keep the
/// order of their homes; frames that need no more room than they had move as wholes.
void settle_homes(Flow& flow, const std::vector<float>& home, const std::vector<float>& frame_home,
                  const std::vector<bool>& frame_opened);

}  // namespace isotherm::render
