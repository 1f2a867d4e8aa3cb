#include "profiler/session_file.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "profiler/database.h"
#include "profiler/session_overlay.h"
#include "profiler/summary.h"
#include "tests/profiler/value_session.h"

namespace isotherm {
namespace {

class SessionFile : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "/session_" + std::to_string(getpid()) + ".isotherm";
    std::filesystem::remove(path_);
  }
  void TearDown() override {
    std::filesystem::remove(path_);
    std::filesystem::remove(path_ + ".partial");
  }
  /// Writes all but the end.
  Result<std::unique_ptr<SessionWriter>> write(const SessionData& data) {
    ISO_ASSIGN(std::unique_ptr<SessionWriter> writer, SessionWriter::create(path_, data));
    ISO_TRY(writer->add_engines(data));
    ISO_TRY(writer->add_runs(data.runs, data.ops, data.layers));
    return writer;
  }
  std::string path_;
};

TEST_F(SessionFile, GivesBackWhatItWasGiven) {
  const SessionData data = synthetic_session();
  auto writer = write(data);
  ASSERT_TRUE(writer.ok()) << writer.error().message;
  ASSERT_TRUE((*writer)->finish().ok());
  EXPECT_TRUE(is_session_file(path_));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".partial"));
  const auto read = read_session(path_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->meta.at("model"), "synthetic.pb");
  EXPECT_EQ(read->settings, data.settings);
  EXPECT_EQ(read->machine, data.machine);
  EXPECT_EQ(read->conversion->map.after_of, data.conversion->map.after_of);
  EXPECT_EQ(read->conversion->map.before_of, data.conversion->map.before_of);
  EXPECT_EQ(read->conversion->map.engine_of, data.conversion->map.engine_of);
  EXPECT_EQ(read->conversion->segmentation.native.size(), 3u);
  EXPECT_EQ(read->conversion->segmentation.native[2].refusal.detail, "a \"fetch\", with commas");
  ASSERT_EQ(read->engines.size(), 1u);
  EXPECT_EQ(read->engines[0].layers[1].sources, data.engines[0].layers[1].sources);
  EXPECT_EQ(read->engines[0].layers[0].flops, 1000);
  for (const auto& [mode, by] : {std::pair{RunMode::native, GroupBy::node}, std::pair{RunMode::engines, GroupBy::layer}})
    EXPECT_EQ(format_summary(summarise(*read, mode, by), TableFormat::csv), format_summary(summarise(data, mode, by), TableFormat::csv));
}

TEST_F(SessionFile, KeepsMemoryPrecisionAndErrors) {
  const SessionData data = value_session();
  auto writer = write(data);
  ASSERT_TRUE(writer.ok()) << writer.error().message;
  ASSERT_TRUE((*writer)->add_memory(data).ok());
  ASSERT_TRUE((*writer)->add_errors(data).ok());
  ASSERT_TRUE((*writer)->finish().ok());
  const auto read = read_session(path_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->run_memory.size(), 2u);
  const auto engines = std::find_if(read->run_memory.begin(), read->run_memory.end(), [](const RunMemory& m) { return m.mode == RunMode::engines; });
  ASSERT_NE(engines, read->run_memory.end());
  EXPECT_EQ(engines->peak, 4096);
  EXPECT_EQ(engines->plan_weights, 1024);
  ASSERT_EQ(read->node_memory.size(), 3u);
  EXPECT_EQ(read->node_memory[1].mode, RunMode::native);
  EXPECT_EQ(read->node_memory[1].node, 3);
  EXPECT_EQ(read->node_memory[1].outputs, 2 * 1048576);
  EXPECT_EQ(read->node_memory[2].plan_arena, 2048);
  ASSERT_EQ(read->precisions.size(), 3u);
  EXPECT_EQ(read->precisions[1].precision, ExecutedPrecision::other);
  EXPECT_EQ(read->precisions[1].dtype, DType::int32);
  EXPECT_EQ(read->engines[0].layers[1].output_dtype, DType::float32);
  EXPECT_TRUE(read->has_numeric_error());
  ASSERT_EQ(read->errors.size(), 2u);
  EXPECT_EQ(read->errors[0].engine, 2);
  EXPECT_EQ(read->errors[0].layer, 1);
  EXPECT_TRUE(read->errors[0].engine_output);
  EXPECT_DOUBLE_EQ(read->errors[0].error, 2e-6);
  EXPECT_TRUE(std::isnan(read->errors[1].error));
  EXPECT_EQ(read->errors[1].mismatch, data.errors[1].mismatch);
}

/// As versions before this one wrote: without the tables and columns of schema 3.
TEST_F(SessionFile, OlderSchemasAreReadWithoutWhatTheyLack) {
  for (const char* schema : {"1", "2"}) {
    {
      auto writer = write(synthetic_session());
      ASSERT_TRUE(writer.ok());
      ASSERT_TRUE((*writer)->set_meta("schema", schema).ok());
      ASSERT_TRUE((*writer)->finish().ok());
    }
    sqlite3* file = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &file), SQLITE_OK);
    for (const char* sql : {"DROP VIEW ISOTHERM_LAYER_SUMMARY", "DROP TABLE ISOTHERM_MEMORY", "DROP TABLE ISOTHERM_MEMORY_RUN", "DROP TABLE ISOTHERM_PRECISION", "DROP TABLE ISOTHERM_ERROR",
                            "ALTER TABLE ISOTHERM_LAYER DROP COLUMN output_dtype"})
      ASSERT_EQ(sqlite3_exec(file, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sql << ": " << sqlite3_errmsg(file);
    sqlite3_close(file);
    const auto read = read_session(path_);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->engines[0].layers.size(), 2u);
    EXPECT_TRUE(read->run_memory.empty());
    EXPECT_FALSE(read->has_numeric_error());
    std::filesystem::remove(path_);
  }
  auto writer = write(synthetic_session());
  ASSERT_TRUE((*writer)->set_meta("schema", "4").ok());
  ASSERT_TRUE((*writer)->finish().ok());
  const auto later = read_session(path_);
  ASSERT_FALSE(later.ok());
  EXPECT_NE(later.error().message.find("versions 1 to 3"), std::string::npos);
}

TEST_F(SessionFile, LeavesWeightsOutAndKeepsTheirShape) {
  auto writer = write(synthetic_session());
  ASSERT_TRUE((*writer)->finish().ok());
  const auto read = read_session(path_);
  ASSERT_TRUE(read.ok());
  const Constant* weight = (*read->conversion->before)[0].attrs.get_constant("value");
  ASSERT_NE(weight, nullptr);
  EXPECT_EQ(weight->shape(), Shape({1000}));
  EXPECT_EQ(weight->values().valid() ? weight->values().elements() : 0, 0);
}

TEST_F(SessionFile, AKilledProgramLeavesAReadableFileAndTheOldOne) {
  std::ofstream(path_) << "what was here before";
  { auto writer = write(synthetic_session()); ASSERT_TRUE(writer.ok()); }  // no finish()
  EXPECT_EQ(std::filesystem::file_size(path_), 20u);
  const auto read = read_session(path_ + ".partial");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->runs.size(), 5u);
}

TEST_F(SessionFile, ViewsJoinRecordsWithNames) {
  auto writer = write(synthetic_session());
  ASSERT_TRUE((*writer)->finish().ok());
  auto db = Database::open_readonly(path_);
  ASSERT_TRUE(db.ok());
  auto query = db->prepare("SELECT node, total_ns FROM ISOTHERM_OP_TIME WHERE mode = 'engines'");
  ASSERT_TRUE(query->next().value());
  EXPECT_EQ(query->text(0), "TRTEngineOp_000_000");
  EXPECT_EQ(query->integer(1), 700);
  auto layers = db->prepare("SELECT layer, tactic, total_ns FROM ISOTHERM_LAYER_SUMMARY");
  ASSERT_TRUE(layers->next().value());
  EXPECT_EQ(layers->text(0), "s/relu");
  EXPECT_EQ(layers->integer(2), 500);
}

TEST_F(SessionFile, DamagedFilesAreSentences) {
  const SessionData data = value_session();
  auto writer = write(data);
  ASSERT_TRUE((*writer)->add_memory(data).ok() && (*writer)->add_errors(data).ok());
  ASSERT_TRUE((*writer)->finish().ok());
  std::ifstream in(path_, std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(in)), {});
  std::uint32_t random = 12345;
  const auto next = [&](std::size_t below) {
    random = random * 1664525u + 1013904223u;
    return (random >> 8) % below;
  };
  for (int i = 0; i < 200; ++i) {
    std::string bad = good;
    for (int k = 0; k < 4; ++k) bad[next(bad.size())] = static_cast<char>(next(256));
    if (i % 4 == 0) bad.resize(next(bad.size()));
    std::ofstream(path_, std::ios::binary | std::ios::trunc).write(bad.data(), static_cast<std::streamsize>(bad.size()));
    const auto read = read_session(path_);
    if (!read.ok()) EXPECT_FALSE(read.error().message.empty());
    else {  // whatever was read must be safe to use
      summarise(*read, RunMode::engines, GroupBy::layer);
      for (const auto kind : {render::Overlay::Kind::memory, render::Overlay::Kind::precision, render::Overlay::Kind::error}) (void)session_overlay(*read, kind);
    }
  }
}

TEST_F(SessionFile, AnotherDatabaseIsNamed) {
  {
    auto db = Database::create(path_);
    ASSERT_TRUE(db->execute("CREATE TABLE t(a)").ok());
  }
  const auto read = read_session(path_);
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("no session"), std::string::npos);
}

}  // namespace
}  // namespace isotherm
