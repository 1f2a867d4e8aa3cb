#include "profiler/database.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace isotherm {
namespace {

std::string fresh_path(const char* name) {
  const std::string path = testing::TempDir() + "/" + name + std::to_string(getpid());
  std::filesystem::remove(path);
  return path;
}

TEST(Database, KeepsWhatATransactionWrote) {
  const std::string path = fresh_path("db_keep");
  {
    auto db = Database::create(path);
    ASSERT_TRUE(db.ok()) << db.error().message;
    ASSERT_TRUE(db->execute("CREATE TABLE t(a INTEGER, b TEXT, c REAL)").ok());
    ASSERT_TRUE(db->transaction([&]() -> Status {
      ISO_ASSIGN(Statement insert, db->prepare("INSERT INTO t VALUES(?, ?, ?)"));
      ISO_TRY(insert.bind(1, std::int64_t{7}).bind(2, "sieben").bind(3, 7.5).execute());
      return insert.bind(1, std::int64_t{8}).bind_null(2).bind(3, 8.5).execute();
    }).ok());
  }
  auto db = Database::open_readonly(path);
  ASSERT_TRUE(db.ok());
  auto query = db->prepare("SELECT a, b, c FROM t ORDER BY a");
  ASSERT_TRUE(query.ok());
  ASSERT_TRUE(query->next().value());
  EXPECT_EQ(query->integer(0), 7);
  EXPECT_EQ(query->text(1), "sieben");
  EXPECT_EQ(query->number(2), 7.5);
  ASSERT_TRUE(query->next().value());
  EXPECT_TRUE(query->is_null(1));
  EXPECT_FALSE(query->next().value());
  std::filesystem::remove(path);
}

TEST(Database, RollsBackWhatFailed) {
  const std::string path = fresh_path("db_rollback");
  auto db = Database::create(path);
  ASSERT_TRUE(db.ok());
  ASSERT_TRUE(db->execute("CREATE TABLE t(a INTEGER)").ok());
  const Status status = db->transaction([&]() -> Status {
    ISO_TRY(db->execute("INSERT INTO t VALUES(1)"));
    return invalid_input("stop here");
  });
  EXPECT_EQ(status.error().message, "stop here");
  auto query = db->prepare("SELECT count(*) FROM t");
  ASSERT_TRUE(query->next().value());
  EXPECT_EQ(query->integer(0), 0);
  std::filesystem::remove(path);
}

TEST(Database, RefusesWithSentences) {
  const std::string path = fresh_path("db_refuse");
  EXPECT_NE(Database::open_readonly(path).error().message.find("does not exist"), std::string::npos);
  std::ofstream(path) << "this is no database at all, only some text that is long enough to be read";
  const auto opened = Database::open_readonly(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find(path), std::string::npos);
  EXPECT_NE(Database::create(path).error().message.find("exists already"), std::string::npos);
  std::filesystem::remove(path);
  EXPECT_FALSE(Database::create("/no/such/folder/x.isotherm").ok());
}

}  // namespace
}  // namespace isotherm
