#include "core/runtime/calls.h"

#include <cmath>

#include "tests/runtime/graph_maker.h"

namespace isotherm {
namespace {

using test::Attrs;
using test::Fixture;
using test::GraphMaker;
using test::vec;
using Values = std::vector<std::vector<double>>;

NodeRecord body_node(std::string name, std::string op, std::vector<std::string> inputs, Attrs attrs = {}) {
  NodeRecord record{std::move(name), std::move(op), "", std::move(inputs), {}, ""};
  const OpDef* def = find_op(record.op);
  if (def && def->attr("T") && def->attr("T")->type == "type") record.attrs.set("T", TypeValue(DType::float64));
  for (auto& [key, value] : attrs) record.attrs.set(key, std::move(value));
  return record;
}

Function function(std::string name, const std::vector<std::pair<std::string, DType>>& inputs,
                  const std::vector<std::pair<std::string, DType>>& outputs, std::vector<NodeRecord> nodes,
                  std::vector<std::pair<std::string, std::string>> ret) {
  const auto args = [](const auto& list) {
    std::vector<ArgDef> out;
    for (const auto& [arg_name, dtype] : list) {
      ArgDef arg;
      arg.name = arg_name;
      arg.type = TypeValue(dtype);
      out.push_back(std::move(arg));
    }
    return out;
  };
  Function f;
  f.name = std::move(name);
  f.inputs = args(inputs);
  f.outputs = args(outputs);
  f.nodes = std::move(nodes);
  f.ret = std::move(ret);
  return f;
}

constexpr DType kDouble = DType::float64, kBool = DType::boolean;

AttrValue types(std::vector<TypeValue> list) {
  AttrList out;
  out.type = std::move(list);
  return make_list_attr(std::move(out));
}
FunctionRef ref(std::string name) { return {std::move(name), nullptr}; }
Attrs io(int in, int out) {
  return {{"Tin", types(std::vector<TypeValue>(static_cast<std::size_t>(in), kDouble))},
          {"Tout", types(std::vector<TypeValue>(static_cast<std::size_t>(out), kDouble))}};
}
Attrs with(Attrs attrs, std::string key, AttrValue value) {
  attrs.emplace_back(std::move(key), std::move(value));
  return attrs;
}

Function square_plus() {
  return function("square_plus", {{"a", kDouble}, {"b", kDouble}}, {{"r", kDouble}, {"b_again", kDouble}},
                  {body_node("sq", "Square", {"a"}), body_node("sum", "AddV2", {"sq:y:0", "b"})},
                  {{"r", "sum:z:0"}, {"b_again", "b"}});
}
Function negate() {
  return function("negate", {{"a", kDouble}}, {{"r", kDouble}}, {body_node("n", "Neg", {"a"})}, {{"r", "n:y:0"}});
}
Function twice() {
  return function("twice", {{"a", kDouble}}, {{"r", kDouble}}, {body_node("n", "AddV2", {"a", "a"})}, {{"r", "n:z:0"}});
}

TEST(Functions, Call) {
  for (const bool asynchronous : {false, true}) {
    GraphMaker maker;
    maker.function(square_plus()).placeholder("x", Shape{-1}).constant("c", vec({10}));
    maker.node("call", "PartitionedCall", {"x", "c"}, with(io(2, 2), "f", ref("square_plus")))
        .node("out", "Neg", {"call"});
    maker.node("again", "StatefulPartitionedCall", {"out", "call:1"}, with(io(2, 2), "f", ref("square_plus")));
    Fixture f(maker.build(), {}, asynchronous);
    EXPECT_EQ(f.run({{"x", vec({3})}}, {"out", "call:1", "again"}), (Values{{-19}, {10}, {371}}));
    EXPECT_EQ(f.device->made["sq"], 1) << "two calls share one body";
    EXPECT_EQ(f.run({{"x", vec({1})}}, {"out"}), (Values{{-11}}));
  }
}

TEST(Functions, AnOpNamedLikeAFunction) {
  GraphMaker maker;
  maker.function(negate()).placeholder("x").node("y", "negate", {"x"});
  Fixture f(maker.build());
  EXPECT_EQ(f.run({{"x", vec({3})}}, {"y"}), (Values{{-3}}));
}

TEST(Functions, If) {
  GraphMaker maker;
  maker.function(negate()).function(twice()).placeholder("p", Shape::unknown_rank(), kDouble).placeholder("x");
  for (const char* op : {"If", "StatelessIf"})
    maker.node(op, op, {"p", "x"},
               with(with(with(io(1, 1), "Tcond", TypeValue(kDouble)), "then_branch", ref("negate")), "else_branch",
                    ref("twice")));
  Fixture f(maker.build());
  EXPECT_EQ(f.run({{"p", Tensor::scalar<double>(1)}, {"x", vec({3})}}, {"If", "StatelessIf"}), (Values{{-3}, {-3}}));
  EXPECT_EQ(f.run({{"p", Tensor::scalar<double>(0)}, {"x", vec({3})}}, {"If", "StatelessIf"}), (Values{{6}, {6}}));
  // A tensor that is no scalar is true if it has elements.
  EXPECT_EQ(f.run({{"p", vec({0})}, {"x", vec({3})}}, {"If"}), (Values{{-3}}));
  EXPECT_EQ(f.run({{"p", vec({})}, {"x", vec({3})}}, {"If"}), (Values{{6}}));
}

TEST(Functions, CaseTakesTheLastBranchForAnyOtherIndex) {
  GraphMaker maker;
  AttrList branches;
  branches.func = {ref("negate"), ref("twice")};
  maker.function(negate()).function(twice()).placeholder("i", Shape{}, DType::int32).placeholder("x");
  maker.node("case", "Case", {"i", "x"}, with(io(1, 1), "branches", make_list_attr(branches)));
  Fixture f(maker.build());
  for (const auto& [index, expected] : std::vector<std::pair<int, double>>{{0, -3}, {1, 6}, {2, 6}, {-1, 6}})
    EXPECT_EQ(f.run({{"i", Tensor::scalar<std::int32_t>(index)}, {"x", vec({3})}}, {"case"}), (Values{{expected}}))
        << index;
}

Function below() {
  return function("below", {{"i", kDouble}, {"limit", kDouble}, {"acc", kDouble}}, {{"r", kBool}},
                  {body_node("less", "Less", {"i", "limit"})}, {{"r", "less:z:0"}});
}
Function step() {
  return function(
      "step", {{"i", kDouble}, {"limit", kDouble}, {"acc", kDouble}},
      {{"i2", kDouble}, {"l2", kDouble}, {"a2", kDouble}},
      {body_node("one", "Const", {},
                 {{"dtype", TypeValue(kDouble)}, {"value", make_constant_attr(Constant(Tensor::scalar<double>(1)))}}),
       body_node("inc", "AddV2", {"i", "one:output:0"}), body_node("dbl", "AddV2", {"acc", "acc"})},
      {{"i2", "inc:z:0"}, {"l2", "limit"}, {"a2", "dbl:z:0"}});
}
GraphMaker while_graph() {
  GraphMaker maker;
  maker.function(below())
      .function(step())
      .placeholder("limit", Shape{})
      .placeholder("acc", Shape{-1})
      .constant("zero", 0.0);
  for (const char* op : {"While", "StatelessWhile"})
    maker.node(op, op, {"zero", "limit", "acc"},
               {{"T", types({kDouble, kDouble, kDouble})}, {"cond", ref("below")}, {"body", ref("step")}});
  return maker;
}

TEST(Functions, While) {
  for (const bool asynchronous : {false, true}) {
    Fixture f(while_graph().build(), {}, asynchronous);
    for (const int count : {0, 1, 20})
      EXPECT_EQ(f.run({{"limit", Tensor::scalar<double>(count)}, {"acc", vec({1, 3})}},
                      {"While:2", "StatelessWhile:2", "While"}),
                (Values{{std::ldexp(1, count), std::ldexp(3, count)},
                        {std::ldexp(1, count), std::ldexp(3, count)},
                        {1.0 * count}}));
  }
}

TEST(Functions, WhileIsCancelled) {
  Fixture f(while_graph().build());
  std::atomic<bool> cancel{false};
  f.device->on_run = [&](const std::string&) { cancel = f.device->ran.size() > 500; };
  auto result =
      f.session->run({{"limit", Tensor::scalar<double>(1e300)}, {"acc", vec({0})}}, {"While:2"}, {.cancel = &cancel});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
}

TEST(Functions, EffectsRunThoughNoResultNeedsThem) {
  const TypeValue dtype(kDouble);
  Function count = function("count", {{"h", DType::resource}, {"by", kDouble}}, {{"r", kDouble}},
                            {body_node("add", "AssignAddVariableOp", {"h", "by"}, {{"dtype", dtype}})}, {{"r", "by"}});
  GraphMaker maker;
  maker.function(count).node("v", "VarHandleOp", {},
                             {{"dtype", dtype}, {"shape", Shape{1}}, {"shared_name", std::string("v")}});
  maker.constant("start", vec({1}))
      .constant("by", vec({5}))
      .node("init", "AssignVariableOp", {"v", "start"}, {{"dtype", dtype}});
  maker.node("call", "StatefulPartitionedCall", {"v", "by"},
             {{"Tin", types({DType::resource, kDouble})}, {"Tout", types({kDouble})}, {"f", ref("count")}});
  maker.node("read", "ReadVariableOp", {"v", "^call"}, {{"dtype", dtype}});
  Fixture f(maker.build());
  f.run({}, {"init"});
  EXPECT_EQ(f.run({}, {"read"}), (Values{{6}}));
}

TEST(Functions, Errors) {
  Function forever = function("forever", {{"a", kDouble}}, {{"r", kDouble}},
                              {body_node("deeper", "PartitionedCall", {"a"}, with(io(1, 1), "f", ref("forever")))},
                              {{"r", "deeper:output:0"}});
  Function broken =
      function("broken", {{"a", kDouble}}, {{"r", kDouble}},
               {body_node("n", "CheckNumerics", {"a"}, {{"message", std::string("m")}})}, {{"r", "n:output:0"}});
  GraphMaker maker;
  maker.function(forever).function(broken).function(square_plus()).placeholder("x");
  maker.node("loop", "PartitionedCall", {"x"}, with(io(1, 1), "f", ref("forever")))
      .node("none", "PartitionedCall", {"x"}, with(io(1, 1), "f", ref("nobody")));
  maker.node("fails", "PartitionedCall", {"x"}, with(io(1, 1), "f", ref("broken")))
      .node("few", "PartitionedCall", {"x"}, with(io(1, 2), "f", ref("square_plus")));
  Fixture f(maker.build());
  const Feeds x = {{"x", vec({1})}};
  EXPECT_NE(f.error(x, {"loop"}).find("calls of functions nest deeper than 128 at 'forever'"), std::string::npos);
  EXPECT_EQ(f.error(x, {"none"}), "node 'none' (PartitionedCall): the graph's library has no function 'nobody'");
  EXPECT_EQ(f.error(x, {"fails"}), "node 'fails' (PartitionedCall): node 'n' (CheckNumerics): the input is not finite");
  EXPECT_EQ(f.error(x, {"few"}), "node 'few' (PartitionedCall): function 'square_plus' takes 2 arguments, found 1");
}

TEST(Functions, ScopesNameTheFunction) {
  class Names final : public RunObserver {
   public:
    void scope_begin(const ScopeInfo& s, Stream*) override {
      if (s.kind == ScopeKind::node) seen.emplace_back(s.function, s.name);
    }
    void scope_end(const ScopeInfo&, Stream*) override {}
    void capture_begin(std::uint64_t, Stream*) override {}
    void capture_end(std::uint64_t, Stream*) override {}
    void replay(std::uint64_t, Stream*) override {}
    void fallback(std::int64_t, std::string_view) override {}
    std::vector<std::pair<std::string, std::string>> seen;
  } observer;
  GraphMaker maker;
  maker.function(negate()).placeholder("x").node("call", "PartitionedCall", {"x"}, with(io(1, 1), "f", ref("negate")));
  Fixture f(maker.build());
  f.run({{"x", vec({3})}}, {"call"}, {.observer = &observer});
  EXPECT_EQ(observer.seen, (std::vector<std::pair<std::string, std::string>>{{"", "call"}, {"negate", "n"}}));
}

}  // namespace
}  // namespace isotherm
