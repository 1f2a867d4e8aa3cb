#include "core/runtime/session_state.h"

#include "tests/runtime/graph_maker.h"

namespace isotherm {
namespace {

using test::Fixture;
using test::GraphMaker;
using test::vec;

TEST(SessionState, KeepsKindsContainersAndLifetimesApart) {
  SessionState state;
  auto v = state.variable("", "x", DType::float32);
  ASSERT_TRUE(v.ok());
  EXPECT_EQ(state.find({"variable", "", "x"}), *v);
  EXPECT_EQ(state.find({"table", "", "x"}), nullptr);
  EXPECT_EQ(state.find({"variable", "other", "x"}), nullptr);
  state.put({"variable", "", "temporary"}, std::make_shared<Variable>("temporary", DType::int32),
            SessionState::Lifetime::run);
  state.end_run();
  EXPECT_EQ(state.find({"variable", "", "temporary"}), nullptr);
  EXPECT_NE(state.find({"variable", "", "x"}), nullptr);
  EXPECT_EQ(state.variable("", "x", DType::int32).error().message, "variable 'x' holds float32, found a use as int32");
  EXPECT_TRUE(state.erase({"variable", "", "x"}));
  EXPECT_FALSE(state.erase({"variable", "", "x"}));
}

GraphMaker counter() {
  GraphMaker maker;
  maker.node("v", "VarHandleOp", {},
             {{"dtype", TypeValue(DType::float64)}, {"shape", Shape{2}}, {"shared_name", std::string("v")}});
  maker.constant("start", vec({1, 2})).constant("step", vec({10, 20}));
  const test::Attrs dtype = {{"dtype", TypeValue(DType::float64)}};
  maker.node("init", "AssignVariableOp", {"v", "start"}, dtype);
  maker.node("before", "ReadVariableOp", {"v"}, dtype);
  maker.node("add", "AssignAddVariableOp", {"v", "step", "^before"}, dtype);
  maker.node("after", "ReadVariableOp", {"v", "^add"}, dtype);
  return maker;
}

TEST(Variables, LiveAcrossRunsAndReadersKeepWhatTheyRead) {
  for (const bool asynchronous : {false, true}) {
    Fixture f(counter().build(), {}, asynchronous);
    EXPECT_EQ(f.error({}, {"before"}), "node 'before' (ReadVariableOp): variable 'v' has no value yet");
    f.run({}, {"init"});
    auto first = f.run({}, {"before", "after"});
    EXPECT_EQ(first[0], (std::vector<double>{1, 2}));
    EXPECT_EQ(first[1], (std::vector<double>{11, 22}));
    auto second = f.run({}, {"before", "after"});
    EXPECT_EQ(second[0], (std::vector<double>{11, 22}));
    EXPECT_EQ(second[1], (std::vector<double>{21, 42}));
  }
}

TEST(Variables, FetchedValuesDoNotChangeAfterwards) {
  Fixture f(counter().build());
  f.run({}, {"init"});
  auto result = f.session->run({}, {"after"});
  ASSERT_TRUE(result.ok());
  f.run({}, {"add"});
  f.run({}, {"add"});
  EXPECT_EQ(test::numbers(result->fetches[0]), (std::vector<double>{11, 22}));
}

}  // namespace
}  // namespace isotherm
