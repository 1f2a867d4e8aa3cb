// Engine plans of the CUDA device, layer kind by layer kind.
#include "tests/cuda/engine_fixture.h"

namespace isotherm::test {
namespace {

INSTANTIATE_TEST_SUITE_P(Cudnn, CudaEngines, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "IfFound" : "Off"; });

/// Whether a layer of that name runs by a tactic of the device.
bool has_tactic(const Plan& plan, const std::string& name) {
  return std::any_of(plan.layers().begin(), plan.layers().end(),
                     [&](const PlanLayer& l) { return l.name == name && !l.tactic.starts_with("native"); });
}

TEST_P(CudaEngines, ResidualBlocksWithProjection) {
  for (const std::int64_t batch : {1, 7, 8}) {
    Body b;
    std::string x = b.arg("x", {batch, 17, 17, 3});
    x = b.pad("pad", x, 3, 3);
    x = b.node("stem_relu", "Relu", {b.batch_norm("stem_bn", b.conv("stem", x, {7, 7, 3, 16}, 2, "VALID"), 16)});
    x = b.pool("pool", "MaxPool", b.pad("pool_pad", x, 1, 1), 3, 1, "VALID");
    const std::string cut = b.batch_norm("cut_bn", b.conv("cut", x, {1, 1, 16, 32}), 32);
    std::string y = b.node("r1", "Relu", {b.batch_norm("bn1", b.conv("c1", x, {3, 3, 16, 16}), 16)});
    y = b.batch_norm("bn2", b.conv("c2", y, {1, 1, 16, 32}), 32);
    x = b.node("out1", "Relu", {b.node("add1", "AddV2", {cut, y})});
    y = b.conv("c3", x, {3, 3, 32, 32});
    x = b.node("out2", "Relu", {b.node("add2", "AddV2", {x, y})});
    x = b.node("mean", "Mean", {x, b.ints("axes", {1, 2})}, {{"Tidx", TypeValue(DType::int32)}, {"keep_dims", false}});
    x = b.bias("logits_bias", b.node("logits", "MatMul", {x, b.floats("fc", {32, 10})}), 10);
    b.ret(b.node("softmax", "Softmax", {x}));
    check_all_ways(b);
  }
}

// The residual is the convolution's own input: nothing may be written over it.
TEST_P(CudaEngines, ResidualOfTheConvolutionsInput) {
  for (const std::int64_t k : {1, 3}) {
    Body b;
    std::string x = b.node("relu", "Relu", {b.conv("stem", b.arg("x", {1, 6, 6, 16}), {3, 3, 16, 16})});
    x = b.node("add", "AddV2", {x, b.conv("conv", x, {k, k, 16, 16})});
    b.ret(x);
    check_all_ways(b);
  }
}

// Intermediates that are outputs, views that are outputs, an input passed through.
TEST_P(CudaEngines, ManyOutputs) {
  Body b;
  const std::string x = b.arg("x", {1, 4, 4, 24});
  const std::string c = b.node("relu", "Relu", {b.conv("conv", x, {3, 3, 24, 40})});
  b.ret(c);
  b.ret(b.node("flat", "Reshape", {c, b.ints("shape", {4, 160})}, {{"Tshape", TypeValue(DType::int32)}}));
  b.ret(b.node("same", "Identity", {x}));
  b.ret(b.node("tanh", "Tanh", {c}));
  b.ret(c);
  check_all_ways(b);
}

TEST_P(CudaEngines, DepthwiseBlocks) {
  for (const std::int64_t channels : {3, 12, 32}) {
    Body b;
    std::string x = b.arg("x", {2, 9, 8, channels});
    x = b.node("r0", "Relu6", {b.batch_norm("b0", b.conv("c0", x, {3, 3, channels, 12}, 2), 12)});
    std::string y = b.node("r1", "Relu6", {b.batch_norm("b1", b.conv("expand", x, {1, 1, 12, 24}), 24)});
    y = b.node("r2", "Relu6", {b.batch_norm("b2", b.depthwise("dw", y, {3, 3, 24, 1}), 24)});
    y = b.batch_norm("b3", b.conv("project", y, {1, 1, 24, 12}), 12);
    x = b.node("add", "AddV2", {x, y});
    x = b.node("r4", "Relu6",
               {b.batch_norm("b4", b.depthwise("dw2", b.pad("p", x, 0, 1), {3, 3, 12, 2}, 2, "VALID"), 24)});
    b.ret(x);
    check_all_ways(b);
  }
}

TEST_P(CudaEngines, BranchesAndConcat) {
  Body b;
  const std::string x = b.arg("x", {1, 7, 7, 8});
  const std::string p = b.node("ra", "Relu", {b.conv("a", x, {1, 1, 8, 16})});
  const std::string q = b.node("rb", "Elu", {b.conv("b", x, {3, 3, 8, 20})});
  const std::string r = b.pool("c", "AvgPool", x, 3, 1, "SAME");
  const std::string s = b.pool("d", "MaxPool", x, 3, 1, "SAME");
  const std::string all = b.node("cat", "ConcatV2", {p, q, r, s, b.constant("axis", Tensor::scalar<std::int32_t>(3))},
                                 {{"N", std::int64_t{4}}, {"Tidx", TypeValue(DType::int32)}});
  b.ret(b.conv("last", all, {1, 1, 52, 6}));
  check_all_ways(b);
}

TEST_P(CudaEngines, ChannelsFirst) {
  const AttrValue nchw = std::string("NCHW");
  Body b;
  std::string x = b.arg("x", {2, 3, 9, 8});
  x = b.node("conv", "Conv2D", {x, b.floats("w", {3, 3, 3, 16})},
             {{"strides", ints_attr({1, 1, 2, 2})}, {"padding", std::string("SAME")}, {"data_format", nchw}});
  x = b.node("bias", "BiasAdd", {x, b.floats("b", {16})}, {{"data_format", nchw}});
  x = b.batch_norm("bn", x, 16);
  b.nodes.back().attrs.set("data_format", nchw);
  x = b.node("relu", "Relu", {x});
  x = b.node("pool", "MaxPool", {x},
             {{"ksize", ints_attr({1, 1, 3, 3})},
              {"strides", ints_attr({1, 1, 2, 2})},
              {"padding", std::string("SAME")},
              {"data_format", nchw}});
  b.ret(b.node("tanh", "Tanh", {x}));
  check_all_ways(b);
}

TEST_P(CudaEngines, PointwiseAndTransposition) {
  Body b;
  const std::string x = b.arg("x", {2, 3, 4, 5}), y = b.arg("y", {2, 3, 4, 5}), z = b.arg("z", {5});
  std::string t = b.node("sub", "Sub", {x, y});
  t = b.node("mul", "Mul", {z, t});
  t = b.batch_norm("bn", t, 5);
  t = b.node("relu", "Relu", {t});
  t = b.node("max", "Maximum", {t, b.node("sig", "Sigmoid", {y})});
  b.ret(b.node("tr", "Transpose", {t, b.ints("perm", {0, 3, 1, 2})}, {{"Tperm", TypeValue(DType::int32)}}));
  b.ret(b.node("tr2", "Transpose", {t, b.ints("perm2", {1, 0, 3, 2})}, {{"Tperm", TypeValue(DType::int32)}}));
  check_all_ways(b);
}

TEST_P(CudaEngines, PadsAndNativeKernelsInTheMiddle) {
  Body b;
  std::string x = b.conv("conv", b.arg("x", {1, 5, 5, 16}), {3, 3, 16, 16});
  x = b.pad("pad", x, 1, 1);  // may be negative: stays a layer of its own
  // Axes that are no neighbours: the device's kernel of the node.
  const std::string m =
      b.node("mean", "Mean", {x, b.ints("axes", {1, 3})}, {{"Tidx", TypeValue(DType::int32)}, {"keep_dims", true}});
  x = b.node("sum", "AddV2", {x, m});
  x = b.pool("pool", "MaxPool", x, 3, 2, "VALID");
  b.ret(b.conv("conv2", x, {1, 1, 16, 7}));
  b.ret(m);
  check_all_ways(b);
}

// A node of which the card may have no kernel: it runs on the host, with copies around it.
TEST_P(CudaEngines, DeconvolutionByItsNode) {
  Body b;
  const std::string x = b.node("relu", "Relu", {b.arg("x", {1, 4, 4, 3})});
  const std::string y =
      b.node("up", "Conv2DBackpropInput", {b.ints("sizes", {1, 8, 8, 5}), b.floats("w", {3, 3, 5, 3}), x},
             {{"strides", ints_attr({1, 2, 2, 1})}, {"padding", std::string("SAME")}});
  b.ret(b.conv("conv", y, {1, 1, 5, 4}));
  check_all_ways(b);
}

TEST_P(CudaEngines, RandomConvolutions) {
  std::mt19937 random(21);
  const auto pick = [&](auto... v) {
    const std::vector<int> values = {v...};
    return values[random() % values.size()];
  };
  for (int round = 0; round < 40; ++round) {
    Body b;
    b.random.seed(static_cast<unsigned>(round));
    const std::int64_t groups = pick(1, 1, 1, 2), in = groups * pick(3, 8, 16), out = groups * pick(4, 16, 24, 7);
    std::string x = b.arg("x", {pick(1, 3), pick(7, 12), pick(7, 10), in});
    if (pick(0, 0, 1)) x = b.pad("pad", x, pick(0, 1, 2), pick(0, 2));
    const std::int64_t k = pick(1, 3, 5, 7), stride = pick(1, 1, 2, 3);
    x = b.conv("conv", x, {k, k, in / groups, out}, stride, pick(0, 1) ? "SAME" : "VALID",
               stride == 1 && k == 3 ? pick(1, 2) : 1);
    x = b.batch_norm("bn", x, out);
    const std::string shared = b.node("act", pick(0, 1) ? "Relu" : "Sigmoid", {x});
    std::string y = b.conv("next", shared, {3, 3, out, out});
    y = b.node("add", "AddV2", {y, shared});
    if (pick(0, 1)) y = b.node("out", "Relu", {y});
    b.ret(y);
    if (pick(0, 1)) b.ret(shared);
    check(b, round % 2 == 0);
    if (HasFailure()) FAIL() << "round " << round;
  }
}

// Few rows and a long sum: the product is split and summed by a second kernel.
TEST_P(CudaEngines, LongSums) {
  Body b;
  std::string x =
      b.node("r", "Relu", {b.batch_norm("bn", b.conv("a", b.arg("x", {1, 7, 7, 256}), {3, 3, 256, 128}), 128)});
  std::string y = b.conv("b", x, {3, 3, 128, 128});
  b.ret(b.node("out", "Relu", {b.node("add", "AddV2", {x, y})}));
  check_all_ways(b);
}

// Large enough for every tile of the product, with rows and columns left over.
TEST_P(CudaEngines, LargeConvolutions) {
  for (const std::int64_t channels : {64, 132, 200}) {
    Body b;
    b.ret(b.node("relu", "Relu", {b.conv("conv", b.arg("x", {3, 29, 31, 20}), {3, 3, 20, channels})}));
    check_all_ways(b);
  }
}

TEST_P(CudaEngines, UnfusedNetworksRunToo) {
  Body b;
  std::string x = b.conv("conv", b.arg("x", {1, 6, 6, 4}), {3, 3, 4, 8});
  x = b.bias("bias", x, 8);
  b.ret(b.node("relu", "Relu", {x}));
  check(b, true, 1e-5, false);
}

TEST_P(CudaEngines, SayWhatTheyAre) {
  Body b;
  b.ret(b.node("relu", "Relu", {b.bias("bias", b.conv("conv", b.arg("x", {1, 8, 8, 16}), {3, 3, 16, 32}), 32)}));
  const auto network = network_of(b);
  ASSERT_TRUE(network.ok());
  const auto plan = build(*device_, *network, true);
  ASSERT_NE(plan, nullptr);
  ASSERT_EQ(plan->layers().size(), 1u);
  const PlanLayer& layer = plan->layers()[0];
  EXPECT_TRUE(has_tactic(*plan, layer.name)) << layer.tactic;
  EXPECT_NE(layer.tactic.find("nhwc"), std::string::npos) << layer.tactic;
  EXPECT_EQ(layer.sources.size(), 3u);
  EXPECT_GE(plan->device_bytes(), std::size_t{3 * 3 * 16 * 32 + 32} * sizeof(float));
}

TEST_P(CudaEngines, RefusePrecisionsTheyDoNotHave) {
  Body b;
  b.ret(b.node("relu", "Relu", {b.arg("x", {4})}));
  const auto network = network_of(b);
  ASSERT_TRUE(network.ok());
  BuildOptions options;
  options.precision = Precision::fp16;
  const auto plan = device_->engine_backend()->build(*network, options);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code, ErrorCode::unsupported);
  EXPECT_NE(plan.error().message.find("engine"), std::string::npos);
}

}  // namespace
}  // namespace isotherm::test
