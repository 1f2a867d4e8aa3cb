// The LRU cache and the plan cache against the sequences of TF-TRT's own tests; the arena's placement.
#include <gtest/gtest.h>

#include <random>

#include "core/engine/lru_cache.h"
#include "core/engine/memory_plan.h"
#include "core/engine/plan_cache.h"

namespace isotherm {
namespace {

TEST(LruCache, ForgetsWhatWasUsedLongestAgo) {
  LruCache<int, int> cache(2);
  cache.emplace(10, 100);
  cache.emplace(20, 200);
  EXPECT_EQ(*cache.at(10), 100);
  EXPECT_EQ(*cache.at(20), 200);
  cache.emplace(30, 300);
  EXPECT_FALSE(cache.contains(10));
  EXPECT_EQ(*cache.at(20), 200);
  cache.emplace(40, 400);
  EXPECT_FALSE(cache.contains(30));
  EXPECT_TRUE(cache.contains(20));
  EXPECT_TRUE(cache.contains(40));
  EXPECT_EQ(cache.at(10), nullptr);
}

TEST(LruCache, MakesRoomEvenForAKeyItHas) {
  LruCache<int, int> cache(2);
  cache.emplace(1, 1);
  cache.emplace(2, 2);
  EXPECT_EQ(*cache.emplace(2, 5), 2);  // the old value stays
  EXPECT_EQ(cache.size(), 1u);         // and 1 had to go
}

TEST(LruCache, ReserveEvicts) {
  LruCache<int, int> cache(3);
  for (int i = 0; i < 3; ++i) cache.emplace(i, i);
  cache.reserve(1);
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_TRUE(cache.contains(2));
}

// The engine op's test: x + x in implicit batch mode, capacity 4.
TEST(PlanCache, ImplicitBatchReusesLargerBatches) {
  PlanCache cache(4);
  const auto call = [&](std::int64_t n, std::int64_t c) {  // true: built
    const ShapeKey key = {{n, c}};
    if (cache.find(key, true).engine) return false;
    cache.add(key, {});
    return true;
  };
  EXPECT_TRUE(call(2, 2));
  EXPECT_FALSE(call(1, 2));
  EXPECT_TRUE(call(3, 2));
  EXPECT_TRUE(call(10, 10));
  EXPECT_FALSE(call(1, 10));
  EXPECT_EQ(cache.keys(), (std::vector<ShapeKey>{{{2, 2}}, {{3, 2}}, {{10, 10}}}));
}

TEST(PlanCache, TheSmallestBatchThatFitsIsTaken) {
  PlanCache cache(4);
  const auto eight = cache.add({{8, 3}}, {});
  const auto four = cache.add({{4, 3}}, {});
  EXPECT_EQ(cache.find({{3, 3}}, true).engine, four);
  EXPECT_EQ(cache.find({{5, 3}}, true).engine, eight);
  EXPECT_EQ(cache.find({{9, 3}}, true).engine, nullptr);
  EXPECT_EQ(cache.find({{3, 4}}, true).engine, nullptr);
}

TEST(PlanCache, AHitInImplicitModeDoesNotRefresh) {
  PlanCache cache(2);
  cache.add({{1, 1}}, {});
  cache.add({{1, 2}}, {});
  EXPECT_NE(cache.find({{1, 1}}, true).engine, nullptr);
  cache.add({{1, 3}}, {});  // evicts the oldest, though it was just hit
  EXPECT_EQ(cache.find({{1, 1}}, true).engine, nullptr);
  EXPECT_NE(cache.find({{1, 2}}, true).engine, nullptr);
}

TEST(PlanCache, ExplicitBatchHasOneEngine) {
  PlanCache cache(1);
  EXPECT_TRUE(cache.find({{2, 2}}, false).refusal.empty());
  cache.add({{2, 2}}, {});
  EXPECT_NE(cache.find({{2, 2}}, false).engine, nullptr);
  const auto other = cache.find({{3, 2}}, false);
  EXPECT_EQ(other.engine, nullptr);
  EXPECT_FALSE(other.refusal.empty());
}

TEST(MemoryPlan, LivingBuffersNeverOverlapAndDeadOnesAreReused) {
  std::mt19937 random(5);
  for (int round = 0; round < 50; ++round) {
    std::vector<BufferLife> lives(30);
    std::size_t sum = 0;
    for (BufferLife& b : lives) {
      b.bytes = 64 * (random() % 100) + random() % 64;
      b.first = static_cast<int>(random() % 40);
      b.last = b.first + static_cast<int>(random() % 6);
      sum += (b.bytes + 63) / 64 * 64;
    }
    const MemoryPlan plan = plan_memory(lives);
    EXPECT_LE(plan.bytes, sum);
    for (std::size_t i = 0; i < lives.size(); ++i) {
      EXPECT_EQ(plan.offsets[i] % 64, 0u);
      for (std::size_t j = 0; j < i; ++j) {
        const bool together = lives[i].first <= lives[j].last && lives[j].first <= lives[i].last;
        const bool apart =
            plan.offsets[i] + lives[i].bytes <= plan.offsets[j] || plan.offsets[j] + lives[j].bytes <= plan.offsets[i];
        EXPECT_TRUE(!together || apart) << i << " and " << j;
      }
    }
  }
  // a(0-1) and c(2-3) can share, b lives with both
  const MemoryPlan chain = plan_memory({{128, 0, 1}, {128, 1, 2}, {128, 2, 3}});
  EXPECT_EQ(chain.bytes, 256u);
}

}  // namespace
}  // namespace isotherm
