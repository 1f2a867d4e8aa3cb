// The CUPTI recorder against a CUPTI of the tests' own: tags, buffers, graph nodes, conflicts. No GPU needed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "profiler/attribution.h"
#include "profiler/cupti/cupti_probe.h"
#include "profiler/cupti/cupti_recorder.h"
#include "tests/profiler/fake_cupti.h"

namespace isotherm {
namespace {

ScopeInfo scope(ScopeKind kind, std::int64_t id = -1, std::int64_t engine = -1) {
  ScopeInfo info;
  info.kind = kind;
  info.id = id;
  info.engine = engine;
  return info;
}

class FakeCupti : public testing::Test {
 protected:
  void SetUp() override { setenv("ISOTHERM_CUPTI_LIBRARY", ISOTHERM_FAKE_CUPTI, 1); }

  std::unique_ptr<DeviceRecorder> open() {
    auto recorder = cupti::CuptiRecorder::open();
    EXPECT_TRUE(recorder.ok()) << recorder.error().message;
    return recorder.ok() ? std::move(*recorder) : nullptr;
  }
};

void within(RunObserver& observer, ScopeInfo info, const std::function<void()>& work) {
  observer.scope_begin(info, nullptr);
  work();
  observer.scope_end(info, nullptr);
}

const Place kNode{PlaceKind::node, 4, kNoNode, -1}, kLayer{PlaceKind::layer, 9, 9, 1};

/// Node 4 launches one kernel, layer 1 of engine 9 two.
void issue(RunObserver& observer, const std::function<void(const char*)>& launch) {
  within(observer, scope(ScopeKind::node, 4), [&] { launch("first"); });
  within(observer, scope(ScopeKind::node, 9), [&] {
    within(observer, scope(ScopeKind::engine, 9), [&] {
      within(observer, scope(ScopeKind::layer, 1, 9), [&] {
        launch("second");
        launch("second");
      });
    });
  });
}

TEST_F(FakeCupti, PlainLaunchesAcrossManyBuffers) {
  const auto recorder = open();
  ASSERT_TRUE(recorder);
  constexpr int kRuns = 40;
  for (int run = -1; run < kRuns; ++run) {
    recorder->begin_run(run);
    within(*recorder, scope(ScopeKind::run), [&] {
      within(*recorder, scope(ScopeKind::copy, 1), [] { fake_cupti_copy(fake_cupti_call(kFakeCopy), 64); });
      issue(*recorder, [](const char* name) { fake_cupti_kernel(fake_cupti_call(kFakeLaunchKernel), name, 0); });
    });
    ASSERT_TRUE(recorder->end_run().ok());
  }
  EXPECT_EQ(fake_cupti_open_ids(), 0U);
  const auto batch = recorder->take();
  ASSERT_TRUE(batch.ok()) << batch.error().message;
  const AttributedBatch out = attribute(*batch);
  EXPECT_EQ(out.coverage.kernels.expected, 3 * kRuns);
  EXPECT_EQ(out.coverage.kernels.attributed, 3 * kRuns);
  EXPECT_EQ(out.coverage.copies.attributed, kRuns);
  EXPECT_TRUE(out.coverage.complete());
  ASSERT_EQ(out.kernels.size(), static_cast<std::size_t>(3 * kRuns));
  for (int run = 0; run < kRuns; ++run) {
    const auto* k = &out.kernels[static_cast<std::size_t>(3 * run)];
    EXPECT_EQ(k[0].place, kNode);
    EXPECT_EQ(k[1].place, kLayer);
    EXPECT_EQ(k[2].run, run);
    EXPECT_EQ(batch->strings[static_cast<std::size_t>(k[2].name)], "second");
    EXPECT_EQ(k[0].end - k[0].start, 100);
  }
  ASSERT_FALSE(out.copies.empty());
  EXPECT_EQ(out.copies[0].src_kind, 1);
  // What was taken is gone.
  const auto empty = recorder->take();
  ASSERT_TRUE(empty.ok());
  EXPECT_TRUE(empty->kernels.empty());
}

TEST_F(FakeCupti, GraphsAreCapturedInstantiatedAndReplayed) {
  const auto recorder = open();
  ASSERT_TRUE(recorder);
  constexpr std::uintptr_t kCaptured = 0x100, kExecutable = 0x200;
  recorder->begin_run(-1);
  within(*recorder, scope(ScopeKind::run), [&] {
    recorder->capture_begin(7, nullptr);
    std::uintptr_t next = 1;
    issue(*recorder, [&](const char*) {
      fake_cupti_call(kFakeLaunchKernel);
      fake_cupti_graph_node(kCaptured, next++, 0);
    });
    for (std::uintptr_t node = 1; node < next; ++node) {
      fake_cupti_graph_node(kExecutable, node + 10, 0);     // as made ..
      fake_cupti_graph_node(kExecutable, node + 10, node);  // .. and as a clone
    }
    recorder->capture_end(7, nullptr);
  });
  for (int run = 0; run < 2; ++run) {
    recorder->begin_run(run);
    within(*recorder, scope(ScopeKind::run), [&] {
      recorder->replay(7, nullptr);
      const std::uint32_t launch = fake_cupti_call(kFakeLaunchGraph);
      for (std::uint64_t node = 11; node <= 13; ++node) fake_cupti_kernel(launch, "in a graph", node);
    });
  }
  EXPECT_EQ(fake_cupti_open_ids(), 0U);
  const auto batch = recorder->take();
  ASSERT_TRUE(batch.ok()) << batch.error().message;
  const AttributedBatch out = attribute(*batch);
  EXPECT_EQ(out.coverage.kernels.expected, 6);
  EXPECT_TRUE(out.coverage.complete());
  ASSERT_EQ(out.kernels.size(), 6U);
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(out.kernels[static_cast<std::size_t>(3 * run)].place, kNode);
    EXPECT_EQ(out.kernels[static_cast<std::size_t>(3 * run + 1)].place, kLayer);
    EXPECT_EQ(out.kernels[static_cast<std::size_t>(3 * run + 2)].run, run);
  }
}

TEST_F(FakeCupti, AnotherToolIsNamed) {
  fake_cupti_take_subscription(1);
  const auto refused = cupti::CuptiRecorder::open();
  const CuptiReport report = cupti::probe(0);
  fake_cupti_take_subscription(0);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("holds it"), std::string::npos) << refused.error().message;
  EXPECT_FALSE(report.other_tool.empty());
  EXPECT_FALSE(report.subscription.empty());
  const auto recorder = open();
  EXPECT_TRUE(recorder);
  EXPECT_FALSE(cupti::CuptiRecorder::open().ok());
  EXPECT_TRUE(recorder->detach().ok());
}

}  // namespace
}  // namespace isotherm
