// Whole runs recorded once and replayed: on a device whose work is kept in lists.
#include <gtest/gtest.h>

#include "core/runtime/observer.h"
#include "tests/runtime/graph_maker.h"

namespace isotherm::test {
namespace {

std::shared_ptr<const Graph> sums() {
  return GraphMaker()
      .placeholder("x")
      .constant("two", 2.0)
      .node("double", "Mul", {"x", "two"})
      .node("y", "Add", {"double", "x"})
      .build();
}

/// An asynchronous device whose sessions record.
struct Recorder : Fixture {
  explicit Recorder(const std::shared_ptr<const Graph>& graph) : Fixture(graph, {}, true) { device->records = true; }
};

/// What happened, as words.
struct Listener final : RunObserver {
  std::vector<std::string> events;
  void scope_begin(const ScopeInfo& scope, Stream*) override { events.push_back("+" + std::string(scope.name)); }
  void scope_end(const ScopeInfo& scope, Stream*) override { events.push_back("-" + std::string(scope.name)); }
  void capture_begin(std::uint64_t graph, Stream*) override { events.push_back("capture " + std::to_string(graph)); }
  void capture_end(std::uint64_t graph, Stream*) override { events.push_back("captured " + std::to_string(graph)); }
  void replay(std::uint64_t graph, Stream*) override { events.push_back("replay " + std::to_string(graph)); }
  void fallback(std::int64_t, std::string_view) override {}
};

using Values = std::vector<std::vector<double>>;

TEST(RecordedRun, LaunchesOnceRecordsOnceThenReplays) {
  Recorder f(sums());
  for (int run = 0; run < 5; ++run) {
    const double x = run + 1;
    EXPECT_EQ(f.run({{"x", vec({x, -x})}}, {"y"}), (Values{{3 * x, -3 * x}})) << run;
    EXPECT_EQ(f.last.replayed, run > 0);
    EXPECT_EQ(f.last.not_recorded, "");
    EXPECT_EQ(f.last.nodes_run, 2u);
  }
  EXPECT_EQ(f.device->recordings, 1);
  EXPECT_EQ(f.device->replays, 4);
  // The first run issued its kernels, the recording once more; replays issue none.
  EXPECT_EQ(f.device->runs_of("y"), 2);
}

TEST(RecordedRun, ReplaysAllocateNothing) {
  Recorder f(sums());
  for (int run = 0; run < 2; ++run) f.run({{"x", vec({1, 2})}}, {"y"});
  const int before = f.device->allocations;
  for (int run = 0; run < 3; ++run)
    f.run({{"x", vec({3, 4})}}, {
                                    "y",
                                });
  EXPECT_EQ(f.device->allocations, before);
}

TEST(RecordedRun, OtherShapesAreRecordedAnew) {
  Recorder f(sums());
  for (int run = 0; run < 3; ++run) f.run({{"x", vec({1, 2})}}, {"y"});
  EXPECT_EQ(f.run({{"x", vec({1, 2, 3})}}, {"y"}), (Values{{3, 6, 9}}));
  EXPECT_FALSE(f.last.replayed);
  EXPECT_EQ(f.run({{"x", vec({4, 5, 6})}}, {"y"}), (Values{{12, 15, 18}}));
  EXPECT_TRUE(f.last.replayed);
  EXPECT_EQ(f.device->recordings, 2);
}

TEST(RecordedRun, OtherFetchesAreRecordedAnew) {
  Recorder f(sums());
  for (int run = 0; run < 3; ++run) f.run({{"x", vec({1})}}, {"y"});
  EXPECT_EQ(f.run({{"x", vec({5})}}, {"double", "y"}), (Values{{10}, {15}}));
  EXPECT_FALSE(f.last.replayed);
  EXPECT_EQ(f.run({{"x", vec({6})}}, {"double", "y"}), (Values{{12}, {18}}));
  EXPECT_TRUE(f.last.replayed);
}

TEST(RecordedRun, ResultsAreTheCallers) {
  Recorder f(sums());
  std::vector<Tensor> kept;
  for (int run = 0; run < 4; ++run) {
    auto result = f.session->run({{"x", vec({static_cast<double>(run)})}}, {"y"});
    ASSERT_TRUE(result.ok());
    kept.push_back(result->fetches[0]);
  }
  for (int run = 0; run < 4; ++run)
    EXPECT_EQ(numbers(kept[static_cast<std::size_t>(run)]), (std::vector<double>{3.0 * run}));
}

TEST(RecordedRun, ARunThatWaitsGoesLaunchByLaunchAndSaysWhy) {
  // Reshape's shape is computed by the device and wanted on the host.
  Recorder f(GraphMaker()
                 .placeholder("x")
                 .placeholder("n", Shape{1}, DType::int32)
                 .node("m", "Add", {"n", "n"}, {{"T", TypeValue(DType::int32)}})
                 .node("y", "Reshape", {"x", "m"}, {{"Tshape", TypeValue(DType::int32)}})
                 .build());
  for (int run = 0; run < 4; ++run) {
    const Feeds feeds = {{"x", vec({1, 2, 3, 4})}, {"n", Tensor::vector<std::int32_t>({2})}};
    EXPECT_EQ(f.run(feeds, {"y"}), (Values{{1, 2, 3, 4}})) << run;
    EXPECT_FALSE(f.last.replayed);
    if (run > 0) {
      EXPECT_NE(f.last.not_recorded.find("waits in the middle"), std::string::npos) << f.last.not_recorded;
      EXPECT_NE(f.last.not_recorded.find("'y'"), std::string::npos) << f.last.not_recorded;
    }
  }
  EXPECT_EQ(f.device->recordings, 1);
  EXPECT_EQ(f.device->replays, 0);
}

TEST(RecordedRun, AFailingRunFailsAsItDoesWithoutRecording) {
  Recorder f(sums());
  EXPECT_NE(f.error({}, {"y"}).find("was not fed"), std::string::npos);
  EXPECT_EQ(f.run({{"x", vec({1})}}, {"y"}), (Values{{3}}));
}

TEST(RecordedRun, TheObserverHearsOfCaptureAndReplay) {
  Recorder f(sums());
  f.run({{"x", vec({1})}}, {"y"});
  Listener listener;
  RunOptions options;
  options.observer = &listener;
  f.run({{"x", vec({2})}}, {"y"}, options);
  EXPECT_EQ(listener.events, (std::vector<std::string>{"+run", "capture 1", "+feed", "-feed", "+double", "-double",
                                                       "+y", "-y", "+y", "-y", "captured 1", "replay 1", "-run"}));
  listener.events.clear();
  f.run({{"x", vec({3})}}, {"y"}, options);
  EXPECT_EQ(listener.events, (std::vector<std::string>{"+run", "replay 1", "-run"}));
}

TEST(RecordedRun, AnotherObserverSeesANewCapture) {
  Recorder f(sums());
  for (int run = 0; run < 3; ++run) f.run({{"x", vec({1})}}, {"y"});
  Listener listener;
  RunOptions options;
  options.observer = &listener;
  EXPECT_EQ(f.run({{"x", vec({2})}}, {"y"}, options), (Values{{6}}));
  EXPECT_TRUE(f.last.replayed);
  EXPECT_EQ(f.device->recordings, 2);
  ASSERT_GT(listener.events.size(), 2u);
  EXPECT_EQ(listener.events[1], "capture 2");
  f.session->record_again();
  EXPECT_EQ(f.run({{"x", vec({4})}}, {"y"}, options), (Values{{12}}));
  EXPECT_EQ(f.device->recordings, 3);
  // Without an observer the last recording serves.
  f.run({{"x", vec({4})}}, {"y"});
  EXPECT_EQ(f.device->recordings, 3);
}

TEST(RecordedRun, FeedsOnTheDeviceAreUsedWhereTheyAre) {
  Recorder f(sums());
  auto stream = f.device->make_stream();
  const Tensor there(DType::float64, {2}, f.device->allocate(16).value());
  reinterpret_cast<double*>(there.raw())[0] = 1;
  reinterpret_cast<double*>(there.raw())[1] = 2;
  for (int run = 0; run < 3; ++run) {
    EXPECT_EQ(f.run({{"x", there}}, {"y"}), (Values{{3.0 + 3 * run, 6}})) << run;
    reinterpret_cast<double*>(there.raw())[0] += 1;
  }
  EXPECT_EQ(f.device->recordings, 1);
  // Elsewhere is another recording.
  const Tensor elsewhere(DType::float64, {2}, f.device->allocate(16).value());
  reinterpret_cast<double*>(elsewhere.raw())[0] = 7;
  reinterpret_cast<double*>(elsewhere.raw())[1] = 8;
  EXPECT_EQ(f.run({{"x", elsewhere}}, {"y"}), (Values{{21, 24}}));
  EXPECT_FALSE(f.last.replayed);
}

TEST(RecordedRun, FetchesMayStayOnTheDevice) {
  Recorder f(sums());
  RunOptions options;
  options.fetches_on_device = true;
  for (int run = 0; run < 3; ++run) {
    auto result = f.session->run({{"x", vec({1.0 + run})}}, {"y"}, options);
    ASSERT_TRUE(result.ok()) << result.error().message;
    ASSERT_FALSE(result->fetches[0].on_host());
    EXPECT_EQ(reinterpret_cast<const double*>(result->fetches[0].raw())[0], 3.0 * (1 + run));
  }
  EXPECT_EQ(f.device->copies_to_host, 0);
}

}  // namespace
}  // namespace isotherm::test
