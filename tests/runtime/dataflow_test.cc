#include "core/runtime/dataflow.h"

#include <array>
#include <cmath>

#include "tests/runtime/graph_maker.h"

namespace isotherm {
namespace {

using test::Attrs;
using test::Fixture;
using test::GraphMaker;
using test::vec;
using Values = std::vector<std::vector<double>>;

Tensor truth(bool value) { return Tensor::scalar<bool>(value); }
Attrs n(std::int64_t count) { return {{"N", count}}; }

//         .-0-> neg ----.
//  x --> sw             m --> out
//   p ----'-1-> square -'
GraphMaker conditional() {
  GraphMaker maker;
  maker.placeholder("x", Shape{-1}).placeholder("p", Shape{}, DType::boolean).node("sw", "Switch", {"x", "p"});
  maker.node("neg", "Neg", {"sw"})
      .node("square", "Square", {"sw:1"})
      .node("m", "Merge", {"neg", "square"}, n(2))
      .node("out", "Neg", {"m"});
  return maker;
}

TEST(Dataflow, OnlyTheBranchTakenRuns) {
  for (const bool asynchronous : {false, true}) {
    Fixture f(conditional().build(), {}, asynchronous);
    EXPECT_EQ(f.run({{"x", vec({3})}, {"p", truth(true)}}, {"out", "m:1"}), (Values{{-9}, {1}}));
    EXPECT_EQ(f.device->ran, (std::vector<std::string>{"square", "out"}));
    EXPECT_EQ(f.run({{"x", vec({3})}, {"p", truth(false)}}, {"out", "m:1"}), (Values{{3}, {0}}));
  }
}

TEST(Dataflow, ADeadFetchIsAnErrorUnlessAllowed) {
  Fixture f(conditional().build());
  const Feeds feeds = {{"x", vec({3})}, {"p", truth(true)}};
  EXPECT_EQ(f.error(feeds, {"neg"}),
            "fetch 'neg' has no value in this run: it lies on a branch of a conditional that was not taken");
  auto result = f.session->run(feeds, {"neg", "square"}, {.allow_dead_fetches = true});
  ASSERT_TRUE(result.ok());
  EXPECT_FALSE(result->fetches[0].valid());
  EXPECT_EQ(test::numbers(result->fetches[1]), (std::vector<double>{9}));
}

TEST(Dataflow, AFeedCutsAConditional) {
  Fixture f(conditional().build());
  // With m fed no control flow is left; with a branch fed the other one decides.
  EXPECT_EQ(f.run({{"m", vec({4})}}, {"out"}), (Values{{-4}}));
  EXPECT_EQ(f.run({{"x", vec({1})}, {"p", truth(false)}, {"square", vec({100})}}, {"out"}).size(), 1U);
}

TEST(Dataflow, DeadnessTravelsAlongControlEdges) {
  // Two constants chosen by control edges, as tf.cond writes branches that return constants.
  GraphMaker maker;
  maker.placeholder("p", Shape{}, DType::boolean).node("sw", "Switch", {"p", "p"}, {{"T", TypeValue(DType::boolean)}});
  maker.node("f", "Identity", {"sw"}, {{"T", TypeValue(DType::boolean)}})
      .node("t", "Identity", {"sw:1"}, {{"T", TypeValue(DType::boolean)}});
  maker.constant("one", 1.0, {"^t"}).constant("two", 2.0, {"^f"}).node("m", "Merge", {"one", "two"}, n(2));
  maker.node("dead_too", "Neg", {"always", "^t"}).constant("always", 5.0);
  maker.node("trigger", "ControlTrigger", {"^dead_too"}).node("after", "Neg", {"always", "^trigger"});
  Fixture f(maker.build());
  EXPECT_EQ(f.run({{"p", truth(true)}}, {"m"}), (Values{{1}}));
  EXPECT_EQ(f.run({{"p", truth(false)}}, {"m"}), (Values{{2}}));
  EXPECT_EQ(f.run({{"p", truth(true)}}, {"dead_too"}), (Values{{-5}}));
  EXPECT_NE(f.error({{"p", truth(false)}}, {"dead_too"}), "");
  EXPECT_EQ(f.run({{"p", truth(false)}}, {"after"}), (Values{{-5}}))
      << "a ControlTrigger runs though what it waits for is dead";
}

TEST(Dataflow, AMergeOfConstantsAndAMergeOfOnlyDeadInputs) {
  GraphMaker maker;
  maker.placeholder("x")
      .placeholder("p", Shape{}, DType::boolean)
      .node("sw", "Switch", {"x", "p"})
      .node("sw2", "Switch", {"sw:1", "p"});
  maker.constant("c", vec({8})).node("m", "Merge", {"sw", "c"}, n(2));
  maker.node("never", "Merge", {"sw2", "sw2"}, n(2)).node("below", "Neg", {"never"});
  Fixture f(maker.build());
  EXPECT_EQ(f.run({{"x", vec({1})}, {"p", truth(true)}}, {"m", "m:1"}), (Values{{8}, {1}}));
  EXPECT_NE(f.error({{"x", vec({1})}, {"p", truth(true)}}, {"below"}).find("has no value"), std::string::npos);
}

// while i < limit: i += 1; acc = acc * w        (w loop-invariant, acc a vector)
void add_loop(GraphMaker& maker, const std::string& p, const std::string& frame, const std::string& limit,
              const std::string& start, const std::string& acc, const std::string& w) {
  const auto enter = [&](bool constant) { return Attrs{{"frame_name", frame}, {"is_constant", constant}}; };
  maker.node(p + "ei", "Enter", {start}, enter(false)).node(p + "ea", "Enter", {acc}, enter(false));
  maker.node(p + "el", "Enter", {limit}, enter(true)).node(p + "ew", "Enter", {w}, enter(true));
  maker.node(p + "mi", "Merge", {p + "ei", p + "ni"}, n(2)).node(p + "ma", "Merge", {p + "ea", p + "na"}, n(2));
  maker.node(p + "less", "Less", {p + "mi", p + "el"}).node(p + "cond", "LoopCond", {p + "less"});
  maker.node(p + "si", "Switch", {p + "mi", p + "cond"}).node(p + "sa", "Switch", {p + "ma", p + "cond"});
  maker.node(p + "bi", "Identity", {p + "si:1"}).node(p + "ba", "Identity", {p + "sa:1"});
  maker.constant(p + "one", 1.0, {"^" + p + "bi"}).node(p + "inc", "Add", {p + "bi", p + "one"});
  maker.node(p + "mul", "Mul", {p + "ba", p + "ew"});
  maker.node(p + "ni", "NextIteration", {p + "inc"}).node(p + "na", "NextIteration", {p + "mul"});
  maker.node(p + "xi", "Exit", {p + "si"}).node(p + "xa", "Exit", {p + "sa"});
}

GraphMaker loop() {
  GraphMaker maker;
  maker.placeholder("limit", Shape{}).placeholder("acc", Shape{-1}).constant("start", 0.0).constant("w", 2.0);
  add_loop(maker, "", "while", "limit", "start", "acc", "w");
  maker.node("out", "Neg", {"xa"});
  return maker;
}

TEST(Loop, RunsAsOftenAsItsConditionSays) {
  for (const bool asynchronous : {false, true}) {
    Fixture f(loop().build(), {}, asynchronous);
    for (const int count : {0, 1, 10}) {
      EXPECT_EQ(f.run({{"limit", Tensor::scalar<double>(count)}, {"acc", vec({1, 3})}}, {"out", "xi"}),
                (Values{{-std::ldexp(1, count), -std::ldexp(3, count)}, {1.0 * count}}));
    }
    EXPECT_EQ(f.device->made["mul"], 1);
    EXPECT_EQ(f.device->constants["mul"], 1) << "a loop-invariant constant is a constant";
  }
}

TEST(Loop, MemoryDoesNotGrowWithIterations) {
  Fixture f(loop().build());
  const Tensor acc = vec(std::vector<double>(1000, 1.0));
  f.run({{"limit", Tensor::scalar<double>(3)}, {"acc", acc}}, {"out"});
  const std::size_t peak = f.last.arena_peak_bytes;
  f.run({{"limit", Tensor::scalar<double>(500)}, {"acc", acc}}, {"out"});
  EXPECT_EQ(f.last.arena_peak_bytes, peak);
  EXPECT_TRUE(f.device->in_place.contains("mul"));
  EXPECT_EQ(test::numbers(acc)[999], 1.0);
}

TEST(Loop, InsideIsNeitherFedNorFetched) {
  Fixture f(loop().build());
  const Feeds feeds = {{"limit", Tensor::scalar<double>(1)}, {"acc", vec({1})}};
  EXPECT_EQ(f.error(feeds, {"mul"}),
            "'mul:0' cannot be fetched: it lies inside the while loop 'while', where it has a value per iteration");
  const Graph& graph = f.session->graph();
  EXPECT_TRUE(f.session->in_loop(graph.find("mul")));
  EXPECT_TRUE(f.session->in_loop(graph.find("ei")));
  EXPECT_FALSE(f.session->in_loop(graph.find("xa")));
  EXPECT_FALSE(f.session->in_loop(graph.find("acc")));
  EXPECT_NE(f.error({{"limit", Tensor::scalar<double>(1)}, {"acc", vec({1})}, {"ba", vec({1})}}, {"out"}), "");
}

TEST(Loop, ALoopInABranchThatIsNotTakenIsDead) {
  GraphMaker maker;
  maker.placeholder("p", Shape{}, DType::boolean)
      .placeholder("acc", Shape{-1})
      .constant("limit_value", 3.0)
      .constant("start_value", 0.0)
      .constant("w_value", 2.0);
  for (const char* name : {"acc", "limit_value", "start_value", "w_value"})
    maker.node(std::string("sw_") + name, "Switch", {name, "p"});
  add_loop(maker, "", "while", "sw_limit_value:1", "sw_start_value:1", "sw_acc:1", "sw_w_value:1");
  maker.node("else", "Neg", {"sw_acc"}).node("m", "Merge", {"else", "xa"}, n(2));
  Fixture f(maker.build());
  EXPECT_EQ(f.run({{"acc", vec({5})}, {"p", truth(true)}}, {"m"}), (Values{{40}}));
  EXPECT_EQ(f.run({{"acc", vec({5})}, {"p", truth(false)}}, {"m"}), (Values{{-5}}));
  EXPECT_EQ(f.device->runs_of("mul"), 3);
}

// for i in 0..outer: acc = acc * 2 ^ inner + 1, the power by an inner loop.
TEST(Loop, NestedLoops) {
  GraphMaker maker;
  const auto enter = [](bool constant) {
    return Attrs{{"frame_name", std::string("outer")}, {"is_constant", constant}};
  };
  maker.placeholder("outer", Shape{})
      .placeholder("inner", Shape{})
      .placeholder("acc", Shape{-1})
      .constant("zero", 0.0)
      .constant("two", 2.0)
      .constant("unit", 1.0);
  maker.node("ei", "Enter", {"zero"}, enter(false))
      .node("ea", "Enter", {"acc"}, enter(false))
      .node("eo", "Enter", {"outer"}, enter(true));
  maker.node("en", "Enter", {"inner"}, enter(true))
      .node("ew", "Enter", {"two"}, enter(true))
      .node("e1", "Enter", {"unit"}, enter(true));
  maker.node("mi", "Merge", {"ei", "ni"}, n(2)).node("ma", "Merge", {"ea", "na"}, n(2));
  maker.node("less", "Less", {"mi", "eo"})
      .node("cond", "LoopCond", {"less"})
      .node("si", "Switch", {"mi", "cond"})
      .node("sa", "Switch", {"ma", "cond"});
  maker.node("bi", "Identity", {"si:1"}).node("ba", "Identity", {"sa:1"}).constant("from", 0.0, {"^bi"});
  add_loop(maker, "in/", "inner_loop", "en", "from", "ba", "ew");
  maker.node("plus", "Add", {"in/xa", "e1"})
      .node("inc", "Add", {"bi", "e1"})
      .node("ni", "NextIteration", {"inc"})
      .node("na", "NextIteration", {"plus"});
  maker.node("xa", "Exit", {"sa"});
  const auto graph = maker.build();
  for (const bool asynchronous : {false, true}) {
    Fixture f(graph, {}, asynchronous);
    for (const int outer : {0, 1, 4})
      for (const int inner : {0, 3}) {
        double expected = 5;
        for (int i = 0; i < outer; ++i) expected = expected * std::ldexp(1, inner) + 1;
        f.device->ran.clear();
        EXPECT_EQ(
            f.run(
                {{"outer", Tensor::scalar<double>(outer)}, {"inner", Tensor::scalar<double>(inner)}, {"acc", vec({5})}},
                {"xa"}),
            (Values{{expected}}));
        EXPECT_EQ(f.device->runs_of("in/mul"), outer * inner);
      }
  }
}

TEST(Loop, ScopesCarryFrameAndIteration) {
  class Frames final : public RunObserver {
   public:
    void scope_begin(const ScopeInfo& s, Stream*) override {
      if (s.kind == ScopeKind::node && s.name == "mul") seen.emplace_back(s.frame, s.iteration);
      if (s.kind == ScopeKind::node && s.name == "out") outside = s.frame;
    }
    void scope_end(const ScopeInfo&, Stream*) override {}
    void capture_begin(std::uint64_t, Stream*) override {}
    void capture_end(std::uint64_t, Stream*) override {}
    void replay(std::uint64_t, Stream*) override {}
    void fallback(std::int64_t, std::string_view) override {}
    std::vector<std::pair<std::uint64_t, std::uint64_t>> seen;
    std::uint64_t outside = 99;
  } observer;
  Fixture f(loop().build());
  f.run({{"limit", Tensor::scalar<double>(3)}, {"acc", vec({1})}}, {"out"}, {.observer = &observer});
  EXPECT_EQ(observer.seen, (std::vector<std::pair<std::uint64_t, std::uint64_t>>{{1, 0}, {1, 1}, {1, 2}}));
  EXPECT_EQ(observer.outside, 0U);
}

TEST(Loop, CancelsAnEndlessLoop) {
  Fixture f(loop().build());
  std::atomic<bool> cancel{false};
  f.device->on_run = [&](const std::string&) { cancel = f.device->ran.size() > 1000; };
  auto result =
      f.session->run({{"limit", Tensor::scalar<double>(1e300)}, {"acc", vec({0})}}, {"out"}, {.cancel = &cancel});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
}

TEST(Loop, MalformedLoopsAreSentences) {
  GraphMaker maker;
  maker.placeholder("x")
      .node("e", "Enter", {"x"}, {{"frame_name", std::string("f")}})
      .node("mixed", "Add", {"e", "y"})
      .node("y", "Neg", {"x"});
  maker.node("out", "Exit", {"mixed"}).node("lonely", "Exit", {"x"}).node("next", "NextIteration", {"x"});
  Fixture f(maker.build());
  const Feeds x = {{"x", vec({1})}};
  EXPECT_EQ(f.error(x, {"out"}),
            "node 'mixed' (Add) reads a value that is in loop 'f' and one that is outside every loop ('y'); values "
            "enter a loop through Enter and leave it through Exit");
  EXPECT_EQ(f.error(x, {"lonely"}), "node 'lonely' (Exit) is outside every loop; an Exit follows an Enter");
  EXPECT_EQ(f.error(x, {"next"}),
            "node 'next' (NextIteration) is outside every loop; a NextIteration follows an Enter");
}

TEST(Dataflow, APredicateMustBeABool) {
  GraphMaker maker;
  maker.placeholder("x")
      .placeholder("p", Shape::unknown_rank(), DType::boolean)
      .node("sw", "Switch", {"x", "p"})
      .node("out", "Neg", {"sw"});
  Fixture f(maker.build());
  auto result =
      f.session->run({{"x", vec({1})}, {"p", Tensor::from<bool>({2}, std::array<bool, 2>{true, true})}}, {"out"});
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("'sw'"), std::string::npos) << result.error().message;
}

}  // namespace
}  // namespace isotherm
