#include "core/convert/suggest.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/convert/typed_sketch.h"

namespace isotherm {
namespace {

using Names = std::vector<std::string>;

Suggestions must_suggest(const std::string& sketch, const ConversionParams& params = {}) {
  const WhatIf what_if(testing::typed_sketch(sketch));
  auto suggestions = suggest(what_if, params);
  EXPECT_TRUE(suggestions.ok());
  return suggestions.ok() ? std::move(*suggestions) : Suggestions{};
}

const Suggestion* find(const Suggestions& suggestions, const Names& words) {
  for (const Suggestion& s : suggestions.ranked) {
    bool all = s.changes.size() == words.size();
    for (const std::string& word : words)
      all = all && std::any_of(s.changes.begin(), s.changes.end(),
                               [&](const std::string& c) { return c.find(word) != std::string::npos; });
    if (all) return &s;
  }
  return nullptr;
}

//  x -> a a2 a3 -> Log1p -> b b2 b3 -> Xlogy -> Digamma -> c c2 c3 -> out
constexpr const char* kThreeEngines = R"(
  x = Placeholder
  a = Relu(x)
  a2 = Relu(a)
  a3 = Relu(a2)
  log = Log1p(a3)
  b = Relu(log)
  b2 = Relu(b)
  b3 = Relu(b2)
  xlogy = Xlogy(b3, b3)
  digamma = Digamma(xlogy)
  c = Relu(digamma)
  c2 = Relu(c)
  c3 = Relu(c2)
  out = Identity(c3)
)";

TEST(Suggest, OpsThatJoinEngines) {
  const Suggestions s = must_suggest(kThreeEngines);
  EXPECT_EQ(s.engines, 3);
  EXPECT_EQ(s.nodes_inside, 9);
  EXPECT_EQ(s.nodes, 14);
  const Suggestion* log = find(s, {"support for Log1p (1 node)"});
  ASSERT_TRUE(log);
  EXPECT_EQ(log->nodes_gained, 1);
  EXPECT_EQ(log->engines, 2);
  EXPECT_EQ(log->joined, (Names{"TRTEngineOp_000_000", "TRTEngineOp_000_001"}));
  // One of the two ops in a row makes an engine longer, both together join two.
  const Suggestion* one = find(s, {"Xlogy"});
  ASSERT_TRUE(one);
  EXPECT_TRUE(one->joined.empty());
  EXPECT_EQ(one->engines, 3);
  const Suggestion* both = find(s, {"Xlogy", "Digamma"});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->nodes_gained, 2);
  EXPECT_EQ(both->joined, (Names{"TRTEngineOp_000_001", "TRTEngineOp_000_002"}));
}

TEST(Suggest, OpsThatHelpOnlyTogether) {
  const Suggestions s = must_suggest(R"(
    x = Placeholder
    a = Relu(x)
    a2 = Relu(a)
    p = Log1p(a2)
    q = Digamma(p)
    b = Relu(q)
    out = Identity(b)
  )");
  EXPECT_EQ(s.engines, 0);
  const Suggestion* both = find(s, {"Log1p", "Digamma"});
  ASSERT_TRUE(find(s, {"Log1p"}));
  EXPECT_EQ(find(s, {"Log1p"})->nodes_gained, 3);  // a, a2 and p
  EXPECT_EQ(find(s, {"Digamma"}), nullptr);        // q and b are two
  ASSERT_TRUE(both);
  EXPECT_EQ(both->nodes_gained, 5);
  ASSERT_FALSE(s.ranked.empty());
  for (std::size_t i = 1; i < s.ranked.size(); ++i) EXPECT_GE(s.ranked[i - 1].nodes_gained, s.ranked[i].nodes_gained);
}

TEST(Suggest, Settings) {
  ConversionParams params;
  params.minimum_segment_size = 6;
  params.denied_ops = {"Sigmoid"};
  const Suggestions s = must_suggest(R"(
    x = Placeholder
    a = Relu(x)
    a2 = Relu(a)
    s = Sigmoid(a2)
    b = Relu(s)
    b2 = Relu(b)
    out = Identity(b2)
  )",
                                     params);
  ASSERT_TRUE(find(s, {"--minimum-segment-size 2"}));
  EXPECT_EQ(find(s, {"--minimum-segment-size 2"})->nodes_gained, 4);
  params.minimum_segment_size = 3;
  const Suggestions denied =
      must_suggest("x = Placeholder\na = Relu(x)\ns = Sigmoid(a)\nb = Relu(s)\nout = Identity(b)\n", params);
  ASSERT_TRUE(find(denied, {"without --deny Sigmoid"}));
  EXPECT_EQ(find(denied, {"without --deny Sigmoid"})->nodes_gained, 3);
  const std::string text = suggestions_text(denied);
  EXPECT_NE(text.find("now 0 engines with 0 of 5 nodes"), std::string::npos) << text;
  EXPECT_NE(text.find("+3: without --deny Sigmoid -> 1 engine"), std::string::npos) << text;
}

TEST(Suggest, NothingToSay) {
  const Suggestions s = must_suggest("x = Placeholder\na = Relu(x)\nb = Relu(a)\nc = Relu(b)\nout = Identity(c)\n");
  EXPECT_TRUE(s.ranked.empty());
  EXPECT_NE(suggestions_text(s).find("none"), std::string::npos);
}

TEST(Suggest, CanBeCancelled) {
  const WhatIf what_if(testing::typed_sketch(kThreeEngines));
  const std::atomic<bool> cancel{true};
  const auto result = suggest(what_if, {}, {.report = {}, .cancel = &cancel});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace isotherm
