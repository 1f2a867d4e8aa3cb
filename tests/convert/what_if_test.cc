#include "core/convert/what_if.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/convert/remedy.h"
#include "tests/convert/typed_sketch.h"

namespace isotherm {
namespace {

using testing::typed_sketch;

//   x -> a -> b -> c -> native -> d -> e -> f -> out       engines {a, b, c} and {d, e, f}
//   y -> lone -> native2 -> out2                           a segment of one node
constexpr const char* kGraph = R"(
  x = Placeholder
  y = Placeholder
  a = Relu(x)
  b = AddV2(a, a)
  c = Sigmoid(b)
  native = Log1p(c)
  d = Relu(native)
  e = AddV2(d, d)
  f = Relu(e)
  out = Identity(f)
  lone = Relu(y)
  native2 = Log1p(lone)
  out2 = Identity(native2)
)";

std::vector<std::string> names(const Graph& graph, const std::vector<NodeId>& ids) {
  std::vector<std::string> out;
  for (const NodeId id : ids) out.push_back(graph[id].name);
  return out;
}

/// Everything that a segmentation says, as one text.
std::string described(const Conversion& c) {
  std::string out;
  for (const EngineSummary& engine : c.engines) {
    out += engine.name + ":";
    for (const NodeId id : c.segmentation.segments[static_cast<std::size_t>(engine.segment)].nodes)
      out += " " + (*c.before)[id].name;
    for (const TensorInfo& info : engine.inputs) out += " " + info.shape.to_string();
    out += "\n";
  }
  for (const NativeNode& n : c.segmentation.native)
    out += (*c.before)[n.node].name + " " + std::string(reason_name(n.refusal.reason)) + " " + n.refusal.detail + "\n";
  for (const std::string& warning : c.warnings) out += warning + "\n";
  return out;
}

std::string described(const AttrMap& attrs) {
  std::string out;
  for (const auto& [name, value] : attrs) out += name + "=" + to_string(value) + "\n";
  return out;
}

Conversion must_plan(const WhatIf& what_if, const ConversionParams& params) {
  auto result = what_if.plan(params);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return result.ok() ? std::move(*result) : Conversion{};
}

ConversionParams denied(const std::string& op) {
  ConversionParams params;
  params.denied_ops = {op};
  return params;
}

TEST(WhatIf, AnswersAsAPlanDoesWhateverWasAskedBefore) {
  const auto graph = typed_sketch(kGraph);
  const WhatIf what_if(graph);
  std::vector<ConversionParams> asked(9);
  asked[1].minimum_segment_size = 1;
  asked[2].precision_mode = Precision::fp16;
  asked[3].shapes["x"] = Shape{4, 8};
  asked[4].implicit_batch = true;
  asked[4].max_batch_size = 4;
  asked[5].denied_ops = {"AddV2"};
  asked[6].excluded_nodes = {"b"};
  asked[7].max_engines = 1;
  asked[8].inputs = {"native"};
  for (int round = 0; round < 2; ++round)
    for (const ConversionParams& params : asked) {
      const auto alone = plan_conversion(graph, params);
      ASSERT_TRUE(alone.ok()) << alone.error().message;
      EXPECT_EQ(described(must_plan(what_if, params)), described(*alone));
    }
  ConversionParams wrong;
  wrong.excluded_nodes = {"nosuch"};
  const auto failed = what_if.plan(wrong);
  ASSERT_FALSE(failed.ok());
  EXPECT_NE(failed.error().message.find("nosuch"), std::string::npos);
}

TEST(WhatIf, FinishedItIsTheConversion) {
  const auto graph = typed_sketch(kGraph);
  const auto known = convert(graph, {});
  ASSERT_TRUE(known.ok());
  const WhatIf what_if(graph, *known);
  ConversionParams params;
  params.precision_mode = Precision::fp16;
  params.minimum_segment_size = 1;
  const auto finished = what_if.finish(must_plan(what_if, params), params);
  ASSERT_TRUE(finished.ok()) << finished.error().message;
  const auto whole = convert(graph, params);
  ASSERT_TRUE(whole.ok());
  ASSERT_EQ(finished->after->size(), whole->after->size());
  for (NodeId id = 0; id < whole->after->size(); ++id) {
    const NodeRecord a = finished->after->record(id), b = whole->after->record(id);
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.inputs, b.inputs);
    EXPECT_EQ(described(a.attrs), described(b.attrs)) << a.name;
  }
  EXPECT_EQ(finished->map.after_of, whole->map.after_of);
}

TEST(WhatIf, StopsWhenNobodyWaits) {
  const WhatIf what_if(typed_sketch(kGraph));
  // Stopped at its first, second, .. asking: wherever that is, the answer is `cancelled` and the next one is right.
  for (int allowed = 0; allowed < 6; ++allowed) {
    int asked = 0;
    const auto stopped = what_if.plan({}, [&] { return ++asked > allowed; });
    if (stopped.ok()) {
      EXPECT_LE(asked, allowed);
      continue;
    }
    EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
    EXPECT_EQ(must_plan(what_if, {}).engines.size(), 2u);
  }
}

TEST(SegmentationChange, SaysWhichNodesWentInAndCameOut) {
  const WhatIf what_if(typed_sketch(kGraph));
  const Conversion plain = must_plan(what_if, {});
  ASSERT_EQ(plain.engines.size(), 2u);
  const SegmentationChange same = compare_segmentations(plain, plain);
  EXPECT_FALSE(same.any());
  EXPECT_EQ(change_sentence(same), "unchanged: 2 engines of 3 and 3 nodes");

  const Conversion without_adds = must_plan(what_if, denied("AddV2"));
  const SegmentationChange none = compare_segmentations(plain, without_adds);
  EXPECT_EQ(change_sentence(none), "no engine instead of 2 engines of 3 and 3 nodes");
  EXPECT_EQ(names(*plain.before, none.lost), (std::vector<std::string>{"a", "b", "c", "d", "e", "f"}));
  EXPECT_TRUE(none.gained.empty());

  const Conversion without_sigmoid = must_plan(what_if, denied("Sigmoid"));
  const SegmentationChange one = compare_segmentations(plain, without_sigmoid);
  // {a, b} falls below the minimum size; the engine that is left has the other's name now, and is known all the same.
  EXPECT_EQ(change_sentence(one), "1 engine of 3 nodes instead of 2 engines of 3 and 3 nodes");
  ASSERT_EQ(one.engines.size(), 2u);
  EXPECT_EQ(one.engines[0].before, 1);
  EXPECT_EQ(one.engines[0].now, 0);
  EXPECT_TRUE(one.engines[0].same_nodes());
  EXPECT_EQ(one.engines[1].before, 0);
  EXPECT_EQ(one.engines[1].now, -1);
  EXPECT_TRUE(one.regrouped.empty());

  ConversionParams single;
  single.minimum_segment_size = 1;
  const SegmentationChange more = compare_segmentations(plain, must_plan(what_if, single));
  EXPECT_EQ(names(*plain.before, more.gained), (std::vector<std::string>{"lone"}));
  EXPECT_EQ(more.engines_now, 3);

  single.excluded_nodes = {"lone"};
  const SegmentationChange reasons = compare_segmentations(plain, must_plan(what_if, single));
  EXPECT_FALSE(reasons.any());
  EXPECT_EQ(names(*plain.before, reasons.other_reason), (std::vector<std::string>{"lone"}));
}

RemedyOutcome only_remedy(const WhatIf& what_if, const ConversionParams& asked, const std::string& node) {
  const Conversion c = must_plan(what_if, asked);
  const NodeId id = c.before->find(node);
  auto found = remedies(c, asked, id);
  EXPECT_EQ(found.size(), 1u) << node;
  if (found.empty()) return {};
  auto outcome = outcome_of(what_if, c, id, std::move(found.front()));
  EXPECT_TRUE(outcome.ok());
  return outcome.ok() ? std::move(*outcome) : RemedyOutcome{};
}

TEST(Remedy, EveryReasonThatASettingGaveIsLiftedByIt) {
  const WhatIf what_if(typed_sketch(kGraph));
  ConversionParams asked = denied("AddV2");
  RemedyOutcome outcome = only_remedy(what_if, asked, "b");
  EXPECT_EQ(outcome.remedy.kind, Remedy::Kind::allow_op);
  EXPECT_TRUE(outcome.helps);
  EXPECT_EQ(outcome.sentence, "Taken off the list: 2 engines of 3 and 3 nodes instead of no engine.");

  asked = {};
  asked.excluded_nodes = {"b:0"};
  outcome = only_remedy(what_if, asked, "b");
  EXPECT_EQ(outcome.remedy.kind, Remedy::Kind::include_node);
  EXPECT_TRUE(outcome.remedy.params.excluded_nodes.empty());
  EXPECT_TRUE(outcome.helps);

  outcome = only_remedy(what_if, {}, "lone");
  EXPECT_EQ(outcome.remedy.kind, Remedy::Kind::smaller_segments);
  EXPECT_EQ(outcome.remedy.params.minimum_segment_size, 1);
  EXPECT_EQ(outcome.remedy.action, "Smallest segment 1");
  EXPECT_TRUE(outcome.helps);

  asked = {};
  asked.minimum_segment_size = -1;
  outcome = only_remedy(what_if, asked, "a");
  EXPECT_EQ(outcome.remedy.params.minimum_segment_size, 3);
  EXPECT_TRUE(outcome.helps);

  asked = {};
  asked.max_engines = 1;
  outcome = only_remedy(what_if, asked, "e");
  EXPECT_EQ(outcome.remedy.kind, Remedy::Kind::more_engines);
  EXPECT_EQ(outcome.remedy.params.max_engines, 2);
  EXPECT_TRUE(outcome.helps);
}

TEST(Remedy, BatchModeAndShapes) {
  // A vector has no batch dimension to shed.
  const WhatIf vector(
      typed_sketch("x = Placeholder\na = Relu(x)\nb = Relu(a)\nc = Relu(b)\nout = Identity(c)\n", {{"x", Shape{-1}}}));
  ConversionParams implicit;
  implicit.implicit_batch = true;
  implicit.max_batch_size = 4;
  const RemedyOutcome outcome = only_remedy(vector, implicit, "a");
  EXPECT_EQ(outcome.remedy.kind, Remedy::Kind::explicit_batch);
  EXPECT_TRUE(outcome.helps);
  EXPECT_EQ(outcome.sentence, "With explicit batch: 1 engine of 3 nodes instead of no engine.");
}

TEST(Remedy, AShapeIsOfferedWhereAnInputLeavesDimensionsOpen) {
  // A Squeeze without axes has to know which dimensions are 1.
  const WhatIf what_if(
      typed_sketch("x = Placeholder\na = Relu(x)\ns = Squeeze(a)\nb = Relu(s)\nc = Relu(b)\nout = Identity(c)\n"));
  const RemedyOutcome outcome = only_remedy(what_if, {}, "s");
  EXPECT_EQ(outcome.remedy.kind, Remedy::Kind::known_shapes);
  EXPECT_EQ(outcome.remedy.action, "Give a shape");
  EXPECT_TRUE(outcome.helps);
  EXPECT_EQ(outcome.sentence, "With x=1x8: 1 engine of 4 nodes instead of no engine.");
}

TEST(Remedy, WhereNoSettingHelpsThereIsNone) {
  const WhatIf what_if(typed_sketch(kGraph));
  const Conversion c = must_plan(what_if, {});
  for (const char* node : {"x", "native", "out"}) EXPECT_TRUE(remedies(c, {}, c.before->find(node)).empty()) << node;
  EXPECT_TRUE(remedies(c, {}, c.before->find("a")).empty()) << "a node in an engine needs no remedy";
}

}  // namespace
}  // namespace isotherm
