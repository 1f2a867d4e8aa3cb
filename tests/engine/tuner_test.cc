// The tuner with tactics that compute nothing but take known times.
#include <gtest/gtest.h>

#include "core/engine/tuner.h"

namespace isotherm {
namespace {

double now = 0;

class FakeTactic final : public Tactic {
 public:
  FakeTactic(std::string name, double seconds, std::string refusal = {}, std::size_t workspace = 0)
      : name_(std::move(name)), seconds_(seconds), refusal_(std::move(refusal)), workspace_(workspace) {}
  [[nodiscard]] std::string describe() const override { return name_; }
  Status can_implement() override { return refusal_.empty() ? Status() : unsupported(refusal_); }
  [[nodiscard]] std::size_t workspace_bytes() const override { return workspace_; }
  Status prepare() override {
    prepared = true;
    return {};
  }
  Status run(const TacticMemory&) override {
    now += seconds_;
    ++runs;
    return {};
  }
  int runs = 0;
  bool prepared = false;

 private:
  std::string name_;
  double seconds_;
  std::string refusal_;
  std::size_t workspace_;
};

struct Case {
  std::vector<std::unique_ptr<Tactic>> tactics;
  FakeTactic& add(std::string name, double seconds, std::string refusal = {}, std::size_t workspace = 0) {
    tactics.push_back(std::make_unique<FakeTactic>(std::move(name), seconds, std::move(refusal), workspace));
    return static_cast<FakeTactic&>(*tactics.back());
  }
  Result<TuneResult> tune(TuneOptions options = {}) {
    options.clock = [] { return now; };
    return isotherm::tune(
        tactics, [](Tactic& t) { return t.run({}); }, options);
  }
};

TEST(Tuner, TakesTheFastestThatCan) {
  Case c;
  c.add("slow", 0.004);
  c.add("cannot", 0.001, "odd strides");
  c.add("greedy", 0.001, "", std::size_t{1} << 40);
  c.add("fast", 0.002);
  const auto r = c.tune();
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(r->best, 3u);
  EXPECT_EQ(r->candidates[1].refusal, "odd strides");
  EXPECT_FALSE(r->candidates[2].refusal.empty());
  EXPECT_NEAR(r->candidates[3].seconds, 0.002, 1e-9);
}

TEST(Tuner, DeterministicTakesTheFirstAndTimesNothing) {
  Case c;
  FakeTactic& first = c.add("first", 0.004);
  c.add("fast", 0.001);
  TuneOptions options;
  options.deterministic = true;
  const auto r = c.tune(options);
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(r->best, 0u);
  EXPECT_EQ(first.runs, 0);
  EXPECT_TRUE(first.prepared);
}

TEST(Tuner, RemembersTimings) {
  TimingCache cache;
  TuneOptions options;
  options.cache = &cache;
  options.key = "problem";
  Case a;
  a.add("slow", 0.004);
  a.add("fast", 0.001);
  ASSERT_EQ(a.tune(options)->best, 1u);
  Case b;
  FakeTactic& slow = b.add("slow", 0.004);
  FakeTactic& fast = b.add("fast", 0.001);
  ASSERT_EQ(b.tune(options)->best, 1u);
  EXPECT_EQ(slow.runs + fast.runs, 0);
  EXPECT_TRUE(fast.prepared);
  EXPECT_FALSE(slow.prepared);
}

TEST(Tuner, StopsAtTheBudget) {
  double budget = 0.01;
  TuneOptions options;
  options.budget = &budget;
  Case a;
  a.add("one", 0.01);
  FakeTactic& never = a.add("two", 0.001);
  const auto r = a.tune(options);
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(r->best, 0u);
  EXPECT_EQ(never.runs, 0);
  EXPECT_LE(budget, 0);
}

TEST(Tuner, SaysWhyNothingWorks) {
  Case c;
  c.add("only", 1, "no such kernel");
  const auto r = c.tune();
  ASSERT_FALSE(r.ok());
  EXPECT_NE(r.error().message.find("no such kernel"), std::string::npos);
}

}  // namespace
}  // namespace isotherm
