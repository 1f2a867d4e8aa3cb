#include "core/convert/converter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/ops/op_def.h"
#include "tests/convert/typed_sketch.h"

namespace isotherm {
namespace {

using testing::typed_sketch;
using Names = std::set<std::string>;

Conversion must_convert(const std::shared_ptr<const Graph>& graph, const ConversionParams& params) {
  auto result = convert(graph, params);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return result.ok() ? std::move(*result) : Conversion{};
}

std::string error_of(const std::shared_ptr<const Graph>& graph, const ConversionParams& params) {
  const auto result = plan_conversion(graph, params);
  EXPECT_FALSE(result.ok());
  return result.ok() ? "" : result.error().message;
}

std::vector<std::string> inputs_of(const Graph& graph, const std::string& name) {
  return graph.find(name) == kNoNode ? std::vector<std::string>{"missing"} : graph.record(graph.find(name)).inputs;
}

Names node_names(const Graph& graph) {
  Names names;
  for (const Node& node : graph.nodes()) names.insert(node.name);
  return names;
}

//   x -> a -> b -> c -> native -> d -> e -> f -> out
//             |           ^
//             +-----------+                c0 is read inside and outside, c1 inside alone
constexpr const char* kTwoEngines = R"(
  x = Placeholder
  c0 = Const
  c1 = Const
  a = Relu(x)
  b = AddV2(a, c0)
  c = AddV2(b, c1)
  native = Log1p(c)
  other = Log1p(c0)
  d = Relu(native)
  e = AddV2(d, b)
  f = Relu(e)
  out = Identity(f)
  out2 = Identity(other)
)";

TEST(Converter, ReplacesSegments) {
  const auto graph = typed_sketch(kTwoEngines);
  const Conversion c = must_convert(graph, {});
  ASSERT_EQ(c.engines.size(), 2u);
  const Graph& after = *c.after;
  EXPECT_EQ(node_names(after),
            (Names{"x", "c0", "TRTEngineOp_000_000", "native", "other", "TRTEngineOp_000_001", "out", "out2"}));
  // Roots: a (c1 merged into b's cluster before) and d.
  EXPECT_EQ(inputs_of(after, "TRTEngineOp_000_000"), (std::vector<std::string>{"x"}));
  EXPECT_EQ(inputs_of(after, "native"), (std::vector<std::string>{"TRTEngineOp_000_000:1"}));
  EXPECT_EQ(inputs_of(after, "TRTEngineOp_000_001"), (std::vector<std::string>{"native", "TRTEngineOp_000_000"}));
  EXPECT_EQ(inputs_of(after, "out"), (std::vector<std::string>{"TRTEngineOp_000_001"}));
  EXPECT_EQ(inputs_of(after, "other"), (std::vector<std::string>{"c0"}));
  EXPECT_TRUE(after.topological_order().ok());
}

TEST(Converter, NodeMapIsExact) {
  const auto graph = typed_sketch(kTwoEngines);
  const Conversion c = must_convert(graph, {});
  const NodeMap& map = c.map;
  ASSERT_EQ(map.engines.size(), 2u);
  for (NodeId id = 0; id < c.before->size(); ++id) {
    const NodeId after = map.after_of[static_cast<std::size_t>(id)];
    ASSERT_NE(after, kNoNode);
    const int engine = map.engine_of[static_cast<std::size_t>(id)];
    if (engine < 0) {
      EXPECT_EQ((*c.after)[after].name, (*c.before)[id].name);
    } else {
      EXPECT_EQ(after, map.engines[static_cast<std::size_t>(engine)]);
      EXPECT_EQ((*c.after)[after].op, "TRTEngineOp");
    }
    const auto& back = map.before_of[static_cast<std::size_t>(after)];
    EXPECT_TRUE(std::find(back.begin(), back.end(), id) != back.end());
    EXPECT_TRUE(std::is_sorted(back.begin(), back.end()));
  }
  EXPECT_EQ(c.engines[0].node, map.engines[0]);
}

TEST(Converter, WritesTheNodeAsTfTrtDoes) {
  const Conversion c = must_convert(typed_sketch(kTwoEngines), {});
  const AttrMap& attrs = (*c.after)[c.engines[1].node].attrs;
  EXPECT_EQ(attrs.get_func("segment_func")->name, "TRTEngineOp_000_001_native_segment");
  EXPECT_EQ(attrs.get_types("InT"), (std::vector<DType>{DType::float32, DType::float32}));
  EXPECT_EQ(attrs.get_types("OutT"), (std::vector<DType>{DType::float32}));
  ASSERT_EQ(attrs.get_list("input_shapes")->shape.size(), 2u);
  EXPECT_EQ(attrs.get_list("input_shapes")->shape[0], (Shape{-1, 8}));
  EXPECT_EQ(attrs.get_string("precision_mode"), "FP32");
  EXPECT_EQ(attrs.get_string("profile_strategy"), "Range");
  EXPECT_EQ(attrs.get_string("serialized_segment", "missing"), "");
  EXPECT_EQ(attrs.get_int("max_batch_size"), -1);
  EXPECT_EQ(attrs.get_int("workspace_size_bytes"), 9223372036854775295);
  EXPECT_TRUE(attrs.get_bool("static_engine"));
  EXPECT_FALSE(attrs.get_bool("use_calibration", true));
  EXPECT_FALSE(attrs.get_bool("_use_implicit_batch", true));
  EXPECT_TRUE(attrs.get_bool("_allow_build_at_runtime"));
  EXPECT_FALSE(attrs.contains("_output_shapes"));
  EXPECT_TRUE(check_against_op_defs(*c.after).ok());
}

TEST(Converter, KeepsTheNativeSegmentAsAFunction) {
  const Conversion c = must_convert(typed_sketch(kTwoEngines), {});
  const Function* function = c.after->functions().find("TRTEngineOp_000_000_native_segment");
  ASSERT_TRUE(function);
  EXPECT_EQ(function->nodes[0].name, "c0");  // a copy: c0 is still read outside
  ASSERT_EQ(function->inputs.size(), 1u);
  EXPECT_EQ(function->inputs[0].name, "tensorrtinputph_0");
  ASSERT_EQ(function->arg_attrs.size(), 1u);
  EXPECT_EQ(function->arg_attrs[0].second.get_list("_output_shapes")->shape[0], (Shape{-1, 8}));
  ASSERT_EQ(function->ret.size(), 2u);
  EXPECT_EQ(function->ret[0], (std::pair<std::string, std::string>("tensorrtoutputph_0", "b:z:0")));
  const auto body = function_body(c.after->functions(), function->name);
  ASSERT_TRUE(body.ok()) << body.error().message;
  const Names names = node_names(**body);
  for (const char* name : {"a", "b", "c", "c0", "c1"}) EXPECT_TRUE(names.contains(name)) << name;
}

TEST(Converter, ShapesAreCarriedOver) {
  const Conversion c = must_convert(typed_sketch(kTwoEngines), {});
  const TensorInfo& info = c.shapes_after.info({c.engines[0].node, 1});
  EXPECT_EQ(info.dtype, DType::float32);
  ASSERT_EQ(info.shape.rank(), 2);
  EXPECT_EQ(info.shape.dim(1), 8);
}

// Control edges out of a segment become the engine's; those into it too, but none from a Const.
TEST(Converter, ControlEdges) {
  const Conversion c = must_convert(typed_sketch(R"(
    x = Placeholder
    k = Const
    n = NoOp(^x)
    a = Relu(x, ^n, ^k)
    b = Relu(a)
    c = Relu(b, ^n)
    after = Log1p(x, ^a, ^b)
    out = Identity(c)
    out2 = Identity(after)
    out3 = Identity(k)
  )"),
                                    {});
  ASSERT_EQ(c.engines.size(), 1u);
  EXPECT_EQ(inputs_of(*c.after, "TRTEngineOp_000_000"), (std::vector<std::string>{"x", "^n"}));
  EXPECT_EQ(inputs_of(*c.after, "after"), (std::vector<std::string>{"x", "^TRTEngineOp_000_000"}));
  const Function* function = c.after->functions().find("TRTEngineOp_000_000_native_segment");
  ASSERT_TRUE(function);
  for (const NodeRecord& node : function->nodes)
    for (const std::string& input : node.inputs) EXPECT_FALSE(input.starts_with("^n")) << node.name;
}

TEST(Converter, FailedSegmentsLeaveGaps) {
  // a0..: constants alone, no inputs; the engine of the rest keeps its number.
  ConversionParams params;
  params.minimum_segment_size = 1;
  const Conversion c = must_convert(typed_sketch(R"(
    x = Placeholder
    a0 = Const
    a1 = Identity(a0)
    an = Log1p(a1)
    b0 = Relu(x)
    b1 = Relu(b0)
    out = Identity(b1)
    out2 = Identity(an)
  )"),
                                    params);
  ASSERT_EQ(c.engines.size(), 1u);
  EXPECT_EQ(c.engines[0].name, "TRTEngineOp_000_001");
  const auto& native = c.segmentation.native;
  const auto it =
      std::find_if(native.begin(), native.end(), [&](const NativeNode& n) { return (*c.before)[n.node].name == "a0"; });
  ASSERT_NE(it, native.end());
  EXPECT_EQ(it->refusal.reason, Reason::conversion_failed);
  EXPECT_EQ(c.warnings.size(), 1u);
}

TEST(Converter, ImplicitBatch) {
  ConversionParams params;
  params.implicit_batch = true;
  const auto graph = typed_sketch("x = Placeholder\na = Relu(x)\nb = Relu(a)\nc = Relu(b)\nout = Identity(c)\n");
  EXPECT_NE(error_of(graph, params).find("maximum batch size"), std::string::npos);
  params.max_batch_size = 4;
  Conversion c = must_convert(graph, params);
  ASSERT_EQ(c.engines.size(), 1u);
  EXPECT_EQ((*c.after)[c.engines[0].node].attrs.get_int("max_batch_size"), 4);
  EXPECT_EQ((*c.after)[c.engines[0].node].attrs.get_string("profile_strategy", "missing"), "");
  // A static batch of the segment's own goes before the parameter.
  c = must_convert(
      typed_sketch("x = Placeholder\na = Relu(x)\nb = Relu(a)\nc = Relu(b)\nout = Identity(c)\n", {{"x", Shape{2, 8}}}),
      params);
  EXPECT_EQ((*c.after)[c.engines[0].node].attrs.get_int("max_batch_size"), 2);
}

//   x [?,?] -> a -> b -> c
TEST(Converter, ExcludeNodesWithDynamicNonBatchDim) {
  const auto graph = typed_sketch("x = Placeholder\na = Relu(x)\nb = Relu(a)\nc = Relu(b)\nout = Identity(c)\n",
                                  {{"x", Shape{-1, -1}}});
  ConversionParams params;
  params.implicit_batch = true;
  params.max_batch_size = 4;
  auto plan = plan_conversion(graph, params);
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(plan->engines.empty());
  EXPECT_EQ(plan->segmentation.native[1].refusal.reason, Reason::dynamic_dims);
  ASSERT_EQ(plan->warnings.size(), 1u);
  for (const char* words : {"'x'", "--shape", "--dynamic-op"})
    EXPECT_NE(plan->warnings[0].find(words), std::string::npos) << words;
  params.is_dynamic_op = true;
  EXPECT_EQ(plan_conversion(graph, params)->engines.size(), 1u);
  params.is_dynamic_op = false;
  params.shapes["x"] = Shape{-1, 5};
  plan = plan_conversion(graph, params);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->engines.size(), 1u);
  EXPECT_EQ(*(*plan->before)[0].attrs.get_shape("shape"), (Shape{-1, 5}));
}

TEST(Converter, BatchClassesOfTwoInputs) {
  // Unknown dimensions of two inputs are different classes: add takes the first and is not merged with b.
  ConversionParams params;
  params.implicit_batch = true;
  params.is_dynamic_op = true;
  params.minimum_segment_size = 2;
  const auto plan = plan_conversion(typed_sketch(R"(
    x = Placeholder
    y = Placeholder
    a = Relu(x)
    b = Relu(y)
    c = Relu(b)
    add = AddV2(a, c)
    out = Identity(add)
  )"),
                                    params);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->engines.size(), 2u);
}

TEST(Converter, Fp16SplitsCasts) {
  ConversionParams params;
  params.precision_mode = Precision::fp16;
  params.minimum_segment_size = 1;
  const Conversion c =
      must_convert(typed_sketch("int = Placeholder\ncast = Cast(int)\na = Relu(cast)\nout = Identity(a)\n"), params);
  const NodeId split = c.before->find("cast_split");
  ASSERT_EQ(split, c.before->size() - 1);
  EXPECT_EQ((*c.before)[split].attrs.get_type("DstT"), DType::float16);
  EXPECT_EQ(inputs_of(*c.before, "cast"), (std::vector<std::string>{"cast_split"}));
  ASSERT_EQ(c.engines.size(), 1u);
  EXPECT_EQ(inputs_of(*c.after, c.engines[0].name), (std::vector<std::string>{"cast_split"}));
  EXPECT_EQ((*c.after)[c.engines[0].node].attrs.get_string("precision_mode"), "FP16");
}

TEST(Converter, Int8) {
  const auto graph = typed_sketch("x = Placeholder\na = Relu(x)\nb = Relu(a)\nc = Relu(b)\nout = Identity(c)\n");
  ConversionParams params;
  params.precision_mode = Precision::int8;
  Conversion c = must_convert(graph, params);
  EXPECT_EQ((*c.after)[c.engines[0].node].attrs.get_string("precision_mode"), "INT8");
  EXPECT_TRUE((*c.after)[c.engines[0].node].attrs.get_bool("use_calibration"));
  EXPECT_FALSE((*c.after)[c.engines[0].node].attrs.get_bool("static_engine", true));
  // Without calibration and without quantization ops nobody knows the ranges.
  params.use_calibration = false;
  c = must_convert(graph, params);
  EXPECT_EQ((*c.after)[c.engines[0].node].attrs.get_string("precision_mode"), "FP16");
  EXPECT_EQ(c.warnings.size(), 1u);
}

TEST(Converter, Options) {
  const auto graph = typed_sketch(kTwoEngines);
  ConversionParams params;
  params.denied_ops = {"AddV2"};
  params.minimum_segment_size = 1;
  auto plan = plan_conversion(graph, params);
  ASSERT_TRUE(plan.ok());
  for (const Segment& segment : plan->segmentation.segments)
    for (const NodeId id : segment.nodes) EXPECT_NE((*plan->before)[id].op, "AddV2");
  params = {};
  params.excluded_nodes = {"e"};
  plan = plan_conversion(graph, params);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->engines.size(), 1u);
  params = {};
  params.max_engines = 1;
  EXPECT_EQ(plan_conversion(graph, params)->engines.size(), 1u);
  params = {};
  params.minimum_segment_size = -1;
  const Conversion untouched = must_convert(graph, params);
  EXPECT_TRUE(untouched.engines.empty());
  EXPECT_EQ(node_names(*untouched.after), node_names(*graph));
  params = {};
  params.sequence = 12;
  EXPECT_EQ(plan_conversion(graph, params)->engines[0].name, "TRTEngineOp_012_000");
}

TEST(Converter, BadOptionsAreSentences) {
  const auto graph = typed_sketch(kTwoEngines);
  ConversionParams params;
  params.outputs = {"ouT2"};
  EXPECT_NE(error_of(graph, params).find("nearest: 'out2'"), std::string::npos);
  params = {};
  params.excluded_nodes = {"nativ"};
  EXPECT_NE(error_of(graph, params).find("'native'"), std::string::npos);
  params = {};
  params.shapes["y"] = Shape{1, 8};
  EXPECT_NE(error_of(graph, params).find("shape of 'y'"), std::string::npos);
  params.shapes = {{"a", Shape{1, 8}}};
  EXPECT_NE(error_of(graph, params).find("Relu"), std::string::npos);
  params.shapes = {{"x", Shape{1, 9}}};
  EXPECT_NE(error_of(graph, params).find("1x9"), std::string::npos);
  // Dynamic dimensions do not go with static engines in implicit batch mode: two ways out.
  params = {};
  params.implicit_batch = true;
  params.max_batch_size = 2;
  params.shapes = {{"x", Shape{2, -1}}};
  for (const char* words : {"'x'", "2x?", "--shape", "--dynamic-op"})
    EXPECT_NE(error_of(graph, params).find(words), std::string::npos) << error_of(graph, params);
  params = {};
  params.profile_strategy = "best";
  EXPECT_NE(error_of(graph, params).find("'best'"), std::string::npos);
  params = {};
  params.minimum_segment_size = -2;
  EXPECT_NE(error_of(graph, params).find("-2"), std::string::npos);
  params = {};
  params.max_batch_size = 0;
  EXPECT_NE(error_of(graph, params).find("maximum batch size 0"), std::string::npos);
}

TEST(Converter, CyclicAndConvertedGraphs) {
  EXPECT_NE(error_of(typed_sketch("a = Relu(b)\nb = Relu(a)\nc = Relu(a)\n"), {}).find("cycle"), std::string::npos);
  // What is converted already stays; a second pass in the same process has another sequence number.
  const Conversion first = must_convert(typed_sketch(kTwoEngines), {});
  ConversionParams params;
  params.sequence = 1;
  const Conversion second = must_convert(first.after, params);
  EXPECT_TRUE(second.engines.empty());
  ASSERT_FALSE(second.warnings.empty());
  EXPECT_NE(second.warnings[0].find("TRTEngineOp_000_000"), std::string::npos);
  EXPECT_TRUE(second.after->functions().find("TRTEngineOp_000_000_native_segment"));
}

TEST(Converter, DropsColocationAndOldShapes) {
  const auto graph = typed_sketch(kTwoEngines);
  Graph::Parts parts = graph->parts();
  AttrList both, shapes;
  both.s = {"loc:@a", "loc:@x"};
  shapes.shape = {Shape{-1, 8}};
  for (const char* name : {"native", "b"}) {
    AttrMap& attrs = parts.nodes[static_cast<std::size_t>(graph->find(name))].attrs;
    attrs.set("_class", make_list_attr(both));
    attrs.set("_output_shapes", make_list_attr(shapes));
  }
  const auto changed = Graph::build(std::move(parts));
  const Conversion c = must_convert(*changed, {});
  const auto is_bare = [](const AttrMap& attrs) {
    return !attrs.contains("_class") && !attrs.contains("_output_shapes");
  };
  EXPECT_TRUE(is_bare((*c.after)[c.after->find("native")].attrs));
  for (const NodeRecord& node : c.after->functions().find("TRTEngineOp_000_000_native_segment")->nodes)
    EXPECT_TRUE(is_bare(node.attrs)) << node.name;
  // Where nothing becomes an engine, nothing changes.
  ConversionParams params;
  params.minimum_segment_size = 50;
  const Conversion untouched = must_convert(*changed, params);
  EXPECT_TRUE((*untouched.after)[untouched.after->find("native")].attrs.contains("_class"));
}

TEST(Converter, WarnsOfEnginesThatTensorFlowRefuses) {
  ConversionParams params;
  params.outputs = {"out2"};
  const auto plan = plan_conversion(typed_sketch(kTwoEngines), params);
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->engines.size(), 2u);
  EXPECT_TRUE(plan->segmentation.segments[1].outputs.empty());
  ASSERT_EQ(plan->warnings.size(), 2u);  // out2 depends on a constant alone
  EXPECT_NE(plan->warnings[1].find("TRTEngineOp_000_001 has no outputs"), std::string::npos);
}

TEST(Converter, EmptyGraph) {
  const auto graph = Graph::build({});
  const Conversion c = must_convert(*graph, {});
  EXPECT_EQ(c.after->size(), 0);
  EXPECT_NE(summary_table(c).find("0.00% [0/0]"), std::string::npos);
}

TEST(DefaultTensors, InputsAndOutputs) {
  const auto graph = typed_sketch(R"(
    x = Placeholder
    unused_control_flow_input_3 = Placeholder
    k = Const
    a = Relu(x)
    n = NoOp(^a)
    b = Relu(x)
  )");
  EXPECT_EQ(default_inputs(*graph), (std::vector<std::string>{"x"}));
  EXPECT_EQ(default_outputs(*graph), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace isotherm
