// A picture that replaces another keeps what both draw in place.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>

#include "core/formats/graph_file.h"
#include "core/render/scene.h"
#include "scene_check.h"
#include "small_graphs.h"

namespace isotherm::render {
namespace {

using Pointer = std::shared_ptr<const Scene>;

Pointer draw(const std::shared_ptr<const Conversion>& conversion, const SceneOptions& options) {
  auto scene = build_scene(conversion, {}, options);
  EXPECT_TRUE(scene.ok()) << (scene.ok() ? "" : scene.error().message);
  if (!scene.ok()) return std::make_shared<Scene>();
  const auto faults = scene_faults(*scene);
  EXPECT_TRUE(faults.empty()) << faults.size() << " faults, first: " << faults.front();
  return std::make_shared<Scene>(std::move(scene).value());
}

/// The next picture, with one scope opened or closed.
Pointer turn(const std::shared_ptr<const Conversion>& conversion, SceneOptions& options, const Pointer& previous,
             const std::string& scope, bool open) {
  (open ? options.expanded : options.collapsed).insert(scope);
  (open ? options.collapsed : options.expanded).erase(scope);
  options.previous = previous;
  return draw(conversion, options);
}

struct Place {
  float across, low, high;  ///< center; extent along the flow
};

/// Boxes by side and name; copies of leaves, which share a name, left out, and a block opened beside its repeats, which
/// goes with its block.
std::map<std::string, Place> places(const Scene& scene) {
  std::map<std::string, Place> out;
  for (const Box& b : scene.boxes) {
    if (b.copy || std::any_of(scene.frames.begin(), scene.frames.end(), [&](const Frame& f) {
          return f.example && b.x >= f.x && b.y >= f.y && b.x < f.x + f.width && b.y < f.y + f.height;
        }))
      continue;
    const bool lr = scene.options.direction == Direction::left_right;
    const float low = lr ? b.x : b.y, size = lr ? b.width : b.height;
    out[(b.after_side ? "after " : "before ") + scene.text(b.full_name)] = {lr ? b.y + b.height / 2 : b.x + b.width / 2,
                                                                            low, low + size};
  }
  return out;
}

/// What both draw stands in the same order along and, in each row, across.
void expect_order(const Scene& a, const Scene& b) {
  const auto before = places(a), after = places(b);
  for (const auto& [n, p] : before) {
    if (!after.contains(n)) continue;
    for (const auto& [m, q] : before) {
      if (m.substr(0, 2) != n.substr(0, 2) || !after.contains(m)) continue;
      const Place &p2 = after.at(n), &q2 = after.at(m);
      if (p.high <= q.low) {
        EXPECT_LE(p2.high, q2.low) << n << " is above " << m;
      } else if (p.low < q.high && p.across < q.across) {
        EXPECT_LT(p2.across, q2.across) << n << " is left of " << m;
      }
    }
  }
}

/// How far boxes that both draw moved across, but for the move of the whole side: by name.
std::map<std::string, float> moves(const Scene& a, const Scene& b) {
  const auto before = places(a), after = places(b);
  std::map<std::string, float> out;
  std::map<char, std::vector<float>> all;
  for (const auto& [n, p] : before)
    if (const auto q = after.find(n); q != after.end()) all[n[0]].push_back(out[n] = q->second.across - p.across);
  for (auto& [side, list] : all) std::sort(list.begin(), list.end());
  for (auto& [n, move] : out) move -= all[n[0]][all[n[0]].size() / 2];
  return out;
}

void expect_same(const Scene& a, const Scene& b) {
  ASSERT_EQ(a.boxes.size(), b.boxes.size());
  ASSERT_EQ(a.points.size(), b.points.size());
  ASSERT_EQ(a.frames.size(), b.frames.size());
  for (std::size_t i = 0; i < a.boxes.size(); ++i) {
    EXPECT_EQ(a.text(a.boxes[i].full_name), b.text(b.boxes[i].full_name));
    EXPECT_NEAR(a.boxes[i].x, b.boxes[i].x, 0.05) << a.text(a.boxes[i].full_name);
    EXPECT_NEAR(a.boxes[i].y, b.boxes[i].y, 0.05) << a.text(a.boxes[i].full_name);
  }
  for (std::size_t i = 0; i < a.points.size(); ++i) {
    EXPECT_NEAR(a.points[i].x, b.points[i].x, 0.05);
    EXPECT_NEAR(a.points[i].y, b.points[i].y, 0.05);
  }
}

/// Branches side by side, each a chain of `scopes` scopes of five nodes in a ring of adds, between a split and a join.
std::vector<std::string> branches(int count, int scopes) {
  std::vector<std::string> lines = {"x Placeholder", "split Relu x"};
  std::string join = "join AddN";
  for (int b = 0; b < count; ++b) {
    std::string last = "split";
    for (int s = 0; s < scopes; ++s) {
      const std::string scope = "b" + std::to_string(b) + "/s" + std::to_string(s) + "/";
      lines.push_back(scope + "p Relu " + last);
      for (const char* side : {"q", "r", "t"}) lines.push_back(scope + side + " Conv2D " + scope + "p");
      lines.push_back(scope + "u AddN " + scope + "q " + scope + "r " + scope + "t");
      last = scope + "u";
    }
    join += " " + last;
  }
  lines.push_back(join);
  lines.push_back("y Softmax join");
  return lines;
}

SceneOptions few(int max_nodes) {
  SceneOptions options;
  options.max_nodes = max_nodes;
  options.repeats = false;
  return options;
}

TEST(Keep, AChainKeepsItsLineAndOpensDownwards) {
  const auto network = converted_network(16);
  SceneOptions options = few(30);
  const Pointer first = draw(network, options);
  const Pointer second = turn(network, options, first, "net/block3", true);
  EXPECT_EQ(second->options.previous, nullptr) << "else every picture holds all before it";
  EXPECT_NE(second->layout_note.find("places kept"), std::string::npos) << second->layout_note;
  expect_order(*first, *second);
  for (const auto& [name, move] : moves(*first, *second)) EXPECT_NEAR(move, 0, 0.1) << name;
  // Above it nothing moved, below it everything by one and the same.
  const auto before = places(*first), after = places(*second);
  EXPECT_NEAR(after.at("before net/block2").low, before.at("before net/block2").low, 0.1);
  const float down = after.at("before net/block4").low - before.at("before net/block4").low;
  EXPECT_GT(down, 100);
  EXPECT_NEAR(after.at("before net/block15").low - before.at("before net/block15").low, down, 0.1);
  // Closing gives the first picture back, and so does opening the second one.
  SceneOptions closed = options;
  const Pointer third = turn(network, closed, second, "net/block3", false);
  expect_same(*first, *third);
  expect_same(*second, *turn(network, closed, third, "net/block3", true));
}

TEST(Keep, NeighboursMoveAsideAndOnlyThey) {
  for (const Direction direction : {Direction::top_bottom, Direction::left_right}) {
    const auto graph = plain(branches(5, 4));
    SceneOptions options = few(40);
    options.direction = direction;
    const Pointer first = draw(graph, options);
    const auto before = places(*first);
    ASSERT_TRUE(before.contains("before b2/s1"));
    const Pointer second = turn(graph, options, first, "b2/s1", true);
    expect_order(*first, *second);
    bool aside = false;
    for (const auto& [name, move] : moves(*first, *second)) {
      // b0 to b4 are frames of their own: all that stands beside b2 may move, what is above and below may not.
      if (name.find('/') == std::string::npos) {
        EXPECT_NEAR(move, 0, 0.1) << name;
      }
      if (name.starts_with("before b2/")) {
        EXPECT_NEAR(move, 0, 40) << name << " stays in its frame's middle";
      }
      aside |= name.find('/') != std::string::npos && std::abs(move) > 20;
    }
    EXPECT_TRUE(aside) << "three branches need room";
    const Pointer third = turn(graph, options, second, "b2/s1", false);
    expect_same(*first, *third);
  }
}

TEST(Keep, WhatWasOpenStaysOpenBeyondTheBudget) {
  const auto network = converted_network(16);
  SceneOptions options = few(30);
  Pointer scene = draw(network, options);
  for (const char* scope : {"net/block3", "net/block7", "net/block8"})
    scene = turn(network, options, scene, scope, true);
  EXPECT_GT(scene->boxes.size(), 30U);
  EXPECT_TRUE(places(*scene).contains("before net/block3_1_conv/Conv2D"));
  // A picture of another budget, or none, decides afresh.
  SceneOptions other = options;
  other.expanded.clear();
  other.previous = scene;
  EXPECT_GT(draw(network, other)->boxes.size(), 30U);
  other.max_nodes = 31;
  EXPECT_LE(draw(network, other)->boxes.size(), 31U);
  other.max_nodes = 30;
  other.previous = nullptr;
  EXPECT_LE(draw(network, other)->boxes.size(), 30U);
}

TEST(Keep, BothSidesKeepTheirPlaces) {
  const auto network = converted_network(16);
  SceneOptions options = few(30);
  options.view = View::both;
  const Pointer first = draw(network, options);
  const Pointer second = turn(network, options, first, "net/block5", true);
  expect_order(*first, *second);
  const auto before = places(*first), after = places(*second);
  for (const auto& [name, place] : before)
    if (name.starts_with("after ")) {
      EXPECT_NEAR(after.at(name).across, place.across, 0.1) << name << ": nothing opened there";
      // It goes down with what it stands level with.
      if (const auto level = after.find("before " + name.substr(6)); level != after.end()) {
        EXPECT_NEAR(after.at(name).low, level->second.low, 2) << name;
      }
    }
  for (const auto& [name, move] : moves(*first, *second)) EXPECT_NEAR(move, 0, 0.1) << name;
  expect_same(*first, *turn(network, options, second, "net/block5", false));
}

TEST(Keep, RandomTurnsKeepOrderAndHaveNoFault) {
  std::mt19937 random(7);
  int kept = 0;
  for (int round = 0; round < 30; ++round) {
    std::vector<std::string> lines, names;
    const int n = 30 + static_cast<int>(random() % 60);
    for (int i = 0; i < n; ++i) {
      // Scopes of neighbours, so that most feed forwards, and some that are tangled.
      std::string name = "s" + std::to_string(i / 20) + "/";
      if (random() % 3 != 0) name += "t" + std::to_string(i / 6) + "/";
      if (random() % 12 == 0) name = "odd/";
      name += "n" + std::to_string(i);
      std::string line = name + (random() % 5 == 0 ? " Conv2D" : " AddV2");
      for (int k = static_cast<int>(random() % 3); k > 0 && i > 0; --k)
        line +=
            " " +
            names[static_cast<std::size_t>(i - 1 - static_cast<int>(random() % static_cast<unsigned>(std::min(i, 9))))];
      lines.push_back(line);
      names.push_back(name);
    }
    const auto graph = plain(lines);
    SceneOptions options = few(20);
    options.direction = round % 2 == 0 ? Direction::top_bottom : Direction::left_right;
    if (round % 3 == 0) options.layout = LayoutChoice::layered;
    Pointer scene = draw(graph, options);
    for (int step = 0; step < 6; ++step) {
      std::vector<std::pair<std::string, bool>> choices;
      for (const Box& b : scene->boxes)
        if (b.scope >= 0) choices.emplace_back(scene->scope_paths[static_cast<std::size_t>(b.scope)], true);
      for (const Frame& f : scene->frames)
        if (f.scope >= 0) choices.emplace_back(scene->scope_paths[static_cast<std::size_t>(f.scope)], false);
      if (choices.empty()) break;
      const auto& [scope, open] = choices[random() % choices.size()];
      SCOPED_TRACE("round " + std::to_string(round) + " step " + std::to_string(step) + (open ? " open " : " close ") +
                   scope);
      const Pointer next = turn(graph, options, scene, scope, open);
      kept += next->layout_note.starts_with("places kept") ? 1 : 0;
      expect_order(*scene, *next);
      SceneOptions back = options;
      expect_same(*scene, *turn(graph, back, next, scope, !open));
      scene = next;
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(kept, 100);
}

TEST(Keep, RealNetworks) {
  const char* folder = std::getenv("ISOTHERM_MODELS_UNPACKED");
  if (folder == nullptr) GTEST_SKIP() << "not run: ISOTHERM_MODELS_UNPACKED is not set";
  for (const char* name : {"resnet50", "inception_v3"}) {
    SCOPED_TRACE(name);
    const std::string file = std::string(folder) + "/arch/" + name + "/frozen.pb";
    if (!std::filesystem::exists(file)) continue;
    auto loaded = load_graph(file);
    ASSERT_TRUE(loaded.ok());
    const auto conversion = plain_conversion(loaded->graph, {});
    SceneOptions options;
    const Pointer first = draw(conversion, options);
    int opened = 0;
    for (const Box& b : first->boxes) {
      if (b.scope < 0) continue;
      const std::string scope = first->scope_paths[static_cast<std::size_t>(b.scope)];
      SCOPED_TRACE(scope);
      SceneOptions next = options;
      const Pointer second = turn(conversion, next, first, scope, true);
      expect_order(*first, *second);
      // Rows that a frame round it spans may have to make room; in all other rows nothing moves.
      const auto frame = std::find_if(second->frames.begin(), second->frames.end(), [&](const Frame& f) {
        return f.scope >= 0 && second->scope_paths[static_cast<std::size_t>(f.scope)] == scope;
      });
      ASSERT_NE(frame, second->frames.end());
      std::int32_t outer = static_cast<std::int32_t>(frame - second->frames.begin());
      while (second->frames[static_cast<std::size_t>(outer)].parent >= 0)
        outer = second->frames[static_cast<std::size_t>(outer)].parent;
      const Frame& around = second->frames[static_cast<std::size_t>(outer)];
      const auto after = places(*second);
      for (const auto& [box, move] : moves(*first, *second)) {
        const Place& p = after.at(box);
        if (p.high < around.y || p.low > around.y + around.height) {
          EXPECT_NEAR(move, 0, 0.1) << box;
        }
      }
      expect_same(*first, *turn(conversion, next, second, scope, false));
      ++opened;
    }
    EXPECT_GT(opened, 1);
  }
}

}  // namespace
}  // namespace isotherm::render
