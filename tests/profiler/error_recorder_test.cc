#include "profiler/error_recorder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/cpu/cpu_device.h"
#include "tests/profiler/synthetic_session.h"

namespace isotherm {
namespace {

/// Tells the recorder of nodes and layers as a run does.
class Runs : public testing::Test {
 protected:
  void node(RunObserver& run, NodeId id, const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs = {}, std::string_view function = {}) {
    ScopeInfo scope;
    scope.kind = ScopeKind::node;
    scope.id = id;
    scope.function = function;
    std::vector<const Tensor*> out, in;
    for (const Tensor& t : outputs) out.push_back(&t);
    for (const Tensor& t : inputs) in.push_back(&t);
    const Status status = run.values()->node_ran(scope, {out, in, 0, 0}, *device_, *stream_);
    EXPECT_TRUE(status.ok());
  }
  void layer(RunObserver& run, int index, const std::string& tensor, Tensor value) {
    ScopeInfo scope;
    scope.kind = ScopeKind::layer;
    scope.id = index;
    scope.engine = 2;
    const LayerValue made{tensor, std::move(value)};
    EXPECT_TRUE(run.values()->layer_ran(scope, std::span(&made, 1), *device_, *stream_).ok());
  }
  static Tensor floats(std::vector<float> values) { return Tensor::vector(values); }

  /// The synthetic graphs: before 2 mul, 3 relu, 4 out; after 2 engine(mul, relu), 3 out.
  static std::shared_ptr<const Conversion> conversion() {
    auto c = std::make_shared<Conversion>(*synthetic_session().conversion);
    c->segmentation.segments[0].outputs = {{3, 0}};
    return c;
  }

  std::shared_ptr<Device> device_ = make_cpu_device(1);
  std::unique_ptr<Stream> stream_ = device_->make_stream().value();
  ErrorRecorder recorder_{conversion()};
};

TEST_F(Runs, ALayerThatComputesSomethingElseShowsIt) {
  layer(recorder_.engine_run(), 0, "s/mul:0", floats({1, -2.5f}));
  layer(recorder_.engine_run(), 1, "s/relu:0", floats({1, 0}));
  node(recorder_.engine_run(), 2, {floats({1, 0})});
  node(recorder_.engine_run(), 3, {floats({1, 0})});
  node(recorder_.native_run(), 2, {floats({1, -2})});
  node(recorder_.native_run(), 3, {floats({1, 0})});
  node(recorder_.native_run(), 4, {floats({1, 0.5f})});
  const auto errors = recorder_.take();
  ASSERT_EQ(errors.size(), 3u);
  EXPECT_EQ(errors[0].node, 2);
  EXPECT_DOUBLE_EQ(errors[0].error, 0.25);
  EXPECT_EQ(errors[0].engine, 2);
  EXPECT_EQ(errors[0].layer, 0);
  EXPECT_FALSE(errors[0].engine_output);
  EXPECT_EQ(errors[1].node, 3);
  EXPECT_EQ(errors[1].error, 0);
  EXPECT_EQ(errors[1].layer, 1);
  EXPECT_TRUE(errors[1].engine_output);
  EXPECT_EQ(errors[2].node, 4);
  EXPECT_EQ(errors[2].engine, kNoNode);
  EXPECT_DOUBLE_EQ(errors[2].error, 0.5);
}

TEST_F(Runs, TheValueIsKeptAsItWasWhenTheLayerRan) {
  Tensor reused = floats({3});
  layer(recorder_.engine_run(), 0, "s/mul:0", reused);
  reused.mutable_data<float>()[0] = 100;  // the next layer writes there
  node(recorder_.native_run(), 2, {floats({3})});
  const auto errors = recorder_.take();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].error, 0);
}

TEST_F(Runs, NanInOneOfTheTwoIsNoNumber) {
  layer(recorder_.engine_run(), 0, "s/mul:0", floats({NAN, 1}));
  node(recorder_.native_run(), 2, {floats({0, 1})});
  const auto errors = recorder_.take();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_TRUE(std::isnan(errors[0].error));
  EXPECT_NE(errors[0].mismatch.find("NaN"), std::string::npos);
}

TEST_F(Runs, OnlyWhatBothComputeIsCompared) {
  layer(recorder_.engine_run(), 1, "s/relu:0", floats({1}));
  layer(recorder_.engine_run(), 0, "nowhere:0", floats({1}));
  node(recorder_.engine_run(), 3, {floats({1})}, {}, "some_function");  // a node of a body
  node(recorder_.native_run(), 2, {floats({7})});                       // fused away in the engine
  node(recorder_.native_run(), 3, {floats({1})});
  const auto errors = recorder_.take();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].node, 3);
}

TEST_F(Runs, IterationsAreComparedInTurnAndTheWorstStays) {
  for (const float v : {1.0f, 2.0f, 4.0f}) node(recorder_.engine_run(), 3, {floats({v})});
  for (const float v : {1.0f, 4.0f, 4.0f}) node(recorder_.native_run(), 4, {floats({v})});
  auto errors = recorder_.take();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_DOUBLE_EQ(errors[0].error, 0.5);
  for (int i = 0; i < 3; ++i) node(recorder_.engine_run(), 3, {floats({1})});
  node(recorder_.native_run(), 4, {floats({1})});
  errors = recorder_.take();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_TRUE(std::isnan(errors[0].error));
  EXPECT_NE(errors[0].mismatch.find("times"), std::string::npos);
}

TEST_F(Runs, AFetchIsComparedWhereNoNodeWas) {
  recorder_.compare_fetches({"out"}, {floats({1})}, {floats({2})});
  const auto errors = recorder_.take();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].node, 4);
  EXPECT_DOUBLE_EQ(errors[0].error, 0.5);
}

Node op(const std::string& name) {
  Node node;
  node.op = name;
  return node;
}

TEST(IndexTies, AreBetweenScoresAlongTheAxis) {
  // Rows {5, 5, 1} and {1, 2, 2.00001}.
  const std::vector<float> values = {5, 5, 1, 1, 2, 2.00001f};
  const Tensor scores = Tensor::from<float>({2, 3}, values);
  const TieCheck along = index_ties(op("ArgMax"), 0, std::vector<Tensor>{scores, Tensor::scalar<std::int32_t>(-1)}, 1e-4);
  ASSERT_TRUE(along);
  EXPECT_TRUE(along(0, 0, 1));
  EXPECT_FALSE(along(0, 0, 2));
  EXPECT_TRUE(along(1, 1, 2));
  EXPECT_FALSE(along(1, 0, 1));
  EXPECT_FALSE(along(1, 3, 1));  // no such index
  const TieCheck down = index_ties(op("ArgMin"), 0, std::vector<Tensor>{scores, Tensor::scalar<std::int32_t>(0)}, 1e-4);
  ASSERT_TRUE(down);
  EXPECT_FALSE(down(0, 0, 1));  // 5 and 1
  const TieCheck top = index_ties(op("TopKV2"), 1, std::vector<Tensor>{scores, Tensor::scalar<std::int32_t>(2)}, 1e-4);
  ASSERT_TRUE(top);
  EXPECT_TRUE(top(1, 0, 1));   // row 0
  EXPECT_TRUE(top(2, 2, 1));   // row 1
  EXPECT_FALSE(top(2, 2, 0));
  const Tensor boxes = Tensor::from<float>({3, 4}, std::vector<float>(12, 0));
  const TieCheck kept = index_ties(op("NonMaxSuppressionV3"), 0, std::vector<Tensor>{boxes, Tensor::vector<float>({1, 3, 3})}, 1e-4);
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept(0, 1, 2));
  EXPECT_FALSE(kept(0, 1, 0));
  EXPECT_FALSE(index_ties(op("TopKV2"), 0, std::vector<Tensor>{scores, Tensor::scalar<std::int32_t>(2)}, 1e-4));
  EXPECT_FALSE(index_ties(op("Cast"), 0, std::vector<Tensor>{scores}, 1e-4));
  EXPECT_FALSE(index_ties(op("ArgMax"), 0, std::vector<Tensor>{}, 1e-4));
}

}  // namespace
}  // namespace isotherm
