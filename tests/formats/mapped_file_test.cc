#include "core/formats/mapped_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "tests/formats/temporary_folder.h"

namespace isotherm {
namespace {

TEST(MappedFile, CopiesSmallAndMapsLarge) {
  const TemporaryFolder folder;
  write_text(folder / "small", "abc");
  write_text(folder / "large", std::string(2 << 20, 'y'));
  auto small = MappedFile::open(folder / "small");
  auto large = MappedFile::open(folder / "large");
  ASSERT_TRUE(small.ok() && large.ok());
  EXPECT_FALSE((*small)->is_mapped());
  EXPECT_EQ((*small)->size(), 3u);
  EXPECT_TRUE((*large)->is_mapped());
  EXPECT_EQ((*large)->size(), std::size_t{2} << 20);
  EXPECT_TRUE((*large)->intact());
}

TEST(MappedFile, SurvivesAFileCutWhileOpen) {
  const TemporaryFolder folder;
  const std::string path = folder / "cut";
  constexpr std::size_t kSize = 4 << 20;
  write_text(path, std::string(kSize, 'z'));
  auto file = MappedFile::open(path);
  ASSERT_TRUE(file.ok());
  ASSERT_EQ(::truncate(path.c_str(), 100), 0);
  const std::byte* data = (*file)->data();
  // Reading the pages that are gone gives zeros, not SIGBUS.
  const auto zeros = std::count(data + kSize / 2, data + kSize, std::byte{0});
  EXPECT_EQ(zeros, static_cast<std::ptrdiff_t>(kSize / 2));
  EXPECT_FALSE((*file)->intact());
}

TEST(MappedFile, KeepsAFileThatIsReplaced) {
  const TemporaryFolder folder;
  const std::string path = folder / "kept";
  write_text(path, std::string(2 << 20, 'q'));
  auto file = MappedFile::open(path);
  ASSERT_TRUE(file.ok());
  write_text(folder / "other", "short");
  std::filesystem::rename(folder / "other", path);
  const std::byte* data = (*file)->data();
  EXPECT_EQ(std::count(data, data + (*file)->size(), std::byte{'q'}), 2 << 20);
  EXPECT_TRUE((*file)->intact());
}

TEST(MappedFile, NamesWhatFails) {
  const TemporaryFolder folder;
  const auto missing = MappedFile::open(folder / "none");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().message, "cannot read '" + (folder / "none") + "': No such file or directory");
  EXPECT_FALSE(MappedFile::open(folder.path()).ok());
  EXPECT_FALSE(MappedFile::open("/dev/zero", 1 << 20).ok());
}

}  // namespace
}  // namespace isotherm
