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

TEST(Doctor, DevicesForRunsSayWhatHindersThem) {
  const Finding module = {State::works, "CUDA device", "built", ""};
  const auto without = run_devices(not_found("no NVIDIA driver: libcuda.so.1 cannot be opened"), "13.0", module);
  ASSERT_EQ(without.size(), 2u);
  EXPECT_EQ(without[0].name, "cpu");
  EXPECT_TRUE(without[0].usable());
  EXPECT_EQ(without[1].name, "cuda:0");
  EXPECT_FALSE(without[1].usable());
  EXPECT_NE(without[1].finding.text.find("no NVIDIA driver"), std::string::npos);
  EXPECT_NE(without[1].finding.remedy.find("nvidia-driver"), std::string::npos);

  DriverInfo driver;
  driver.cuda_version = 13000;
  EXPECT_NE(run_devices(driver, "13.0", module)[1].finding.text.find("no card"), std::string::npos);
  GpuInfo card;
  card.name = "NVIDIA H100 80GB HBM3";
  card.compute_major = 9;
  driver.gpus = {card, card};
  driver.gpus[1].id = 1;
  driver.gpus[1].name = "Tesla V100";
  driver.gpus[1].compute_major = 7;
  const auto two = run_devices(driver, "13.0", module);
  ASSERT_EQ(two.size(), 3u);
  EXPECT_TRUE(two[1].usable());
  EXPECT_EQ(two[1].title, "NVIDIA H100 80GB HBM3");
  EXPECT_EQ(two[2].name, "cuda:1");
  EXPECT_FALSE(two[2].usable());
  EXPECT_NE(two[2].finding.remedy.find("CUDA 12"), std::string::npos);

  const Finding missing = {State::missing, "CUDA device", "isotherm-cuda.so lacks libcublas.so.13", "install it"};
  EXPECT_EQ(run_devices(driver, "13.0", missing)[1].finding.text, missing.text);
  EXPECT_NE(run_devices(driver, "", module)[1].finding.text.find("no CUDA device"), std::string::npos);
  driver.cuda_version = 12040;
  EXPECT_FALSE(run_devices(driver, "13.0", module)[1].usable());
}

}  // namespace
}  // namespace isotherm
