#include "profiler/session_overlay.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/profiler/value_session.h"

namespace isotherm {
namespace {

using render::Overlay;
using Kind = Overlay::Kind;

std::string fact(const Overlay& overlay, const std::string& name) {
  for (const auto& [label, text] : overlay.facts)
    if (label == name) return text;
  return "(none)";
}

void expect_words(const std::string& text, const std::vector<std::string>& words) {
  for (const std::string& word : words) EXPECT_NE(text.find(word), std::string::npos) << "'" << word << "' in: " << text;
}

TEST(SessionOverlay, MemoryOfOutputsHasOneUnitAndExactWords) {
  const auto overlay = session_overlay(value_session(), Kind::memory);
  ASSERT_TRUE(overlay.ok()) << overlay.error().message;
  EXPECT_EQ(overlay->unit, "MiB");
  EXPECT_EQ(overlay->combine, Overlay::Combine::sum);
  ASSERT_EQ(overlay->before.size(), 5u);
  EXPECT_DOUBLE_EQ(overlay->before[3], 2);
  EXPECT_DOUBLE_EQ(overlay->before[2], 4000.0 / 1048576);
  EXPECT_LT(overlay->before[0], 0);  // a Const is not executed
  EXPECT_EQ(overlay->words_before[2], "outputs 3.9 KiB; arena in use 3.9 KiB, peak at this node 4.9 KiB");
  expect_words(overlay->words_after[2], {"own arena 2.0 KiB counts", "its weights 1.0 KiB do not"});
  EXPECT_EQ(fact(*overlay, "arena peak, native run"), "8.8 KiB");
  EXPECT_EQ(fact(*overlay, "arena peak, engine run"), "4.0 KiB");
  EXPECT_EQ(fact(*overlay, "the engines' own arenas"), "2.0 KiB");
}

TEST(SessionOverlay, ArenaCountsAnEnginesOwnAndTakesTheLargest) {
  const auto overlay = session_overlay(value_session(), Kind::memory, OverlayMeasure::arena);
  ASSERT_TRUE(overlay.ok());
  EXPECT_EQ(overlay->unit, "KiB");
  EXPECT_EQ(overlay->combine, Overlay::Combine::maximum);
  EXPECT_DOUBLE_EQ(overlay->before[2], 5000.0 / 1024);
  EXPECT_DOUBLE_EQ(overlay->after[2], 6);  // 4096 + 2048
}

TEST(SessionOverlay, PrecisionIsWhatWasExecuted) {
  const auto overlay = session_overlay(value_session(), Kind::precision);
  ASSERT_TRUE(overlay.ok());
  EXPECT_EQ(overlay->before[2], 0);
  EXPECT_EQ(overlay->before[3], 3);
  EXPECT_LT(overlay->before[4], 0);
  EXPECT_EQ(overlay->after[2], 0);
  expect_words(overlay->words_before[3], {"computed in int32", "in TRTEngineOp_000_000 FP32, layer s/relu"});
  EXPECT_EQ(overlay->words_after[2], "computed in FP32: 2 layers of FP32");
  EXPECT_EQ(fact(*overlay, "other, native run"), "1 node");
}

TEST(SessionOverlay, ErrorShowsWhatDiffersAndWhatIsNotMeasured) {
  const auto overlay = session_overlay(value_session(), Kind::error);
  ASSERT_TRUE(overlay.ok());
  EXPECT_DOUBLE_EQ(overlay->bound, 1e-4);
  EXPECT_EQ(overlay->combine, Overlay::Combine::maximum);
  EXPECT_DOUBLE_EQ(overlay->before[3], 2e-6);
  EXPECT_DOUBLE_EQ(overlay->after[2], 2e-6);
  EXPECT_TRUE(std::isnan(overlay->before[4]));
  EXPECT_TRUE(std::isnan(overlay->after[3]));
  EXPECT_LT(overlay->before[2], 0);  // fused away: not measured, not zero
  EXPECT_EQ(overlay->words_before[2], "not measured: fused into layer s/mul of TRTEngineOp_000_000");
  expect_words(overlay->words_before[3], {"error 2.0e-6", "layer s/relu"});
  expect_words(overlay->words_before[4], {"differs", "first at 7"});
  EXPECT_EQ(fact(*overlay, "tensors compared"), "2 (0 inside engines)");
  EXPECT_EQ(fact(*overlay, "worst"), "differs at out:0");
  EXPECT_EQ(fact(*overlay, "differ in kind"), "1 tensor");
}

TEST(SessionOverlay, TheBoundIsThatOfTheLeastPreciseEngine) {
  SessionData data = value_session();
  data.precisions[2].precision = ExecutedPrecision::fp16;
  EXPECT_DOUBLE_EQ(session_overlay(data, Kind::error)->bound, 1e-2);
  data.precisions[2].precision = ExecutedPrecision::int8;
  EXPECT_LT(session_overlay(data, Kind::error)->bound, 0);
}

TEST(SessionOverlay, SharesAddUpToAHundred) {
  const auto overlay = session_overlay(value_session(), Kind::time, OverlayMeasure::share);
  ASSERT_TRUE(overlay.ok());
  EXPECT_EQ(overlay->unit, "%");
  EXPECT_DOUBLE_EQ(overlay->before[2], 70);  // 300 + 400 of 1000 ns
  EXPECT_DOUBLE_EQ(overlay->before[3], 30);
  EXPECT_DOUBLE_EQ(overlay->parts_after.at(2)[0].value + overlay->parts_after.at(2)[1].value, 100);
  expect_words(overlay->words_before[2], {"350 ns per run", "70.0 %"});
}

TEST(SessionOverlay, WhatASessionLacksIsSaidWithItsRemedy) {
  SessionData old = synthetic_session();
  for (const Kind kind : {Kind::memory, Kind::precision, Kind::error}) {
    const auto overlay = session_overlay(old, kind);
    ASSERT_FALSE(overlay.ok());
    expect_words(overlay.error().message, {"isotherm profile synthetic.pb"});
  }
  expect_words(session_overlay(old, Kind::error).error().message, {"--numeric-error"});
  EXPECT_TRUE(session_overlay(old, Kind::time).ok());
  // Recorded, and nothing could be compared: an empty overlay, no error.
  old.meta["numeric error"] = "recorded";
  const auto nothing = session_overlay(old, Kind::error);
  ASSERT_TRUE(nothing.ok());
  EXPECT_EQ(fact(*nothing, "tensors compared"), "0 (0 inside engines)");
}

TEST(SessionOverlay, MeasuresGoWithTheirKind) {
  EXPECT_EQ(parse_measure("arena"), OverlayMeasure::arena);
  EXPECT_EQ(parse_measure(""), std::nullopt);
  EXPECT_EQ(parse_measure("bytes"), std::nullopt);
  const SessionData data = value_session();
  expect_words(session_overlay(data, Kind::memory, OverlayMeasure::share).error().message, {"'share'", "'memory'", "outputs or arena"});
  expect_words(session_overlay(data, Kind::time, OverlayMeasure::arena).error().message, {"'arena'", "total or share"});
  expect_words(session_overlay(data, Kind::error, OverlayMeasure::total).error().message, {"'total'", "'error'"});
  EXPECT_FALSE(session_overlay(data, Kind::op_class).ok());
}

TEST(SessionOverlay, BytesAreWrittenInTheirLargestUnit) {
  EXPECT_EQ(format_memory(0), "0 B");
  EXPECT_EQ(format_memory(1023), "1023 B");
  EXPECT_EQ(format_memory(802816), "784.0 KiB");
  EXPECT_EQ(format_memory(std::int64_t{3} << 30), "3.0 GiB");
}

}  // namespace
}  // namespace isotherm
