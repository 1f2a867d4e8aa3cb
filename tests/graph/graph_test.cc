#include "core/graph/graph.h"

#include <gtest/gtest.h>

namespace isotherm {
namespace {

NodeRecord record(std::string name, std::string op, std::vector<std::string> inputs = {}) {
  NodeRecord r;
  r.name = std::move(name);
  r.op = std::move(op);
  r.inputs = std::move(inputs);
  return r;
}

Result<std::shared_ptr<const Graph>> build(std::vector<NodeRecord> nodes) {
  Graph::Parts parts;
  parts.nodes = std::move(nodes);
  return Graph::build(std::move(parts));
}

TEST(Graph, ResolvesEdgesBothWays) {
  //  a --:0--> c <--:1-- b      a --^--> b
  const auto graph = build({record("c", "AddV2", {"a", "b:1", "^a"}), record("a", "Const"), record("b", "Split", {"^a"})});
  ASSERT_TRUE(graph.ok()) << graph.error().message;
  const Graph& g = **graph;
  EXPECT_EQ(g.find("a"), 1);
  EXPECT_EQ(g.find("missing"), kNoNode);
  EXPECT_EQ(g[0].data_inputs, 2);
  EXPECT_EQ(g[0].data()[1].port, 1);
  EXPECT_TRUE(g[0].control()[0].is_control());
  ASSERT_EQ(g.out_edges(1).size(), 3u);
  EXPECT_EQ(g.out_edges(1)[0].node, 0);
  EXPECT_EQ(g.out_edges(1)[2].port, kControlPort);
  EXPECT_EQ(g.topological_order().value(), (std::vector<NodeId>{1, 2, 0}));
}

TEST(Graph, PartsGiveTheGraphBack) {
  const auto graph = build({record("a", "Const"), record("b", "Split", {"a:2", "a", "^a"})});
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ((*graph)->parts().nodes[1].inputs, (std::vector<std::string>{"a:2", "a", "^a"}));
}

TEST(Graph, NamesWhatIsWrong) {
  const std::pair<std::vector<NodeRecord>, const char*> cases[] = {
      {{record("a", "Const"), record("a", "Const")}, "'a' is used twice"},
      {{record("b", "Relu", {"gone"})}, "'gone'"},
      {{record("", "Relu")}, "no name"},
      {{record("x", "")}, "no op"},
      {{record("a", "Const"), record("b", "Relu", {"^a", "a"})}, "after a control input"},
      {{record("a", "Const"), record("b", "Relu", {"a:x"})}, "port number"},
  };
  for (const auto& [nodes, words] : cases) {
    const auto graph = build(nodes);
    ASSERT_FALSE(graph.ok()) << words;
    EXPECT_NE(graph.error().message.find(words), std::string::npos) << graph.error().message;
  }
}

TEST(Graph, CyclesAreNamedUnlessTheyAreLoops) {
  const auto cyclic = build({record("a", "Relu", {"b"}), record("b", "Relu", {"a"}), record("c", "Relu", {"b"})});
  ASSERT_TRUE(cyclic.ok());
  const auto order = (*cyclic)->topological_order();
  ASSERT_FALSE(order.ok());
  EXPECT_NE(order.error().message.find("cycle"), std::string::npos);
  const auto loop = build({record("enter", "Enter"), record("merge", "Merge", {"enter", "next"}), record("next", "NextIteration", {"merge"})});
  ASSERT_TRUE(loop.ok());
  EXPECT_EQ((*loop)->topological_order().value(), (std::vector<NodeId>{0, 1, 2}));
}

TEST(Graph, OffersTheNearestNames) {
  const auto graph = build({record("conv2d/kernel", "Const"), record("softmax", "Softmax"), record("input", "Placeholder")});
  ASSERT_TRUE(graph.ok());
  const auto tensor = (*graph)->find_tensor("softmx:0");
  ASSERT_FALSE(tensor.ok());
  EXPECT_NE(tensor.error().message.find("'softmax'"), std::string::npos);
}

TEST(TensorName, ParsesAndRefuses) {
  EXPECT_EQ(parse_tensor_name("a/b:1")->port, 1);
  EXPECT_EQ(parse_tensor_name("^a")->port, kControlPort);
  EXPECT_FALSE(parse_tensor_name("a:-1").ok());
  EXPECT_FALSE(parse_tensor_name(":1").ok());
  EXPECT_FALSE(parse_tensor_name("").ok());
  EXPECT_EQ(format_input_name("a", 0), "a");
  EXPECT_EQ(format_input_name("a", 2), "a:2");
}

}  // namespace
}  // namespace isotherm
