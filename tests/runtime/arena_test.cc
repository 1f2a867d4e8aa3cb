#include "core/runtime/arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace isotherm {
namespace {

struct Source {
  int calls = 0;
  std::size_t limit = SIZE_MAX, given = 0;
  Arena::Source function() {
    return [this](std::size_t bytes) -> Result<std::shared_ptr<Buffer>> {
      ++calls;
      if (given + bytes > limit) return exhausted("the device has no memory");
      given += bytes;
      return allocate_host(bytes);
    };
  }
};

TEST(Arena, WindowsCountThePeakWithinThemAndNest) {
  Source source;
  auto arena = Arena::make(source.function(), 64);
  auto held = *arena->allocate(64);
  const std::size_t outside = arena->begin_window();
  (void)*arena->allocate(256);  // freed at once
  {
    const std::size_t outer = arena->begin_window();
    (void)*arena->allocate(128);
    EXPECT_EQ(arena->end_window(outer), 192U);
    const std::size_t second = arena->begin_window();
    EXPECT_EQ(arena->end_window(second), 64U);
    const std::size_t third = arena->begin_window();
    (void)*arena->allocate(1024);
    EXPECT_EQ(arena->end_window(third), 1088U);
  }
  EXPECT_EQ(arena->end_window(outside), 1088U);
  EXPECT_EQ(arena->peak_bytes(), 1088U);
  held.reset();
  arena->begin_run();
  EXPECT_EQ(arena->peak_bytes(), 0U);
}

TEST(Arena, CountsWhatIsAliveRoundedToTheAlignment) {
  Source source;
  auto arena = Arena::make(source.function(), 64);
  auto a = *arena->allocate(100);
  EXPECT_EQ(arena->alive_bytes(), 128U);
  auto b = *arena->allocate(64);
  EXPECT_EQ(arena->alive_bytes(), 192U);
  a.reset();
  auto c = *arena->allocate(1);
  EXPECT_EQ(arena->alive_bytes(), 128U);
  EXPECT_EQ(arena->peak_bytes(), 192U);
  b.reset();
  c.reset();
  EXPECT_EQ(arena->alive_bytes(), 0U);
  arena->begin_run();
  EXPECT_EQ(arena->peak_bytes(), 0U);
}

TEST(Arena, UsesTheSmallestHoleThatFits) {
  Source source;
  auto arena = Arena::make(source.function(), 64);
  auto large = *arena->allocate(640);
  auto wall = *arena->allocate(64);
  auto small = *arena->allocate(576);
  auto wall2 = *arena->allocate(64);
  std::byte* at_small = small->data();
  large.reset();
  small.reset();
  auto taken = *arena->allocate(570);
  EXPECT_EQ(taken->data(), at_small);
  EXPECT_EQ(source.calls, 1);
}

TEST(Arena, JoinsNeighboursThatAreFree) {
  Source source;
  auto arena = Arena::make(source.function(), 64);
  auto a = *arena->allocate(1024);
  auto b = *arena->allocate(1024);
  auto c = *arena->allocate(1024);
  auto wall = *arena->allocate(64);
  std::byte* start = a->data();
  a.reset();
  c.reset();
  b.reset();
  auto all = *arena->allocate(3072);
  EXPECT_EQ(all->data(), start);
}

TEST(Arena, MakesOneBlockOfSeveralBetweenRuns) {
  Source source;
  auto arena = Arena::make(source.function(), 64);
  const std::size_t size = std::size_t{5} << 20;
  {
    auto a = *arena->allocate(size);
    auto b = *arena->allocate(size);
    auto c = *arena->allocate(size);
    EXPECT_GT(arena->block_count(), 1U);
  }
  arena->begin_run();
  EXPECT_EQ(arena->block_count(), 1U);
  const int calls = source.calls;
  auto a = *arena->allocate(size);
  auto b = *arena->allocate(size);
  auto c = *arena->allocate(size);
  EXPECT_EQ(source.calls, calls);
  EXPECT_EQ(arena->block_count(), 1U);
}

TEST(Arena, BuffersOutliveTheArenasOwner) {
  Source source;
  auto arena = Arena::make(source.function(), 64);
  auto kept = *arena->allocate(256);
  arena.reset();
  std::fill_n(kept->data(), 256, std::byte{7});
  EXPECT_EQ(kept->data()[255], std::byte{7});
}

TEST(Arena, WithoutReuseEveryBufferIsItsOwn) {
  Source source;
  auto arena = Arena::make(source.function(), 64, false);
  for (int i = 0; i < 3; ++i) auto buffer = *arena->allocate(1000);
  EXPECT_EQ(source.calls, 3);
  EXPECT_EQ(arena->reserved_bytes(), 0U);
  EXPECT_EQ(arena->peak_bytes(), 1024U);
}

TEST(Arena, SaysWhenThereIsNoMemory) {
  Source source;
  source.limit = std::size_t{1} << 20;
  auto arena = Arena::make(source.function(), 64);
  // The block it would like is larger than the limit; one of the size asked for is not.
  auto fits = arena->allocate(1000);
  ASSERT_TRUE(fits.ok());
  auto too_much = arena->allocate(std::size_t{1} << 21);
  ASSERT_FALSE(too_much.ok());
  EXPECT_EQ(too_much.error().message, "the device has no memory");
  EXPECT_FALSE(arena->allocate(SIZE_MAX).ok());
}

// Against a list of intervals: nothing that is alive overlaps, and all comes back.
TEST(Arena, RandomTrafficNeverOverlaps) {
  Source source;
  auto arena = Arena::make(source.function(), 64);
  std::mt19937 random(1);
  std::vector<std::shared_ptr<Buffer>> alive;
  std::size_t expected = 0;
  for (int step = 0; step < 20000; ++step) {
    if (alive.empty() || random() % 5 < 3) {
      const std::size_t size = 1 + (random() % 4 == 0 ? random() % 200000 : random() % 3000);
      alive.push_back(*arena->allocate(size));
      ASSERT_GE(alive.back()->size(), size);
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(alive.back()->data()) % 64, 0U);
      expected += alive.back()->size();
    } else {
      std::swap(alive[random() % alive.size()], alive.back());
      expected -= alive.back()->size();
      alive.pop_back();
    }
    if (alive.size() > 400) {
      for (std::size_t i = 200; i < alive.size(); ++i) expected -= alive[i]->size();
      alive.resize(200);
    }
    ASSERT_EQ(arena->alive_bytes(), expected);
    if (step % 500 != 0) continue;
    std::vector<std::pair<std::byte*, std::byte*>> spans;
    for (const auto& buffer : alive) spans.emplace_back(buffer->data(), buffer->data() + buffer->size());
    std::ranges::sort(spans);
    for (std::size_t i = 1; i < spans.size(); ++i) ASSERT_LE(spans[i - 1].second, spans[i].first);
  }
  alive.clear();
  arena->begin_run();
  EXPECT_EQ(arena->block_count(), 1U);
  auto all = arena->allocate(arena->reserved_bytes());
  EXPECT_TRUE(all.ok());
  EXPECT_EQ(arena->block_count(), 1U);
}

}  // namespace
}  // namespace isotherm
