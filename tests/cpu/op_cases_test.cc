// Every kernel against what TensorFlow computed: the small cases of this repository, and the reference op cases.
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/cpu/cpu_device.h"
#include "tests/cpu/run_case.h"

namespace isotherm::test {
namespace {

namespace fs = std::filesystem;

/// Runs all cases below `root`; expects each to agree.
void expect_cases(const fs::path& root, const std::map<std::string, Tolerance>& loose) {
  const auto device = make_cpu_device(2);
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

TEST(OpCases, OfThisRepository) {
  const fs::path root = fs::path(ISOTHERM_TEST_DATA) / "cpu";
  expect_cases(root, loose_cases(root / "loose.tsv", 0, 1));
}

TEST(OpCases, OfTheReference) {
  const char* models = std::getenv("ISOTHERM_MODELS_UNPACKED");
  if (!models || !fs::exists(fs::path(models) / "op_cases"))
    GTEST_SKIP() << "ISOTHERM_MODELS_UNPACKED names no folder with op_cases: the 891 reference op cases did not run";
  const fs::path root = fs::path(models) / "op_cases";
  expect_cases(root, loose_cases(root / "loose.tsv", 1, 2));
}

}  // namespace
}  // namespace isotherm::test
