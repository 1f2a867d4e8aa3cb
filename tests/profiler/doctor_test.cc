#include "profiler/doctor.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace isotherm {
namespace {

using State = Finding::State;

TEST(Doctor, EveryFaultHasARemedyOnAnyMachine) {
  for (const char* toolkit : {"", "13.0"}) {
    const std::vector<Finding> findings = examine_machine(toolkit);
    EXPECT_FALSE(findings.empty());
    for (const Finding& f : findings) {
      EXPECT_FALSE(f.subject.empty());
      EXPECT_FALSE(f.text.empty()) << f.subject;
      EXPECT_EQ(f.text.find('\n'), std::string::npos) << f.text;
      EXPECT_EQ(f.remedy.empty(), f.state == State::works) << f.subject << ": " << f.text;
    }
    for (const char* subject : {"driver", "CUDA device", "cuDNN", "CUPTI"})
      EXPECT_TRUE(std::any_of(findings.begin(), findings.end(), [&](const Finding& f) { return f.subject == subject; }))
          << subject;
  }
}

TEST(Doctor, CountersFollowTheDriversSettingAndTheProcessesRights) {
  EXPECT_EQ(counters_by_settings("EnableMSI: 1\nRmProfilingAdminOnly: 0\n", false).state, State::works);
  EXPECT_EQ(counters_by_settings("RmProfilingAdminOnly: 1\n", true).state, State::works);
  const Finding refused = counters_by_settings("RmProfilingAdminOnly: 1\n", false);
  EXPECT_EQ(refused.state, State::limited);
  EXPECT_NE(refused.remedy.find("NVreg_RestrictProfilingToAdminUsers=0"), std::string::npos);
  EXPECT_EQ(counters_by_settings("", false).state, State::limited);
}

TEST(Doctor, DriversServeToolkitsOfTheirTime) {
  EXPECT_EQ(driver_serves_toolkit(13000, "13.0").state, State::works);
  EXPECT_EQ(driver_serves_toolkit(13020, "13.0.2").state, State::works);
  EXPECT_EQ(driver_serves_toolkit(13000, "12.4").state, State::works);
  EXPECT_EQ(driver_serves_toolkit(12020, "12.4").state, State::limited);
  const Finding old = driver_serves_toolkit(12080, "13.0");
  EXPECT_EQ(old.state, State::missing);
  EXPECT_NE(old.remedy.find("12.8"), std::string::npos) << old.remedy;
}

}  // namespace
}  // namespace isotherm
