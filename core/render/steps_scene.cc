#include <algorithm>
#include <cmath>
#include <map>

#include "core/render/flow.h"
#include "core/render/layout.h"
#include "core/render/node_text.h"
#include "core/render/paint_box.h"
#include "core/render/side_words.h"
#include "core/render/steps_parts.h"
#include "core/render/text.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

using Fate = ReplayState::Fate;
using Role = StepLine::Role;

constexpr float kHeight = 44, kGutter = 29, kRight = 14, kLeastWidth = 96;
constexpr float kMark = 50;        // straight piece that a tick or a number asks for
constexpr float kTestLabel = 104;  // and the words at the edge under test
constexpr float kFramePad = 16, kFrameTop = 26;

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

bool has_left(Fate fate) { return fate != Fate::candidate; }

std::string_view fate_reason(Fate fate) {
  switch (fate) {
    case Fate::trimmed:
      return reason_name(Reason::const_output);
    case Fate::too_small:
      return reason_name(Reason::too_small);
    case Fate::engine_cap:
      return reason_name(Reason::engine_cap);
    case Fate::failed:
      return reason_name(Reason::conversion_failed);
    case Fate::candidate:
    case Fate::not_candidate:
      break;
  }
  return {};
}

}  // namespace

/// Chosen nodes with words, sizes, lines and places; without what a step says of them.
struct StepPictures::Plan {
  Scene scene;
  std::vector<const Refusal*> refusal;  ///< by box: why its node ends up native
};

namespace {

class Planner {
 public:
  Planner(const Replay& replay, const StepOptions& options, StepPictures::Plan& plan)
      : graph_(replay.graph()), replay_(replay), options_(options), plan_(plan), scene_(plan.scene) {}

  /// `group_of`: by node id, a number that members of one segment share, -1: none. `test`: the edge that gets words.
  Status run(const std::vector<NodeId>& nodes, const std::vector<int>& group_of, std::pair<NodeId, NodeId> test,
             bool with_notes) {
    scene_.conversion = replay_.shared_conversion();
    scene_.options.theme = options_.theme;
    scene_.options.direction = options_.direction;
    scene_.box_of_before.assign(at(graph_.size()), -1);
    std::map<NodeId, const Refusal*> refusals;
    for (const NativeNode& native : replay_.conversion().segmentation.native)
      refusals.emplace(native.node, &native.refusal);
    for (const NodeId id : nodes) {
      const auto found = refusals.find(id);
      add_box(id, found == refusals.end() ? nullptr : found->second, with_notes);
    }
    add_frames(nodes, group_of);
    add_edges(nodes, test);
    ISO_TRY(lay_out());
    place_and_route(flow_);
    write_back();
    return {};
  }

 private:
  [[nodiscard]] bool sideways() const { return options_.direction == Direction::left_right; }
  std::int32_t keep(std::string text) {
    if (text.empty()) return -1;
    scene_.texts.push_back(std::move(text));
    return static_cast<std::int32_t>(scene_.texts.size()) - 1;
  }

  void add_box(NodeId id, const Refusal* refusal, bool with_note) {
    const Node& node = graph_[id];
    const GraphShapes& shapes = replay_.conversion().shapes_before;
    const NodeWords words = node_words(graph_, shapes.empty() ? nullptr : &shapes, id, {});
    const std::string title = clean_text(words.title);
    const std::string op = clean_text(words.op) + (words.sizes.empty() ? "" : " " + words.sizes);
    Box box;
    box.node = id;
    box.op_class = op_class(node.op);
    box.form = box.op_class == OpClass::io ? Box::Form::io : Box::Form::node;
    box.height = kHeight;
    const float text = std::min(kMostTitle, std::max(text_width(title, kNodeTitle), text_width(op, kNodeSub)));
    float width = kGutter + text + kRight + (box.form == Box::Form::io ? 6 : 0);
    // Where the line leaves below, the note has half of the width.
    if (refusal != nullptr && with_note) {
      const float word = text_width(reason_name(refusal->reason), kNodeNote);
      width = std::max(width, sideways() ? word + text_width("native: ", kNodeNote) + 8 : 2 * (word + 14));
    }
    box.width = std::max(kLeastWidth, std::ceil(width / 8) * 8);
    const float room = box.width - kGutter - kRight;
    box.title = keep(elide(title, kNodeTitle, room));
    box.subtitle = keep(elide(op, kNodeSub, room));
    box.full_name = keep(node.name);
    box.reason = refusal == nullptr ? -1 : keep(refusal->detail);
    scene_.box_of_before[at(id)] = static_cast<std::int32_t>(scene_.boxes.size());
    scene_.boxes.push_back(box);
    plan_.refusal.push_back(refusal);
    FlowBox f;
    f.across = sideways() ? box.height : box.width;
    f.along = sideways() ? box.width : box.height;
    if (refusal != nullptr && with_note) (sideways() ? f.after_across : f.after_along) = look::kNoteHeight;
    flow_.boxes.push_back(f);
  }

  void add_frames(const std::vector<NodeId>& nodes, const std::vector<int>& group_of) {
    std::map<int, int> members, frame;
    for (const NodeId id : nodes)
      if (group_of[at(id)] >= 0) ++members[group_of[at(id)]];
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const int group = group_of[at(nodes[i])];
      if (group < 0 || members[group] < 2) continue;
      const auto [it, added] = frame.try_emplace(group, static_cast<int>(flow_.frames.size()));
      if (added) {
        FlowFrame f;
        f.pad_low = f.pad_high = f.pad_start = f.pad_end = kFramePad;
        (sideways() ? f.pad_low : f.pad_start) = kFrameTop;
        flow_.frames.push_back(f);
      }
      flow_.boxes[i].frame = it->second;
    }
  }

  void add_edges(const std::vector<NodeId>& nodes, std::pair<NodeId, NodeId> test) {
    std::map<std::pair<int, int>, std::size_t> known;
    for (const NodeId id : nodes) {
      const int to = scene_.box_of_before[at(id)];
      for (const Input& in : graph_[id].inputs) {
        const int from = scene_.box_of_before[at(in.node)];
        if (from < 0 || from == to) continue;
        const auto [it, added] = known.try_emplace({from, to}, flow_.edges.size());
        if (!added) {
          if (!in.is_control()) flow_.edges[it->second].control = false;
          continue;
        }
        FlowEdge e;
        e.from = from;
        e.to = to;
        e.control = in.is_control();
        e.label_along = sideways() && test == std::pair(in.node, id) ? kTestLabel : kMark;
        e.label_across = 12;
        back_.push_back(is_loop_back_edge(graph_, graph_[id], in));
        flow_.edges.push_back(std::move(e));
      }
    }
  }

  Status lay_out() {
    LayoutRequest request;
    request.box_gap = look::kNodeGap + 8;
    request.group_margin = sideways() ? kFrameTop : kFramePad;
    request.group_parent.push_back(-1);
    for (std::size_t f = 0; f < flow_.frames.size(); ++f) request.group_parent.push_back(0);
    for (const FlowBox& b : flow_.boxes)
      request.boxes.push_back({b.across + b.after_across, b.along + b.after_along, b.frame + 1});
    for (std::size_t i = 0; i < flow_.edges.size(); ++i)
      request.edges.push_back({flow_.edges[i].from, flow_.edges[i].to, back_[i], flow_.edges[i].control});
    auto placed =
        graphviz_layout(request, options_.layout_program.empty() ? find_layout_program() : options_.layout_program,
                        options_.layout_limit, options_.cancelled);
    if (!placed.ok() && placed.error().code == ErrorCode::cancelled) return placed.error();
    scene_.layout_note = placed.ok() ? "Graphviz layout" : "own layout: " + placed.error().message;
    if (!placed.ok()) placed = layered_layout(request);
    for (std::size_t i = 0; i < flow_.boxes.size(); ++i) {
      flow_.boxes[i].rank = placed->rank[i];
      flow_.boxes[i].center = placed->center[i] - flow_.boxes[i].after_across / 2;
    }
    return {};
  }

  void write_back() {
    // Pills stand on upper borders, marks on lines: a little room round everything.
    constexpr float kRound = 26;
    const auto point = [&](float across, float along) {
      return sideways() ? Point{along + kRound, across + kRound} : Point{across + kRound, along + kRound};
    };
    for (std::size_t i = 0; i < flow_.boxes.size(); ++i) {
      const Point p = point(flow_.boxes[i].low(), flow_.boxes[i].start);
      scene_.boxes[i].x = p.x;
      scene_.boxes[i].y = p.y;
    }
    for (const FlowEdge& e : flow_.edges) {
      if (e.points.size() < 2) continue;
      Line line;
      line.from = e.from;
      line.to = e.to;
      line.control = e.control;
      line.back = e.back;
      line.first_point = static_cast<std::int32_t>(scene_.points.size());
      line.points = static_cast<std::int32_t>(e.points.size());
      for (const Point& p : e.points) scene_.points.push_back(point(p.x, p.y));
      scene_.lines.push_back(line);
    }
    scene_.width = (sideways() ? flow_.along : flow_.across) + 2 * kRound;
    scene_.height = (sideways() ? flow_.across : flow_.along) + 2 * kRound;
  }

  const Graph& graph_;
  const Replay& replay_;
  const StepOptions& options_;
  StepPictures::Plan& plan_;
  Scene& scene_;
  Flow flow_;
  std::vector<bool> back_;
};

/// What a step says of the nodes and lines of a plan.
void apply_state(const Replay& replay, const ReplayState& state, const std::vector<const Refusal*>& refusal,
                 StepScene& out) {
  Scene& scene = out.scene;
  const bool sideways = scene.options.direction == Direction::left_right;
  const ReplayStep& step = replay[out.last];
  const auto note = [&](Box& box, const std::string& text) {
    const bool leaf = replay.graph().out_edges(box.node).empty();
    const float free = sideways || leaf ? box.width - 4 : box.width / 2 - 10;
    const std::string whole = "native: " + text;
    scene.texts.push_back(text_width(whole, kNodeNote) <= free ? whole : elide(text, kNodeNote, free));
    box.note = static_cast<std::int32_t>(scene.texts.size()) - 1;
  };
  for (std::size_t i = 0; i < scene.boxes.size(); ++i) {
    Box& box = scene.boxes[i];
    const Fate fate = state.fate[at(box.node)];
    box.native = has_left(fate);
    if (fate == Fate::not_candidate && refusal[i] != nullptr)
      note(box, std::string(reason_name(refusal[i]->reason)));
    else if (box.native)
      note(box, std::string(fate_reason(fate)));
    if (!box.native) box.reason = -1;
    const bool in_segment =
        !box.native && (state.next[at(box.node)] != box.node || state.stands[at(state.leader[at(box.node)])] != 0);
    box.engine = in_segment ? replay.color_index(box.node) : -1;
  }
  out.lines.resize(scene.lines.size());
  for (std::size_t l = 0; l < scene.lines.size(); ++l) {
    const Line& line = scene.lines[l];
    StepLine& said = out.lines[l];
    const NodeId from = scene.boxes[at(line.from)].node, to = scene.boxes[at(line.to)].node;
    const auto inside = [&](NodeId id) {
      const Fate fate = state.fate[at(id)];
      return fate != Fate::not_candidate && fate != Fate::trimmed;
    };
    if (!line.control && state.same_segment(from, to) && inside(from) && inside(to)) {
      said.tick = std::binary_search(state.merged.begin(), state.merged.end(), ReplayState::edge_key(from, to));
      said.role = said.tick ? Role::merged : Role::inside;
    }
    if (from == step.from && to == step.to && !line.control) said.role = Role::test;
  }
  const auto path = refused_path(replay, state, out.last);
  for (std::size_t p = 0; p < path.size(); ++p)
    for (std::size_t l = 0; l < scene.lines.size(); ++l) {
      const Line& line = scene.lines[l];
      if (scene.boxes[at(line.from)].node != path[p].first || scene.boxes[at(line.to)].node != path[p].second) continue;
      if (out.lines[l].role == Role::test) continue;
      out.lines[l].role = Role::refused;
      out.lines[l].number = static_cast<int>(p) + 1;
    }
}

}  // namespace

Result<StepPictures> StepPictures::create(std::shared_ptr<const Replay> replay, const StepOptions& options) {
  StepPictures out;
  out.replay_ = std::move(replay);
  out.options_ = options;
  out.options_.cancelled = nullptr;  // whoever asks for a scene may outlive whoever asked for the pictures
  const Graph& graph = out.replay_->graph();
  out.fold_ = std::make_shared<const std::vector<Fold>>(folded_nodes(graph));
  if (graph.size() > out.options_.max_nodes) return out;
  std::vector<NodeId> nodes;
  std::vector<int> group_of(at(graph.size()), -1);
  const ReplayState last = out.replay_->state_after(out.replay_->size() - 1);
  for (NodeId id = 0; id < graph.size(); ++id) {
    nodes.push_back(id);
    const Fate fate = last.fate[at(id)];
    if (fate != Fate::not_candidate && fate != Fate::trimmed) group_of[at(id)] = last.leader[at(id)];
  }
  auto plan = std::make_shared<Plan>();
  ISO_TRY(Planner(*out.replay_, options, *plan).run(nodes, group_of, {kNoNode, kNoNode}, true));
  out.whole_ = std::move(plan);
  return out;
}

Result<StepScene> StepPictures::scene(int first, int last, const std::function<bool()>& cancelled) const {
  const ReplayState state = replay_->state_after(last);
  StepScene out;
  out.first = first;
  out.last = last;
  out.options = options_;
  std::vector<const Refusal*> refusal;
  if (whole_ != nullptr) {
    out.scene = whole_->scene;
    refusal = whole_->refusal;
  } else {
    StepChoice choice = choose_nodes(*replay_, state, last, options_.max_nodes, *fold_);
    std::vector<int> group_of(state.leader.size(), -1);
    for (const NodeId id : choice.nodes) {
      const Fate fate = state.fate[at(id)];
      if (fate != Fate::not_candidate && fate != Fate::trimmed) group_of[at(id)] = state.leader[at(id)];
    }
    Plan plan;
    StepOptions options = options_;
    options.cancelled = cancelled;
    ISO_TRY(Planner(*replay_, options, plan)
                .run(choice.nodes, group_of, {(*replay_)[last].from, (*replay_)[last].to}, true));
    out.scene = std::move(plan.scene);
    out.drawn = std::move(choice.drawn);
    refusal = std::move(plan.refusal);
  }
  out.scene.options.legend = options_.legend;
  apply_state(*replay_, state, refusal, out);
  outline_segments(*replay_, state, out);
  return out;
}

}  // namespace isotherm::render
