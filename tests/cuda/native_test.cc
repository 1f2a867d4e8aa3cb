// Native kernels of the card against the CPU device and TensorFlow, with cuDNN and without.
#include <cstdlib>
#include <iostream>
#include <random>

#include "cuda/device/device.h"
#include "cuda/native/convolution_tactics.h"
#include "tests/cpu/run_case.h"
#include "tests/cuda/card.h"
#include "tests/runtime/graph_maker.h"

namespace isotherm::test {
namespace {

namespace fs = std::filesystem;
constexpr double kLimit = 1e-5;

Tensor noise(Shape shape, unsigned seed, float low = -1, float high = 1) {
  Tensor t = Tensor::make(DType::float32, std::move(shape)).value();
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(low, high);
  for (float& v : t.mutable_data<float>()) v = uniform(random);
  return t;
}

/// The parameter: whether cuDNN may be used.
class CudaNative : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    ISO_FIRST_CARD(device, with_cudnn(GetParam()));
    device_ = device;
  }

  /// Runs on both devices, twice on the card (the first run chooses), and compares every fetch.
  void check(const std::shared_ptr<const Graph>& graph, const Feeds& feeds, const std::vector<std::string>& fetches,
             const std::string& what) {
    auto cpu = Session::create(graph, reference_device()), card = Session::create(graph, device_);
    ASSERT_TRUE(cpu.ok() && card.ok());
    const auto expected = (*cpu)->run(feeds, fetches);
    ASSERT_TRUE(expected.ok()) << what << ": " << expected.error().message;
    for (int run = 0; run < 2; ++run) {
      const auto found = (*card)->run(feeds, fetches);
      ASSERT_TRUE(found.ok()) << what << ": " << found.error().message;
      for (std::size_t i = 0; i < fetches.size(); ++i)
        EXPECT_EQ(differs(found->fetches[i], expected->fetches[i], kLimit), "") << what << ", fetch " << fetches[i];
    }
  }

  std::shared_ptr<Device> device_;
};
INSTANTIATE_TEST_SUITE_P(Ways, CudaNative, ::testing::Bool(),
                         [](const auto& way) { return way.param ? "WithCudnn" : "OwnKernels"; });

struct ConvolutionCase {
  const char* what;
  Shape x, filter;  // NHWC, or NCHW where so said
  std::int64_t stride = 1, dilation = 1;
  const char* padding = "SAME";
  bool channels_first = false, depthwise = false;
  std::vector<std::int64_t> pads = {};
};

std::vector<ConvolutionCase> convolution_cases() {
  return {{"1x1", {2, 14, 14, 64}, {1, 1, 64, 256}},
          {"1x1, odd channels", {2, 7, 5, 19}, {1, 1, 19, 10}},
          {"1x1 of stride 2", {2, 14, 14, 64}, {1, 1, 64, 128}, 2, 1, "VALID"},
          {"3x3", {2, 14, 14, 32}, {3, 3, 32, 64}},
          {"3x3, deep", {1, 7, 7, 512}, {3, 3, 512, 64}},
          {"3x3 of stride 2, padded unevenly", {2, 14, 14, 32}, {3, 3, 32, 64}, 2},
          {"3x3 dilated", {1, 15, 13, 16}, {3, 3, 16, 24}, 1, 2},
          {"7x7 of an image", {2, 37, 37, 3}, {7, 7, 3, 64}, 2, 1, "VALID"},
          {"5x3 of 3 to 5", {1, 9, 11, 3}, {5, 3, 3, 5}},
          {"explicit padding", {1, 8, 9, 8}, {3, 3, 8, 12}, 1, 1, "EXPLICIT", false, false, {0, 0, 2, 1, 0, 3, 0, 0}},
          {"grouped", {2, 9, 9, 16}, {3, 3, 4, 32}},
          {"channels first", {2, 12, 10, 11}, {3, 3, 12, 20}, 1, 1, "SAME", true},
          {"channels first 1x1", {2, 24, 9, 9}, {1, 1, 24, 16}, 1, 1, "VALID", true},
          {"depthwise 3x3", {2, 14, 14, 96}, {3, 3, 96, 1}, 1, 1, "SAME", false, true},
          {"depthwise of stride 2", {2, 15, 15, 32}, {3, 3, 32, 1}, 2, 1, "VALID", false, true},
          {"depthwise, odd channels", {1, 9, 9, 7}, {3, 3, 7, 1}, 2, 1, "SAME", false, true},
          {"depthwise with multiplier", {1, 9, 9, 6}, {3, 3, 6, 2}, 1, 1, "SAME", false, true}};
}

std::shared_ptr<const Graph> convolution_graph(const ConvolutionCase& c, bool constant_filter) {
  const auto spread = [&](std::int64_t value) {
    AttrList list;
    list.i = c.channels_first ? std::vector<std::int64_t>{1, 1, value, value}
                              : std::vector<std::int64_t>{1, value, value, 1};
    return make_list_attr(std::move(list));
  };
  Attrs attrs = {{"strides", spread(c.stride)},
                 {"dilations", spread(c.dilation)},
                 {"padding", std::string(c.padding)},
                 {"data_format", std::string(c.channels_first ? "NCHW" : "NHWC")}};
  if (!c.pads.empty()) {
    AttrList list;
    list.i = c.pads;
    attrs.emplace_back("explicit_paddings", make_list_attr(std::move(list)));
  }
  GraphMaker maker(DType::float32);
  maker.placeholder("x", c.x);
  if (constant_filter)
    maker.constant("filter", noise(c.filter, 2));
  else
    maker.placeholder("filter", c.filter);
  maker.node("y", c.depthwise ? "DepthwiseConv2dNative" : "Conv2D", {"x", "filter"}, std::move(attrs));
  return maker.build();
}

// oneDNN takes channels first too, so that the CPU device is the reference of every case.
TEST_P(CudaNative, Convolutions) {
  for (const ConvolutionCase& c : convolution_cases()) {
    check(convolution_graph(c, true), {{"x", noise(c.x, 1)}}, {"y"}, c.what);
    check(convolution_graph(c, false), {{"x", noise(c.x, 1)}, {"filter", noise(c.filter, 2)}}, {"y"},
          std::string(c.what) + ", filter fed");
  }
}

// Every tactic by itself, not only the fastest.
TEST_P(CudaNative, EveryTacticOfAConvolution) {
  auto& card = dynamic_cast<cuda::CudaDevice&>(*device_);
  auto stream = device_->make_stream();
  ASSERT_TRUE(stream.ok());
  auto& own = dynamic_cast<cuda::DeviceStream&>(**stream);
  for (const ConvolutionCase& c : convolution_cases()) {
    AttrMap attrs = convolution_graph(c, true)->node(2).attrs;
    const auto attributes = cpu::window_attributes(attrs, 2);
    ASSERT_TRUE(attributes.ok()) << attributes.error().message;
    const auto shapes = cpu::convolution_shapes(*attributes, c.x, c.filter, c.depthwise);
    ASSERT_TRUE(shapes.ok()) << shapes.error().message;
    const auto problem = cuda::problem_of(*shapes, c.channels_first);
    ASSERT_TRUE(problem.ok());
    cuda::CudnnHandle handle = nullptr;
    if (card.cudnn()) handle = own.cudnn().value();
    const auto graph = convolution_graph(c, true);
    for (const auto& tactic :
         cuda::convolution_tactics(*problem, card.card().multiprocessors, card.cudnn(), handle, false)) {
      card.convolution_choices().set(*problem, {tactic, {}});
      auto cpu = Session::create(graph, reference_device()), session = Session::create(graph, device_);
      const Feeds feeds = {{"x", noise(c.x, 1)}};
      const auto expected = (*cpu)->run(feeds, {"y"});
      const auto found = (*session)->run(feeds, {"y"});
      ASSERT_TRUE(expected.ok());
      if (!found.ok() && found.error().message.find("NOT_SUPPORTED") != std::string::npos) continue;
      ASSERT_TRUE(found.ok()) << c.what << ", " << tactic.name() << ": " << found.error().message;
      double worst = 0;
      EXPECT_EQ(differs(found->fetches[0], expected->fetches[0], kLimit, &worst), "")
          << c.what << ", " << tactic.name();
      std::cout << c.what << ", " << tactic.name() << ": error " << worst << "\n";
    }
  }
}

TEST_P(CudaNative, Unary) {
  const Tensor any = noise({3, 5, 7}, 3, -8, 8), positive = noise({4, 64}, 4, 0.01f, 9);
  for (const char* op : {"Relu",     "Relu6", "LeakyRelu", "Elu",   "Selu",   "Sigmoid", "Tanh",    "Softplus",
                         "Softsign", "Neg",   "Abs",       "Sign",  "Square", "Exp",     "Expm1",   "Sin",
                         "Cos",      "Floor", "Ceil",      "Round", "Rint",   "Erf",     "Softmax", "LogSoftmax"})
    check(GraphMaker(DType::float32).placeholder("x", any.shape()).node("y", op, {"x"}).build(), {{"x", any}}, {"y"},
          op);
  for (const char* op : {"Sqrt", "Rsqrt", "Reciprocal", "Inv", "Log", "Log1p"})
    check(GraphMaker(DType::float32).placeholder("x", positive.shape()).node("y", op, {"x"}).build(), {{"x", positive}},
          {"y"}, op);
}

TEST_P(CudaNative, UnaryKeepsNanAndInfinity) {
  const float nan = std::nanf(""), inf = INFINITY;
  const Tensor x = Tensor::vector<float>({nan, inf, -inf, -0.0f, 7, -3, 1});
  for (const char* op : {"Relu", "Relu6", "LeakyRelu", "Sign", "Tanh", "Neg", "Abs"})
    check(GraphMaker(DType::float32).placeholder("x", x.shape()).node("y", op, {"x"}).build(), {{"x", x}}, {"y"}, op);
}

TEST_P(CudaNative, BinaryBroadcasts) {
  const std::vector<std::pair<Shape, Shape>> shapes = {
      {{4, 6, 8}, {4, 6, 8}},    {{4, 6, 8}, {8}}, {{8}, {4, 6, 8}}, {{4, 6, 7}, {7}},
      {{4, 1, 8}, {1, 6, 1}},    {{5, 3}, {}},     {{}, {5, 3}},     {{}, {}},
      {{2, 3, 4, 5}, {3, 1, 5}}, {{3}, {3}},       {{0, 4}, {1, 4}}};
  for (const char* op : {"Add", "AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum", "SquaredDifference", "Pow"})
    for (const auto& [a, b] : shapes)
      check(GraphMaker(DType::float32).placeholder("a", a).placeholder("b", b).node("y", op, {"a", "b"}).build(),
            {{"a", noise(a, 5, 0.1f, 3)}, {"b", noise(b, 6, 0.1f, 3)}}, {"y"},
            op + (" " + a.to_string() + " and " + b.to_string()));
}

TEST_P(CudaNative, OneOperandReadTwice) {
  const Tensor x = noise({6, 8}, 7);
  check(GraphMaker(DType::float32)
            .placeholder("x", x.shape())
            .node("r", "Relu", {"x"})
            .node("s", "Mul", {"r", "r"})
            .node("y", "Add", {"s", "r"})
            .build(),
        {{"x", x}}, {"y", "s"}, "r * r + r");
}

TEST_P(CudaNative, BatchNorm) {
  for (const bool channels_first : {false, true})
    for (const bool constant : {false, true})
      for (const std::int64_t c : {std::int64_t{16}, std::int64_t{5}}) {
        const Shape shape = channels_first ? Shape{2, c, 6, 7} : Shape{2, 6, 7, c};
        GraphMaker maker(DType::float32);
        maker.placeholder("x", shape);
        Feeds feeds = {{"x", noise(shape, 8)}};
        unsigned seed = 9;
        for (const char* name : {"scale", "offset", "mean", "variance"}) {
          const Tensor value = noise({c}, seed++, 0.1f, 2);
          if (constant) {
            maker.constant(name, value);
          } else {
            maker.placeholder(name, Shape{c});
            feeds.emplace_back(name, value);
          }
        }
        maker.node("y", "FusedBatchNormV3", {"x", "scale", "offset", "mean", "variance"},
                   {{"is_training", false},
                    {"epsilon", 1e-3f},
                    {"U", TypeValue(DType::float32)},
                    {"data_format", std::string(channels_first ? "NCHW" : "NHWC")}});
        check(maker.build(), feeds, {"y", "y:1"}, channels_first ? "channels first" : "channels last");
      }
}

TEST_P(CudaNative, BiasAndPools) {
  AttrList window, strides, window_first, strides_first;
  window.i = {1, 3, 3, 1};
  strides.i = {1, 2, 2, 1};
  window_first.i = {1, 1, 3, 3};
  strides_first.i = {1, 1, 2, 2};
  for (const bool channels_first : {false, true})
    for (const char* padding : {"SAME", "VALID"})
      for (const char* op : {"MaxPool", "AvgPool"}) {
        const Shape shape = channels_first ? Shape{2, 8, 11, 12} : Shape{2, 11, 12, 8};
        const std::string format = channels_first ? "NCHW" : "NHWC";
        check(GraphMaker(DType::float32)
                  .placeholder("x", shape)
                  .constant("b", noise({8}, 11))
                  .node("biased", "BiasAdd", {"x", "b"}, {{"data_format", format}})
                  .node("y", op, {"biased"},
                        {{"ksize", make_list_attr(channels_first ? window_first : window)},
                         {"strides", make_list_attr(channels_first ? strides_first : strides)},
                         {"padding", std::string(padding)},
                         {"data_format", format}})
                  .build(),
              {{"x", noise(shape, 12)}}, {"biased", "y"}, op + (" " + format));
      }
}

TEST_P(CudaNative, Reductions) {
  const Tensor x = noise({3, 4, 5, 6}, 13, 0.5f, 1.5f);
  for (const char* op : {"Sum", "Mean", "Prod", "Max", "Min", "EuclideanNorm"})
    for (const std::vector<std::int32_t>& axes :
         std::vector<std::vector<std::int32_t>>{{1, 2}, {3}, {0}, {-1, 0}, {0, 2}, {1, 3}, {0, 1, 2, 3}, {}})
      for (const bool keep : {false, true})
        check(GraphMaker(DType::float32)
                  .placeholder("x", x.shape())
                  .constant("axes", Tensor::vector<std::int32_t>(axes))
                  .node("y", op, {"x", "axes"}, {{"keep_dims", keep}, {"Tidx", TypeValue(DType::int32)}})
                  .build(),
              {{"x", x}}, {"y"}, op);
}

TEST_P(CudaNative, Movement) {
  const Tensor x = noise({2, 5, 6, 8}, 14);
  const auto ints = [](std::vector<std::int32_t> values, Shape shape) {
    return Tensor::vector<std::int32_t>(values).reshaped(std::move(shape));
  };
  for (const std::vector<std::int32_t>& order : std::vector<std::vector<std::int32_t>>{
           {0, 3, 1, 2}, {0, 2, 3, 1}, {3, 2, 1, 0}, {0, 1, 2, 3}, {1, 0, 2, 3}, {0, 1, 3, 2}})
    check(GraphMaker(DType::float32)
              .placeholder("x", x.shape())
              .constant("order", ints(order, {4}))
              .node("y", "Transpose", {"x", "order"}, {{"Tperm", TypeValue(DType::int32)}})
              .build(),
          {{"x", x}}, {"y"}, "Transpose");
  const Tensor pads = ints({0, 0, 1, 2, 3, 0, 0, 1}, {4, 2});
  check(GraphMaker(DType::float32)
            .placeholder("x", x.shape())
            .constant("pads", pads)
            .constant("value", Tensor::scalar<float>(-2.5f))
            .constant("axis", Tensor::scalar<std::int32_t>(2))
            .constant("shape", ints({-1, 30}, {2}))
            .node("pad", "Pad", {"x", "pads"}, {{"Tpaddings", TypeValue(DType::int32)}})
            .node("padv2", "PadV2", {"x", "pads", "value"}, {{"Tpaddings", TypeValue(DType::int32)}})
            .node("joined", "ConcatV2", {"x", "x", "axis"}, {{"N", std::int64_t{2}}, {"Tidx", TypeValue(DType::int32)}})
            .node("packed", "Pack", {"x", "x"}, {{"N", std::int64_t{2}}, {"axis", std::int64_t{1}}})
            .node("wider", "ExpandDims", {"x", "axis"}, {{"Tdim", TypeValue(DType::int32)}})
            .node("narrow", "Squeeze", {"wider"})
            .node("flat", "Reshape", {"x", "shape"}, {{"Tshape", TypeValue(DType::int32)}})
            .node("size", "Shape", {"pad"}, {{"out_type", TypeValue(DType::int32)}})
            .build(),
        {{"x", x}}, {"pad", "padv2", "joined", "packed", "wider", "narrow", "flat", "size"}, "movement");
}

TEST_P(CudaNative, Products) {
  for (const bool ta : {false, true})
    for (const bool tb : {false, true})
      for (const auto& [m, k, n] : {std::array<std::int64_t, 3>{8, 2048, 1000}, {5, 7, 3}, {1, 64, 1}}) {
        const Shape a = ta ? Shape{k, m} : Shape{m, k}, b = tb ? Shape{n, k} : Shape{k, n};
        check(GraphMaker(DType::float32)
                  .placeholder("a", a)
                  .placeholder("b", b)
                  .node("y", "MatMul", {"a", "b"}, {{"transpose_a", ta}, {"transpose_b", tb}})
                  .build(),
              {{"a", noise(a, 15)}, {"b", noise(b, 16)}}, {"y"}, "MatMul");
      }
  const Shape a{2, 3, 4, 16}, b{3, 16, 5};
  check(
      GraphMaker(DType::float32).placeholder("a", a).placeholder("b", b).node("y", "BatchMatMulV2", {"a", "b"}).build(),
      {{"a", noise(a, 17)}, {"b", noise(b, 18)}}, {"y"}, "BatchMatMulV2");
}

/// Runs all stored cases below `root` on the card: what it has no kernel for runs on the host.
void expect_cases(const std::shared_ptr<Device>& device, const fs::path& root,
                  const std::map<std::string, Tolerance>& loose) {
  const std::vector<fs::path> folders = case_folders(root);
  ASSERT_FALSE(folders.empty()) << root;
  for (const fs::path& folder : folders) {
    const std::string name = fs::relative(folder, root).string();
    Case c = case_in(folder);
    if (const auto it = loose.find(name); it != loose.end()) c.tolerance = it->second;
    const Outcome outcome = run_case(c, device);
    EXPECT_TRUE(outcome.ok) << name << ": " << outcome.why;
  }
}

TEST_P(CudaNative, OpCasesOfThisRepository) {
  const fs::path root = fs::path(ISOTHERM_TEST_DATA) / "cpu";
  expect_cases(device_, root, loose_cases(root / "loose.tsv", 0, 1));
}

TEST_P(CudaNative, OpCasesOfTheReference) {
  const char* models = std::getenv("ISOTHERM_MODELS_UNPACKED");
  if (!models || !fs::exists(fs::path(models) / "op_cases"))
    GTEST_SKIP() << "not run: ISOTHERM_MODELS_UNPACKED names no folder with op_cases";
  const fs::path root = fs::path(models) / "op_cases";
  expect_cases(device_, root, loose_cases(root / "loose.tsv", 1, 2));
}

}  // namespace
}  // namespace isotherm::test
