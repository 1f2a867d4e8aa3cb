// Profiles on a card, in all four modes: native and engines, each launch by launch and as a CUDA Graph of the whole
// run. Every kernel that was expected is there, valid and on its node, and nothing was dropped.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "core/workbench/models/model_zoo.h"
#include "profiler/profile.h"
#include "profiler/session_file.h"
#include "profiler/session_overlay.h"
#include "profiler/summary.h"

namespace isotherm {
namespace {

class GpuProfile : public testing::TestWithParam<std::tuple<const char*, bool>> {
 protected:
  void SetUp() override {
    const auto driver = probe_driver();
    if (!driver.ok()) GTEST_SKIP() << "not run: " << driver.error().message;
    if (driver->gpus.empty()) GTEST_SKIP() << "not run: the driver shows no card";
  }
};

TEST_P(GpuProfile, EveryKernelIsOnItsNode) {
  const auto [model, device_graphs] = GetParam();
  const auto graph = make_model(model);
  ASSERT_TRUE(graph.ok()) << graph.error().message;
  WorkloadOptions options;
  options.device = "cuda:0";
  options.gpu.device_graphs = device_graphs;
  auto workload = Workload::create(*graph, options);
  ASSERT_TRUE(workload.ok()) << workload.error().message;
  const std::string path = testing::TempDir() + "/gpu_profile" + std::to_string(getpid()) + ".isotherm";
  std::filesystem::remove(path);
  ProfileOptions profile_options;
  profile_options.iterations = 5;
  profile_options.numeric_error = true;
  const auto session = profile(**workload, profile_options, path);
  ASSERT_TRUE(session.ok()) << session.error().message;
  // Memory and values, in runs apart from the traced ones.
  ASSERT_EQ(session->run_memory.size(), 2u);
  for (const RunMemory& run : session->run_memory) EXPECT_GT(run.peak, 0);
  EXPECT_GT(session->run_memory[1].plan_arena, 0);
  const auto inside = [](const TensorErrorRecord& e) { return e.layer >= 0; };
  EXPECT_GT(std::count_if(session->errors.begin(), session->errors.end(), inside), 1);
  for (const TensorErrorRecord& e : session->errors) {
    EXPECT_EQ(e.mismatch, "") << (*session->conversion->before)[e.node].name;
    EXPECT_LE(e.error, 1e-4) << (*session->conversion->before)[e.node].name;
  }
  if (session->timed_with_events()) GTEST_SKIP() << "not run: " << session->meta.at("recorder note");
  for (const RunMode mode : {RunMode::native, RunMode::engines}) {
    SCOPED_TRACE(run_mode_name(mode));
    ASSERT_TRUE(session->on_device(mode));
    const Coverage& c = session->coverage.at(mode);
    EXPECT_TRUE(c.complete()) << coverage_line(c);
    EXPECT_GT(c.kernels.seen, 0);
    EXPECT_EQ(c.kernels.expected, c.kernels.seen);
    EXPECT_EQ(c.kernels.attributed, c.kernels.seen);
    EXPECT_EQ(c.kernels.without_layer, 0) << coverage_line(c);
    EXPECT_EQ(c.dropped, 0);
    EXPECT_EQ(c.copies.unattributed, 0) << coverage_line(c);
    EXPECT_GT(c.copies.attributed, 0);
    // All runs are alike: each kernel of each node runs as often.
    for (const SummaryRow& row : summarise(*session, mode, GroupBy::kernel_node).rows) {
      EXPECT_EQ(row.time.count % profile_options.iterations, 0) << row.name;
      EXPECT_FALSE(row.sources.empty()) << row.name;
    }
  }
  const auto read = read_session(path);
  ASSERT_TRUE(read.ok()) << read.error().message;
  for (const GroupBy by : {GroupBy::kernel, GroupBy::layer, GroupBy::node, GroupBy::copy, GroupBy::api})
    EXPECT_EQ(format_summary(summarise(*read, RunMode::engines, by), TableFormat::csv),
              format_summary(summarise(*session, RunMode::engines, by), TableFormat::csv));
  std::filesystem::remove(path);
}

std::string mode_name(const testing::TestParamInfo<std::tuple<const char*, bool>>& tested) {
  return std::string(std::get<0>(tested.param)) + (std::get<1>(tested.param) ? "_cuda_graph" : "_launch_by_launch");
}

INSTANTIATE_TEST_SUITE_P(Modes, GpuProfile,
                         testing::Combine(testing::Values("segmentation_example", "mobilenet_v2"), testing::Bool()),
                         mode_name);

}  // namespace
}  // namespace isotherm
