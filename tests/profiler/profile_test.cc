#include "profiler/profile.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "core/workbench/models/model_zoo.h"
#include "profiler/session_file.h"
#include "profiler/summary.h"

namespace isotherm {
namespace {

std::string session_path(const char* name) {
  const std::string path = testing::TempDir() + "/" + name + std::to_string(getpid()) + ".isotherm";
  std::filesystem::remove(path);
  return path;
}

Result<std::unique_ptr<Workload>> workload(const char* model) {
  ISO_ASSIGN(std::shared_ptr<const Graph> graph, make_model(model));
  WorkloadOptions options;
  options.threads = 1;
  return Workload::create(graph, options);
}

TEST(Profile, EveryExecutedNodeAndLayerIsRecordedOncePerRun) {
  auto w = workload("segmentation_example");
  ASSERT_TRUE(w.ok()) << w.error().message;
  const std::string path = session_path("profile");
  ProfileOptions options;
  options.warmup = 1;
  options.iterations = 3;
  const auto session = profile(**w, options, path);
  ASSERT_TRUE(session.ok()) << session.error().message;
  ASSERT_EQ(session->engines.size(), 1u);
  EXPECT_EQ(session->engines[0].fallback, "");
  const Summary nodes = summarise(*session, RunMode::native, GroupBy::node);
  EXPECT_EQ(nodes.runs, 3);
  for (const SummaryRow& row : nodes.rows) EXPECT_EQ(row.time.count, 3) << row.name;
  const Summary layers = summarise(*session, RunMode::engines, GroupBy::layer);
  EXPECT_EQ(layers.rows.size(), session->engines[0].layers.size());
  for (const SummaryRow& row : layers.rows) {
    EXPECT_EQ(row.time.count, 3) << row.name;
    EXPECT_FALSE(row.sources.empty()) << row.name;
    for (const std::string& source : row.sources) EXPECT_NE(session->conversion->before->find(source), kNoNode) << source;
  }
  EXPECT_LE(layers.rows_per_run, layers.traced_wall.max);
  const auto read = read_session(path);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(format_summary(summarise(*read, RunMode::engines, GroupBy::layer), TableFormat::csv), format_summary(layers, TableFormat::csv));
  for (const auto& function : read->conversion->after->functions().functions())
    for (const NodeRecord& node : function->nodes) {
      const Constant* value = node.attrs.get_constant("value");
      EXPECT_LE(value && value->values().valid() ? value->values().byte_size() : 0, 1024u) << node.name;
    }
  std::filesystem::remove(path);
}

TEST(Profile, CancelledLeavesThePartialFileAndSaysWhere) {
  auto w = workload("segmentation_example");
  ASSERT_TRUE(w.ok());
  const std::string path = session_path("cancelled");
  std::atomic<bool> cancel{false};
  Progress progress;
  progress.cancel = &cancel;
  int reports = 0;
  progress.report = [&](double, const std::string&) { if (++reports == 4) cancel = true; };
  const auto session = profile(**w, ProfileOptions(), path, progress);
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.error().code, ErrorCode::cancelled);
  EXPECT_NE(session.error().message.find(path + ".partial"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(read_session(path + ".partial").ok());
  std::filesystem::remove(path + ".partial");
}

}  // namespace
}  // namespace isotherm
