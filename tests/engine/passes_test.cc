// Each pass by what it makes of a small segment: the layers left and the source nodes they list.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/engine/network_edit.h"
#include "tests/engine/body.h"
#include "tests/engine/reference.h"

namespace isotherm::test {
namespace {

const Layer* find_layer(const Network& network, const std::string& source) {
  for (const Layer& layer : network.layers)
    if (std::find(layer.sources.begin(), layer.sources.end(), source) != layer.sources.end()) return &layer;
  return nullptr;
}

/// Kinds in execution order: "convolution pooling".
std::string kinds(const Network& network) {
  std::string out;
  for (const Layer& layer : network.layers) out += (out.empty() ? "" : " ") + std::string(layer_kind_name(layer.kind));
  return out;
}

std::string sources(const Layer& layer) {
  std::string out;
  for (const std::string& s : layer.sources) out += (out.empty() ? "" : " ") + s;
  return out;
}

/// Nothing is lost: the layers list every node that is no Const, argument or result; the network computes the same.
void check_network(const Body& body, const Network& network, double limit = 1e-6) {
  std::set<std::string> expected, found;
  for (const NodeRecord& n : body.nodes)
    if (n.op != "Const" && n.op != "_Arg" && n.op != "_Retval") expected.insert(n.name);
  for (const Layer& layer : network.layers) found.insert(layer.sources.begin(), layer.sources.end());
  EXPECT_EQ(found, expected) << describe(network);

  std::mt19937 random(3);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<Array> arguments;
  for (const Shape& shape : body.shapes) {
    Array a{shape.dims(), std::vector<double>(static_cast<std::size_t>(*shape.elements()))};
    for (double& v : a.values) v = uniform(random);
    arguments.push_back(a);
  }
  auto values = run_body(*body.build(), arguments);
  const std::vector<Array> out = run_network(network, arguments);
  for (std::size_t i = 0; i < out.size(); ++i)
    EXPECT_LE(error_of(out[i], values["ret" + std::to_string(i) + ":0"]), limit) << describe(network);
}

Network build(const Body& body) {
  auto network = body.network();
  EXPECT_TRUE(network.ok()) << (network.ok() ? "" : network.error().message);
  return network.ok() ? *network : Network();
}

//  x - conv - bias - bn - relu - ret      =>   convolution +relu
TEST(Passes, BatchNormBiasAndReluFoldIntoTheConvolution) {
  Body b;
  std::string x = b.arg("x", {2, 5, 6, 3});
  x = b.conv("conv", x, {3, 3, 3, 4});
  x = b.bias("bias", x, 4);
  x = b.batch_norm("bn", x, 4);
  b.ret(b.node("relu", "Relu", {x}));
  const Network n = build(b);
  ASSERT_EQ(kinds(n), "convolution") << describe(n);
  EXPECT_EQ(sources(n.layers[0]), "conv bias bn relu");
  ASSERT_EQ(n.layers[0].post_ops.size(), 1u);
  EXPECT_EQ(n.layers[0].post_ops[0].kind, PostOp::Kind::relu);
  EXPECT_TRUE(n.layers[0].bias.valid());
  check_network(b, n);
}

//  x - depthwise (multiplier 2) - bn - relu6 - conv1x1 - bn - ret
TEST(Passes, DepthwiseConvolutionsAreGrouped) {
  Body b;
  std::string x = b.arg("x", {1, 7, 7, 3});
  x = b.depthwise("dw", x, {3, 3, 3, 2}, 2);
  x = b.batch_norm("dw_bn", x, 6);
  x = b.node("relu6", "Relu6", {x});
  x = b.conv("pw", x, {1, 1, 6, 5});
  b.ret(b.batch_norm("pw_bn", x, 5));
  const Network n = build(b);
  ASSERT_EQ(kinds(n), "convolution convolution");
  EXPECT_EQ(conv_geometry(n.layers[0]).groups, 3);
  EXPECT_EQ(sources(n.layers[0]), "dw dw_bn relu6");
  check_network(b, n);
}

//  x - pad - conv(VALID, stride 2) - relu - pad - maxpool - ret     both pads fold: relu's result is never below zero
TEST(Passes, PadsFoldWhereTheyAreExact) {
  Body b;
  std::string x = b.arg("x", {1, 9, 9, 2});
  x = b.pad("pad1", x, 3, 3);
  x = b.conv("conv", x, {7, 7, 2, 4}, 2, "VALID");
  x = b.node("relu", "Relu", {x});
  x = b.pad("pad2", x, 1, 1);
  b.ret(b.pool("pool", "MaxPool", x, 3, 2, "VALID"));
  const Network n = build(b);
  ASSERT_EQ(kinds(n), "convolution pooling") << describe(n);
  EXPECT_EQ(conv_geometry(n.layers[0]).pads_before, (Spatial{3, 3}));
  EXPECT_EQ(pool_geometry(n.layers[1]).pads_after, (Spatial{1, 1}));
  EXPECT_EQ(sources(n.layers[1]), "pad2 pool");
  check_network(b, n);
}

//  x - pad - maxpool: x may be negative, a zero in the border would win: the pad stays
TEST(Passes, ZerosBeforeAMaxPoolStayWhereValuesMayBeNegative) {
  Body b;
  std::string x = b.arg("x", {1, 5, 5, 2});
  x = b.pad("pad", x, 1, 1);
  b.ret(b.pool("pool", "MaxPool", x, 3, 2, "VALID"));
  const Network n = build(b);
  EXPECT_EQ(kinds(n), "pad pooling");
  check_network(b, n);
}

//  relu - pad(2) - maxpool(2): the first window would cover no real element: the pad stays
TEST(Passes, AWindowOfPaddingAloneKeepsThePad) {
  Body b;
  std::string x = b.arg("x", {1, 4, 4, 2});
  x = b.node("relu", "Relu", {x});
  x = b.pad("pad", x, 2, 2);
  b.ret(b.pool("pool", "MaxPool", x, 2, 2, "VALID"));
  const Network n = build(b);
  EXPECT_NE(find_layer(n, "pad")->kind, LayerKind::pooling) << describe(n);
  check_network(b, n);
}

//  x - pad - avgpool(VALID): zeros count      x - pad - avgpool(SAME): its own padding does not count: the pad stays
TEST(Passes, AveragesCountPaddedZerosOnly) {
  for (const bool valid : {true, false}) {
    Body b;
    std::string x = b.arg("x", {1, 6, 6, 2});
    x = b.pad("pad", x, 1, 0);
    b.ret(b.pool("pool", "AvgPool", x, 3, 2, valid ? "VALID" : "SAME"));
    const Network n = build(b);
    EXPECT_EQ(kinds(n), valid ? "pooling" : "pad pooling");
    check_network(b, n);
  }
}

//  pad -+- conv_a      both readers take the padding; the pad is computed by both
//       +- conv_b
TEST(Passes, APadFoldsIntoAllItsReadersOrNone) {
  Body b;
  const std::string x = b.arg("x", {1, 5, 5, 2});
  const std::string p = b.pad("pad", x, 1, 1);
  b.ret(b.conv("a", p, {3, 3, 2, 3}, 1, "VALID"));
  b.ret(b.conv("b", p, {3, 3, 2, 4}, 2, "VALID"));
  const Network n = build(b);
  EXPECT_EQ(kinds(n), "convolution convolution");
  EXPECT_EQ(sources(n.layers[1]), "pad b");
  check_network(b, n);

  Body c;
  const std::string q = c.pad("pad", c.arg("x", {1, 5, 5, 2}), 1, 1);
  c.ret(c.conv("a", q, {3, 3, 2, 3}, 1, "VALID"));
  c.ret(c.node("tanh", "Tanh", {q}));
  const Network kept = build(c);
  EXPECT_EQ(kinds(kept), "pad convolution elementwise");
  check_network(c, kept);
}

//  x -+- conv_a - bn_a -+
//     |                 add - relu - ret      conv_b adds conv_a's result
//     +- conv_b - bn_b -+
TEST(Passes, ResidualsFoldIntoTheLaterConvolution) {
  Body b;
  const std::string x = b.arg("x", {1, 4, 4, 3});
  const std::string short_cut = b.batch_norm("bn_a", b.conv("conv_a", x, {1, 1, 3, 4}), 4);
  const std::string main = b.batch_norm("bn_b", b.conv("conv_b", x, {3, 3, 3, 4}), 4);
  b.ret(b.node("relu", "Relu", {b.node("add", "AddV2", {short_cut, main})}));
  const Network n = build(b);
  ASSERT_EQ(kinds(n), "convolution convolution") << describe(n);
  EXPECT_EQ(sources(n.layers[0]), "conv_a bn_a");
  EXPECT_EQ(sources(n.layers[1]), "conv_b bn_b add relu");
  ASSERT_EQ(n.layers[1].post_ops.size(), 2u);
  EXPECT_EQ(n.layers[1].post_ops[0].kind, PostOp::Kind::add_tensor);
  EXPECT_EQ(n.layers[1].post_ops[0].tensor, n.layers[1].inputs[1]);
  check_network(b, n);
}

//  conv -+- add      the convolution's own result is read twice: nothing to fold into
//        +- ret
TEST(Passes, SharedResultsAreNotFolded) {
  Body b;
  const std::string x = b.arg("x", {1, 4, 4, 3});
  const std::string c = b.conv("conv", x, {3, 3, 3, 3});
  b.ret(b.node("add", "AddV2", {c, x}));
  b.ret(c);
  const Network n = build(b);
  EXPECT_EQ(kinds(n), "convolution elementwise");
  check_network(b, n);
}

//  y = conv(x) + conv(x): one tensor twice
TEST(Passes, ATensorAddedToItselfStays) {
  Body b;
  const std::string c = b.conv("conv", b.arg("x", {1, 4, 4, 3}), {3, 3, 3, 3});
  b.ret(b.node("add", "AddV2", {c, c}));
  const Network n = build(b);
  EXPECT_EQ(kinds(n), "convolution elementwise");
  check_network(b, n);
}

//  x - identity - conv(identity(w)) - mul 2 - sub c - div d - identity - ret
TEST(Passes, ArithmeticWithConstantsFoldsAndNoOpsVanish) {
  Body b;
  std::string x = b.node("first", "Identity", {b.arg("x", {1, 4, 4, 2})});
  const std::string w = b.node("read", "Identity", {b.floats("w", {3, 3, 2, 3})});
  x = b.node("conv", "Conv2D", {x, w}, {{"strides", ints_attr({1, 1, 1, 1})}, {"padding", std::string("SAME")}});
  x = b.node("mul", "Mul", {b.constant("two", Tensor::scalar(2.0f)), x});
  x = b.node("sub", "Sub", {x, b.floats("c", {3})});
  x = b.node("div", "RealDiv", {x, b.floats("d", {1, 1, 1, 3}, 1, 2)});
  b.ret(b.node("last", "Identity", {x}));
  const Network n = build(b);
  ASSERT_EQ(kinds(n), "convolution") << describe(n);
  EXPECT_EQ(n.layers[0].sources.size(), 7u);
  check_network(b, n);
}

//  x - bn - relu - conv: no producer to fold into: one scale and shift with its activation
TEST(Passes, AScaleShiftWithoutProducerIsOneLayer) {
  Body b;
  std::string x = b.batch_norm("bn", b.arg("x", {1, 4, 4, 3}), 3);
  x = b.node("mul", "Mul", {x, b.floats("m", {3})});
  x = b.node("relu", "Relu", {x});
  b.ret(b.conv("conv", x, {1, 1, 3, 2}));
  const Network n = build(b);
  EXPECT_EQ(kinds(n), "elementwise convolution");
  EXPECT_EQ(sources(n.layers[0]), "bn mul relu");
  check_network(b, n);
}

//  x - conv - squeeze - matmul(transposed) - bias - softmax - ret
TEST(Passes, ReshapesBecomeViews) {
  Body b;
  std::string x = b.conv("conv", b.arg("x", {2, 3, 3, 2}), {3, 3, 2, 4}, 1, "VALID");
  x = b.node("squeeze", "Squeeze", {x}, {{"squeeze_dims", ints_attr({1, 2})}});
  x = b.node("matmul", "MatMul", {x, b.floats("w", {5, 4})}, {{"transpose_a", false}, {"transpose_b", true}});
  x = b.bias("bias", x, 5);
  b.ret(b.node("softmax", "Softmax", {x}));
  const Network n = build(b);
  ASSERT_EQ(kinds(n), "convolution matmul softmax") << describe(n);
  EXPECT_EQ(sources(n.layers[1]), "squeeze matmul bias");
  check_network(b, n);
}

//  x - reshape - ret: nothing else there: the reshape stays a layer
TEST(Passes, ALoneReshapeStays) {
  Body b;
  b.ret(b.node("reshape", "Reshape", {b.arg("x", {2, 6}), b.ints("shape", {3, 4})},
               {{"Tshape", TypeValue(DType::int32)}}));
  const Network n = build(b);
  EXPECT_EQ(kinds(n), "shuffle");
  check_network(b, n);
}

//  conv_a - relu - ret     tanh reads conv_a and nobody reads tanh: a dead end, kept in the lists
//         \ tanh
TEST(Passes, DeadEndsKeepTheirPlaceInTheLists) {
  Body b;
  const std::string x = b.arg("x", {1, 4, 4, 2});
  const std::string c = b.conv("conv", x, {3, 3, 2, 2});
  b.node("tanh", "Tanh", {c});
  b.ret(b.node("relu", "Relu", {c}));
  const Network n = build(b);
  EXPECT_EQ(kinds(n), "convolution");
  check_network(b, n);
}

TEST(Passes, WithoutFusionThereIsALayerPerNode) {
  Body b;
  std::string x = b.conv("conv", b.arg("x", {1, 4, 4, 2}), {3, 3, 2, 2});
  x = b.bias("bias", x, 2);
  b.ret(b.node("relu", "Relu", {x}));
  NetworkOptions options;
  options.fuse = false;
  const auto n = b.network(options);
  ASSERT_TRUE(n.ok());
  EXPECT_EQ(n->layers.size(), 3u);
  check_network(b, *n);
}

TEST(Passes, EveryPassLeavesANote) {
  Body b;
  b.ret(b.conv("conv", b.arg("x", {1, 4, 4, 2}), {3, 3, 2, 2}));
  const Network n = build(b);
  ASSERT_GE(n.notes.size(), 10u);
  EXPECT_EQ(n.notes[0], "fold_constants: 1 -> 1 layers");
}

TEST(BuildNetwork, RefusesWhatIsNoSegment) {
  Body b;
  b.ret(b.node("relu", "Relu", {b.arg("x", {1, 2})}));
  EXPECT_FALSE(build_network(*b.build(), "engine", {}).ok());
  Node engine;
  engine.name = "TRTEngineOp_000_000";
  const auto none = build_network(*b.build(), engine, {Shape{1, 2}});
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().message.find("native segment"), std::string::npos);
}

// All paddings, strides and dilations of a convolution chain with a residual, in numbers.
TEST(Passes, RandomConvolutionNetworksComputeTheSame) {
  std::mt19937 random(11);
  const auto pick = [&](auto... v) {
    const std::vector<int> values = {v...};
    return values[random() % values.size()];
  };
  for (int round = 0; round < 60; ++round) {
    Body b;
    b.random.seed(static_cast<unsigned>(round));
    const std::int64_t c = pick(1, 3, 4);
    std::string x = b.arg("x", {pick(1, 2), pick(5, 8, 9), pick(6, 7), c});
    if (pick(0, 1)) x = b.pad("pad", x, pick(0, 1, 2), pick(0, 1));
    const std::int64_t k = pick(1, 2, 3, 5), stride = pick(1, 2, 3), channels = pick(2, 4);
    x = b.conv("conv", x, {k, k, c, channels}, stride, pick(0, 1) ? "SAME" : "VALID",
               stride == 1 && k < 4 ? pick(1, 2) : 1);
    if (pick(0, 1)) x = b.bias("bias", x, channels);
    if (pick(0, 1)) x = b.batch_norm("bn", x, channels);
    const std::string shared = pick(0, 1) ? b.node("act", pick(0, 1) ? "Relu6" : "Tanh", {x}) : x;
    std::string y = b.depthwise("dw", shared, {3, 3, channels, 1});
    y = b.batch_norm("dw_bn", y, channels);
    if (pick(0, 1)) y = b.node("dw_act", "Sigmoid", {y});
    y = pick(0, 1) ? b.node("add", "AddV2", {shared, y}) : b.node("add", "Add", {y, shared});
    if (pick(0, 1)) y = b.node("out", "Relu", {y});
    if (pick(0, 1)) b.ret(shared);
    b.ret(y);
    const Network n = build(b);
    check_network(b, n);
    if (HasFailure()) FAIL() << "round " << round;
  }
}

}  // namespace
}  // namespace isotherm::test
