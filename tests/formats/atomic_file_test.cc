#include "core/formats/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/formats/temporary_folder.h"

namespace isotherm {
namespace {

TEST(AtomicFile, AppearsOnlyWhenCommitted) {
  const TemporaryFolder folder;
  const std::string path = folder / "out.txt";
  write_text(path, "before");
  {
    auto file = AtomicFile::create(path);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(file->write("after").ok());
    EXPECT_EQ(read_text(path), "before");
    ASSERT_TRUE(file->commit().ok());
  }
  EXPECT_EQ(read_text(path), "after");
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(AtomicFile, LeavesNothingWithoutCommit) {
  const TemporaryFolder folder;
  {
    auto file = AtomicFile::create(folder / "out.txt");
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(file->write(std::string(1 << 20, 'x')).ok());
  }
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(AtomicFile, KeepsOrderOfSmallAndLargePieces) {
  const TemporaryFolder folder;
  const std::string path = folder / "out.bin";
  std::string expected;
  auto file = AtomicFile::create(path);
  ASSERT_TRUE(file.ok());
  for (const std::size_t size : {3u, 300000u, 1u, 262143u, 262144u, 5u}) {
    const std::string piece(size, static_cast<char>('a' + size % 26));
    expected += piece;
    ASSERT_TRUE(file->write(piece).ok());
  }
  EXPECT_EQ(file->size(), expected.size());
  ASSERT_TRUE(file->commit().ok());
  EXPECT_EQ(read_text(path), expected);
}

TEST(AtomicFile, FollowsLinksAndKeepsModes) {
  const TemporaryFolder folder;
  write_text(folder / "real", "old");
  ASSERT_EQ(::chmod((folder / "real").c_str(), 0640), 0);
  ASSERT_EQ(::symlink("real", (folder / "link").c_str()), 0);
  ASSERT_TRUE(write_file(folder / "link", "new").ok());
  EXPECT_EQ(read_text(folder / "real"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  struct stat info {};
  ASSERT_EQ(::stat((folder / "real").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
}

TEST(AtomicFile, NamesWhatFails) {
  const TemporaryFolder folder;
  const Status missing = write_file(folder / "no/such/file", "x");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().message, "cannot write '" + (folder / "no/such/file") + "': No such file or directory");

  const Status is_folder = write_file(folder.path(), "x");
  ASSERT_FALSE(is_folder.ok());
  EXPECT_EQ(is_folder.error().message,
            "cannot write '" + folder.path() + "': it is a folder where a file was expected");

  const Status full = write_file("/dev/full", std::string(1 << 20, 'x'));
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code, ErrorCode::exhausted);
  EXPECT_EQ(full.error().message, "cannot write '/dev/full': No space left on device");
}

}  // namespace
}  // namespace isotherm
