#include "core/render/build_side.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "core/render/display_list.h"
#include "core/render/flow.h"
#include "core/render/layout.h"
#include "core/render/layout_layered.h"
#include "core/render/levels.h"
#include "core/render/node_text.h"
#include "core/render/shown_part.h"
#include "core/render/side_places.h"
#include "core/render/side_words.h"
#include "core/render/text.h"
#include "core/render/visible.h"

namespace isotherm::render {
namespace {

constexpr int kPageNodes = 36;  // rows of about a page, and a block opened beside them

class SideBuilder {
 public:
  SideBuilder(const SideSource& source, const SceneOptions& options, Scene& scene)
      : source_(source), options_(options), scene_(scene), words_(source, options, scene) {}

  Status run() {
    static const std::vector<int> kNone;
    const Segmentation& cut = source_.conversion->segmentation;
    const bool segments = !source_.after && source_.converted;
    // Blocks of one structure have values of their own.
    SceneOptions shown = options_;
    shown.repeats = options_.repeats && source_.values == nullptr;
    const GraphFacts facts = graph_facts(*source_.graph, source_.after ? source_.conversion : nullptr);
    // What cannot be drawn whole is drawn as an overview that fits a page.
    if (options_.page && shown.depth < 0 && std::count(facts.fold.begin(), facts.fold.end(), Fold::none) > options_.max_nodes)
      shown.max_nodes = std::min(shown.max_nodes, kPageNodes);
    ISO_ASSIGN(const std::vector<bool> part, shown_part(source_, options_));
    if (stopped()) return cancelled();
    bool outlines = segments && (source_.before == nullptr || source_.before->segments);
    if (outlines) {
      visible_ = visible_part(*source_.graph, facts, cut.segment_of, static_cast<int>(cut.segments.size()), shown, part,
                              source_.before);
      if (stopped()) return cancelled();
      outlines = source_.before != nullptr || !tangled();
    }
    if (!outlines) {
      visible_ = visible_part(*source_.graph, facts, kNone, 0, shown, part, source_.before);
      if (segments) words_.mark_engines();
    }
    outlines_ = outlines;
    ISO_TRY(draw());
    auto& shown_by = source_.after ? scene_.box_of_after : scene_.box_of_before;
    shown_by = box_of_node();
    head();
    return {};
  }

  /// A part of the side alone, in a frame of its own at the scene's origin.
  Result<PartExtent> run_part(Visible part, const std::string& title, const std::string& path) {
    visible_ = std::move(part);
    Frame frame;
    frame.scope = static_cast<std::int32_t>(scene_.scope_paths.size());
    scene_.scope_paths.push_back(path);
    frame.title = words_.keep(clean_text(title));
    frame.after_side = source_.after;
    frame.example = true;
    outer_frame_ = static_cast<std::int32_t>(scene_.frames.size());
    for (const Item& item : visible_.items)
      frame.count += item.node != kNoNode ? 1 : item.group >= 0 ? visible_.tree.groups[static_cast<std::size_t>(item.group)].drawn : 0;
    scene_.frames.push_back(frame);
    const std::size_t first_point = scene_.points.size();
    ISO_TRY(draw());
    constexpr float kLeft = look::kClusterPad, kTop = look::kClusterPad + look::kClusterTitle;
    for (std::size_t i = first_box_; i < scene_.boxes.size(); ++i) scene_.boxes[i].x += kLeft, scene_.boxes[i].y += kTop;
    for (std::size_t i = first_frame_; i < scene_.frames.size(); ++i)
      scene_.frames[i].x += kLeft, scene_.frames[i].title_x += kLeft, scene_.frames[i].y += kTop;
    for (std::size_t i = first_line_; i < scene_.lines.size(); ++i) scene_.lines[i].label_x += kLeft, scene_.lines[i].label_y += kTop;
    for (std::size_t i = first_point; i < scene_.points.size(); ++i) scene_.points[i].x += kLeft, scene_.points[i].y += kTop;
    Frame& outer = scene_.frames[static_cast<std::size_t>(outer_frame_)];
    outer.title_x = kLeft;
    outer.title_width = text_width(scene_.text(outer.title), {FontRole::sans, 600, 12});
    outer.width = std::max(flow_.across, outer.title_width) + 2 * kLeft;
    outer.height = flow_.along + kTop + kLeft;
    return PartExtent{outer.width, outer.height, box_of_node()};
  }

  [[nodiscard]] const Visible& visible() const { return visible_; }

 private:
  Status draw() {
    if (stopped()) return cancelled();
    first_box_ = scene_.boxes.size();
    first_frame_ = scene_.frames.size();
    first_line_ = scene_.lines.size();
    words_.prepare(visible_);
    if (stopped()) return cancelled();
    for (const Item& item : visible_.items) words_.add_box(visible_, item);
    if (stopped()) return cancelled();
    words_.mark_first_over(visible_);
    equal_widths();
    make_flow();
    if (stopped()) return cancelled();
    label_edges();
    if (stopped()) return cancelled();
    ISO_TRY(lay_out());
    if (outer_frame_ < 0) flow_.columns = options_.columns;
    if (source_.after && scene_.sides.size() == 1 && outer_frame_ < 0 && !sideways()) {
      flow_.row_wishes = level_wishes(scene_, source_.conversion->map, visible_, flow_);
      flow_.wished_along = scene_.sides.front().height;
    }
    place_and_route(flow_, options_.cancelled);
    if (stopped()) return cancelled();
    if (places_ == nullptr) places_ = std::make_shared<SidePlaces>(fresh_places(visible_, flow_));
    places_->segments = outlines_;
    if (stopped()) return cancelled();
    write_back();
    if (stopped()) return cancelled();
    return {};
  }

  [[nodiscard]] Box& box(std::size_t item) { return scene_.boxes[first_box_ + item]; }
  [[nodiscard]] bool stopped() const { return options_.cancelled && options_.cancelled(); }
  [[nodiscard]] bool sideways() const { return options_.direction == Direction::left_right; }

  /// Whether segments and scopes outside of them feed each other so much that no order of them reads well. Then scopes
  /// make the picture, and boxes wear their engine's badge.
  [[nodiscard]] bool tangled() const {
    const std::size_t groups = visible_.tree.groups.size();
    std::vector<std::vector<int>> next(groups + visible_.items.size());
    const auto member = [&](int item) {
      int top = static_cast<int>(groups) + item;
      const Item& it = visible_.items[static_cast<std::size_t>(item)];
      for (int g = it.group >= 0 ? it.group : it.parent; g > 0;
           g = visible_.tree.groups[static_cast<std::size_t>(g)].parent)
        top = g;
      return top;
    };
    std::set<int> members;
    for (std::size_t i = 0; i < visible_.items.size(); ++i) members.insert(member(static_cast<int>(i)));
    for (const VisibleEdge& e : visible_.edges)
      if (e.from >= 0 && e.to >= 0 && !e.back && !e.control)
        next[static_cast<std::size_t>(member(e.from))].push_back(member(e.to));
    std::map<int, int> sizes;
    const std::vector<int> component = strong_components(next);
    for (const int m : members) ++sizes[component[static_cast<std::size_t>(m)]];
    int cyclic = 0;
    for (const auto& [c, n] : sizes) cyclic += n > 1 ? n : 0;
    constexpr int kFew = 4;
    return cyclic > kFew && 3 * cyclic > static_cast<int>(members.size());
  }

  /// Boxes of one frame are equally wide; engines keep their own width.
  void equal_widths() {
    std::map<int, float> widest;
    for (std::size_t i = 0; i < visible_.items.size(); ++i)
      if (box(i).form != Box::Form::engine)
        widest[visible_.items[i].parent] = std::max(widest[visible_.items[i].parent], box(i).width);
    for (std::size_t i = 0; i < visible_.items.size(); ++i) {
      Box& b = box(i);
      if (b.form != Box::Form::engine && !b.copy) b.width = widest[visible_.items[i].parent];
      words_.fit(b);
    }
  }

  void make_flow() {
    frame_of_group_.assign(visible_.tree.groups.size(), -1);
    for (const int g : visible_.frames) {
      const Group& group = visible_.tree.groups[static_cast<std::size_t>(g)];
      FlowFrame f;
      f.parent = frame_of_group_[static_cast<std::size_t>(group.parent)];
      const bool segment = group.kind == Group::Kind::segment;
      const float title = segment ? look::kClusterPad + 6 : look::kClusterPad + look::kClusterTitle;
      (sideways() ? f.pad_low : f.pad_start) = title;
      frame_of_group_[static_cast<std::size_t>(g)] = static_cast<int>(flow_.frames.size());
      words_.add_frame(visible_, g, f.parent < 0 ? outer_frame_ : static_cast<std::int32_t>(first_frame_) + f.parent);
      if (!sideways()) f.want_across = scene_.frames.back().title_width + 2 * look::kClusterPad;
      flow_.frames.push_back(f);
    }
    for (std::size_t i = 0; i < visible_.items.size(); ++i) {
      const Box& b = box(i);
      FlowBox f;
      f.frame = frame_of_group_[static_cast<std::size_t>(visible_.items[i].parent)];
      f.across = sideways() ? b.height : b.width;
      f.along = sideways() ? b.width : b.height;
      if (b.note >= 0) (sideways() ? f.after_across : f.after_along) = look::kNoteHeight;
      if (b.form == Box::Form::scope) {
        float& after = sideways() ? f.after_across : f.after_along;
        after = std::max(after, 2 * look::kSheet);
      }
      flow_.boxes.push_back(f);
    }
    for (const VisibleEdge& e : visible_.edges) {
      FlowEdge f;
      f.from = e.from;
      f.to = e.to;
      f.from_frame = e.from_group < 0 ? -1 : frame_of_group_[static_cast<std::size_t>(e.from_group)];
      f.to_frame = e.to_group < 0 ? -1 : frame_of_group_[static_cast<std::size_t>(e.to_group)];
      f.control = e.control;
      flow_.edges.push_back(std::move(f));
    }
  }

  void label_edges() {
    labels_.assign(visible_.edges.size(), -1);
    const Font font{FontRole::sans, 400, 10.5F};
    for (std::size_t i = 0; i < visible_.edges.size(); ++i) {
      const VisibleEdge& e = visible_.edges[i];
      if (e.control || e.back || e.from < 0 || e.to < 0) continue;
      const std::string label = words_.edge_label(visible_, e);
      if (label.empty()) continue;
      labels_[i] = words_.keep(label);
      const float width = text_width(label, font);
      flow_.edges[i].label_along = sideways() ? width + 22 : 32;
      flow_.edges[i].label_across = sideways() ? 14 : width;
    }
  }

  LayoutRequest request() {
    LayoutRequest r;
    r.box_gap = look::kNodeGap;
    // Sideways the title takes room across; which side Graphviz cannot know, so both get it.
    r.group_margin = sideways() ? look::kClusterPad + look::kClusterTitle : look::kClusterPad;
    std::vector<int> number(visible_.tree.groups.size(), 0);
    r.group_parent.push_back(-1);
    for (const int g : visible_.frames) {
      number[static_cast<std::size_t>(g)] = static_cast<int>(r.group_parent.size());
      r.group_parent.push_back(
          number[static_cast<std::size_t>(visible_.tree.groups[static_cast<std::size_t>(g)].parent)]);
    }
    for (std::size_t i = 0; i < flow_.boxes.size(); ++i) {
      const FlowBox& b = flow_.boxes[i];
      r.boxes.push_back({b.across + b.after_across, b.along + b.after_along,
                         number[static_cast<std::size_t>(visible_.items[i].parent)]});
    }
    for (const VisibleEdge& e : visible_.edges) {
      const int from = e.from >= 0 ? e.from : border_item(e.from_group, true);
      const int to = e.to >= 0 ? e.to : border_item(e.to_group, false);
      if (from < 0 || to < 0 || from == to) continue;
      r.edges.push_back({from, to, e.back, e.control});
      requested_.push_back(static_cast<std::size_t>(&e - visible_.edges.data()));
    }
    return r;
  }

  /// The last (or first) item inside a group, for an edge that leaves (or enters) its frame.
  int border_item(int group, bool last) {
    const auto [known, added] = border_.try_emplace({group, last}, -1);
    if (added) known->second = find_border_item(group, last);
    return known->second;
  }

  int find_border_item(int group, bool last) {
    int found = -1;
    for (std::size_t i = 0; i < visible_.items.size(); ++i) {
      bool inside = false;
      for (int g = visible_.items[i].parent; g > 0; g = visible_.tree.groups[static_cast<std::size_t>(g)].parent)
        inside |= g == group;
      if (!inside) continue;
      if (found < 0 ||
          (last
               ? words_.position(visible_.items[i]) >= words_.position(visible_.items[static_cast<std::size_t>(found)])
               : words_.position(visible_.items[i]) < words_.position(visible_.items[static_cast<std::size_t>(found)])))
        found = static_cast<int>(i);
    }
    return found;
  }

  Result<PlacedLayout> ask(const LayoutRequest& asked) {
    ISO_ASSIGN(PlacedLayout placed,
               lay_out_boxes(asked, {options_.layout, options_.layout_program, options_.layout_cache,
                                     options_.layout_limit, options_.cancelled}));
    scene_.layout_seconds += placed.seconds;
    by_graphviz_ = by_graphviz_ && placed.by_graphviz;
    return placed;
  }

  void add_note(const std::string& note) {
    if (outer_frame_ >= 0) return;
    if (!scene_.layout_note.empty()) scene_.layout_note += source_.after ? "; after " : "; ";
    scene_.layout_note += note;
  }

  Status lay_out() {
    const LayoutRequest asked = request();
    if (source_.before != nullptr) {
      PlaceKeeper keeper(*source_.before, visible_, flow_);
      if (keeper.possible()) return keep_places(asked, keeper);
    }
    ISO_ASSIGN(const PlacedLayout placed, ask(asked));
    add_note(placed.note);
    for (std::size_t i = 0; i < flow_.boxes.size(); ++i) {
      flow_.boxes[i].rank = placed.result.rank[i];
      flow_.boxes[i].center = placed.result.center[i] - flow_.boxes[i].after_across / 2;
    }
    for (std::size_t k = 0; k < placed.result.lane.size(); ++k) flow_.edges[requested_[k]].lane_wish = placed.result.lane[k];
    if (stopped()) return cancelled();
    return {};
  }

  /// Lays out what was opened, scope by scope; all else stays where it was.
  Status keep_places(const LayoutRequest& whole, PlaceKeeper& keeper) {
    std::string note = "places kept";
    for (PlaceKeeper::Opened& opened : keeper.opened()) {
      LayoutRequest part = whole;
      part.boxes.clear();
      part.edges.clear();
      std::vector<int> number(flow_.boxes.size(), -1);
      Flow inside;
      inside.frames = flow_.frames;
      for (const int b : opened.boxes) {
        number[static_cast<std::size_t>(b)] = static_cast<int>(part.boxes.size());
        part.boxes.push_back(whole.boxes[static_cast<std::size_t>(b)]);
        inside.boxes.push_back(flow_.boxes[static_cast<std::size_t>(b)]);
      }
      for (const LayoutEdge& e : whole.edges) {
        const int from = number[static_cast<std::size_t>(e.from)], to = number[static_cast<std::size_t>(e.to)];
        if (from < 0 || to < 0) continue;
        part.edges.push_back({from, to, e.back, e.control});
        FlowEdge edge;
        edge.from = from, edge.to = to, edge.control = e.control;
        inside.edges.push_back(std::move(edge));
      }
      ISO_ASSIGN(const PlacedLayout placed, ask(part));
      note += ", what was opened " + placed.note;
      for (std::size_t i = 0; i < inside.boxes.size(); ++i) {
        inside.boxes[i].rank = placed.result.rank[i];
        inside.boxes[i].center = placed.result.center[i] - inside.boxes[i].after_across / 2;
      }
      straighten_chains(inside);
      for (const FlowBox& b : inside.boxes) opened.rank.push_back(b.rank), opened.center.push_back(b.center);
    }
    places_ = std::make_shared<SidePlaces>(keeper.place());
    flow_.settled = true;
    add_note(note);
    if (stopped()) return cancelled();
    return {};
  }

  void write_back() {
    const auto at = [&](float across, float along) { return sideways() ? Point{along, across} : Point{across, along}; };
    for (std::size_t i = 0; i < flow_.boxes.size(); ++i) {
      const FlowBox& f = flow_.boxes[i];
      const Point p = at(f.low(), f.start);
      box(i).x = p.x;
      box(i).y = p.y;
    }
    for (std::size_t i = 0; i < flow_.frames.size(); ++i) {
      const FlowFrame& f = flow_.frames[i];
      Frame& frame = scene_.frames[first_frame_ + i];
      const Point low = at(f.low, f.start), high = at(f.high, f.end);
      frame.x = low.x, frame.y = low.y;
      frame.width = high.x - low.x, frame.height = high.y - low.y;
    }
    for (std::size_t i = 0; i < flow_.edges.size(); ++i) {
      const FlowEdge& f = flow_.edges[i];
      const VisibleEdge& v = visible_.edges[i];
      if (f.points.size() < 2) continue;
      Line line;
      line.from = f.from < 0 ? -1 : static_cast<std::int32_t>(first_box_) + f.from;
      line.to = f.to < 0 ? -1 : static_cast<std::int32_t>(first_box_) + f.to;
      line.from_frame = f.from_frame < 0 ? -1 : static_cast<std::int32_t>(first_frame_) + f.from_frame;
      line.to_frame = f.to_frame < 0 ? -1 : static_cast<std::int32_t>(first_frame_) + f.to_frame;
      line.control = f.control;
      line.back = f.back || v.back;
      line.tensors = v.tensors;
      words_.set_tensor(v, line);
      if (!v.control) words_.set_bytes(v, line);
      line.first_point = static_cast<std::int32_t>(scene_.points.size());
      line.points = static_cast<std::int32_t>(f.points.size());
      for (const Point& p : f.points) scene_.points.push_back(at(p.x, p.y));
      if (f.labelled) {
        line.label = labels_[i];
        const Point p = at(f.label_at_across, f.label_at_along);
        const float width = text_width(scene_.text(line.label), {FontRole::sans, 400, 10.5F});
        line.label_x = sideways() ? p.x - width / 2 - 3 : p.x;
        line.label_y = sideways() ? p.y + 6 : p.y + 1;
      }
      scene_.lines.push_back(line);
    }
    place_titles();
  }

  [[nodiscard]] std::vector<std::int32_t> box_of_node() const {
    std::vector<std::int32_t> shown = visible_.item_of_node;
    for (std::int32_t& b : shown)
      if (b >= 0) b += static_cast<std::int32_t>(first_box_);
    return shown;
  }

  /// Titles keep clear of the edges that enter through a frame's upper border, as far as there is room.
  void place_titles() {
    // Pieces of edges that run down, by the strips of the picture that they cross.
    constexpr float kStrip = 64;
    struct Piece {
      float x, top, bottom;
    };
    std::vector<std::vector<Piece>> strips;
    for (std::size_t l = first_line_; l < scene_.lines.size(); ++l) {
      const Line& line = scene_.lines[l];
      for (std::int32_t k = line.first_point; k + 1 < line.first_point + line.points; ++k) {
        const Point &a = scene_.points[static_cast<std::size_t>(k)],
                    &b = scene_.points[static_cast<std::size_t>(k) + 1];
        if (std::abs(a.x - b.x) > 0.5F) continue;
        const float top = std::min(a.y, b.y), bottom = std::max(a.y, b.y);
        const auto first = static_cast<std::size_t>(std::max(0.0F, top) / kStrip),
                   last = static_cast<std::size_t>(std::max(0.0F, bottom) / kStrip);
        if (last >= strips.size()) strips.resize(last + 1);
        for (std::size_t s = first; s <= last; ++s) strips[s].push_back({a.x, top, bottom});
      }
    }
    for (std::size_t i = first_frame_; i < scene_.frames.size(); ++i) {
      Frame& f = scene_.frames[i];
      const bool segment = f.form == Frame::Form::segment;
      const float top = segment ? f.y - 10 : f.y + 2, bottom = segment ? f.y + 10 : f.y + 32;
      std::vector<float> crossings;
      for (auto s = static_cast<std::size_t>(std::max(0.0F, top) / kStrip);
           s <= static_cast<std::size_t>(std::max(0.0F, bottom) / kStrip) && s < strips.size(); ++s)
        for (const Piece& p : strips[s])
          if (p.x >= f.x && p.x <= f.x + f.width && p.top < bottom && p.bottom > top) crossings.push_back(p.x);
      words_.place_title(f, crossings);
    }
  }

  void head() {
    Side side;
    side.after = source_.after;
    side.width = sideways() ? flow_.along : flow_.across;
    side.height = sideways() ? flow_.across : flow_.along;
    // Text that reaches beyond the boxes.
    for (std::size_t i = first_box_; i < scene_.boxes.size(); ++i) {
      const Box& b = scene_.boxes[i];
      side.height = std::max(side.height, b.y + b.height + (b.note >= 0 ? look::kNoteHeight : 0));
      if (b.form == Box::Form::scope) side.width = std::max(side.width, b.x + b.width + 2 * look::kSheet);
    }
    side.nodes = source_.graph->size();
    side.folded = visible_.folded;
    side.by_graphviz = by_graphviz_;
    side.places = places_;
    words_.head(visible_, side);
    scene_.sides.push_back(side);
  }

  const SideSource& source_;
  const SceneOptions& options_;
  Scene& scene_;
  SideWords words_;
  Visible visible_;
  Flow flow_;
  std::vector<int> frame_of_group_;
  std::map<std::pair<int, bool>, int> border_;
  std::vector<std::int32_t> labels_;
  std::vector<std::size_t> requested_;  ///< by edge of the request: index in visible_.edges
  std::size_t first_box_ = 0, first_frame_ = 0, first_line_ = 0;
  std::int32_t outer_frame_ = -1;  ///< of a part: the frame round it
  bool outlines_ = false;          ///< segments have theirs
  bool by_graphviz_ = true;
  std::shared_ptr<SidePlaces> places_;
};

}  // namespace

Result<Visible> append_side(const SideSource& source, const SceneOptions& options, Scene& scene) {
  SideBuilder builder(source, options, scene);
  ISO_TRY(builder.run());
  return builder.visible();
}

Result<PartExtent> append_part(const SideSource& source, const SceneOptions& options, Visible part,
                               const std::string& title, const std::string& path, Scene& scene) {
  return SideBuilder(source, options, scene).run_part(std::move(part), title, path);
}

}  // namespace isotherm::render
