// Drawings much longer than wide, set in columns.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/render/scene.h"
#include "scene_check.h"
#include "small_graphs.h"

namespace isotherm::render {
namespace {

Scene scene_of(std::shared_ptr<const Conversion> conversion, SceneOptions options) {
  options.max_nodes = 1000;
  options.repeats = false;
  return checked_scene(std::move(conversion), {}, std::move(options));
}

Scene in_columns(std::shared_ptr<const Conversion> conversion, int columns, Direction direction = Direction::top_bottom) {
  SceneOptions options;
  options.columns = columns;
  options.direction = direction;
  return scene_of(std::move(conversion), options);
}

TEST(Columns, ALongChainFitsAPage) {
  const auto network = converted_network(24);
  const Scene one = in_columns(network, 1), page = in_columns(network, 0);
  EXPECT_GT(one.height, 5 * one.width);
  EXPECT_LT(page.height, 2.5F * page.width);
  EXPECT_GT(page.height, 0.4F * page.width);
  EXPECT_EQ(one.boxes.size(), page.boxes.size());
  EXPECT_EQ(one.lines.size(), page.lines.size());
}

TEST(Columns, ASegmentHoldsAllItsColumnsAndWhatFollowsItStandsBelow) {
  const Scene scene = in_columns(converted_network(24), 0);
  const auto segment = std::find_if(scene.frames.begin(), scene.frames.end(), [](const Frame& f) { return f.form == Frame::Form::segment; });
  ASSERT_NE(segment, scene.frames.end());
  int inside = 0;
  for (const Box& b : scene.boxes) {
    const bool in = b.x >= segment->x && b.x + b.width <= segment->x + segment->width && b.y >= segment->y && b.y + b.height <= segment->y + segment->height;
    EXPECT_EQ(in, b.engine >= 0) << scene.text(b.full_name);
    inside += in ? 1 : 0;
    if (scene.text(b.full_name) == "input") {
      EXPECT_LE(b.y + b.height, segment->y);
    }
    if (scene.text(b.full_name) == "Identity") {
      EXPECT_GE(b.y, segment->y + segment->height);
    }
  }
  EXPECT_EQ(inside, 24 * 7);
}

TEST(Columns, AScopeThatDoesNotFillItsSegmentIsNotTornOutOfIt) {
  // scene_faults says what leaves its frame, for any number of columns and any length of the scope in the middle.
  for (const int inner : {8, 40, 90})
    for (const int columns : {0, 2, 4}) {
      std::vector<std::string> lines = {"input Placeholder"}, members;
      std::string last = "input";
      const auto add = [&](const std::string& name, int i) {
        lines.push_back(name + (i % 2 == 0 ? " Relu " : " Tanh ") + last);
        members.push_back(name);
        last = name;
      };
      for (int i = 0; i < 15; ++i) add("a" + std::to_string(i), i);
      for (int i = 0; i < inner; ++i) add("scope/b" + std::to_string(i), i);
      for (int i = 0; i < 15; ++i) add("c" + std::to_string(i), i);
      lines.push_back("output Identity " + last);
      const Scene scene = in_columns(converted(lines, {members}), columns);
      EXPECT_GT(scene.frames.size(), 1U);
      for (const Box& b : scene.boxes) {
        if (b.engine < 0) continue;
        const Frame& segment = scene.frames.front();
        EXPECT_TRUE(b.y >= segment.y && b.y + b.height <= segment.y + segment.height && b.x >= segment.x && b.x + b.width <= segment.x + segment.width)
            << scene.text(b.full_name) << " of " << inner << " in " << columns;
      }
    }
}

TEST(Columns, AsManyAsAskedForWhereTheGraphCanBeCut) {
  std::vector<std::string> lines = {"n0 Placeholder"};
  for (int i = 1; i < 60; ++i) lines.push_back("n" + std::to_string(i) + (i % 2 == 0 ? " Relu n" : " Tanh n") + std::to_string(i - 1));
  for (const int columns : {2, 3, 5}) {
    const Scene scene = in_columns(plain(lines), columns);
    int turns = 0;  // edges that go round to the next column
    for (const Line& l : scene.lines) turns += l.points >= 6 ? 1 : 0;
    EXPECT_EQ(turns, columns - 1);
  }
}

TEST(Columns, WhatNoSingleEdgeHoldsTogetherIsNotCut) {
  // Two chains side by side: every boundary is crossed twice.
  std::vector<std::string> lines = {"x Placeholder"};
  for (const char* side : {"a", "b"})
    for (int i = 0; i < 60; ++i)
      lines.push_back(std::string(side) + std::to_string(i) + (i % 2 == 0 ? " Relu " : " Tanh ") + (i == 0 ? "x" : side + std::to_string(i - 1)));
  lines.push_back("y AddV2 a59 b59");
  const Scene one = in_columns(plain(lines), 1), page = in_columns(plain(lines), 0);
  EXPECT_EQ(one.height, page.height);
}

TEST(Columns, LeftToRightTheyAreRows) {
  const auto network = converted_network(24);
  const Scene one = in_columns(network, 1, Direction::left_right), page = in_columns(network, 0, Direction::left_right);
  EXPECT_LT(page.width, one.width / 2);
  EXPECT_GT(page.height, one.height * 1.5F);
}

}  // namespace
}  // namespace isotherm::render
