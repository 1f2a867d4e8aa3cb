#include "core/render/layout.h"
#include "core/render/layout_cache.h"
#include "core/render/layout_layered.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

namespace isotherm::render {
namespace {

LayoutRequest chain(int n) {
  LayoutRequest r;
  r.group_parent = {-1, 0};
  for (int i = 0; i < n; ++i) r.boxes.push_back({100, 30, i > n / 4 && i < n / 2 ? 1 : 0});
  for (int i = 1; i < n; ++i) r.edges.push_back({i - 1, i, false, false});
  return r;
}

/// A program that does what a test needs instead of laying out.
std::string script(const std::string& body) {
  static int number = 0;
  std::string path =
      ::testing::TempDir() + "layout_stand_in_" + std::to_string(::getpid()) + "_" + std::to_string(number++) + ".sh";
  std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
  ::chmod(path.c_str(), 0700);
  return path;
}

TEST(Layout, RequestSurvivesItsText) {
  const LayoutRequest r = chain(5);
  const auto back = decode_request(encode_request(r));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(encode_request(*back), encode_request(r));
  EXPECT_FALSE(decode_request("").ok());
  EXPECT_FALSE(decode_request("isotherm-layout 1\n9 1 0 0 0").ok());
  EXPECT_FALSE(decode_request("isotherm-layout 1\n1 1 1 0 0\n10 10 0\n-1\n0 5 0").ok());
}

TEST(Layout, GraphvizOrdersAChain) {
  const auto placed = graphviz_layout(chain(20), find_layout_program(), 20, {});
  ASSERT_TRUE(placed.ok()) << placed.error().message;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(placed->rank[static_cast<std::size_t>(i)], i);
}

TEST(Layout, OwnLayoutOrdersAChainAndCutsCycles) {
  LayoutRequest r = chain(20);
  r.edges.push_back({19, 0, false, false});
  const LayoutResult placed = layered_layout(r);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(placed.rank[static_cast<std::size_t>(i)], i);
}

TEST(Layout, AHangIsKilledACrashIsASentence) {
  const auto start = std::chrono::steady_clock::now();
  const auto hung = graphviz_layout(chain(5), script("exec sleep 60"), 0.2, {});
  ASSERT_FALSE(hung.ok());
  EXPECT_EQ(hung.error().code, ErrorCode::exhausted);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30)) << "killed long before it wakes";
  const auto crashed = graphviz_layout(chain(5), script("kill -SEGV $$"), 20, {});
  ASSERT_FALSE(crashed.ok());
  EXPECT_NE(crashed.error().message.find("signal"), std::string::npos) << crashed.error().message;
  const auto babble = graphviz_layout(chain(5), script("cat > /dev/null; echo ok; echo 1 2 3"), 20, {});
  ASSERT_FALSE(babble.ok());
  EXPECT_FALSE(graphviz_layout(chain(5), "/nonexistent/isotherm-layout", 1, {}).ok());
  EXPECT_FALSE(graphviz_layout(chain(5), "", 1, {}).ok());
  // More input than a socket holds, and nobody who reads it.
  EXPECT_FALSE(graphviz_layout(chain(60000), script("exec sleep 60"), 0.2, {}).ok());
}

TEST(Layout, CancellingKills) {
  int asked = 0;
  const auto stopped = graphviz_layout(chain(5), script("exec sleep 60"), 60, [&] { return ++asked > 2; });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
}

/// Boxes in nested groups with edges that mostly run forwards.
LayoutRequest random_request(std::mt19937& random) {
  LayoutRequest r;
  r.group_parent = {-1};
  const int groups = 1 + static_cast<int>(random() % 8), n = 3 + static_cast<int>(random() % 80);
  for (int g = 1; g < groups; ++g) r.group_parent.push_back(static_cast<int>(random() % static_cast<unsigned>(g)));
  for (int i = 0; i < n; ++i)
    r.boxes.push_back(
        {static_cast<float>(60 + random() % 200), 30, static_cast<int>(random() % static_cast<unsigned>(groups))});
  for (auto m = static_cast<int>(random() % (3U * static_cast<unsigned>(n))); m > 0; --m) {
    int from = static_cast<int>(random() % static_cast<unsigned>(n)),
        to = static_cast<int>(random() % static_cast<unsigned>(n));
    if (random() % 10 != 0 && from > to) std::swap(from, to);
    r.edges.push_back({from, to, random() % 20 == 0, random() % 5 == 0});
  }
  return r;
}

TEST(Layout, FramesOfTheLayeredLayoutNeverMeet) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    const LayoutRequest r = random_request(random);
    const LayoutResult placed = layered_layout(r);
    ASSERT_EQ(placed.rank.size(), r.boxes.size());
    const std::size_t groups = r.group_parent.size();
    struct Area {
      float low = 1e9F, high = -1e9F;
      int first = 1 << 30, last = -1;
      [[nodiscard]] bool meets(const Area& o) const {
        return first <= o.last && o.first <= last && low < o.high - 0.1F && o.low < high - 0.1F;
      }
    };
    const auto inside = [&](int g, int outer) {
      for (; g >= 0; g = r.group_parent[static_cast<std::size_t>(g)])
        if (g == outer) return true;
      return false;
    };
    std::vector<Area> boxes, frames(groups);
    const auto grow = [](Area& a, const Area& b, float margin) {
      a.low = std::min(a.low, b.low - margin), a.high = std::max(a.high, b.high + margin);
      a.first = std::min(a.first, b.first), a.last = std::max(a.last, b.last);
    };
    for (std::size_t i = 0; i < r.boxes.size(); ++i) {
      boxes.push_back({placed.center[i] - r.boxes[i].across / 2, placed.center[i] + r.boxes[i].across / 2,
                       placed.rank[i], placed.rank[i]});
      grow(frames[static_cast<std::size_t>(r.boxes[i].group)], boxes.back(), r.group_margin);
    }
    for (std::size_t g = groups; g-- > 1;)
      if (frames[g].last >= 0) grow(frames[static_cast<std::size_t>(r.group_parent[g])], frames[g], r.group_margin);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      for (std::size_t k = i + 1; k < boxes.size(); ++k) EXPECT_FALSE(boxes[i].meets(boxes[k])) << i << " " << k;
      for (std::size_t g = 1; g < groups; ++g)
        EXPECT_FALSE(!inside(r.boxes[i].group, static_cast<int>(g)) && boxes[i].meets(frames[g])) << i << " in " << g;
    }
    for (std::size_t g = 1; g < groups; ++g)
      for (std::size_t h = g + 1; h < groups; ++h)
        EXPECT_FALSE(!inside(static_cast<int>(h), static_cast<int>(g)) && frames[g].meets(frames[h])) << g << " " << h;
  }
}

TEST(Layout, RanksFollowEdgesAndFramesStandAboveEachOther) {
  // Two frames of three boxes; the second reads the first one's middle.
  LayoutRequest r;
  r.group_parent = {-1, 0, 0};
  for (int i = 0; i < 6; ++i) r.boxes.push_back({100, 30, 1 + i / 3});
  for (const auto& [from, to] : {std::pair{0, 1}, {1, 2}, {3, 4}, {4, 5}, {1, 3}})
    r.edges.push_back({from, to, false, false});
  const std::vector<int> rank = layered_ranks(r);
  EXPECT_EQ(rank, (std::vector<int>{0, 1, 2, 3, 4, 5}));
  // A loop: its back edge, marked or not, does not turn the rest round.
  for (const bool marked : {true, false}) {
    LayoutRequest loop = chain(5);
    loop.edges.push_back({4, 1, marked, false});
    EXPECT_EQ(layered_ranks(loop), (std::vector<int>{0, 1, 2, 3, 4})) << marked;
  }
}

TEST(Layout, WhatACycleFeedsStandsBelowIt) {
  // 0 -> 1 -> 2 -> 3 -> 1, with further inputs inside the cycle, and 4 that reads it and waits for less than all of them.
  LayoutRequest r;
  r.group_parent = {-1};
  for (int i = 0; i < 5; ++i) r.boxes.push_back({100, 30, 0});
  for (const auto& [from, to] : {std::pair{0, 1}, {1, 2}, {2, 3}, {3, 1}, {1, 3}, {3, 2}, {3, 4}})
    r.edges.push_back({from, to, false, false});
  const std::vector<int> rank = layered_ranks(r);
  EXPECT_GT(rank[4], rank[3]);
  EXPECT_GT(rank[1], rank[0]);
}

TEST(Layout, CrossingsAreCountedAndRemoved) {
  // Two rows of five, joined so that the straight order crosses ten times; pairs must come to face each other.
  LayoutRequest r;
  r.group_parent = {-1};
  for (int i = 0; i < 10; ++i) r.boxes.push_back({60, 30, 0});
  for (int i = 0; i < 5; ++i) r.edges.push_back({i, 9 - i, false, false});
  LayerGraph graph = layer_graph(r, layered_ranks(r));
  ASSERT_EQ(graph.ranks, 2);
  graph.layers = {{0, 1, 2, 3, 4}, {5, 6, 7, 8, 9}};
  for (int i = 0; i < 5; ++i)
    graph.place[static_cast<std::size_t>(i)] = i, graph.place[static_cast<std::size_t>(i) + 5] = i;
  EXPECT_EQ(crossings_below(graph, 0), 10);
  order_layers(graph, {});
  EXPECT_EQ(crossings_below(graph, 0), 0);
}

TEST(Layout, ChainsAreStraightInsideAndOutsideOfFrames) {
  const LayoutResult placed = layered_layout(chain(40));
  for (const float c : placed.center) EXPECT_NEAR(c, placed.center.front(), 0.5);
}

TEST(Layout, TheChoiceIsSaid) {
  LayoutSettings settings;
  settings.choice = LayoutChoice::layered;
  const auto own = lay_out_boxes(chain(5), settings);
  ASSERT_TRUE(own.ok());
  EXPECT_FALSE(own->by_graphviz);
  EXPECT_TRUE(own->note.starts_with("laid out by the layered layout in ")) << own->note;
  settings.choice = LayoutChoice::automatic;
  settings.limit = 20;
  const auto small = lay_out_boxes(chain(5), settings);
  ASSERT_TRUE(small.ok());
  EXPECT_TRUE(small->by_graphviz);
  EXPECT_TRUE(small->note.starts_with("laid out by Graphviz in ")) << small->note;
  const auto large = lay_out_boxes(chain(5000), settings);
  ASSERT_TRUE(large.ok());
  EXPECT_FALSE(large->by_graphviz);
  EXPECT_NE(large->note.find("5000 boxes"), std::string::npos) << large->note;
  LayoutRequest hub = chain(400);
  for (int i = 2; i < 62; ++i) hub.edges.push_back({0, i, false, false});
  EXPECT_NE(too_much_for_graphviz(hub).find("61 edges"), std::string::npos) << too_much_for_graphviz(hub);
  // A program that hangs, crashes or is missing: the layered layout serves, and the note says why.
  struct Case {
    std::string program;
    double limit;
    const char* word;
  };
  for (const Case& c : {Case{script("exec sleep 60"), 0.2, "limit of 0.2"}, Case{script("kill -SEGV $$"), 20, "signal"},
                        Case{script("kill -KILL $$"), 20, "isotherm-layout"},
                        Case{"/nonexistent/layout", 20, "could not be started"}}) {
    settings.program = c.program;
    settings.limit = c.limit;
    const auto fallen = lay_out_boxes(chain(5), settings);
    ASSERT_TRUE(fallen.ok()) << fallen.error().message;
    EXPECT_FALSE(fallen->by_graphviz);
    EXPECT_NE(fallen->note.find(c.word), std::string::npos) << fallen->note;
  }
  EXPECT_EQ(parse_layout("layered"), LayoutChoice::layered);
  EXPECT_EQ(parse_layout("circo"), std::nullopt);
}

class CacheFolder {
 public:
  CacheFolder() : path_(::testing::TempDir() + "layout_cache_" + std::to_string(::getpid()) + "/deep") {}
  ~CacheFolder() { std::filesystem::remove_all(std::filesystem::path(path_).parent_path()); }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> out;
    for (const auto& e : std::filesystem::directory_iterator(path_)) out.push_back(e.path());
    return out;
  }

 private:
  std::string path_;
};

TEST(LayoutCache, KeepsWhatGraphvizFound) {
  const CacheFolder folder;
  LayoutSettings settings;
  settings.limit = 20;
  settings.cache_folder = folder.path();
  const auto first = lay_out_boxes(chain(7), settings);
  ASSERT_TRUE(first.ok());
  // With the program gone, only the cache can answer.
  settings.program = "/nonexistent/layout";
  const auto second = lay_out_boxes(chain(7), settings);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->note, "laid out by Graphviz, from the cache");
  EXPECT_EQ(second->result.rank, first->result.rank);
  EXPECT_EQ(second->result.center, first->result.center);
  EXPECT_FALSE(lay_out_boxes(chain(8), settings)->by_graphviz) << "another content";
}

TEST(LayoutCache, WhatDoesNotAddUpIsNotThere) {
  const CacheFolder folder;
  const LayoutCache cache(folder.path());
  const LayoutResult result{{0, 1, 2}, {10.5F, -3.25F, 0}, {}};
  const std::string request = "a request";
  EXPECT_FALSE(cache.find(request, 3));
  cache.put(request, result);
  ASSERT_TRUE(cache.find(request, 3));
  EXPECT_EQ(cache.find(request, 3)->center, result.center);
  EXPECT_FALSE(cache.find(request, 4));
  EXPECT_FALSE(cache.find("another", 3));
  ASSERT_EQ(folder.files().size(), 1U);
  const std::filesystem::path file = folder.files().front();
  std::ifstream in(file);
  const std::string whole{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  for (std::size_t cut = 0; cut < whole.size(); cut += 3) {
    std::ofstream(file, std::ios::trunc) << whole.substr(0, cut);
    EXPECT_FALSE(cache.find(request, 3)) << cut;
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string bent = whole;
    bent[at] = bent[at] == '1' ? '2' : '1';
    std::ofstream(file, std::ios::trunc) << bent;
    EXPECT_FALSE(cache.find(request, 3)) << at;
  }
  // A folder that cannot be: nothing is kept, nothing fails.
  const LayoutCache nowhere("/proc/nonexistent/cache");
  nowhere.put(request, result);
  EXPECT_FALSE(nowhere.find(request, 3));
  LayoutCache("").put(request, result);
}

TEST(LayoutCache, IsBoundedAndSharedSafely) {
  const CacheFolder folder;
  const LayoutResult result{{0}, {1}, {}};
  std::atomic<int> wrong{0};
  std::vector<std::thread> writers;
  for (int t = 0; t < 4; ++t)
    writers.emplace_back([&, t] {
      const LayoutCache cache(folder.path());
      for (int i = 0; i < 100; ++i) {
        const std::string request = "request " + std::to_string((i * 7 + t) % 330);
        cache.put(request, result);
        if (const auto found = cache.find(request, 1); found && found->rank != result.rank) ++wrong;
      }
    });
  for (std::thread& w : writers) w.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(folder.files().size(), LayoutCache::kMostEntries);
  EXPECT_GT(folder.files().size(), LayoutCache::kMostEntries / 2);
  for (const auto& f : folder.files()) EXPECT_NE(f.extension(), ".part");
}

}  // namespace
}  // namespace isotherm::render
