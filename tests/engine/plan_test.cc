// Plans of the CPU device against double precision on the unfused segment.
#include <gtest/gtest.h>

#include <random>

#include "core/cpu/cpu_device.h"
#include "core/cpu/engine/backend.h"
#include "core/engine/plan_runner.h"
#include "tests/engine/body.h"
#include "tests/engine/layer_check.h"
#include "tests/engine/reference.h"

namespace isotherm::test {
namespace {

/// Counts layer scopes and checks that they nest in order.
class LayerCounter final : public RunObserver {
 public:
  void scope_begin(const ScopeInfo& scope, Stream*) override {
    EXPECT_FALSE(open);
    EXPECT_EQ(scope.kind, ScopeKind::layer);
    EXPECT_EQ(scope.id, count);
    open = true;
  }
  void scope_end(const ScopeInfo&, Stream*) override {
    open = false;
    ++count;
  }
  void capture_begin(std::uint64_t, Stream*) override {}
  void capture_end(std::uint64_t, Stream*) override {}
  void replay(std::uint64_t, Stream*) override {}
  void fallback(std::int64_t, std::string_view) override {}
  std::int64_t count = 0;
  bool open = false;
};

class Plans : public ::testing::Test {
 protected:
  Plans() : device_(make_cpu_device(2)), backend_(make_cpu_engine_backend(*device_)) {}

  std::unique_ptr<Plan> build(const Body& body, bool deterministic, bool fuse = true) {
    NetworkOptions network_options;
    network_options.evaluator = device_.get();
    network_options.fuse = fuse;
    const auto network = body.network(network_options);
    EXPECT_TRUE(network.ok()) << (network.ok() ? "" : network.error().message);
    if (!network.ok()) return nullptr;
    BuildOptions options;
    options.threads = 2;
    options.deterministic = deterministic;
    auto plan = backend_->build(*network, options);
    EXPECT_TRUE(plan.ok()) << (plan.ok() ? "" : plan.error().message);
    return plan.ok() ? std::move(*plan) : nullptr;
  }

  /// Runs the plan (what a first run leaves behind must not matter) and compares every output, then every layer's.
  void check(const Body& body, Plan& plan, double limit = 2e-6) {
    std::mt19937 random(9);
    std::uniform_real_distribution<float> uniform(-1, 1);
    PlanRunner runner(*device_, 2);
    for (int run = 0; run < 2; ++run) {
      std::vector<Tensor> inputs;
      std::vector<Array> arguments;
      for (const Shape& shape : body.shapes) {
        inputs.push_back(Tensor::make(DType::float32, shape).value());
        for (float& v : inputs.back().mutable_data<float>()) v = uniform(random);
        arguments.push_back(to_array(inputs.back()));
      }
      auto expected = run_body(*body.build(), arguments);
      LayerCounter counter;
      const auto outputs = runner.run(plan, inputs, &counter);
      ASSERT_TRUE(outputs.ok()) << outputs.error().message;
      EXPECT_EQ(counter.count, static_cast<std::int64_t>(plan.layers().size()));
      for (std::size_t i = 0; i < outputs->size(); ++i) {
        EXPECT_LE(error_of(to_array((*outputs)[i]), expected["ret" + std::to_string(i) + ":0"]), limit)
            << "output " << i;
      }
      LayerCheck layers(expected, std::max(limit, 1e-5));
      const auto seen = runner.run(plan, inputs, &layers);
      ASSERT_TRUE(seen.ok()) << seen.error().message;
      EXPECT_EQ(layers.count, static_cast<std::int64_t>(plan.layers().size()));
      EXPECT_GT(plan.arena_bytes(), 0u);
      EXPECT_LE(plan.arena_bytes(), plan.device_bytes());
    }
  }

  void check_all_ways(const Body& body, double limit = 2e-6) {
    for (const bool deterministic : {true, false}) {
      const auto plan = build(body, deterministic);
      if (plan) check(body, *plan, limit);
      if (HasFailure() && plan) {
        for (const PlanLayer& l : plan->layers()) ADD_FAILURE() << l.name << ": " << l.tactic;
        return;
      }
    }
  }

  std::shared_ptr<Device> device_;
  std::unique_ptr<EngineBackend> backend_;
};

TEST_F(Plans, ResidualBlocksWithProjection) {
  Body b;
  std::string x = b.arg("x", {2, 9, 9, 3});
  x = b.pad("pad", x, 1, 1);
  x = b.node("stem_relu", "Relu", {b.batch_norm("stem_bn", b.conv("stem", x, {3, 3, 3, 16}, 2, "VALID"), 16)});
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
  check_all_ways(b, 1e-5);
}

// The residual is the convolution's own input: nothing may be written over it.
TEST_F(Plans, ResidualOfTheConvolutionsInput) {
  Body b;
  std::string x = b.node("relu", "Relu", {b.conv("stem", b.arg("x", {1, 6, 6, 16}), {3, 3, 16, 16})});
  x = b.node("add", "AddV2", {x, b.conv("conv", x, {3, 3, 16, 16})});
  b.ret(x);
  check_all_ways(b, 1e-5);
}

// Intermediates that are outputs, views that are outputs, an input passed through.
TEST_F(Plans, ManyOutputs) {
  Body b;
  const std::string x = b.arg("x", {1, 4, 4, 24});
  const std::string c = b.node("relu", "Relu", {b.conv("conv", x, {3, 3, 24, 40})});
  b.ret(c);
  b.ret(b.node("flat", "Reshape", {c, b.ints("shape", {4, 160})}, {{"Tshape", TypeValue(DType::int32)}}));
  b.ret(b.node("same", "Identity", {x}));
  b.ret(b.node("tanh", "Tanh", {c}));
  b.ret(c);
  check_all_ways(b, 1e-5);
}

TEST_F(Plans, DepthwiseBlocksWithOddChannels) {
  Body b;
  std::string x = b.arg("x", {2, 8, 8, 3});
  x = b.node("r0", "Relu6", {b.batch_norm("b0", b.conv("c0", x, {3, 3, 3, 12}, 2), 12)});
  std::string y = b.node("r1", "Relu6", {b.batch_norm("b1", b.conv("expand", x, {1, 1, 12, 24}), 24)});
  y = b.node("r2", "Relu6", {b.batch_norm("b2", b.depthwise("dw", y, {3, 3, 24, 1}), 24)});
  y = b.batch_norm("b3", b.conv("project", y, {1, 1, 24, 12}), 12);
  x = b.node("add", "AddV2", {x, y});
  x = b.node("r4", "Relu6",
             {b.batch_norm("b4", b.depthwise("dw2", b.pad("p", x, 0, 1), {3, 3, 12, 2}, 2, "VALID"), 24)});
  b.ret(x);
  check_all_ways(b, 1e-5);
}

TEST_F(Plans, BranchesAndConcat) {
  Body b;
  const std::string x = b.arg("x", {1, 7, 7, 8});
  const std::string p = b.node("ra", "Relu", {b.conv("a", x, {1, 1, 8, 16})});
  const std::string q = b.node("rb", "Elu", {b.conv("b", x, {3, 3, 8, 20})});
  const std::string r = b.pool("c", "AvgPool", x, 3, 1, "SAME");
  const std::string s = b.pool("d", "MaxPool", x, 3, 1, "SAME");
  const std::string all = b.node("cat", "ConcatV2", {p, q, r, s, b.constant("axis", Tensor::scalar<std::int32_t>(3))},
                                 {{"N", std::int64_t{4}}, {"Tidx", TypeValue(DType::int32)}});
  b.ret(b.conv("last", all, {1, 1, 52, 6}));
  check_all_ways(b, 1e-5);
}

TEST_F(Plans, ChannelsFirst) {
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
  check_all_ways(b, 1e-5);
}

TEST_F(Plans, Deconvolution) {
  for (const char* padding : {"SAME", "VALID"}) {
    Body b;
    const std::int64_t large = std::string(padding) == "SAME" ? 8 : 9;
    const std::string x = b.arg("x", {1, 4, 4, 3});
    const auto n = static_cast<std::int32_t>(large);
    std::string y = b.node("up", "Conv2DBackpropInput", {b.ints("sizes", {1, n, n, 5}), b.floats("w", {3, 3, 5, 3}), x},
                           {{"strides", ints_attr({1, 2, 2, 1})}, {"padding", std::string(padding)}});
    y = b.node("leaky", "LeakyRelu", {b.bias("bias", y, 5)}, {{"alpha", 0.1f}});
    b.ret(y);
    check_all_ways(b, 1e-5);
  }
}

TEST_F(Plans, PointwiseWithoutConvolutions) {
  Body b;
  const std::string x = b.arg("x", {2, 3, 4, 5}), y = b.arg("y", {2, 3, 4, 5}), z = b.arg("z", {5});
  std::string t = b.node("sub", "Sub", {x, y});
  t = b.node("mul", "Mul", {z, t});
  t = b.batch_norm("bn", t, 5);
  t = b.node("relu", "Relu", {t});
  t = b.node("max", "Maximum", {t, b.node("sig", "Sigmoid", {y})});
  b.ret(b.node("tr", "Transpose", {t, b.ints("perm", {0, 3, 1, 2})}, {{"Tperm", TypeValue(DType::int32)}}));
  check_all_ways(b, 1e-5);
}

TEST_F(Plans, PadsAndNativeKernelsInTheMiddle) {
  Body b;
  std::string x = b.conv("conv", b.arg("x", {1, 5, 5, 16}), {3, 3, 16, 16});
  x = b.pad("pad", x, 1, 1);  // may be negative: stays a layer of its own
  x = b.pool("pool", "MaxPool", x, 3, 2, "VALID");
  b.ret(b.conv("conv2", x, {1, 1, 16, 7}));
  check_all_ways(b, 1e-5);
}

TEST_F(Plans, RandomConvolutions) {
  std::mt19937 random(21);
  const auto pick = [&](auto... v) {
    const std::vector<int> values = {v...};
    return values[random() % values.size()];
  };
  for (int round = 0; round < 40; ++round) {
    Body b;
    b.random.seed(static_cast<unsigned>(round));
    const std::int64_t groups = pick(1, 1, 1, 2), in = groups * pick(3, 8, 16), out = groups * pick(4, 16, 24);
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
    const auto plan = build(b, true);
    ASSERT_NE(plan, nullptr);
    check(b, *plan, 1e-5);
    if (HasFailure()) FAIL() << "round " << round << " " << plan->layers()[0].tactic;
  }
}

TEST_F(Plans, UnfusedNetworksRunToo) {
  Body b;
  std::string x = b.conv("conv", b.arg("x", {1, 6, 6, 4}), {3, 3, 4, 8});
  x = b.bias("bias", x, 8);
  b.ret(b.node("relu", "Relu", {x}));
  const auto plan = build(b, true, false);
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->layers().size(), 3u);
  check(b, *plan, 1e-5);
}

TEST_F(Plans, SayWhatTheyAre) {
  Body b;
  b.ret(b.node("relu", "Relu", {b.bias("bias", b.conv("conv", b.arg("x", {1, 8, 8, 16}), {3, 3, 16, 32}), 32)}));
  const auto plan = build(b, true);
  ASSERT_NE(plan, nullptr);
  ASSERT_EQ(plan->layers().size(), 1u);
  const PlanLayer& layer = plan->layers()[0];
  EXPECT_EQ(layer.name, "conv");
  EXPECT_EQ(layer.sources, (std::vector<std::string>{"conv", "bias", "relu"}));
  EXPECT_EQ(layer.flops, 2.0 * 8 * 8 * 32 * 9 * 16 + 2 * 8 * 8 * 32);
  EXPECT_EQ(layer.tactic.rfind("onednn ", 0), 0u) << layer.tactic;
  EXPECT_GE(plan->device_bytes(), 9u * 16 * 32 * 4);
}

TEST_F(Plans, RefuseOtherShapesAndPrecisions) {
  Body b;
  b.ret(b.node("relu", "Relu", {b.arg("x", {2, 3})}));
  const auto plan = build(b, true);
  ASSERT_NE(plan, nullptr);
  PlanRunner runner(*device_);
  const std::vector<Tensor> wrong = {Tensor::make(DType::float32, {3, 3}).value()};
  const auto result = runner.run(*plan, wrong);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("3x3"), std::string::npos);
  BuildOptions options;
  options.precision = Precision::int8;
  EXPECT_FALSE(backend_->build(*b.network(), options).ok());
}

}  // namespace
}  // namespace isotherm::test
