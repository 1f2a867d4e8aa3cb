#include "core/render/steps.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "core/convert/converter.h"
#include "core/render/paint_box.h"
#include "core/render/steps_folder.h"
#include "core/render/steps_parts.h"
#include "core/render/text.h"
#include "core/render/theme.h"
#include "scene_check.h"
#include "tests/convert/typed_sketch.h"

namespace isotherm::render {
namespace {

namespace fs = std::filesystem;
using Kind = ReplayStep::Kind;

//  x -> a -+-> b ------+-> c -> d -> out          a cannot join b: through n, which stays native, it would close a
//  cycle
//          +-> n (native) +
constexpr const char* kCycle = R"(
  x = Placeholder
  a = Relu(x)
  b = Relu(a)
  n = Log1p(a)
  c = AddV2(b, n)
  d = Relu(c)
  out = Identity(d)
)";

std::shared_ptr<const Replay> replay_of(const std::string& text, const ConversionParams& params = {}) {
  auto conversion = plan_conversion(testing::typed_sketch(text), params);
  EXPECT_TRUE(conversion.ok()) << (conversion.ok() ? "" : conversion.error().message);
  if (!conversion.ok()) return nullptr;
  auto replay = Replay::create(std::make_shared<const Conversion>(std::move(*conversion)));
  EXPECT_TRUE(replay.ok());
  return replay.ok() ? std::make_shared<const Replay>(std::move(*replay)) : nullptr;
}

int find_step(const Replay& replay, Kind kind) {
  for (int i = 0; i < replay.size(); ++i)
    if (replay[i].kind == kind) return i;
  return -1;
}

StepPictures pictures_of(std::shared_ptr<const Replay> replay, StepOptions options = {}) {
  auto pictures = StepPictures::create(std::move(replay), std::move(options));
  EXPECT_TRUE(pictures.ok()) << (pictures.ok() ? "" : pictures.error().message);
  return std::move(pictures).value();
}

StepScene scene_of(const StepPictures& pictures, int step) {
  auto scene = pictures.scene(step, step);
  EXPECT_TRUE(scene.ok());
  return std::move(scene).value();
}

/// Random graphs of ops with and without a converter, in which merges are accepted and refused.
std::string random_sketch(unsigned seed, int count) {
  std::mt19937 random(seed);
  std::string text = "n0 = Placeholder\n";
  static constexpr const char* kOps[] = {"Relu", "Sigmoid", "Log1p", "Identity", "AddV2", "Mul"};
  for (int i = 1; i < count; ++i) {
    const auto input = [&] { return "n" + std::to_string(i - 1 - static_cast<int>(random() % std::min(6, i))); };
    const std::size_t op = random() % 6;
    text += "n" + std::to_string(i) + " = " + kOps[op] + "(" + input() + (op >= 4 ? ", " + input() : "") + ")\n";
  }
  return text;
}

TEST(Replay, TellsEveryDecisionInOrder) {
  const auto replay = replay_of(kCycle);
  ASSERT_NE(replay, nullptr);
  EXPECT_EQ((*replay)[0].kind, Kind::candidates);
  EXPECT_EQ(replay->sentence(0), "4 of 7 nodes may go into engines; 3 stay native: 2 excluded and 1 unsupported-op");
  const int refused = find_step(*replay, Kind::merge_refused);
  ASSERT_GE(refused, 0);
  EXPECT_EQ(replay->verdict(refused), "refused");
  EXPECT_EQ(replay->sentence(refused), "a → b: merging would close a cycle through n, which stays native");
  const int small = find_step(*replay, Kind::too_small);
  ASSERT_GE(small, 0) << "a is alone";
  EXPECT_NE(replay->sentence(small).find("1 node stays native"), std::string::npos) << replay->sentence(small);
  const int segment = find_step(*replay, Kind::segment);
  ASSERT_GE(segment, 0);
  EXPECT_EQ(replay->sentence(segment), "segment 0 stands: 3 nodes, root b");
}

TEST(Replay, EndsWhereTheSegmentationDoes) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    ConversionParams params;
    params.minimum_segment_size = 1 + static_cast<int>(seed % 4);
    params.max_engines = seed % 5 == 0 ? 2 : 20;
    const auto replay = replay_of(random_sketch(seed, 40), params);
    ASSERT_NE(replay, nullptr);
    const Segmentation& cut = replay->conversion().segmentation;
    const ReplayState end = replay->state_after(replay->size() - 1);
    std::set<NodeId> native;
    for (const NativeNode& n : cut.native) native.insert(n.node);
    for (NodeId id = 0; id < replay->graph().size(); ++id)
      EXPECT_EQ(end.fate[static_cast<std::size_t>(id)] != ReplayState::Fate::candidate, native.contains(id))
          << "seed " << seed << ", node " << replay->graph()[id].name;
    for (const Segment& segment : cut.segments) {
      EXPECT_EQ(end.members(segment.root), segment.nodes) << "seed " << seed;
      EXPECT_EQ(replay->color_index(segment.root), segment.index);
    }
  }
}

TEST(Replay, ASessionsConversionHasNone) {
  auto conversion = plan_conversion(testing::typed_sketch(kCycle), {});
  ASSERT_TRUE(conversion.ok());
  conversion->segmentation.steps.clear();
  const auto replay = Replay::create(std::make_shared<const Conversion>(std::move(*conversion)));
  ASSERT_FALSE(replay.ok());
  EXPECT_NE(replay.error().message.find("a session keeps none"), std::string::npos);
}

TEST(StepPictures, ARefusalShowsItsEdgeAndTheCycleInOrder) {
  const StepPictures pictures = pictures_of(replay_of(kCycle));
  const Replay& replay = pictures.replay();
  const StepScene step = scene_of(pictures, find_step(replay, Kind::merge_refused));
  const auto name = [&](std::int32_t box) { return step.scene.text(step.scene.boxes[std::size_t(box)].full_name); };
  std::vector<std::string> path(3);
  std::string test;
  for (std::size_t l = 0; l < step.lines.size(); ++l) {
    const Line& line = step.scene.lines[l];
    const std::string edge = name(line.from) + "->" + name(line.to);
    if (step.lines[l].role == StepLine::Role::test) test = edge;
    if (step.lines[l].role == StepLine::Role::refused) {
      ASSERT_GE(step.lines[l].number, 1);
      ASSERT_LE(step.lines[l].number, 2);
      path[static_cast<std::size_t>(step.lines[l].number)] = edge;
    }
  }
  EXPECT_EQ(test, "a->b");
  EXPECT_EQ(path[1], "a->n");
  EXPECT_EQ(path[2], "n->c");
  ASSERT_EQ(step.outlines.size(), 1u);
  EXPECT_EQ(step.outlines[0].pill, "segment so far: 3 nodes");
  const auto n = std::find_if(step.scene.boxes.begin(), step.scene.boxes.end(),
                              [&](const Box& b) { return step.scene.text(b.full_name) == "n"; });
  ASSERT_NE(n, step.scene.boxes.end());
  EXPECT_TRUE(n->native);
  EXPECT_EQ(step.scene.text(n->note), "native: unsupported-op");
}

/// Words of a display list with their places, those of the drawing alone.
struct Words {
  std::string text;
  float left, top, right, bottom;
};
std::vector<Words> words_of(const DisplayList& list) {
  std::vector<Words> out;
  for (const Command& c : list.commands) {
    if (c.kind != Command::Kind::text) continue;
    const std::string& text = list.strings[static_cast<std::size_t>(c.text)];
    const float width = text_width(text, c.font);
    const float left = c.anchor == Anchor::middle ? c.x - width / 2 : c.anchor == Anchor::end ? c.x - width : c.x;
    out.push_back({text, left, c.y - 0.72F * c.font.size, left + width, c.y + 0.1F * c.font.size});
  }
  return out;
}

TEST(StepPictures, NothingOverlapsAndNothingIsCut) {
  for (unsigned seed = 0; seed < 12; ++seed)
    for (const Direction direction : {Direction::left_right, Direction::top_bottom}) {
      StepOptions options;
      options.direction = direction;
      options.max_nodes = seed % 2 == 0 ? 32 : 14;
      const StepPictures pictures = pictures_of(replay_of(random_sketch(seed, 24)), options);
      for (int i = 0; i < pictures.replay().size(); i += 5) {
        const StepScene step = scene_of(pictures, i);
        const auto faults = scene_faults(step.scene);
        EXPECT_TRUE(faults.empty()) << "seed " << seed << ", step " << i << ": " << faults.front();
        const DisplayList picture = paint_step_picture(pictures.replay(), step);
        const std::vector<Words> words = words_of(picture);
        for (std::size_t a = 0; a < words.size(); ++a) {
          const Words& w = words[a];
          EXPECT_TRUE(w.left >= 0 && w.top >= 0 && w.right <= picture.width && w.bottom <= picture.height)
              << "seed " << seed << ", step " << i << ": '" << w.text << "' leaves the picture";
          for (std::size_t b = 0; b < a; ++b) {
            const Words& v = words[b];
            EXPECT_FALSE(w.left < v.right && v.left < w.right && w.top < v.bottom && v.top < w.bottom)
                << "seed " << seed << ", step " << i << ": '" << w.text << "' over '" << v.text << "'";
          }
        }
      }
    }
}

TEST(StepPictures, ASmallGraphStaysInItsPlaces) {
  const StepPictures pictures = pictures_of(replay_of(random_sketch(3, 24)));
  const StepScene first = scene_of(pictures, 0);
  EXPECT_EQ(first.scene.boxes.size(), 24u);
  EXPECT_TRUE(first.drawn.empty());
  for (int i = 1; i < pictures.replay().size(); ++i) {
    const StepScene step = scene_of(pictures, i);
    ASSERT_EQ(step.scene.boxes.size(), first.scene.boxes.size());
    for (std::size_t b = 0; b < first.scene.boxes.size(); ++b) {
      EXPECT_EQ(step.scene.boxes[b].x, first.scene.boxes[b].x);
      EXPECT_EQ(step.scene.boxes[b].y, first.scene.boxes[b].y);
    }
  }
}

TEST(StepPictures, OfALargeGraphTheStepsNeighbourhoodIsDrawn) {
  StepOptions options;
  options.max_nodes = 12;
  const StepPictures pictures = pictures_of(replay_of(random_sketch(5, 200)), options);
  for (int i = 0; i < pictures.replay().size(); i += 7) {
    const StepScene step = scene_of(pictures, i);
    EXPECT_LE(step.scene.boxes.size(), 12u);
    EXPECT_FALSE(step.drawn.empty());
    const ReplayStep& s = pictures.replay()[i];
    if (s.kind != Kind::merge && s.kind != Kind::merge_refused) continue;
    for (const NodeId id : {s.from, s.to})
      EXPECT_GE(step.scene.box_of_before[static_cast<std::size_t>(id)], 0) << "step " << i;
  }
}

TEST(StepPictures, DoNotKeepTheQuestionWhetherToStop) {
  StepOptions options;
  options.cancelled = [] { return false; };
  EXPECT_FALSE(pictures_of(replay_of(kCycle), options).options().cancelled);
}

TEST(Outline, IsTheUnionOfItsAreas) {
  const Loops square = outline_of({{0, 0, 10, 10}, {2, 2, 8, 8}});
  EXPECT_EQ(square.sizes, std::vector<int>{4});
  const Loops corner = outline_of({{0, 0, 30, 10}, {0, 0, 10, 30}});
  EXPECT_EQ(corner.sizes, std::vector<int>{6});
  const Loops apart = outline_of({{0, 0, 10, 10}, {20, 0, 30, 10}});
  EXPECT_EQ(apart.sizes, (std::vector<int>{4, 4}));
  const Loops ring = outline_of({{0, 0, 30, 10}, {0, 20, 30, 30}, {0, 0, 10, 30}, {20, 0, 30, 30}});
  EXPECT_EQ(ring.sizes, (std::vector<int>{4, 4})) << "a hole is a loop of its own";
}

TEST(StepStrip, CellsAreFoundByTheirPlace) {
  EXPECT_EQ(strip_step_at(10, 100, 5), 0);
  EXPECT_EQ(strip_step_at(10, 100, 95), 9);
  EXPECT_EQ(strip_step_at(10, 100, -4), 0);
  EXPECT_EQ(strip_step_at(10, 100, 400), 9);
}

TEST(StepPages, CoverEveryStepOnceWithinTheLimit) {
  const auto replay = replay_of(random_sketch(7, 120));
  ASSERT_NE(replay, nullptr);
  for (const int most : {1, 3, 10, 40, 1000}) {
    const auto pages = step_pages(*replay, most);
    int next = 0;
    for (const auto& [first, last] : pages) {
      EXPECT_EQ(first, next);
      EXPECT_GE(last, first);
      next = last + 1;
    }
    EXPECT_EQ(next, replay->size());
    // The candidate tests always have a picture of their own.
    EXPECT_LE(static_cast<int>(pages.size()), std::max(2, most)) << most;
  }
  EXPECT_EQ(static_cast<int>(step_pages(*replay, 1000).size()), replay->size());
}

class StepFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = fs::path(::testing::TempDir()) /
           ("steps_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(dir_);
  }
  void TearDown() override { fs::remove_all(dir_); }
  static std::string bytes_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  fs::path dir_;
};

TEST_F(StepFolder, HoldsANumberedPictureOfEveryStep) {
  const StepPictures pictures = pictures_of(replay_of(kCycle));
  const std::string folder = (dir_ / "new" / "deep").string();
  const auto report = write_step_folder(pictures, folder, {}, {});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->steps, pictures.replay().size());
  EXPECT_EQ(report->pictures, report->steps);
  EXPECT_EQ(report->drawn_together, 0);
  std::string all;
  for (int i = 1; i <= report->steps; ++i) {
    std::string number = std::to_string(i);
    number.insert(0, 4 - number.size(), '0');
    const std::string svg = bytes_of(fs::path(folder) / ("step_" + number + ".svg"));
    EXPECT_NE(svg.find("Step " + std::to_string(i) + " of " + std::to_string(report->steps)), std::string::npos) << i;
    all += svg;
  }
  const std::string csv = bytes_of(fs::path(folder) / "steps.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), report->steps + 1);
  EXPECT_NE(csv.find("refused,a,b,"), std::string::npos) << csv;
  // Again: the same bytes; what an earlier replay left goes, what is not its own stays.
  std::ofstream(fs::path(folder) / "step_0999.svg") << "old";
  std::ofstream(fs::path(folder) / "notes.txt") << "mine";
  ASSERT_TRUE(write_step_folder(pictures, folder, {}, {}).ok());
  EXPECT_FALSE(fs::exists(fs::path(folder) / "step_0999.svg"));
  EXPECT_TRUE(fs::exists(fs::path(folder) / "notes.txt"));
  std::string again;
  for (int i = 1; i <= report->steps; ++i) {
    std::string number = std::to_string(i);
    number.insert(0, 4 - number.size(), '0');
    again += bytes_of(fs::path(folder) / ("step_" + number + ".svg"));
  }
  EXPECT_EQ(again, all);
}

TEST_F(StepFolder, FewerPicturesWhereThereAreTooManySteps) {
  const StepPictures pictures = pictures_of(replay_of(random_sketch(9, 60)));
  StepFolderOptions options;
  options.max_pictures = 12;
  const auto report = write_step_folder(pictures, dir_.string(), options, {});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_LE(report->pictures, 12);
  EXPECT_EQ(report->pictures + report->drawn_together, report->steps);
  const std::string csv = bytes_of(dir_ / "steps.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), report->steps + 1) << "the list has every step";
}

TEST_F(StepFolder, APathThatIsAFileIsASentence) {
  fs::create_directories(dir_);
  std::ofstream(dir_ / "taken") << "x";
  const auto report = write_step_folder(pictures_of(replay_of(kCycle)), (dir_ / "taken").string(), {}, {});
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.error().message.find("taken"), std::string::npos);
  EXPECT_EQ(bytes_of(dir_ / "taken"), "x");
}

TEST_F(StepFolder, StopsWhenCancelled) {
  std::atomic<bool> stop = true;
  Progress progress;
  progress.cancel = &stop;
  const auto report = write_step_folder(pictures_of(replay_of(kCycle)), dir_.string(), {}, progress);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace isotherm::render
