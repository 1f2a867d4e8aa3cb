// Attribution from recorded activity, as CUPTI hands it over: no GPU needed.
#include "profiler/attribution.h"

#include <gtest/gtest.h>

#include "tests/profiler/activity_maker.h"

namespace isotherm {
namespace {

Place node(NodeId id) { return {PlaceKind::node, id, kNoNode, -1}; }
Place layer(NodeId engine, int index) { return {PlaceKind::layer, engine, engine, index}; }

TEST(Tag, SurvivesItsNumber) {
  for (const Tag t : {Tag{-1, 0, false}, Tag{0, 1, true}, Tag{123456, 0x7ffffff, false}}) {
    const Tag back = Tag::decode(t.encode());
    EXPECT_EQ(back.run, t.run);
    EXPECT_EQ(back.place, t.place);
    EXPECT_EQ(back.captured, t.captured);
  }
}

//  run 3( node 4: two kernels, node 9( engine 9( layer 0: one kernel, layer 1: one kernel ) ) )
TEST(Attribution, PlainLaunchesGoToTheirInnermostScope) {
  ActivityMaker r;
  const auto a = r.call(2, 1000, r.tag(3, node(4))), b = r.call(2, 1200, r.tag(3, node(4)));
  const auto c = r.call(2, 1400, r.tag(3, layer(9, 0))), d = r.call(2, 1600, r.tag(3, layer(9, 1)));
  r.kernel(a, 1100, 50);
  r.kernel(b, 1300, 60);
  r.kernel(c, 1500, 70);
  r.kernel(d, 1700, 80);
  const AttributedBatch out = attribute(r.batch);
  ASSERT_EQ(out.kernels.size(), 4u);
  EXPECT_EQ(out.kernels[0].place, node(4));
  EXPECT_EQ(out.kernels[1].place, node(4));
  EXPECT_EQ(out.kernels[2].place, layer(9, 0));
  EXPECT_EQ(out.kernels[3].place, layer(9, 1));
  for (const auto& k : out.kernels) EXPECT_EQ(k.run, 3);
  EXPECT_EQ(out.coverage.kernels.expected, 4);
  EXPECT_EQ(out.coverage.kernels.seen, 4);
  EXPECT_EQ(out.coverage.kernels.attributed, 4);
  EXPECT_TRUE(out.coverage.complete());
  ASSERT_EQ(out.calls.size(), 4u);
  EXPECT_EQ(out.calls[2].place, layer(9, 0));
}

// Captured once, instantiated (a clone), and instantiated again from the first clone: places come from the capture,
// runs from each launch.
TEST(Attribution, NodesOfClonedGraphsLeadBackToTheirCapture) {
  ActivityMaker r;
  const auto capture = [&](std::uint64_t id, const Place& place) {
    r.batch.graph_nodes.push_back({id, 0, GraphNodeKind::kernel, 1, r.tag(-1, place, true)});
  };
  capture(11, node(4));
  capture(12, layer(9, 0));
  for (const auto& [id, original] :
       std::initializer_list<std::pair<std::uint64_t, std::uint64_t>>{{21, 11}, {22, 12}, {31, 21}, {32, 22}})
    r.batch.graph_nodes.push_back({id, original, GraphNodeKind::kernel, 0, 0});
  const Place in_run{PlaceKind::run, kNoNode, kNoNode, -1};
  for (int run = 0; run < 2; ++run) {
    const auto launch = r.call(3, 1000 + 1000 * run, r.tag(run, in_run));
    r.batch.replays.push_back({1, run});
    const std::uint64_t base = run == 0 ? 20 : 30;
    r.kernel(launch, 1100 + 1000 * run, 10, base + 1);
    r.kernel(launch, 1200 + 1000 * run, 20, base + 2);
  }
  const AttributedBatch out = attribute(r.batch);
  ASSERT_EQ(out.kernels.size(), 4u);
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(out.kernels[2 * run].place, node(4));
    EXPECT_EQ(out.kernels[2 * run + 1].place, layer(9, 0));
    EXPECT_EQ(out.kernels[2 * run].run, run);
  }
  EXPECT_EQ(out.coverage.kernels.expected, 4);
  EXPECT_TRUE(out.coverage.complete());
}

// Making the executable graph may announce its nodes as made, and then as clones of the captured ones.
TEST(Attribution, ClonesThatWereAlsoAnnouncedAsMadeCountOnce) {
  for (const bool clone_first : {false, true}) {
    ActivityMaker r;
    r.batch.graph_nodes.push_back({11, 0, GraphNodeKind::kernel, 1, r.tag(-1, node(4), true)});
    const GraphNodeRecord made{21, 0, GraphNodeKind::kernel, 1,
                               r.tag(-1, {PlaceKind::run, kNoNode, kNoNode, -1}, true)},
        clone{21, 11, GraphNodeKind::kernel, 0, 0};
    r.batch.graph_nodes.push_back(clone_first ? clone : made);
    r.batch.graph_nodes.push_back(clone_first ? made : clone);
    r.batch.replays.push_back({1, 0});
    r.kernel(r.call(3, 1000, r.tag(0, {PlaceKind::run, kNoNode, kNoNode, -1})), 1100, 10, 21);
    const AttributedBatch out = attribute(r.batch);
    ASSERT_EQ(out.kernels.size(), 1u);
    EXPECT_EQ(out.kernels[0].place, node(4));
    EXPECT_EQ(out.coverage.kernels.expected, 1);
    EXPECT_TRUE(out.coverage.complete());
  }
}

TEST(Attribution, CapturedLaunchesAreNotExpectedToRun) {
  ActivityMaker r;
  r.call(2, 1000, r.tag(0, node(4), true));
  const auto plain = r.call(2, 2000, r.tag(0, node(4)));
  r.kernel(plain, 2200, 5);
  const AttributedBatch out = attribute(r.batch);
  EXPECT_EQ(out.coverage.kernels.expected, 1);
  EXPECT_TRUE(out.coverage.complete());
}

TEST(Attribution, ADriverLaunchInsideARuntimeLaunchIsOneLaunch) {
  ActivityMaker r;
  const auto outer = r.call(2, 1000, r.tag(0, node(1)));
  r.call(5, 1020, r.tag(0, node(1)));
  r.batch.calls.back().end = 1080;
  r.kernel(outer, 1200, 5);
  EXPECT_EQ(attribute(r.batch).coverage.kernels.expected, 1);
}

TEST(Attribution, MissingAndDroppedRecordsShow) {
  ActivityMaker r;
  const auto a = r.call(2, 1000, r.tag(0, node(4)));
  r.call(2, 1200, r.tag(0, node(4)));  // its kernel never came
  r.kernel(a, 1100, 50);
  r.batch.dropped = 1;
  const Coverage c = attribute(r.batch).coverage;
  EXPECT_EQ(c.kernels.expected, 2);
  EXPECT_EQ(c.kernels.seen, 1);
  EXPECT_EQ(c.dropped, 1);
  EXPECT_FALSE(c.complete());
  EXPECT_DOUBLE_EQ(c.kernel_share(), 1);
}

TEST(Attribution, InvalidRecordsAreCountedByRuleAndLeftOut) {
  ActivityMaker r;
  const auto tag = r.tag(0, node(4));
  const auto launch = [&](std::int64_t at) { return r.call(2, at, tag); };
  r.kernel(launch(1000), 0, 50).end = 50;      // start missing
  r.kernel(launch(2000), 2100, 0).end = 0;     // end missing
  r.kernel(launch(3000), 3100, 0).end = 3050;  // end before start
  r.kernel(launch(4000), 3900, 500);           // before its launch
  r.kernel(99, 5000, 10);                      // no call
  const auto twice = launch(6000);
  r.kernel(twice, 6100, 10);
  r.kernel(twice, 6100, 10);  // duplicate
  const AttributedBatch out = attribute(r.batch);
  EXPECT_EQ(out.kernels.size(), 1u);
  EXPECT_EQ(out.coverage.kernels.seen, 7);
  for (std::size_t f = 0; f < kFaults; ++f)
    EXPECT_EQ(out.coverage.kernels.invalid[f], 1) << fault_name(static_cast<Fault>(f));
  EXPECT_FALSE(out.coverage.complete());
}

TEST(Attribution, WorkOutsideNodesIsUnattributedAndCopiesOfFeedsAreNot) {
  ActivityMaker r;
  r.kernel(r.call(2, 1000, r.tag(0, {PlaceKind::run, kNoNode, kNoNode, -1})), 1100, 5);
  r.kernel(r.call(2, 2000, 0, false), 2100, 5);  // no scope at all
  RawCopy copy;
  copy.start = 3100;
  copy.end = 3200;
  copy.bytes = 64;
  copy.copy_kind = 1;
  copy.correlation = r.call(4, 3000, r.tag(0, {PlaceKind::copy, kNoNode, kNoNode, -1}));
  r.batch.copies.push_back(copy);
  const Coverage c = attribute(r.batch).coverage;
  EXPECT_EQ(c.kernels.unattributed, 2);
  EXPECT_EQ(c.copies.attributed, 1);
  EXPECT_EQ(c.copies.unattributed, 0);
  EXPECT_DOUBLE_EQ(c.kernel_share(), 0);
}

TEST(Attribution, GraphsThatNobodySawCapturedAreSaid) {
  ActivityMaker r;
  const auto launch = r.call(3, 1000, r.tag(0, {PlaceKind::run, kNoNode, kNoNode, -1}));
  r.batch.replays.push_back({5, 0});
  r.kernel(launch, 1100, 5, 77);
  const Coverage c = attribute(r.batch).coverage;
  EXPECT_EQ(c.unknown_replays, 1);
  EXPECT_EQ(c.kernels.unattributed, 1);
  EXPECT_FALSE(c.complete());
}

// A graph of clones that point at each other must end.
TEST(Attribution, ACircleOfClonesEnds) {
  ActivityMaker r;
  r.batch.graph_nodes = {{1, 2, GraphNodeKind::kernel, 0, 0}, {2, 1, GraphNodeKind::kernel, 0, 0}};
  r.kernel(r.call(3, 1000, r.tag(0, node(4))), 1100, 5, 1);
  EXPECT_EQ(attribute(r.batch).kernels.size(), 1u);
}

TEST(Attribution, WarmingUpCountsNowhere) {
  ActivityMaker r;
  r.kernel(r.call(2, 1000, r.tag(-1, node(4))), 1100, 5);
  const AttributedBatch out = attribute(r.batch);
  EXPECT_TRUE(out.kernels.empty());
  EXPECT_TRUE(out.calls.empty());
  EXPECT_EQ(out.coverage.kernels.seen, 0);
  EXPECT_EQ(out.coverage.kernels.expected, 0);
}

TEST(Attribution, OverheadIsCountedOnceAndMarksWhatItOverlaps) {
  ActivityMaker r;
  r.kernel(r.call(2, 1000, r.tag(0, node(4))), 1100, 100);
  r.kernel(r.call(2, 2000, r.tag(0, node(4))), 2100, 100);
  r.batch.overheads = {{1150, 1250, 0, 7}, {1140, 1200, 0, 7}, {5000, 5100, 0, 7}};
  const Coverage c = attribute(r.batch).coverage;
  EXPECT_EQ(c.overhead_ns, 210);
  EXPECT_EQ(c.kernels.in_overhead, 1);
}

}  // namespace
}  // namespace isotherm
