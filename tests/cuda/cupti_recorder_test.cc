// The recorders of a GPU alone, on work of the test's own: what CUPTI hands over, plainly and through CUDA graphs, and
// what events measure. Needs a card; elsewhere each test is skipped by name.
#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "core/runtime/device.h"
#include "profiler/attribution.h"
#include "profiler/cpu_recorder.h"
#include "profiler/device_recorder.h"
#include "profiler/event_recorder.h"
#include "profiler/gpu_info.h"
#include "profiler/gpu_records.h"
#include "tests/cuda/test_kernels.h"
#include "tests/profiler/activity_file.h"

namespace isotherm {
namespace {

#define CUDA_OK(call) ASSERT_EQ((call), cudaSuccess)

class TestStream final : public Stream {
 public:
  TestStream() { EXPECT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess); }
  ~TestStream() override { cudaStreamDestroy(stream); }
  Status synchronise() override {
    if (cudaStreamSynchronize(stream) != cudaSuccess) return internal_error("the test's stream failed");
    return {};
  }
  [[nodiscard]] void* native_handle() const override { return stream; }
  cudaStream_t stream = nullptr;
};

ScopeInfo scope(ScopeKind kind, std::int64_t id = -1, std::int64_t engine = -1) {
  ScopeInfo info;
  info.kind = kind;
  info.id = id;
  info.engine = engine;
  return info;
}

class Open {
 public:
  Open(RunObserver& observer, Stream& stream, ScopeInfo info) : observer_(observer), stream_(stream), info_(info) {
    observer_.scope_begin(info_, &stream_);
  }
  ~Open() { observer_.scope_end(info_, &stream_); }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;

 private:
  RunObserver& observer_;
  Stream& stream_;
  ScopeInfo info_;
};

class GpuRecorder : public testing::Test {
 protected:
  void SetUp() override {
    const auto driver = probe_driver();
    if (!driver.ok()) GTEST_SKIP() << "not run: " << driver.error().message;
    if (driver->gpus.empty()) GTEST_SKIP() << "not run: the driver shows no card";
    CUDA_OK(cudaMalloc(reinterpret_cast<void**>(&memory_), kBytes));
    stream_ = std::make_unique<TestStream>();
    // Modules are loaded when first used: not inside a capture, and not in a measured run.
    CUDA_OK(test::launch_first(memory_, 1, stream_->stream));
    CUDA_OK(test::launch_second(memory_, 1, stream_->stream));
    CUDA_OK(cudaStreamSynchronize(stream_->stream));
  }
  void TearDown() override {
    stream_.reset();
    if (memory_) cudaFree(memory_);
  }

  /// run( copy in; node 4: two kernels, a memset; node 9: engine 9: layer 0, layer 1; copy out )
  void issue(RunObserver& observer, float* host) {
    cudaStream_t s = stream_->stream;
    {
      const Open copy(observer, *stream_, scope(ScopeKind::copy, 1));
      CUDA_OK(cudaMemcpyAsync(memory_, host, kBytes, cudaMemcpyHostToDevice, s));
    }
    {
      const Open node(observer, *stream_, scope(ScopeKind::node, 4));
      CUDA_OK(cudaMemsetAsync(memory_, 0, kBytes, s));
      CUDA_OK(test::launch_first(memory_, 1000, s));
      CUDA_OK(test::launch_second(memory_, 1000, s));
    }
    {
      const Open node(observer, *stream_, scope(ScopeKind::node, 9));
      const Open engine(observer, *stream_, scope(ScopeKind::engine, 9));
      for (int layer = 0; layer < 2; ++layer) {
        const Open open(observer, *stream_, scope(ScopeKind::layer, layer, 9));
        CUDA_OK(test::launch_first(memory_, 5000, s));
      }
    }
    const Open copy(observer, *stream_, scope(ScopeKind::copy, 9));
    CUDA_OK(cudaMemcpyAsync(host, memory_, kBytes, cudaMemcpyDeviceToHost, s));
  }

  static constexpr std::size_t kBytes = 4096;
  float* memory_ = nullptr;
  std::unique_ptr<TestStream> stream_;
};

/// Kept for tests without a card where ISOTHERM_RECORD_ACTIVITY names a folder.
void keep(const char* name, const ActivityBatch& batch) {
  if (const char* folder = std::getenv("ISOTHERM_RECORD_ACTIVITY"))
    write_activity(std::string(folder) + "/" + name + ".json", batch);
}

void expect_places(const AttributedBatch& out, int runs) {
  const Coverage& c = out.coverage;
  EXPECT_EQ(c.kernels.expected, 4 * runs);
  EXPECT_EQ(c.kernels.seen, 4 * runs);
  EXPECT_EQ(c.kernels.attributed, 4 * runs);
  EXPECT_EQ(c.kernels.all_invalid(), 0);
  EXPECT_EQ(c.copies.seen, 2 * runs);
  EXPECT_EQ(c.copies.attributed, 2 * runs);
  EXPECT_EQ(c.sets.attributed, runs);
  EXPECT_EQ(c.dropped, 0);
  EXPECT_EQ(c.unknown_replays, 0);
  EXPECT_TRUE(c.complete());
  ASSERT_EQ(out.kernels.size(), static_cast<std::size_t>(4 * runs));
  const Place node{PlaceKind::node, 4, kNoNode, -1}, first{PlaceKind::layer, 9, 9, 0},
      second{PlaceKind::layer, 9, 9, 1};
  for (int run = 0; run < runs; ++run) {
    const auto* k = &out.kernels[static_cast<std::size_t>(4 * run)];
    EXPECT_EQ(k[0].place, node);
    EXPECT_EQ(k[1].place, node);
    EXPECT_EQ(k[2].place, first);
    EXPECT_EQ(k[3].place, second);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(k[i].run, run);
  }
}

TEST_F(GpuRecorder, PlainLaunchesAreOnTheirNodesAndLayers) {
  auto recorder = open_cupti_recorder();
  if (!recorder.ok()) GTEST_SKIP() << "not run: " << recorder.error().message;
  std::vector<float> host(kBytes / sizeof(float));
  constexpr int kRuns = 3;
  const std::int64_t before = host_now();
  for (int run = -1; run < kRuns; ++run) {
    (*recorder)->begin_run(run);
    {
      const Open whole(**recorder, *stream_, scope(ScopeKind::run));
      issue(**recorder, host.data());
      ASSERT_TRUE(stream_->synchronise().ok());
    }
    const Status ended = (*recorder)->end_run();
    ASSERT_TRUE(ended.ok()) << ended.error().message;
  }
  const std::int64_t after = host_now();
  const auto batch = (*recorder)->take();
  ASSERT_TRUE(batch.ok()) << batch.error().message;
  keep("plain_launches", *batch);
  const AttributedBatch out = attribute(*batch);
  expect_places(out, kRuns);
  for (const auto& k : out.kernels) {
    EXPECT_GT(k.end, k.start);
    // Times are on the host's clock, to a few 10 µs.
    EXPECT_GT(k.start, before - 1000000);
    EXPECT_LT(k.end, after + 1000000);
    EXPECT_EQ(k.block[0], 64);
    EXPECT_EQ(k.grid[0], 1);
  }
  ASSERT_FALSE(out.kernels.empty());
  EXPECT_EQ(short_kernel_name(demangled_name(batch->strings[static_cast<std::size_t>(out.kernels[1].name)])),
            "spin_second");
  ASSERT_EQ(out.copies.size(), static_cast<std::size_t>(2 * kRuns));
  EXPECT_EQ(out.copies[0].copy_kind, 1);
  EXPECT_EQ(out.copies[1].copy_kind, 2);
  EXPECT_EQ(out.copies[0].bytes, static_cast<std::int64_t>(kBytes));
}

TEST_F(GpuRecorder, KernelsInsideGraphsAreOnTheNodesOfTheirCapture) {
  auto recorder = open_cupti_recorder();
  if (!recorder.ok()) GTEST_SKIP() << "not run: " << recorder.error().message;
  float* host = nullptr;
  CUDA_OK(cudaMallocHost(reinterpret_cast<void**>(&host), kBytes));
  constexpr std::uint64_t kGraph = 77;
  constexpr int kRuns = 4;
  RunObserver& observer = **recorder;
  (*recorder)->begin_run(-1);
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr, second = nullptr;
  {
    const Open whole(observer, *stream_, scope(ScopeKind::run));
    CUDA_OK(cudaStreamBeginCapture(stream_->stream, cudaStreamCaptureModeThreadLocal));
    observer.capture_begin(kGraph, stream_.get());
    issue(observer, host);
    CUDA_OK(cudaStreamEndCapture(stream_->stream, &graph));
    CUDA_OK(cudaGraphInstantiate(&executable, graph, 0));
    observer.capture_end(kGraph, stream_.get());
    CUDA_OK(cudaGraphInstantiate(&second, graph, 0));
  }
  for (int run = 0; run < kRuns; ++run) {
    (*recorder)->begin_run(run);
    {
      const Open whole(observer, *stream_, scope(ScopeKind::run));
      observer.replay(kGraph, stream_.get());
      CUDA_OK(cudaGraphLaunch(run % 2 ? second : executable, stream_->stream));
      ASSERT_TRUE(stream_->synchronise().ok());
    }
    ASSERT_TRUE((*recorder)->end_run().ok());
  }
  const auto batch = (*recorder)->take();
  ASSERT_TRUE(batch.ok()) << batch.error().message;
  keep("cuda_graph", *batch);
  expect_places(attribute(*batch), kRuns);
  cudaGraphExecDestroy(executable);
  cudaGraphExecDestroy(second);
  cudaGraphDestroy(graph);
  cudaFreeHost(host);
}

TEST_F(GpuRecorder, NothingIsDroppedInALongRun) {
  auto recorder = open_cupti_recorder();
  if (!recorder.ok()) GTEST_SKIP() << "not run: " << recorder.error().message;
  constexpr int kLaunches = 50000;
  (*recorder)->begin_run(0);
  {
    const Open whole(**recorder, *stream_, scope(ScopeKind::run));
    const Open node(**recorder, *stream_, scope(ScopeKind::node, 2));
    for (int i = 0; i < kLaunches; ++i) CUDA_OK(test::launch_first(memory_, 1, stream_->stream));
    ASSERT_TRUE(stream_->synchronise().ok());
  }
  const auto batch = (*recorder)->take();
  ASSERT_TRUE(batch.ok()) << batch.error().message;
  const Coverage c = attribute(*batch).coverage;
  EXPECT_EQ(c.kernels.expected, kLaunches);
  EXPECT_EQ(c.kernels.seen, kLaunches);
  EXPECT_EQ(c.kernels.attributed, kLaunches);
  EXPECT_EQ(c.dropped, 0);
}

TEST_F(GpuRecorder, OneRecorderAtATime) {
  auto recorder = open_cupti_recorder();
  if (!recorder.ok()) GTEST_SKIP() << "not run: " << recorder.error().message;
  const auto another = open_cupti_recorder();
  ASSERT_FALSE(another.ok());
  EXPECT_NE(another.error().message.find("attached"), std::string::npos) << another.error().message;
  const auto report = probe_cupti(0);
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(report->subscription.empty());
  recorder = internal_error("let go");
  const auto again = open_cupti_recorder();
  EXPECT_TRUE(again.ok()) << again.error().message;
}

TEST_F(GpuRecorder, EventsTimeNodesAndLayersPlainlyAndInGraphs) {
  auto opened = EventRecorder::open();
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EventRecorder& recorder = **opened;
  float* host = nullptr;
  CUDA_OK(cudaMallocHost(reinterpret_cast<void**>(&host), kBytes));
  const auto run = [&](int id, cudaGraphExec_t executable) {
    recorder.begin_run(id, host_now());
    {
      const Open whole(recorder, *stream_, scope(ScopeKind::run));
      if (executable) {
        recorder.replay(5, stream_.get());
        CUDA_OK(cudaGraphLaunch(executable, stream_->stream));
      } else {
        issue(recorder, host);
      }
      ASSERT_TRUE(stream_->synchronise().ok());
    }
    const Status ended = recorder.end_run();
    ASSERT_TRUE(ended.ok()) << ended.error().message;
    const std::vector<OpRecord> ops = recorder.take_ops();
    const std::vector<LayerRecord> layers = recorder.take_layers();
    ASSERT_EQ(ops.size(), 2U);
    ASSERT_EQ(layers.size(), 2U);
    EXPECT_EQ(ops[0].node, 4);
    EXPECT_EQ(layers[1].layer, 1);
    for (const OpRecord& op : ops) EXPECT_GT(op.end, op.start);
    for (const LayerRecord& layer : layers) EXPECT_GT(layer.end, layer.start);
  };
  run(0, nullptr);
  recorder.begin_run(-1, host_now());
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  {
    const Open whole(recorder, *stream_, scope(ScopeKind::run));
    CUDA_OK(cudaStreamBeginCapture(stream_->stream, cudaStreamCaptureModeThreadLocal));
    recorder.capture_begin(5, stream_.get());
    issue(recorder, host);
    CUDA_OK(cudaStreamEndCapture(stream_->stream, &graph));
    CUDA_OK(cudaGraphInstantiate(&executable, graph, 0));
    recorder.capture_end(5, stream_.get());
  }
  ASSERT_TRUE(recorder.end_run().ok());
  run(1, executable);
  run(2, executable);
  cudaGraphExecDestroy(executable);
  cudaGraphDestroy(graph);
  cudaFreeHost(host);
}

}  // namespace
}  // namespace isotherm
