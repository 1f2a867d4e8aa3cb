// The block that is opened beside its repeats, and the heights at which before and after stand.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/render/render_file.h"
#include "core/render/scene.h"
#include "core/render/theme.h"
#include "scene_check.h"
#include "small_graphs.h"

namespace isotherm::render {
namespace {

Scene scene_of(std::shared_ptr<const Conversion> conversion, SceneOptions options = {}, Overlay overlay = {}) {
  return checked_scene(std::move(conversion), std::move(overlay), std::move(options));
}

/// An entry, `blocks` equal blocks and an exit long enough that the side has room beside it.
std::vector<std::string> blocks_and_tail(int blocks) {
  std::vector<std::string> lines = residual_network(blocks);
  std::string last = "Identity";
  for (int i = 0; i < 20; ++i) {
    const std::string name = "tail" + std::to_string(i);
    lines.push_back(name + (i % 2 == 0 ? " Softmax " : " Transpose ") + last);
    last = name;
  }
  return lines;
}

const Frame* example_of(const Scene& scene) {
  const auto it = std::find_if(scene.frames.begin(), scene.frames.end(), [](const Frame& f) { return f.example; });
  return it == scene.frames.end() ? nullptr : &*it;
}

TEST(Example, ShowsTheFirstOfTheRepeatedBlocksNodeByNode) {
  const auto conversion = plain(blocks_and_tail(9));
  const Scene scene = scene_of(conversion);
  const Frame* frame = example_of(scene);
  ASSERT_NE(frame, nullptr);
  EXPECT_EQ(scene.text(frame->title), "block1 opened");
  // Exactly the drawn nodes of one block, by the names that residual_network gives.
  std::set<std::string> inside, pills;
  for (const Box& b : scene.boxes) {
    if (b.x < frame->x || b.x + b.width > frame->x + frame->width) continue;
    (b.refers_to >= 0 ? pills : inside).insert(b.refers_to >= 0 ? scene.text(b.title) : scene.text(b.full_name));
  }
  EXPECT_EQ(inside, (std::set<std::string>{"net/block1_1_conv/Conv2D", "net/block1_1_conv/BiasAdd", "net/block1_1_relu/Relu", "net/block1_2_conv/Conv2D",
                                           "net/block1_2_conv/BiasAdd", "net/block1_2_relu/Relu", "net/block1_add/add"}));
  EXPECT_EQ(pills, (std::set<std::string>{"input", "block2"})) << "what it reads and what it feeds";
  // What stands for the block's nodes is the box in the example; the other blocks' nodes are the closed box.
  const Graph& graph = *conversion->before;
  const Box& conv = scene.boxes[static_cast<std::size_t>(scene.box_of_before[static_cast<std::size_t>(graph.find("net/block1_1_conv/Conv2D"))])];
  const Box& other = scene.boxes[static_cast<std::size_t>(scene.box_of_before[static_cast<std::size_t>(graph.find("net/block2_1_conv/Conv2D"))])];
  EXPECT_EQ(conv.form, Box::Form::node);
  EXPECT_EQ(other.repeats, 9);
  EXPECT_EQ(std::count_if(scene.lines.begin(), scene.lines.end(), [](const Line& l) { return l.leader; }), 1);
}

TEST(Example, PillsAreNoNodesOfTheFile) {
  const Scene scene = scene_of(plain(blocks_and_tail(9)));
  ASSERT_NE(example_of(scene), nullptr);
  const auto bytes = render_bytes(scene, Format::svg, {});
  ASSERT_TRUE(bytes.ok()) << bytes.error().message;
  const std::string& svg = *bytes;
  std::multiset<std::string> titles;
  for (std::size_t at = svg.find("class=\"node\"><title>"); at != std::string::npos; at = svg.find("class=\"node\"><title>", at + 1)) {
    const std::size_t from = at + 20;
    titles.insert(svg.substr(from, svg.find('<', from) - from));
  }
  EXPECT_GT(titles.size(), 20U);
  for (const std::string& t : titles) EXPECT_EQ(titles.count(t), 1U) << t;
}

TEST(Example, IsLeftOutWhereItIsNotWanted) {
  SceneOptions options;
  options.collapsed = {"net/block1"};
  EXPECT_EQ(example_of(scene_of(plain(blocks_and_tail(9)), options)), nullptr) << "closed by name";
  options = {};
  options.repeats = false;
  EXPECT_EQ(example_of(scene_of(plain(blocks_and_tail(9)), options)), nullptr);
  options = {};
  options.direction = Direction::left_right;
  EXPECT_EQ(example_of(scene_of(plain(blocks_and_tail(9)), options)), nullptr);
  EXPECT_EQ(example_of(scene_of(plain({"x Placeholder", "y Relu x"}))), nullptr) << "nothing repeats";
}

TEST(Example, StandsInItsSegmentWhereThatHasRoom) {
  for (const int blocks : {2, 9, 30}) {
    const Scene scene = scene_of(converted_network(blocks));
    const Frame* frame = example_of(scene);
    if (frame == nullptr) continue;
    for (const Frame& f : scene.frames)
      if (f.form == Frame::Form::segment && frame->parent == &f - scene.frames.data()) {
        EXPECT_GE(frame->x, f.x);
        EXPECT_LE(frame->x + frame->width, f.x + f.width);
      }
  }
  // A block of a segment that is tall for other reasons.
  std::vector<std::string> lines = blocks_and_tail(9), members;
  for (const std::string& line : lines)
    if (const std::string name = line.substr(0, line.find(' ')); name != "input" && name != "tail19") members.push_back(name);
  const Scene scene = scene_of(converted(lines, {members}));
  const Frame* frame = example_of(scene);
  ASSERT_NE(frame, nullptr);
  ASSERT_GE(frame->parent, 0);
  EXPECT_EQ(scene.frames[static_cast<std::size_t>(frame->parent)].form, Frame::Form::segment);
}

TEST(Levels, AnEngineStandsAtTheMiddleOfItsSegment) {
  SceneOptions options;
  options.view = View::both;
  options.repeats = false;
  options.max_nodes = 500;
  const Scene scene = scene_of(converted_network(12), options);
  const auto segment = std::find_if(scene.frames.begin(), scene.frames.end(), [](const Frame& f) { return f.form == Frame::Form::segment; });
  const auto engine = std::find_if(scene.boxes.begin(), scene.boxes.end(), [](const Box& b) { return b.form == Box::Form::engine; });
  ASSERT_NE(segment, scene.frames.end());
  ASSERT_NE(engine, scene.boxes.end());
  EXPECT_NEAR(engine->y + engine->height / 2, segment->y + segment->height / 2, 40);
  // A node that stays stands where it stood, and the drawing is no longer than before.
  const auto at = [&](const char* name, bool after) {
    for (const Box& b : scene.boxes)
      if (b.after_side == after && scene.text(b.full_name) == name) return b.y + b.height / 2;
    return -1.0F;
  };
  for (const char* name : {"input", "NoOp", "Identity"}) EXPECT_NEAR(at(name, true), at(name, false), 2) << name;
  EXPECT_LE(scene.sides[1].height, scene.sides[0].height + 1);
}

TEST(Page, AGraphBeyondTheBudgetIsDrawnToFitAPage) {
  std::vector<std::string> lines = {"x Placeholder"};
  std::string last = "x";
  const char* ops[] = {"Relu", "Tanh", "Sigmoid", "Elu", "Softplus", "Square", "Exp", "Neg", "Abs"};
  for (int scope = 0; scope < 18; ++scope)  // of different structure, so that nothing repeats
    for (int i = 0; i < 5 + scope % 7; ++i) {
      const std::string name = "part" + std::to_string(scope) + "/n" + std::to_string(i);
      lines.push_back(name + " " + ops[(scope * 5 + i * i) % 9] + " " + last);
      last = name;
    }
  SceneOptions options;
  const Scene full = scene_of(plain(lines), options);
  options.page = true;
  const Scene page = scene_of(plain(lines), options);
  EXPECT_LE(page.boxes.size(), 40U);
  EXPECT_GT(full.boxes.size(), page.boxes.size());
  EXPECT_LE(full.boxes.size(), 120U);
}

}  // namespace
}  // namespace isotherm::render
