#include "core/runtime/session.h"

#include "tests/runtime/graph_maker.h"

namespace isotherm {
namespace {

using test::Fixture;
using test::GraphMaker;
using test::vec;
using Values = std::vector<std::vector<double>>;

//  x --> neg --> sum --> square     bad (CheckNumerics, fails)
//        two ---^
GraphMaker chain() {
  GraphMaker maker;
  maker.placeholder("x", Shape{-1}).constant("two", 2.0);
  maker.node("neg", "Neg", {"x"}).node("sum", "Add", {"neg", "two"}).node("square", "Square", {"sum"});
  maker.node("bad", "CheckNumerics", {"x"}, {{"message", std::string("m")}});
  return maker;
}

TEST(Session, RunsWhatTheFetchNeedsAndNoMore) {
  Fixture f(chain().build());
  EXPECT_EQ(f.run({{"x", vec({1, 5})}}, {"square"}), (Values{{1, 9}}));
  EXPECT_EQ(f.device->ran, (std::vector<std::string>{"neg", "sum", "square"}));
  EXPECT_EQ(f.last.nodes_run, 3U);
  EXPECT_EQ(f.device->made.count("bad"), 0U);
}

TEST(Session, MakesKernelsOnce) {
  Fixture f(chain().build());
  for (int i = 0; i < 3; ++i) f.run({{"x", vec({1.0 * i})}}, {"square"});
  f.run({{"x", vec({3})}}, {"sum", "neg"});
  for (const char* node : {"neg", "sum", "square"}) EXPECT_EQ(f.device->made[node], 1) << node;
  EXPECT_EQ(f.device->constants["sum"], 1);
}

TEST(Session, AnyFetchFromAnyFeed) {
  Fixture f(chain().build());
  // An intermediate tensor is fed: nothing before it runs, its placeholder need not be fed.
  EXPECT_EQ(f.run({{"neg", vec({7, 8})}}, {"square"}), (Values{{81, 100}}));
  EXPECT_EQ(f.device->runs_of("neg"), 0);
  // A fetch that is fed, twice the same fetch, a constant, with and without the port.
  EXPECT_EQ(f.run({{"neg:0", vec({1})}}, {"neg", "sum:0", "sum", "two"}), (Values{{1}, {3}, {3}, {2}}));
  // A constant is fed: kernels that packed it must not be used.
  EXPECT_EQ(f.run({{"x", vec({1})}, {"two", Tensor::scalar<double>(10)}}, {"sum"}), (Values{{9}}));
  EXPECT_EQ(f.run({{"x", vec({1})}}, {"sum"}), (Values{{1}}));
  EXPECT_EQ(f.device->made["sum"], 2);
}

TEST(Session, ForwardingNodesCostNothing) {
  GraphMaker maker;
  maker.placeholder("x").node("i", "Identity", {"x"}).node("stop", "StopGradient", {"i"});
  maker.constant("c", 3.0)
      .node("read", "Identity", {"c"})
      .node("y", "Mul", {"stop", "read"})
      .node("out", "Identity", {"y"});
  maker.node("pair", "IdentityN", {"y", "c"}, {{"T", make_list_attr([] {
                                                  AttrList l;
                                                  l.type = {DType::float64, DType::float64};
                                                  return l;
                                                }())}});
  Fixture f(maker.build());
  EXPECT_EQ(f.run({{"x", vec({2})}}, {"out", "pair:1", "pair"}), (Values{{6}, {3}, {6}}));
  EXPECT_EQ(f.last.nodes_run, 1U);
  EXPECT_EQ(f.device->constants["y"], 1) << "a weight behind an Identity is a constant";
}

TEST(Session, DefaultsAndControlEdges) {
  GraphMaker maker;
  maker.constant("c", vec({4}))
      .node("d", "PlaceholderWithDefault", {"c"}, {{"dtype", TypeValue(DType::float64)}, {"shape", Shape{-1}}});
  maker.node("y", "Neg", {"d", "^later"}).node("first", "Square", {"d"}).node("later", "NoOp", {"^first"});
  Fixture f(maker.build());
  EXPECT_EQ(f.run({}, {"y"}), (Values{{-4}}));
  EXPECT_EQ(f.device->ran, (std::vector<std::string>{"first", "y"}));
  EXPECT_EQ(f.run({{"d", vec({5, 6})}}, {"y"}), (Values{{-5, -6}}));
  f.device->ran.clear();
  EXPECT_EQ(f.run({}, {"later"}), (Values{{}})) << "a node without outputs runs when fetched";
  EXPECT_EQ(f.run({}, {"^first"}), (Values{{}}));
  EXPECT_EQ(f.device->ran, (std::vector<std::string>{"first", "first"}));
}

TEST(Session, Errors) {
  Fixture f(chain().build());
  const Feeds x = {{"x", vec({1})}};
  EXPECT_EQ(f.error(x, {"sqare"}), "fetch 'sqare': the graph has no node 'sqare'; nearest: 'square'");
  EXPECT_EQ(f.error({{"y", vec({1})}}, {"square"}).substr(0, 36), "feed 'y': the graph has no node 'y';");
  EXPECT_EQ(f.error(x, {"square:1"}), "fetch 'square:1': node 'square' (Square) has no such output; it has 1");
  EXPECT_EQ(f.error({{"x", Tensor::vector<float>({1})}}, {"square"}), "feed 'x:0' is float32, expected float64");
  EXPECT_EQ(f.error({{"x", Tensor::scalar<double>(1)}}, {"square"}), "feed 'x:0' has shape scalar, expected ?");
  EXPECT_EQ(f.error({{"x", vec({1})}, {"x:0", vec({1})}}, {"square"}), "'x:0' is fed twice");
  EXPECT_EQ(f.error({{"x", Tensor()}}, {"square"}), "feed 'x:0' has no value");
  EXPECT_EQ(f.error({}, {"square"}), "placeholder 'x' (float64, ?) is needed for what was asked for, but was not fed");
  EXPECT_EQ(f.error(x, {"bad"}), "node 'bad' (CheckNumerics): the input is not finite");
  // After errors the session works on.
  EXPECT_EQ(f.run(x, {"square"}), (Values{{1}}));
}

TEST(Session, AnOpThatCannotRunFailsOnlyWhenItMust) {
  GraphMaker maker;
  maker.placeholder("x")
      .node("ok", "Neg", {"x"})
      .node("fft", "Rint", {"ok"})
      .node("odd", "NobodyKnows", {"ok"})
      .node("after", "Neg", {"odd"});
  Fixture f(maker.build());
  EXPECT_EQ(f.run({{"x", vec({1})}}, {"ok"}), (Values{{-1}}));
  EXPECT_EQ(f.error({{"x", vec({1})}}, {"fft"}), "node 'fft' (Rint): the test device has no such kernel");
  const std::string odd = f.error({{"x", vec({1})}}, {"after"});
  EXPECT_TRUE(odd.starts_with("node 'odd' (NobodyKnows)")) << odd;
  EXPECT_EQ(f.run({{"odd", vec({1})}}, {"after"}), (Values{{-1}})) << "a fed tensor of an unknown op is as good as any";
}

TEST(Session, APlaceholderTakesWhatItSaysItTakes) {
  // What inference concludes from a node that does not run binds nobody.
  GraphMaker maker;
  maker.placeholder("x", Shape{-1, -1}).constant("w", Tensor::from<double>({2, 1}, std::vector<double>{1, 1}));
  maker.node("product", "MatMul", {"x", "w"}).node("neg", "Neg", {"x"}).node("out", "Square", {"neg"});
  Fixture f(maker.build());
  const auto matrix = [](std::int64_t rows, std::int64_t columns) {
    return Tensor::from<double>({rows, columns}, std::vector<double>(static_cast<std::size_t>(rows * columns), 3));
  };
  EXPECT_EQ(f.run({{"x", matrix(1, 2)}}, {"out"}), (Values{{9, 9}}));
  EXPECT_EQ(f.run({{"x", matrix(1, 3)}}, {"out"}), (Values{{9, 9, 9}}));
  EXPECT_EQ(f.run({{"x", matrix(1, 2)}}, {"out"}), (Values{{9, 9}}));
  EXPECT_EQ(f.error({{"x", matrix(1, 3)}}, {"product"}), "node 'product' (MatMul): shapes 1x3 and 2x1");
}

TEST(Session, MalformedGraphsAreSentences) {
  GraphMaker ports;
  ports.placeholder("x").node("y", "Neg", {"x:3"});
  Fixture f(ports.build());
  EXPECT_EQ(f.error({{"x", vec({1})}}, {"y"}),
            "node 'y' (Neg) reads output 3 of node 'x' (Placeholder), which has 1 output");
  GraphMaker cycle;
  cycle.node("a", "Neg", {"b"}).node("b", "Neg", {"a"}).constant("c", 1.0);
  auto made = Session::create(cycle.build(), std::make_shared<test::TestDevice>());
  if (made.ok()) {
    auto result = (*made)->run({}, {"a"});
    ASSERT_FALSE(result.ok());
    EXPECT_NE(result.error().message.find("cycle"), std::string::npos) << result.error().message;
  }
}

// a(16 doubles = 128 bytes) -> b -> c -> d, each of 128 bytes; `b` is read by c and d.
TEST(Arena, PeakAsComputedByHand) {
  const std::vector<double> x(16, 1.0);
  GraphMaker maker;
  maker.placeholder("x", Shape{16})
      .node("a", "Neg", {"x"})
      .node("s", "Shape", {"a"}, {{"out_type", TypeValue(DType::int32)}});
  maker.node("b", "Reshape", {"a", "s"})
      .node("c", "MatMul", {"m", "m"})
      .node("m", "Reshape", {"b", "four"})
      .constant("four", Tensor::vector<std::int32_t>({4, 4}));
  Fixture f(maker.build());
  // a (128, shared by its views b and m) and s (4 -> 64), then c (128).
  f.run({{"x", vec(x)}}, {"c"});
  EXPECT_EQ(f.last.arena_peak_bytes, 256U);
  // With s gone before c is made, its 64 bytes count only beside a: 192 < 256.
  f.run({{"x", vec(x)}}, {"b"});
  EXPECT_EQ(f.last.arena_peak_bytes, 192U);
}

TEST(Arena, ReusesBuffersWithinAndAcrossRuns) {
  GraphMaker maker;
  maker.placeholder("x", Shape{-1, -1});
  std::string last = "x";
  for (int i = 0; i < 20; ++i) {
    const std::string name = "m" + std::to_string(i);
    maker.node(name, "MatMul", {last, last});
    last = name;
  }
  const auto graph = maker.build();
  const Tensor x = Tensor::from<double>({2, 2}, std::vector<double>{1, 0, 0, 1});
  Fixture f(graph);
  const Values expected = {{1, 0, 0, 1}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(f.run({{"x", x}}, {last}), expected);
  EXPECT_EQ(f.device->allocations, 1);
  EXPECT_EQ(f.last.arena_peak_bytes, 128U) << "two products of 32 bytes, each rounded up to 64";
  Fixture without(graph, {.reuse_buffers = false});
  EXPECT_EQ(without.run({{"x", x}}, {last}), expected);
  EXPECT_EQ(without.device->allocations, 20);
}

TEST(InPlace, OnlyTheLastReaderOfAnOwnBufferWrites) {
  GraphMaker maker;
  maker.placeholder("x", Shape{-1}).node("a", "Neg", {"x"}).node("b", "Square", {"a"}).node("c", "Neg", {"a"});
  maker.node("twice", "Mul", {"c", "c"}).node("kept", "Neg", {"b"}).node("k", "Square", {"kept"});
  maker.constant("w", vec({1, 2, 3}))
      .node("n", "Neg", {"w"})
      .node("view", "Reshape", {"kept2", "shape"})
      .node("kept2", "Neg", {"x"});
  maker.constant("shape", Tensor::vector<std::int32_t>({3}))
      .node("v", "Neg", {"kept2", "^view"})
      .node("sum", "Add", {"v", "view"});
  Fixture f(maker.build());
  const Tensor x = vec({1, 2, 3});
  const Feeds feeds = {{"x", x}};
  // x belongs to the caller, w to the graph: never written. b reads a first, c last. twice reads c twice. kept is a
  // fetch.
  EXPECT_EQ(f.run(feeds, {"twice", "kept", "k", "n"}), (Values{{1, 4, 9}, {-1, -4, -9}, {1, 16, 81}, {-1, -2, -3}}));
  EXPECT_EQ(f.device->in_place, (std::set<std::string>{"c", "kept"}));
  // v is the last to read kept2, but view shares its buffer and is read later.
  f.device->in_place.clear();
  EXPECT_EQ(f.run(feeds, {"sum"}), (Values{{0, 0, 0}}));
  EXPECT_EQ(f.device->in_place.count("v"), 0U);
  EXPECT_EQ(test::numbers(x), (std::vector<double>{1, 2, 3}));
}

TEST(Session, FetchesStayValidAfterLaterRunsAndTheSession) {
  std::vector<Tensor> kept;
  {
    Fixture f(chain().build());
    for (int i = 0; i < 4; ++i) {
      auto result = f.session->run({{"x", vec({1.0 * i, 2.0 * i})}}, {"sum", "two"});
      ASSERT_TRUE(result.ok());
      kept.push_back(result->fetches[0]);
      kept.push_back(result->fetches[1]);
    }
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(test::numbers(kept[static_cast<std::size_t>(2 * i)]), (std::vector<double>{2.0 - i, 2.0 - 2 * i}));
    EXPECT_EQ(test::numbers(kept[static_cast<std::size_t>(2 * i + 1)]), (std::vector<double>{2}));
  }
}

TEST(Session, CancelsBetweenNodes) {
  Fixture f(chain().build());
  std::atomic<bool> cancel{false};
  f.device->on_run = [&](const std::string& node) {
    if (node == "sum") cancel = true;
  };
  auto result = f.session->run({{"x", vec({1})}}, {"square"}, {.cancel = &cancel});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
  EXPECT_EQ(f.device->runs_of("square"), 0);
  cancel = false;
  f.device->on_run = nullptr;
  EXPECT_EQ(f.run({{"x", vec({1})}}, {"square"}, {.cancel = &cancel}), (Values{{1}}));
}

// Writes events down; nesting is checked by the brackets.
class Recorder final : public RunObserver {
 public:
  void scope_begin(const ScopeInfo& s, Stream* stream) override {
    EXPECT_NE(stream, nullptr);
    text += std::string(s.name) + (s.op.empty() ? "" : ":" + std::string(s.op)) + "(";
  }
  void scope_end(const ScopeInfo&, Stream*) override { text += ")"; }
  void capture_begin(std::uint64_t, Stream*) override {}
  void capture_end(std::uint64_t, Stream*) override {}
  void replay(std::uint64_t, Stream*) override {}
  void fallback(std::int64_t, std::string_view) override {}
  std::string text;
};

TEST(Observer, ScopesNestAndCloseAlsoOnErrors) {
  Fixture f(chain().build());
  Recorder recorder;
  f.run({{"x", vec({1})}}, {"sum"}, {.observer = &recorder});
  EXPECT_EQ(recorder.text, "run(neg:Neg()sum:Add()sum:fetch())");
  recorder.text.clear();
  f.error({{"x", vec({1})}}, {"bad"}, {.observer = &recorder});
  EXPECT_EQ(recorder.text, "run(bad:CheckNumerics())");
}

}  // namespace
}  // namespace isotherm
