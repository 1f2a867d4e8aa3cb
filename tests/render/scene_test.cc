#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <set>

#include "core/render/paint_value.h"
#include "core/render/scene.h"
#include "core/render/theme.h"
#include "scene_check.h"
#include "small_graphs.h"

namespace isotherm::render {
namespace {

Scene scene_of(std::shared_ptr<const Conversion> conversion, SceneOptions options = {}, Overlay overlay = {}) {
  return checked_scene(std::move(conversion), std::move(overlay), std::move(options));
}

const Box* find(const Scene& scene, const std::string& name) {
  for (const Box& b : scene.boxes)
    if (scene.text(b.full_name) == name) return &b;
  return nullptr;
}

TEST(Scene, FoldsConstantsAndWeightReadsIntoTheirReaders) {
  const Scene scene =
      scene_of(plain({"x Placeholder", "w Const", "w/read Identity w", "y MatMul x w/read", "lone Const"}));
  EXPECT_EQ(scene.boxes.size(), 3U);
  EXPECT_EQ(find(scene, "w"), nullptr);
  EXPECT_EQ(find(scene, "w/read"), nullptr);
  EXPECT_NE(find(scene, "lone"), nullptr) << "a constant that nothing reads is a result";
  EXPECT_EQ(scene.text(scene.sides.front().head_detail), "5 nodes; 2 constants and weight reads not drawn");
  EXPECT_EQ(scene.lines.size(), 1U);
}

TEST(Scene, CopiesALeafThatManyRead) {
  std::vector<std::string> lines = {"x Placeholder", "flag Placeholder"};
  for (int i = 0; i < 9; ++i)
    lines.push_back("n" + std::to_string(i) + " Switch " + (i == 0 ? "x" : "n" + std::to_string(i - 1)) + " flag");
  const Scene scene = scene_of(plain(lines));
  const auto flags = std::count_if(scene.boxes.begin(), scene.boxes.end(),
                                   [&](const Box& b) { return scene.text(b.full_name) == "flag"; });
  EXPECT_EQ(flags, 9);
  EXPECT_EQ(std::count_if(scene.boxes.begin(), scene.boxes.end(), [](const Box& b) { return b.copy; }), 8);
}

TEST(Scene, OneControlEdgePerFrame) {
  SceneOptions options;
  const Scene scene = scene_of(converted_network(4), options);
  const auto control = std::count_if(scene.lines.begin(), scene.lines.end(), [](const Line& l) { return l.control; });
  EXPECT_EQ(control, 2) << "one from the segment to the NoOp, one from there to the Identity";
  const auto from_frame =
      std::find_if(scene.lines.begin(), scene.lines.end(), [](const Line& l) { return l.from_frame >= 0; });
  ASSERT_NE(from_frame, scene.lines.end());
  EXPECT_EQ(from_frame->tensors, 16);
  EXPECT_EQ(scene.frames[static_cast<std::size_t>(from_frame->from_frame)].form, Frame::Form::segment);
}

TEST(Scene, SegmentIsOutlinedAndItsEngineWearsItsColour) {
  SceneOptions options;
  options.view = View::both;
  const Scene scene = scene_of(converted_network(3), options);
  const auto frame = std::find_if(scene.frames.begin(), scene.frames.end(),
                                  [](const Frame& f) { return f.form == Frame::Form::segment; });
  ASSERT_NE(frame, scene.frames.end());
  EXPECT_EQ(scene.text(frame->title), "segment 0, 45 nodes");
  const Box* engine = find(scene, "TRTEngineOp_000_000");
  ASSERT_NE(engine, nullptr);
  EXPECT_EQ(engine->form, Box::Form::engine);
  EXPECT_EQ(engine->engine, frame->engine);
  EXPECT_EQ(engine->count, 45);
  EXPECT_EQ(engine->precision, 1);
  int ops = 0;
  for (std::int32_t r = engine->first_row; r < engine->first_row + engine->rows; ++r)
    ops += scene.rows[static_cast<std::size_t>(r)].count;
  EXPECT_EQ(ops, 45);
  EXPECT_EQ(scene.text(scene.sides[1].head_detail), "4 nodes, 1 engine");
}

TEST(Scene, NativeNodesSayWhy) {
  const Scene scene = scene_of(converted_network(2));
  const Box* input = find(scene, "input");
  ASSERT_NE(input, nullptr);
  EXPECT_TRUE(input->native);
  EXPECT_NE(scene.text(input->note).find("excluded (feed)"), std::string::npos);
  EXPECT_EQ(scene.text(input->reason), "Node 'input' is excluded.");
  EXPECT_EQ(scene.text(find(scene, "Identity")->note), "native: excluded (fetch)");
  for (const Box& b : scene.boxes) EXPECT_FALSE(b.engine >= 0 && b.native);
  for (const Box& b : scene_of(plain(residual_network(2))).boxes) EXPECT_FALSE(b.native) << "nothing was segmented";
}

TEST(Scene, BlocksCollapseToKeepTheBudget) {
  SceneOptions options;
  options.max_nodes = 30;
  options.repeats = false;
  const Scene scene = scene_of(converted_network(16), options);
  EXPECT_LE(scene.boxes.size(), 30U);
  EXPECT_EQ(
      std::count_if(scene.boxes.begin(), scene.boxes.end(), [](const Box& b) { return b.form == Box::Form::scope; }),
      16);
  const Box* block = find(scene, "net/block3");
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(scene.text(block->title), "block3");
  EXPECT_EQ(scene.text(block->detail), "15 nodes");
  EXPECT_EQ(block->op_class, OpClass::conv);
  // Opened and closed by name.
  options.expanded = {"net/block3"};
  const Scene opened = scene_of(converted_network(16), options);
  EXPECT_EQ(find(opened, "net/block3"), nullptr);
  const Box* conv = find(opened, "net/block3_1_conv/Conv2D");
  ASSERT_NE(conv, nullptr);
  EXPECT_EQ(opened.text(conv->title), "1_conv");
  options = {};
  options.collapsed = {"net/block3"};
  EXPECT_NE(find(scene_of(converted_network(6), options), "net/block3"), nullptr);
}

TEST(Scene, RepeatedBlocksAreDrawnOnceWithTheirCount) {
  SceneOptions options;
  options.max_nodes = 30;
  const Scene scene = scene_of(converted_network(16), options);
  const Box* repeat = nullptr;
  for (const Box& b : scene.boxes)
    if (b.repeats > 1) repeat = &b;
  ASSERT_NE(repeat, nullptr);
  EXPECT_EQ(repeat->repeats, 16);
  EXPECT_EQ(repeat->count, 16 * 15);
  EXPECT_EQ(scene.text(repeat->title), "block1…16");
  EXPECT_EQ(scene.text(repeat->detail), "×16");
  // On demand in full: by the name of the group, or of a block inside.
  options.expanded = {"net/block3"};
  const Scene opened = scene_of(converted_network(16), options);
  EXPECT_NE(find(opened, "net/block3_1_conv/Conv2D"), nullptr);
  EXPECT_NE(find(opened, "net/block4"), nullptr);
  // Values differ from block to block: they are drawn each.
  Overlay overlay;
  overlay.kind = Overlay::Kind::time;
  overlay.before = {-1, 4, 20, -1};
  options.expanded = {};
  for (const Box& b : scene_of(converted_network(16), options, overlay).boxes) EXPECT_EQ(b.repeats, 1);
}

TEST(Scene, BlocksOfAnotherStructureDoNotCount) {
  // Blocks 0 to 3 and 5 to 7 are alike; block 4 has another op.
  std::vector<std::string> lines = {"x Placeholder"};
  std::string last = "x";
  for (int b = 0; b < 8; ++b)
    for (int i = 0; i < 12; ++i) {
      const std::string name = "net/cell_" + std::to_string(b) + "/op" + std::to_string(i);
      lines.push_back(name + (b == 4 && i == 6 ? " Tanh " : i % 3 == 0 ? " Conv2D " : " Relu ") + last);
      last = name;
    }
  SceneOptions options;
  options.max_nodes = 20;
  const Scene scene = scene_of(plain(lines), options);
  std::vector<std::string> titles;
  for (const Box& b : scene.boxes)
    if (b.form == Box::Form::scope) titles.push_back(scene.text(b.title) + " " + scene.text(b.detail));
  std::sort(titles.begin(), titles.end());
  EXPECT_TRUE(std::binary_search(titles.begin(), titles.end(), "cell_0…3 ×4")) << ::testing::PrintToString(titles);
  EXPECT_TRUE(std::binary_search(titles.begin(), titles.end(), "cell_5…7 ×3")) << ::testing::PrintToString(titles);
}

TEST(Scene, AFlatGraphIsCutWhereEveryPathPasses) {
  // Inception-like, without scopes: branches between joins, names that say nothing about blocks.
  std::vector<std::string> lines = {"x Placeholder"};
  std::string last = "x";
  int conv = 0;
  for (int b = 0; b < 12; ++b) {
    std::string join = "mixed" + std::to_string(b) + "/concat ConcatV2";
    for (int branch = 0; branch < 3; ++branch) {
      std::string from = last;
      for (int i = 0; i <= branch; ++i) {
        const std::string id = std::to_string(conv++);
        lines.push_back("conv2d_" + id + " Conv2D " + from);
        lines.push_back("bn_" + id + " FusedBatchNormV3 conv2d_" + id);
        lines.push_back("act_" + id + " Relu bn_" + id);
        from = "act_" + id;
      }
      join += " " + from;
    }
    lines.push_back(join);
    last = "mixed" + std::to_string(b) + "/concat";
  }
  const Scene scene = scene_of(plain(lines));
  EXPECT_LE(scene.boxes.size(), 120U);
  bool repeated = false;
  for (const Box& b : scene.boxes) {
    EXPECT_EQ(scene.text(b.title).find("part "), std::string::npos) << scene.text(b.title);
    repeated |= b.repeats > 5 && scene.text(b.title).starts_with("mixed");
  }
  EXPECT_TRUE(repeated);
}

TEST(Scene, AnEngineStandsInTheScopeOfWhatItTookIn) {
  std::vector<std::string> lines = {"x Placeholder"};
  for (int i = 0; i < 12; ++i)
    lines.push_back("a/n" + std::to_string(i) + " Relu " + (i == 0 ? "x" : "a/n" + std::to_string(i - 1)));
  lines.push_back("y Softmax a/n11");
  const auto conversion = converted(lines, {{"a/n3", "a/n4", "a/n5", "a/n6"}});
  SceneOptions options;
  options.view = View::after;
  const Scene scene = scene_of(conversion, options);
  const Box* engine = find(scene, "TRTEngineOp_000_000");
  ASSERT_NE(engine, nullptr);
  ASSERT_EQ(scene.frames.size(), 1U);
  const Frame& frame = scene.frames.front();
  EXPECT_EQ(scene.text(frame.title), "a");
  EXPECT_TRUE(engine->x > frame.x && engine->x + engine->width < frame.x + frame.width && engine->y > frame.y &&
              engine->y + engine->height < frame.y + frame.height);
  for (const Line& line : scene.lines) EXPECT_FALSE(line.back) << "the way leads through the engine, not round it";
  // In a collapsed scope it would not be seen: then it stands beside the scope.
  options.collapsed = {"a"};
  const Scene closed = scene_of(conversion, options);
  EXPECT_NE(find(closed, "TRTEngineOp_000_000"), nullptr);
  ASSERT_NE(find(closed, "a"), nullptr);
  EXPECT_EQ(find(closed, "a")->count, 8);
}

TEST(Scene, LongEdgesIntoOneBoxEnterTogether) {
  std::vector<std::string> lines = {"n0 Placeholder"};
  std::string sum = "sum AddN n0";
  for (int i = 1; i < 24; ++i) {
    lines.push_back("n" + std::to_string(i) + " Relu n" + std::to_string(i - 1));
    sum += " n" + std::to_string(i);
  }
  lines.push_back(sum);
  SceneOptions options;
  options.layout = LayoutChoice::layered;
  const Scene scene = scene_of(plain(lines), options);
  std::set<int> arrows;
  int edges = 0;
  for (const Line& line : scene.lines) {
    if (line.to < 0 || scene.text(scene.boxes[static_cast<std::size_t>(line.to)].full_name) != "sum") continue;
    ++edges;
    arrows.insert(static_cast<int>(scene.points[static_cast<std::size_t>(line.first_point + line.points) - 1].x));
  }
  EXPECT_EQ(edges, 24) << "each is a line of its own, with its own words";
  EXPECT_LE(arrows.size(), 4U);
}

TEST(Scene, SegmentsThatFeedEachOtherBecomeBadges) {
  // Six segments that take turns along a chain: no order of six frames reads well.
  std::vector<std::string> lines = {"n0 Placeholder"};
  std::vector<std::vector<std::string>> segments(6);
  for (int i = 1; i < 60; ++i) {
    lines.push_back("n" + std::to_string(i) + " Relu n" + std::to_string(i - 1));
    segments[static_cast<std::size_t>(i % 6)].push_back("n" + std::to_string(i));
  }
  SceneOptions options;
  options.repeats = false;
  const Scene scene = scene_of(converted(lines, segments), options);
  for (const Frame& f : scene.frames) EXPECT_NE(f.form, Frame::Form::segment);
  const Box* box = find(scene, "n7");
  ASSERT_NE(box, nullptr);
  EXPECT_TRUE(box->badge);
  EXPECT_EQ(box->engine, 1);
  EXPECT_FALSE(find(scene, "n0")->badge);
}

TEST(Scene, FocusShowsANeighbourhood) {
  std::vector<std::string> lines = {"n0 Placeholder", "w Const"};
  for (int i = 1; i < 20; ++i) lines.push_back("n" + std::to_string(i) + " AddV2 n" + std::to_string(i - 1) + " w");
  SceneOptions options;
  options.focus = "n10";
  options.hops = 2;
  const Scene scene = scene_of(plain(lines), options);
  ASSERT_EQ(scene.boxes.size(), 5U);
  for (const char* name : {"n8", "n9", "n10", "n11", "n12"}) EXPECT_NE(find(scene, name), nullptr) << name;
  EXPECT_NE(scene.text(scene.sides.front().head_detail).find("6 of 21 nodes within 2 hops of n10"), std::string::npos)
      << scene.text(scene.sides.front().head_detail);
  options.hops = 0;
  EXPECT_EQ(scene_of(plain(lines), options).boxes.size(), 1U);
  options.focus = "nowhere";
  const auto missing = build_scene(plain(lines), {}, options);
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message.find("'nowhere'"), std::string::npos);
  // A block by the path that its frame has.
  options.focus = "net/block2";
  options.hops = 0;
  const Scene block = scene_of(plain(residual_network(12)), options);
  EXPECT_NE(find(block, "net/block2_1_conv/Conv2D"), nullptr);
  EXPECT_EQ(find(block, "net/block1_1_conv/Conv2D"), nullptr);
  EXPECT_EQ(block.boxes.size(), 7U) << "two of convolution, bias and activation, and the sum";
  // A node that an engine took in is found on both sides; so is the engine.
  options = {};
  options.view = View::both;
  options.hops = 1;
  for (const char* name : {"net/block1_1_relu/Relu", "TRTEngineOp_000_000"}) {
    options.focus = name;
    const Scene both = scene_of(converted_network(2), options);
    EXPECT_NE(find(both, "TRTEngineOp_000_000"), nullptr) << name;
    EXPECT_NE(find(both, "net/block1_1_relu/Relu"), nullptr) << name;
  }
}

TEST(Scene, PathShowsTheWaysBetweenTwoNodes) {
  const std::vector<std::string> lines = {"x Placeholder", "a Relu x", "b Relu a", "c Relu a",
                                          "d AddV2 b c",   "e Relu d", "f Relu b"};
  SceneOptions options;
  options.path_from = "a";
  options.path_to = "d";
  const Scene scene = scene_of(plain(lines), options);
  EXPECT_EQ(scene.boxes.size(), 4U);
  for (const char* name : {"x", "e", "f"}) EXPECT_EQ(find(scene, name), nullptr) << name;
  std::swap(options.path_from, options.path_to);
  const auto none = build_scene(plain(lines), {}, options);
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().message.find("no path leads from 'd' to 'a'"), std::string::npos) << none.error().message;
}

TEST(Theme, PalettesOfOthersKeepTheirHuesAndTheirContrast) {
  for (const PaletteChoice choice : {PaletteChoice::trex, PaletteChoice::tensorboard})
    for (const Theme theme : {Theme::light, Theme::dark}) {
      const Palette& p = palette(theme, choice);
      for (const ClassColors& c : p.op_class) {
        EXPECT_GE(contrast(c.bar, p.canvas), 3);
        EXPECT_GE(contrast(p.text, c.fill), 4.5);
      }
      EXPECT_FALSE(p.of(OpClass::conv).bar == palette(theme).of(OpClass::conv).bar);
    }
  EXPECT_EQ(palette(Theme::light, PaletteChoice::trex).of(OpClass::conv).bar, rgb(0x4682B4));
  EXPECT_EQ(&palette(Theme::print, PaletteChoice::trex), &palette(Theme::print)) << "print is grey in all";
  EXPECT_EQ(parse_palette("tensorboard"), PaletteChoice::tensorboard);
  EXPECT_EQ(parse_palette("rainbow"), std::nullopt);
}

TEST(Scene, DepthClosesWhatLiesDeeper) {
  const std::vector<std::string> lines = {"a/x/p Relu",       "a/x/q Relu a/x/p", "a/x/r Relu a/x/q",
                                          "a/x/s Relu a/x/r", "a/y/p Relu a/x/s", "a/y/q Relu a/y/p",
                                          "a/y/r Relu a/y/q", "a/y/s Relu a/y/r", "b Relu a/y/s"};
  SceneOptions options;
  options.depth = 0;
  EXPECT_EQ(scene_of(plain(lines), options).boxes.size(), 2U);
  options.depth = 1;
  EXPECT_EQ(scene_of(plain(lines), options).boxes.size(), 3U);
  options.depth = 2;
  EXPECT_EQ(scene_of(plain(lines), options).boxes.size(), 9U);
}

TEST(Scene, AFlatGraphOfTwoHundredThousandNodesKeepsTheBudget) {
  std::vector<std::string> lines = {"n0 Placeholder"};
  std::mt19937 random(3);
  for (int i = 1; i < 200000; ++i)
    lines.push_back("n" + std::to_string(i) + " AddV2 n" + std::to_string(i - 1) + " n" +
                    std::to_string(std::max(0, i - 1 - static_cast<int>(random() % 50))));
  const Scene scene = scene_of(plain(lines));
  EXPECT_LE(scene.boxes.size(), static_cast<std::size_t>(SceneOptions().max_nodes));
  int nodes = 0;
  for (const Box& b : scene.boxes) nodes += b.count;
  EXPECT_EQ(nodes, 200000);
}

TEST(Scene, RandomGraphsHaveNoFaultInAnyLayout) {
  std::mt19937 random(11);
  for (int round = 0; round < 40; ++round) {
    std::vector<std::string> lines;
    const int n = 3 + static_cast<int>(random() % 60);
    std::vector<std::string> names;
    for (int i = 0; i < n; ++i) {
      std::string name;
      for (int depth = static_cast<int>(random() % 4); depth > 0; --depth)
        name += "scope" + std::to_string(random() % 3) + "/";
      name += "a_rather_long_name_of_a_node_" + std::to_string(i);
      std::string line = name + (random() % 5 == 0 ? " Conv2D" : " AddV2");
      for (int k = static_cast<int>(random() % 4); k > 0 && i > 0; --k) line += " " + names[random() % names.size()];
      if (random() % 6 == 0 && i > 0) line += " ^" + names[random() % names.size()];
      lines.push_back(line);
      names.push_back(name);
    }
    std::vector<std::vector<std::string>> segments(1 + random() % 3);
    for (const std::string& name : names)
      if (random() % 3 != 0) segments[random() % segments.size()].push_back(name);
    for (const bool own : {false, true}) {
      SceneOptions options;
      options.direction = random() % 2 == 0 ? Direction::top_bottom : Direction::left_right;
      options.max_nodes = random() % 2 == 0 ? 20 : 200;
      if (own) options.layout_program = "/nonexistent";
      SCOPED_TRACE("round " + std::to_string(round) + (own ? " own" : " dot"));
      // A cut at random is no convex segment, so its graph after may hold a cycle; before is drawn all the same.
      auto scene = build_scene(converted(lines, segments), {}, options);
      ASSERT_TRUE(scene.ok());
      const auto faults = scene_faults(*scene);
      EXPECT_TRUE(faults.empty()) << faults.size() << ": " << faults.front();
    }
  }
}

TEST(Scene, ALoopDrawsItsBackEdge) {
  const Scene scene =
      scene_of(plain({"x Placeholder", "enter Enter x", "merge Merge enter next", "switch Switch merge cond",
                      "cond LoopCond merge", "body Relu switch:1", "next NextIteration body", "exit Exit switch"}));
  EXPECT_EQ(std::count_if(scene.lines.begin(), scene.lines.end(), [](const Line& l) { return l.back; }), 1);
}

TEST(Scene, OverlayOfTimeCountsWhatWasMeasured) {
  Overlay overlay;
  overlay.kind = Overlay::Kind::time;
  overlay.title = "CPU time";
  overlay.before = {-1, 4, 20, -1};
  overlay.whole_run = 30;
  const Scene scene = scene_of(plain({"x Placeholder", "a Relu x", "b Relu a", "c Relu b"}), {}, overlay);
  EXPECT_EQ(scene.measured, 2);
  EXPECT_EQ(scene.measurable, 4);
  EXPECT_EQ(scene.overlay_min, 4);
  EXPECT_EQ(scene.overlay_max, 20);
  EXPECT_EQ(scene.drawn_sum, 24);
  EXPECT_EQ(ramp_position(scene, 4), 0);
  EXPECT_EQ(ramp_position(scene, 20), 1);
  EXPECT_NEAR(ramp_position(scene, 8.944), 0.5, 1e-3);
  overlay.before.resize(9);
  EXPECT_FALSE(build_scene(plain({"x Placeholder"}), overlay, {}).ok());
}

TEST(Scene, AnEmptyGraphAndAMissingConversion) {
  EXPECT_TRUE(scene_of(plain({})).boxes.empty());
  SceneOptions options;
  options.view = View::after;
  const auto scene = build_scene(plain({"x Placeholder"}), {}, options);
  ASSERT_FALSE(scene.ok());
  EXPECT_NE(scene.error().message.find("not converted"), std::string::npos);
}

TEST(Scene, CancellingStops) {
  SceneOptions options;
  options.cancelled = [] { return true; };
  const auto scene = build_scene(plain(residual_network(3)), {}, options);
  ASSERT_FALSE(scene.ok());
  EXPECT_EQ(scene.error().code, ErrorCode::cancelled);
}

TEST(Theme, TextOnHeatIsReadable) {
  for (const Theme theme : {Theme::light, Theme::dark, Theme::print}) {
    const Palette& p = palette(theme);
    for (int i = 0; i < 256; ++i) {
      const Color heat = p.heat_at(i / 255.0);
      EXPECT_GE(contrast(text_on(heat), heat), 4.5) << i;
    }
    for (int e = 0; e < 20; ++e) EXPECT_GE(contrast(p.engine(e).on, p.engine(e).line), 4.4) << e;
    EXPECT_GE(contrast(p.text, p.canvas), 4.5);
    EXPECT_GE(contrast(p.native, p.canvas), 4.5);
  }
  EXPECT_TRUE(palette(Theme::light).engine(13).broken);
}

}  // namespace
}  // namespace isotherm::render
