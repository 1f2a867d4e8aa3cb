// Attribution of activity that was recorded on cards, or made like it, and kept as JSON: see CONTRIBUTING.md.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/profiler/activity_file.h"
#include "tests/profiler/activity_maker.h"

namespace isotherm {
namespace {

TEST(RecordedActivity, IsAttributedAsItWasOnTheCard) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ISOTHERM_TEST_DATA "/profiler")) {
    if (entry.path().extension() != ".json") continue;
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream in(entry.path());
    const ActivityJson j = ActivityJson::parse(in, nullptr, false);
    ASSERT_FALSE(j.is_discarded());
    const ActivityBatch batch = activity_from(j);
    EXPECT_EQ(expectation_json(batch, attribute(batch)).dump(1), j.at("expect").dump(1));
    ++files;
  }
  EXPECT_GE(files, 1);
}

TEST(RecordedActivity, SurvivesItsFile) {
  ActivityMaker made;
  const Place layer{PlaceKind::layer, 9, 9, 1};
  made.kernel(made.call(2, 1000, made.tag(0, layer)), 1100, 50, 21);
  made.batch.graph_nodes = {{11, 0, GraphNodeKind::kernel, 1, made.tag(-1, layer, true)},
                            {21, 11, GraphNodeKind::kernel, 0, 0}};
  made.batch.replays = {{1, 0}};
  made.batch.overheads = {{1, 2, 1, 7}};
  made.batch.dropped = 3;
  const ActivityJson j = activity_json(made.batch);
  EXPECT_EQ(activity_json(activity_from(j)).dump(), j.dump());
}

}  // namespace
}  // namespace isotherm
