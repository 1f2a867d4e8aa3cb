#include "profiler/summary.h"

#include <gtest/gtest.h>

#include "profiler/session_overlay.h"
#include "tests/profiler/synthetic_session.h"

namespace isotherm {
namespace {

TEST(Summary, AddsUpNodesOfTracedRunsOnly) {
  const Summary s = summarise(synthetic_session(), RunMode::native, GroupBy::node);
  ASSERT_EQ(s.rows.size(), 2u);
  EXPECT_EQ(s.runs, 2);
  EXPECT_EQ(s.rows[0].name, "s/mul");
  EXPECT_EQ(s.rows[0].op, "Mul");
  EXPECT_EQ(s.rows[0].time.total, 700);  // 300 and 400; the untraced run's record does not count
  EXPECT_EQ(s.rows[0].time.count, 2);
  EXPECT_EQ(s.rows[0].time.median, 350);
  EXPECT_EQ(s.rows[0].per_run, 350);
  EXPECT_DOUBLE_EQ(s.rows[0].share, 0.7);
  EXPECT_EQ(s.rows[1].time.min, 100);
  EXPECT_EQ(s.rows[1].time.max, 200);
  EXPECT_EQ(s.rows_per_run, 500);
  EXPECT_EQ(s.traced_wall.median, 1100);
  EXPECT_EQ(s.untraced_wall.median, 900);
}

TEST(Summary, LayersNameTheirEngineTacticAndSources) {
  const Summary s = summarise(synthetic_session(), RunMode::engines, GroupBy::layer);
  ASSERT_EQ(s.rows.size(), 2u);
  EXPECT_EQ(s.rows[0].name, "s/relu");
  EXPECT_EQ(s.rows[0].detail, "second");
  EXPECT_EQ(s.rows[0].engine, "TRTEngineOp_000_000");
  EXPECT_EQ(s.rows[0].sources, (std::vector<std::string>{"s/relu"}));
  EXPECT_EQ(s.rows[0].time.total, 500);
  EXPECT_DOUBLE_EQ(s.rows[1].share, 200.0 / 700);
}

TEST(Summary, ScopesAndOpsCountARunOnce) {
  const Summary scopes = summarise(synthetic_session(), RunMode::native, GroupBy::scope);
  ASSERT_EQ(scopes.rows.size(), 1u);
  EXPECT_EQ(scopes.rows[0].name, "s");
  EXPECT_EQ(scopes.rows[0].time.count, 2);
  EXPECT_EQ(scopes.rows[0].time.min, 400);
  const Summary engines = summarise(synthetic_session(), RunMode::engines, GroupBy::engine);
  ASSERT_EQ(engines.rows.size(), 1u);
  EXPECT_EQ(engines.rows[0].name, "TRTEngineOp_000_000");
}

TEST(Summary, OverlayLeavesUnmeasuredNodesOut) {
  const render::Overlay overlay = session_time_overlay(synthetic_session());
  ASSERT_EQ(overlay.before.size(), 5u);
  EXPECT_LT(overlay.before[0], 0);
  EXPECT_DOUBLE_EQ(overlay.before[2], 0.35);  // µs
  EXPECT_DOUBLE_EQ(overlay.after[2], 0.35);
  EXPECT_LT(overlay.after[3], 0);
}

TEST(SummaryFormat, EveryFormatHoldsEveryRow) {
  const Summary s = summarise(synthetic_session(), RunMode::engines, GroupBy::layer);
  for (const TableFormat format : {TableFormat::table, TableFormat::csv, TableFormat::json, TableFormat::markdown, TableFormat::latex}) {
    const std::string text = format_summary(s, format);
    EXPECT_NE(text.find("relu"), std::string::npos) << text;
    EXPECT_NE(text.find("mul"), std::string::npos) << text;
    EXPECT_NE(text.find("first"), std::string::npos) << text;
  }
  EXPECT_NE(format_summary(s, TableFormat::latex).find("TRTEngineOp\\_000"), std::string::npos);
  EXPECT_NE(format_summary(s, TableFormat::table, 1).find("1 more row"), std::string::npos);
}

TEST(SummaryFormat, TimesCarryTheirUnit) {
  EXPECT_EQ(format_time(12), "12 ns");
  EXPECT_EQ(format_time(214700), "214.7 µs");
  EXPECT_EQ(format_time(1.2345e6), "1.234 ms");
  EXPECT_EQ(format_time(2.5e9), "2.500 s");
}

}  // namespace
}  // namespace isotherm
