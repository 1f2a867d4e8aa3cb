#include "core/segment/segmenter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/segment/graph_sketch.h"

namespace isotherm {
namespace {

using testing::sketch;
using Names = std::set<std::string>;

class SegmenterTest : public ::testing::Test {
 protected:
  SegmenterTest() {
    options_.minimum_segment_size = 2;
    callbacks_.candidate = [this](NodeId id) -> std::optional<Refusal> {
      if (all_ || candidates_.contains((*graph_)[id].name)) return std::nullopt;
      return Refusal{Reason::unsupported_op, "test"};
    };
    callbacks_.input_allowed = [this](NodeId id, const Input&) { return !no_inputs_.contains((*graph_)[id].name); };
    callbacks_.output_allowed = [this](NodeId id, const OutEdge&) { return !no_outputs_.contains((*graph_)[id].name); };
    callbacks_.batch = [this](NodeId id) {
      const auto it = batch_.find((*graph_)[id].name);
      return it == batch_.end() ? ClusterBatch{} : it->second;
    };
  }

  void candidates(const Names& names) {
    all_ = false;
    candidates_ = names;
  }

  /// Segments in order, as sets of names.
  void run_test(const std::string& text, const std::vector<Names>& expected) {
    graph_ = sketch(text);
    ASSERT_TRUE(graph_);
    auto result = segment_graph(*graph_, GraphShapes(), options_, callbacks_);
    ASSERT_TRUE(result.ok()) << result.error().message;
    out_ = std::move(*result);
    std::vector<Names> found;
    for (const Segment& segment : out_.segments) {
      Names names;
      for (const NodeId id : segment.nodes) names.insert((*graph_)[id].name);
      found.push_back(names);
    }
    EXPECT_EQ(found, expected);
    // Every node is in exactly one place.
    std::vector<int> places(static_cast<std::size_t>(graph_->size()), 0);
    for (const Segment& segment : out_.segments)
      for (const NodeId id : segment.nodes) ++places[static_cast<std::size_t>(id)];
    for (const NativeNode& native : out_.native) ++places[static_cast<std::size_t>(native.node)];
    EXPECT_EQ(std::count(places.begin(), places.end(), 1), graph_->size());
  }

  Reason reason(const std::string& name) const {
    for (const NativeNode& native : out_.native)
      if ((*graph_)[native.node].name == name) return native.refusal.reason;
    ADD_FAILURE() << name << " is not native";
    return Reason::condition;
  }

  Names tensor_names(const std::vector<TensorRef>& tensors) const {
    Names names;
    for (const TensorRef& tensor : tensors) names.insert(graph_->tensor_name(tensor));
    return names;
  }

  const SegmentStep* step(SegmentStep::Kind kind, const std::string& node, const std::string& other = "") const {
    for (const SegmentStep& s : out_.steps)
      if (s.kind == kind && (*graph_)[s.node].name == node && (other.empty() || (*graph_)[s.other].name == other))
        return &s;
    return nullptr;
  }

  std::shared_ptr<const Graph> graph_;
  SegmentOptions options_;
  SegmentCallbacks callbacks_;
  bool all_ = true;
  Names candidates_, no_inputs_, no_outputs_;
  std::map<std::string, ClusterBatch> batch_;
  Segmentation out_;
};

TEST_F(SegmenterTest, Empty) { run_test("", {}); }

//           feed
//          //  ||
//        add0  add1
//          | |  / |
//          |  add2 |
//          |  |   /
//          | add3
//          \  |
//          add4
constexpr const char* kSimple = R"(
  feed = Placeholder
  add0 = Add(feed, feed)
  add1 = Add(feed, feed)
  add2 = Add(add0, add1)
  add3 = Add(add0, add2)
  add4 = Add(add2, add3)
)";

TEST_F(SegmenterTest, Simple) {
  candidates({"add0", "add1", "add2", "add3", "add4"});
  run_test(kSimple, {{"add0", "add1", "add2", "add3", "add4"}});
  EXPECT_EQ(tensor_names(out_.segments[0].inputs), Names{"feed:0"});
  EXPECT_TRUE(out_.segments[0].outputs.empty());
}

TEST_F(SegmenterTest, BordersThatMayNotBeThere) {
  candidates({"add0", "add1", "add2", "add3", "add4"});
  // add1 may not have an input from outside: it goes, and what is downstream stays.
  no_inputs_ = {"add1"};
  run_test(kSimple, {{"add0", "add2", "add3", "add4"}});
  EXPECT_TRUE(step(SegmentStep::Kind::trim, "add1"));
}

//          feed                feed: native
//         /    |               add2: native
//       add0  add1
//        | |   /
//        | add2(native)
//        |  |
//       add3
//        |
//       add4
TEST_F(SegmenterTest, AvoidCycle) {
  candidates({"add0", "add1", "add3", "add4"});
  run_test(R"(
    feed = Placeholder
    add0 = Add(feed, feed)
    add1 = Add(feed, feed)
    add2 = Add(add0, add1)
    add3 = Add(add0, add2)
    add4 = Add(add2, add3)
  )",
           {{"add3", "add4"}});
  const SegmentStep* refused = step(SegmentStep::Kind::merge_refused, "add0", "add3");
  ASSERT_TRUE(refused);
  std::vector<std::string> path;
  for (const NodeId id : refused->path) path.push_back((*graph_)[id].name);
  EXPECT_EQ(path, (std::vector<std::string>{"add0", "add2", "add3"}));
  EXPECT_EQ(reason("add0"), Reason::too_small);
  EXPECT_EQ(reason("add2"), Reason::unsupported_op);
}

//                feed
//              /  |   |
//           add0 add1 |
//          / | |  /   add7
//         |  add2 .    | |
//         |  (native)  add8
//         |    | |      |
//         |    |  add5  |
//         add3 |   |    |
//          |  add6(native)..
TEST_F(SegmenterTest, Multiple) {
  candidates({"add0", "add1", "add3", "add4", "add6", "add7", "add8"});
  const char* text = R"(
    feed = Placeholder
    add0 = Add(feed, feed)
    add1 = Add(feed, feed)
    add7 = Add(feed, feed)
    add2 = Add(add0, add1)
    add5 = Add(add2, add7)
    add8 = Add(add5, add7)
    add3 = Add(add0, add2)
    add4 = Add(add2, add5)
    add6 = Add(add5, add8)
  )";
  run_test(text, {{"add6", "add8"}});
  // With add5 convertible it joins both sides.
  candidates({"add0", "add1", "add3", "add4", "add5", "add6", "add7", "add8"});
  run_test(text, {{"add4", "add5", "add6", "add7", "add8"}});
}

//            feed1
//              |
//             add0           add2 and what hangs on it is native in between: two ways from add0 to add7
//            /    |
//        add1      add4
//          |         |
//        add2(n)   add5
//          |         |
//        add3      add6
//            |    /
//             add7
TEST_F(SegmenterTest, BigIfElse) {
  candidates({"add0", "add1", "add3", "add4", "add5", "add6", "add7"});
  run_test(R"(
    feed = Placeholder
    add0 = Add(feed, feed)
    add1 = Add(add0, add0)
    add2 = Add(add1, add1)
    add3 = Add(add2, add2)
    add4 = Add(add0, add0)
    add5 = Add(add4, add4)
    add6 = Add(add5, add5)
    add7 = Add(add3, add6)
  )",
           {{"add0", "add1"}, {"add3", "add4", "add5", "add6", "add7"}});
}

//   feed -> identity0 -> identity1 -> add0: nodes that do nothing do not count, but go along
TEST_F(SegmenterTest, IdentityOps) {
  candidates({"identity0", "identity1", "stop", "add0"});
  const char* text = R"(
    feed = Placeholder
    identity0 = Identity(feed)
    identity1 = Identity(identity0)
    stop = StopGradient(identity1)
  )";
  run_test(text, {});
  options_.minimum_segment_size = 1;
  run_test(text, {});
  EXPECT_EQ(reason("stop"), Reason::too_small);
  run_test(std::string(text) + "add0 = Add(stop, stop)\n", {{"add0", "identity0", "identity1", "stop"}});
}

//   feed -> a (GPU:0) -> b (GPU:*) -> c (GPU:1) -> d (CPU)
TEST_F(SegmenterTest, WithDeviceAssignments) {
  candidates({"a", "b", "c", "d"});
  run_test(R"(
    feed = Placeholder
    a = Relu(feed) @ /device:GPU:0
    b = Relu(a) @ /device:GPU:*
    c = Relu(b) @ /gpu:1
    d = Relu(c) @ /device:CPU:0
  )",
           {{"b", "c"}});
  EXPECT_EQ(out_.segments[0].device, "/device:GPU:1");
  EXPECT_EQ(reason("d"), Reason::device);
  const SegmentStep* refused = step(SegmentStep::Kind::merge_refused, "a", "b");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->sentence, "devices differ: '/device:GPU:0' and '/device:GPU:1'");
}

TEST_F(SegmenterTest, MalformedDevice) {
  run_test("feed = Placeholder @ GPU:0\n", {});
  EXPECT_EQ(reason("feed"), Reason::device);
}

//        in
//      /    |        of two targets of different batch classes the one whose edge is older wins, and what the
//    x(-2)  y(-3)    running property then excludes stays out
TEST_F(SegmenterTest, BatchClasses) {
  candidates({"in", "x", "y"});
  batch_ = {{"x", {-2, {}}}, {"y", {-3, {}}}};
  run_test("in = Const\nx = Relu(in)\ny = Relu(in)\n", {{"in", "x"}});
  run_test("in = Const\ny = Relu(in)\nx = Relu(in)\n", {{"in", "y"}});
  ASSERT_EQ(out_.segments[0].batch_size, -3);
  batch_ = {{"x", {-2, {}}}, {"y", {-2, {}}}, {"in", {{}, 8}}};
  run_test("in = Const\nx = Relu(in)\ny = Relu(in)\n", {{"in", "x", "y"}});
  EXPECT_EQ(out_.segments[0].max_batch_size, 8);
}

//   c0 (Const) -> a -> out (native)      c1 leaves, as it is read outside; c0 stays
//   c1 (Const) -> a
//   c1 -> b (native)
TEST_F(SegmenterTest, ConstIsNoOutput) {
  candidates({"c0", "c1", "a"});
  no_outputs_ = {"c1"};
  run_test(R"(
    feed = Placeholder
    c0 = Const
    c1 = Const
    a = AddN(feed, c0, c1)
    b = Log1p(c1)
    out = Log1p(a)
  )",
           {{"a", "c0"}});
  EXPECT_EQ(reason("c1"), Reason::const_output);
  EXPECT_EQ(tensor_names(out_.segments[0].inputs), Names{"feed:0"});
  ASSERT_EQ(out_.segments[0].constants.size(), 1u);
  EXPECT_EQ((*graph_)[out_.segments[0].constants[0]].name, "c1");
  EXPECT_EQ(tensor_names(out_.segments[0].outputs), Names{"a:0"});
}

// A member that may not be read outside takes everything after it along.
TEST_F(SegmenterTest, OutputTrimsDownstream) {
  candidates({"a", "b", "c"});
  no_outputs_ = {"b"};
  options_.minimum_segment_size = 1;
  run_test(R"(
    feed = Placeholder
    a = Relu(feed)
    b = Relu(a)
    c = Relu(b)
    out = Log1p(b)
  )",
           {{"a"}});
}

TEST_F(SegmenterTest, EngineCap) {
  candidates({"a0", "a1", "b0", "b1", "b2", "c0", "c1"});
  const char* text = R"(
    feed = Placeholder
    a0 = Relu(feed)
    a1 = Relu(a0)
    n0 = Log1p(a1)
    b0 = Relu(n0)
    b1 = Relu(b0)
    b2 = Relu(b1)
    n1 = Log1p(b2)
    c0 = Relu(n1)
    c1 = Relu(c0)
  )";
  run_test(text, {{"a0", "a1"}, {"b0", "b1", "b2"}, {"c0", "c1"}});
  options_.maximum_engines = 2;  // the largest, then the first; in their old order
  run_test(text, {{"a0", "a1"}, {"b0", "b1", "b2"}});
  EXPECT_EQ(reason("c0"), Reason::engine_cap);
  EXPECT_TRUE(step(SegmentStep::Kind::drop_cap, "c0"));
  options_.maximum_engines = 0;
  run_test(text, {{"a0", "a1"}, {"b0", "b1", "b2"}, {"c0", "c1"}});
}

TEST_F(SegmenterTest, ControlEdgesCountForCyclesButDoNotMerge) {
  candidates({"a", "b", "c", "d"});
  // a -> b, and a -> n -> (control) -> b
  run_test(R"(
    feed = Placeholder
    a = Relu(feed)
    n = Log1p(a)
    b = Relu(a, ^n)
    c = NoOp(^b)
    d = Relu(b)
  )",
           {{"b", "d"}});
}

TEST_F(SegmenterTest, SegmentsAreOrderedByTheNameOfTheirRoot) {
  candidates({"z0", "z1", "a0", "a1"});
  run_test(R"(
    feed = Placeholder
    z0 = Relu(feed)
    a1 = Relu(z0)
    n = Log1p(a1)
    a0 = Relu(n)
    z1 = Relu(a0)
  )",
           {{"a0", "z1"}, {"a1", "z0"}});
  EXPECT_EQ((*graph_)[out_.segments[1].root].name, "z0");
}

TEST_F(SegmenterTest, LoopsAreNotClosed) {
  // Two candidates side by side in a loop body: what the loop carries round leads from each to the other.
  candidates({"x", "y", "z"});
  run_test(R"(
    feed = Placeholder
    enter = Enter(feed)
    merge = Merge(enter, next)
    cond = LoopCond(merge)
    switch = Switch(merge, cond)
    x = Relu(switch:1)
    k = Log1p(switch:1)
    y = Add(x, k)
    z = Relu(y)
    next = NextIteration(z)
    exit = Exit(switch)
  )",
           {{"y", "z"}});
}

TEST_F(SegmenterTest, IllegalOptions) {
  graph_ = sketch("feed = Placeholder\n");
  options_.allow_dynamic_non_batch_dim = false;
  EXPECT_FALSE(segment_graph(*graph_, GraphShapes(), options_, callbacks_).ok());
  options_.allow_dynamic_non_batch_dim = true;
  options_.implicit_batch = true;
  const auto result = segment_graph(*graph_, GraphShapes(), options_, callbacks_);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("maximum batch size"), std::string::npos);
}

TEST_F(SegmenterTest, CyclesAndLoopsThatNothingEnters) {
  graph_ = sketch("a = Relu(b)\nb = Relu(a)\n");
  EXPECT_FALSE(segment_graph(*graph_, GraphShapes(), options_, callbacks_).ok());
  graph_ = sketch("m = Merge(n)\nn = NextIteration(m)\n");
  const auto result = segment_graph(*graph_, GraphShapes(), options_, callbacks_);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("nothing enters"), std::string::npos);
}

// A chain as long as this would overflow a stack, and copying edges at each contraction would take minutes.
TEST_F(SegmenterTest, LongChain) {
  std::string text = "feed = Placeholder\nc = Const\n";
  std::string last = "feed";
  for (int i = 0; i < 30000; ++i) {
    const std::string name = "a" + std::to_string(i);
    text += name + " = Add(" + last + ", c)\n";
    last = name;
  }
  graph_ = sketch(text);
  candidates_.clear();
  all_ = true;
  options_.excluded = {0};
  auto result = segment_graph(*graph_, GraphShapes(), options_, callbacks_);
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result->segments.size(), 1u);
  EXPECT_EQ(result->segments[0].nodes.size(), 30001u);
}

}  // namespace
}  // namespace isotherm
