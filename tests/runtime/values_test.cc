// What an observer of values sees: values as they are made, and the memory of the arena at each node.
#include "core/runtime/value_observer.h"

#include <map>

#include "tests/runtime/graph_maker.h"

namespace isotherm {
namespace {

using test::Fixture;
using test::GraphMaker;
using test::numbers;
using test::vec;

struct Seen {
  std::vector<double> output;
  std::size_t inputs = 0, in_use = 0, peak = 0;
};

class Watcher final : public RunObserver, public ValueObserver {
 public:
  void scope_begin(const ScopeInfo&, Stream*) override {}
  void scope_end(const ScopeInfo&, Stream*) override {}
  void capture_begin(std::uint64_t, Stream*) override { ++recorded; }
  void capture_end(std::uint64_t, Stream*) override {}
  void replay(std::uint64_t, Stream*) override { ++recorded; }
  void fallback(std::int64_t, std::string_view) override {}
  ValueObserver* values() override { return this; }

  Status node_ran(const ScopeInfo& node, const NodeValues& values, Device&, Stream& stream) override {
    ISO_TRY(stream.synchronise());
    Seen seen{{}, values.inputs.size(), values.arena_in_use, values.arena_peak};
    if (!values.outputs.empty() && values.outputs[0]->valid() && values.outputs[0]->on_host())
      seen.output = numbers(*values.outputs[0]);
    nodes[std::string(node.function) + "/" + std::string(node.name)].push_back(std::move(seen));
    if (node.name == refused) return invalid_input("no more of it");
    return {};
  }
  Status layer_ran(const ScopeInfo&, std::span<const LayerValue>, Device&, Stream&) override { return {}; }

  std::map<std::string, std::vector<Seen>> nodes;
  std::string refused;
  int recorded = 0;
};

// A vector of 8 doubles is 64 bytes: one unit of the arena.
Tensor eight(double value) { return vec(std::vector<double>(8, value)); }

//  x -> a (Neg) -> b (Square) -> sum (Add) -> y
//        '---------------------'
TEST(Values, MemoryIsWhatIsAliveAtTheNode) {
  auto graph = GraphMaker()
                   .placeholder("x")
                   .node("a", "Neg", {"x"})
                   .node("b", "Square", {"a"})
                   .node("sum", "Add", {"a", "b"})
                   .node("y", "Neg", {"sum"})
                   .build();
  Fixture f(graph);
  Watcher watcher;
  EXPECT_EQ(f.run({{"x", eight(3)}}, {"y"}, {.observer = &watcher})[0], std::vector<double>(8, -6));
  ASSERT_EQ(watcher.nodes.size(), 4u);
  const auto at = [&](const char* name) { return watcher.nodes.at(std::string("/") + name).at(0); };
  EXPECT_EQ(at("a").output, std::vector<double>(8, -3));
  EXPECT_EQ(at("b").output, std::vector<double>(8, 9));
  EXPECT_EQ(at("sum").output, std::vector<double>(8, 6));
  EXPECT_EQ(at("sum").inputs, 2u);
  EXPECT_EQ(at("a").in_use, 64u);     // the feed is the caller's
  EXPECT_EQ(at("b").in_use, 128u);    // `a` has another reader
  EXPECT_EQ(at("sum").in_use, 128u);  // written over one of its inputs
  EXPECT_EQ(at("y").in_use, 64u);
  for (const char* name : {"a", "b", "sum", "y"}) EXPECT_EQ(at(name).peak, at(name).in_use) << name;
  EXPECT_EQ(f.last.arena_peak_bytes, 128u);
}

TEST(Values, TheRunsPeakIsTheSameWithoutAnObserver) {
  auto graph = GraphMaker()
                   .placeholder("x")
                   .node("a", "Neg", {"x"})
                   .node("b", "Square", {"a"})
                   .node("sum", "Add", {"a", "b"})
                   .build();
  Fixture f(graph);
  Watcher watcher;
  f.run({{"x", eight(1)}}, {"sum"});
  const std::size_t alone = f.last.arena_peak_bytes;
  f.run({{"x", eight(1)}}, {"sum"}, {.observer = &watcher});
  EXPECT_EQ(f.last.arena_peak_bytes, alone);
  EXPECT_EQ(alone, 128u);
}

TEST(Values, ACallCountsWhatItsFunctionAllocates) {
  // twice(x) = b + c of three vectors that live at once, one of which is left.
  Function twice;
  twice.name = "twice";
  ArgDef in, out;
  in.name = "x";
  out.name = "y";
  in.type = out.type = TypeValue(DType::float64);
  twice.inputs = {in};
  twice.outputs = {out};
  for (const auto& [name, op, inputs] : {std::tuple{"a", "Neg", std::vector<std::string>{"x"}},
                                         {"b", "Square", {"a:y:0"}},
                                         {"c", "Add", {"a:y:0", "b:y:0"}}}) {
    NodeRecord record{name, op, "", inputs, {}, ""};
    record.attrs.set("T", TypeValue(DType::float64));
    twice.nodes.push_back(std::move(record));
  }
  twice.ret = {{"y", "c:z:0"}};
  AttrList types;
  types.type = {TypeValue(DType::float64)};
  auto graph =
      GraphMaker()
          .function(std::move(twice))
          .placeholder("x")
          .node("call", "PartitionedCall", {"x"},
                {{"Tin", make_list_attr(types)}, {"Tout", make_list_attr(types)}, {"f", FunctionRef{"twice", nullptr}}})
          .build();
  Fixture f(graph);
  Watcher watcher;
  f.run({{"x", eight(1)}}, {"call"}, {.observer = &watcher});
  ASSERT_TRUE(watcher.nodes.contains("twice/b"));
  EXPECT_EQ(watcher.nodes.at("twice/a")[0].peak, 64u);
  EXPECT_EQ(watcher.nodes.at("twice/b")[0].peak, 128u);
  const Seen& call = watcher.nodes.at("/call").at(0);
  EXPECT_EQ(call.peak, 128u);
  EXPECT_EQ(call.in_use, 64u);
  EXPECT_EQ(call.output, std::vector<double>(8, 0));
}

TEST(Values, BranchesNotTakenHaveNone) {
  GraphMaker maker;
  maker.placeholder("x", Shape{-1}).placeholder("p", Shape{}, DType::boolean).node("sw", "Switch", {"x", "p"});
  maker.node("neg", "Neg", {"sw"})
      .node("square", "Square", {"sw:1"})
      .node("m", "Merge", {"neg", "square"}, {{"N", std::int64_t{2}}});
  Fixture f(maker.build());
  Watcher watcher;
  f.run({{"x", eight(3)}, {"p", Tensor::scalar<bool>(true)}}, {"m"}, {.observer = &watcher});
  EXPECT_FALSE(watcher.nodes.contains("/neg"));
  EXPECT_EQ(watcher.nodes.at("/square")[0].output, std::vector<double>(8, 9));
  EXPECT_TRUE(watcher.nodes.at("/sw")[0].output.empty());  // port 0 is dead
  EXPECT_EQ(watcher.nodes.at("/m")[0].output, std::vector<double>(8, 9));
}

TEST(Values, ARunThatIsLookedAtIsNeitherRecordedNorReplayed) {
  auto graph = GraphMaker().placeholder("x").constant("two", 2.0).node("y", "Mul", {"x", "two"}).build();
  Fixture f(graph, {}, true);
  f.device->records = true;
  for (int i = 0; i < 3; ++i) f.run({{"x", vec({1})}}, {"y"});
  EXPECT_TRUE(f.last.replayed);
  Watcher watcher;
  EXPECT_EQ(f.run({{"x", vec({4})}}, {"y"}, {.observer = &watcher})[0], std::vector<double>({8}));
  EXPECT_FALSE(f.last.replayed);
  EXPECT_EQ(watcher.recorded, 0);
  EXPECT_TRUE(watcher.nodes.contains("/y"));
  EXPECT_EQ(f.run({{"x", vec({5})}}, {"y"})[0], std::vector<double>({10}));
  EXPECT_TRUE(f.last.replayed);
}

TEST(Values, AnErrorOfTheObserverEndsTheRun) {
  auto graph = GraphMaker().placeholder("x").node("a", "Neg", {"x"}).node("b", "Neg", {"a"}).build();
  Fixture f(graph);
  Watcher watcher;
  watcher.refused = "a";
  EXPECT_NE(f.error({{"x", vec({1})}}, {"b"}, {.observer = &watcher}).find("no more of it"), std::string::npos);
  EXPECT_FALSE(watcher.nodes.contains("/b"));
  EXPECT_EQ(f.run({{"x", vec({1})}}, {"b"})[0], std::vector<double>({1}));
}

}  // namespace
}  // namespace isotherm
