// The boxes and frames of one side before they have a place: words, measured sizes, colours' inputs.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/render/build_side.h"
#include "core/render/visible.h"

namespace isotherm::render {

/// "1 node", "2 nodes".
std::string plural(int n, const char* word);

/// A title is elided beyond this width, px.
inline constexpr float kMostTitle = 190;
/// Width of an engine that shows its parts, px.
inline constexpr float kOpenEngineWidth = 340;

class SideWords {
 public:
  SideWords(const SideSource& source, const SceneOptions& options, Scene& scene);

  /// Looks at the whole graph once: reasons, positions, whether all share a batch dimension.
  void prepare(const Visible& visible);
  /// No outlines of segments are drawn: boxes wear badges.
  void mark_engines() { badges_ = true; }
  /// Appends a box to the scene with words and the size they want.
  void add_box(const Visible& visible, const Item& item);
  /// Marks the first box in topological order whose error is over the bound, once all boxes are there.
  void mark_first_over(const Visible& visible);
  /// Elides the words of a box to its final width, and chooses its note.
  void fit(Box& box);
  /// Appends a frame with title and detail.
  void add_frame(const Visible& visible, int group, std::int32_t parent);
  /// Puts a frame's title (or pill) where no vertical line at one of `crossings` runs through it.
  void place_title(Frame& frame, std::vector<float> crossings);
  /// The shape on an edge where it says something new; empty elsewhere.
  std::string edge_label(const Visible& visible, const VisibleEdge& edge);
  /// Topological position of an item (its last node's).
  [[nodiscard]] int position(const Item& item) const;
  /// Name, dtype and shape of an edge's first tensor.
  void set_tensor(const VisibleEdge& edge, Line& line);
  /// Bytes of the tensors on an edge, and the width that shows them where that was asked for.
  void set_bytes(const VisibleEdge& edge, Line& line) const;
  void head(const Visible& visible, Side& side);
  /// Interns a text.
  std::int32_t keep(const std::string& text);

 private:
  struct Words {
    std::string title, subtitle, detail, note, note_short;
  };
  void add_node(const Visible& visible, const Item& item, Box& box, Words& words);
  void add_engine(NodeId node, Box& box, Words& words);
  void add_scope(const Visible& visible, const Item& item, Box& box, Words& words);
  void add_histogram(const std::vector<NodeId>& members, Box& box);
  void add_parts(const std::vector<Overlay::Part>& parts, Box& box);
  void measure(Box& box, const Words& words) const;
  [[nodiscard]] bool two_lines() const { return source_.values != nullptr; }
  [[nodiscard]] int first_over_inside(const Visible& visible, const Item& item) const;
  [[nodiscard]] double value_of(NodeId node) const;
  [[nodiscard]] std::string detail_shape(NodeId node) const;
  [[nodiscard]] const TensorInfo* info(TensorRef tensor) const;
  /// The number in the name of a segment's engine: its colour and badge.
  [[nodiscard]] int engine_index(int segment) const;
  std::int32_t scope_path(const std::string& path);

  const SideSource& source_;
  const SceneOptions& options_;
  Scene& scene_;
  std::vector<const Refusal*> refusal_;  ///< by node id of this side
  std::vector<int> position_;
  std::vector<Words> words_;  ///< by box of this side
  std::size_t first_box_ = 0;
  std::map<int, int> last_position_;  ///< by collapsed group
  std::unordered_map<std::string, std::int32_t> interned_;
  bool without_batch_ = false;
  bool badges_ = false;
};

}  // namespace isotherm::render
