// The CUDA device itself: memory, copies, streams, recordings, and what it says when something is wrong.
#include "cuda/device/device.h"

#include <cstring>

#include "cuda/cuda_stream.h"
#include "tests/cuda/card.h"
#include "tests/runtime/graph_maker.h"

namespace isotherm::test {
namespace {

Tensor counting(std::int64_t n) {
  std::vector<float> values(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 1000) * 0.25f;
  return Tensor::vector<float>(values);
}

bool same_bytes(const Tensor& a, const Tensor& b) {
  return a.byte_size() == b.byte_size() && std::memcmp(a.raw(), b.raw(), a.byte_size()) == 0;
}

// Runs everywhere: whatever is missing is said in one sentence.
TEST(CudaDevice, SaysInOneSentenceWhatIsMissing) {
  const auto device = first_card({});
  if (device.ok()) GTEST_SKIP() << "not run: there is a card, nothing is missing";
  EXPECT_EQ(device.error().code, ErrorCode::unsupported);
  EXPECT_EQ(device.error().message.find('\n'), std::string::npos);
  EXPECT_NE(device.error().message.find("--device cpu"), std::string::npos) << device.error().message;
}

TEST(CudaDevice, NumberOfNoCard) {
  ISO_FIRST_CARD(device, {});
  GpuOptions options;
  options.index = 7;
  const auto other = first_card(options);
  if (other.ok()) GTEST_SKIP() << "not run: this machine has eight cards";
  EXPECT_EQ(other.error().code, ErrorCode::not_found);
  EXPECT_NE(other.error().message.find("no card 7"), std::string::npos) << other.error().message;
  EXPECT_NE(other.error().message.find("cuda:0"), std::string::npos) << other.error().message;
}

TEST(CudaDevice, DescribesItsSettings) {
  ISO_FIRST_CARD(device, {});
  EXPECT_EQ(device->name(), "cuda:0");
  EXPECT_NE(device->description().find("FP32 without TF32"), std::string::npos) << device->description();
  GpuOptions options;
  options.tf32 = true;
  options.cudnn = false;
  ISO_FIRST_CARD(other, options);
  EXPECT_NE(other->description().find("FP32 with TF32"), std::string::npos) << other->description();
  EXPECT_NE(other->description().find("cuDNN switched off"), std::string::npos) << other->description();
}

TEST(CudaDevice, MoreMemoryThanThereIs) {
  ISO_FIRST_CARD(device, {});
  const auto buffer = device->allocate(std::size_t{1} << 46);
  ASSERT_FALSE(buffer.ok());
  EXPECT_EQ(buffer.error().code, ErrorCode::exhausted);
  EXPECT_NE(buffer.error().message.find("cudaMalloc failed: out of memory"), std::string::npos)
      << buffer.error().message;
  EXPECT_EQ(buffer.error().message.find('\n'), std::string::npos);
  // Nothing of it stays behind.
  EXPECT_TRUE(device->allocate(1 << 20).ok());
}

TEST(CudaDevice, OutOfMemoryNamesTheNode) {
  ISO_FIRST_CARD(device, {});
  const auto graph = GraphMaker(DType::float32)
                         .placeholder("x", Shape{1 << 18, 1})
                         .placeholder("y", Shape{1, 1 << 18})
                         .node("product", "AddV2", {"x", "y"})
                         .build();
  auto session = Session::create(graph, device);
  ASSERT_TRUE(session.ok());
  const Tensor x = counting(1 << 18);
  const auto result = (*session)->run({{"x", x.reshaped({1 << 18, 1})}, {"y", x.reshaped({1, 1 << 18})}}, {"product"});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::exhausted);
  EXPECT_NE(result.error().message.find("node 'product' (AddV2)"), std::string::npos) << result.error().message;
  EXPECT_NE(result.error().message.find("out of memory"), std::string::npos) << result.error().message;
}

TEST(CudaDevice, CopiesBothWays) {
  ISO_FIRST_CARD(device, {});
  auto stream = device->make_stream();
  ASSERT_TRUE(stream.ok());
  // Sizes through the staging memory, many at once, and past it.
  for (const std::int64_t n : {std::int64_t{1}, std::int64_t{1000}, std::int64_t{1} << 20, std::int64_t{6} << 20}) {
    const Tensor host = counting(n);
    std::vector<Tensor> back;
    for (int i = 0; i < 4; ++i) {
      const auto there = device->to_device(host, **stream);
      ASSERT_TRUE(there.ok()) << there.error().message;
      EXPECT_FALSE(there->on_host());
      back.push_back(Tensor::make(DType::float32, host.shape()).value());
      ASSERT_TRUE(device->copy(*there, back.back(), **stream).ok());
    }
    ASSERT_TRUE((*stream)->synchronise().ok());
    for (const Tensor& tensor : back) EXPECT_TRUE(same_bytes(tensor, host)) << n;
  }
}

TEST(CudaDevice, RecordsCopiesAndReplaysThem) {
  ISO_FIRST_CARD(device, {});
  auto stream = device->make_stream();
  ASSERT_TRUE(stream.ok());
  const std::int64_t n = 4096;
  const std::size_t bytes = static_cast<std::size_t>(n) * 4;
  const Tensor from(DType::float32, {n}, device->allocate_on_host(bytes).value());
  const Tensor there(DType::float32, {n}, device->allocate(bytes).value());
  const Tensor to(DType::float32, {n}, device->allocate_on_host(bytes).value());
  const auto number = device->begin_recording(**stream);
  ASSERT_TRUE(number.ok()) << number.error().message;
  ASSERT_TRUE(device->copy(from, there, **stream).ok());
  ASSERT_TRUE(device->copy(there, to, **stream).ok());
  EXPECT_FALSE((*stream)->synchronise().ok());
  // Ordinary memory is refused.
  EXPECT_FALSE(device->copy(there, counting(n), **stream).ok());
  const auto recording = device->end_recording(**stream);
  ASSERT_TRUE(recording.ok()) << recording.error().message;
  EXPECT_EQ((*recording)->number(), *number);
  for (int run = 0; run < 3; ++run) {
    const Tensor values = counting(n + run);
    std::memcpy(from.raw(), values.raw() + 4 * run, bytes);
    ASSERT_TRUE((*recording)->replay(**stream).ok());
    ASSERT_TRUE((*stream)->synchronise().ok());
    EXPECT_TRUE(same_bytes(from, to)) << run;
  }
}

TEST(CudaDevice, WholeRunsReplay) {
  GpuOptions options;
  options.device_graphs = true;
  ISO_FIRST_CARD(device, options);
  ISO_FIRST_CARD(plain, {});
  const auto graph = GraphMaker(DType::float32)
                         .placeholder("x", Shape{-1, 64})
                         .constant("w", counting(64 * 32).reshaped({64, 32}))
                         .node("product", "MatMul", {"x", "w"})
                         .node("y", "Tanh", {"product"})
                         .build();
  auto recorded = Session::create(graph, device), launched = Session::create(graph, plain);
  ASSERT_TRUE(recorded.ok() && launched.ok());
  for (int run = 0; run < 6; ++run) {
    const std::int64_t rows = run < 4 ? 8 : 5;  // other shapes are recorded anew
    const Tensor x = counting(rows * 64 + run);
    std::vector<float> values(x.data<float>().begin() + run, x.data<float>().end());
    for (float& v : values) v *= 1e-4f;
    const Feeds feeds = {{"x", Tensor::vector<float>(values).reshaped({rows, 64})}};
    const auto a = (*recorded)->run(feeds, {"y", "product"}), b = (*launched)->run(feeds, {"y", "product"});
    ASSERT_TRUE(a.ok()) << a.error().message;
    ASSERT_TRUE(b.ok()) << b.error().message;
    EXPECT_EQ(a->statistics.not_recorded, "");
    EXPECT_EQ(a->statistics.replayed, run != 0 && run != 4);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(differs(a->fetches[i], b->fetches[i], 1e-6), "") << run;
  }
}

TEST(CudaDevice, RunsThatWaitAreNotRecorded) {
  GpuOptions options;
  options.device_graphs = true;
  ISO_FIRST_CARD(device, options);
  // Which elements are there is known on the host alone.
  const auto graph = GraphMaker(DType::float32)
                         .placeholder("x", Shape{8})
                         .node("y", "Relu", {"x"})
                         .node("where", "Where", {"y"})
                         .build();
  auto session = Session::create(graph, device);
  ASSERT_TRUE(session.ok());
  for (int run = 0; run < 3; ++run) {
    const auto result = (*session)->run({{"x", counting(8)}}, {"where"});
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_FALSE(result->statistics.replayed);
    EXPECT_EQ(result->statistics.not_recorded.find("'where'") != std::string::npos, run > 0)
        << result->statistics.not_recorded;
    EXPECT_EQ(result->fetches[0].shape(), (Shape{7, 1}));
  }
}

}  // namespace
}  // namespace isotherm::test
