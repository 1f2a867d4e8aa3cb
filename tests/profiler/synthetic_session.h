// A session made by hand: two nodes and an engine of two layers, with times that are easy to add up.
#pragma once

#include "core/workbench/models/model_zoo.h"
#include "profiler/session_data.h"

namespace isotherm {

/// before: a (Const), x (Placeholder), mul (x*a), relu(mul), out (Identity); after: a, x, engine(mul, relu), out.
inline SessionData synthetic_session() {
  const auto record = [](std::string name, std::string op, std::vector<std::string> inputs = {}) {
    NodeRecord r;
    r.name = std::move(name);
    r.op = std::move(op);
    r.inputs = std::move(inputs);
    if (r.op == "Const") {
      r.attrs.set("dtype", TypeValue(DType::float32));
      r.attrs.set("value", make_constant_attr(Constant(Tensor::vector<float>(std::vector<float>(1000, 2.0f)))));
    } else if (r.op == "Placeholder") {
      r.attrs.set("dtype", TypeValue(DType::float32));
      r.attrs.set("shape", Shape{kUnknownDim, 1000});
    } else if (r.op != "TRTEngineOp") {
      r.attrs.set("T", TypeValue(DType::float32));
    }
    return r;
  };
  Graph::Parts before, after;
  before.nodes = {record("a", "Const"), record("x", "Placeholder"), record("s/mul", "Mul", {"x", "a"}), record("s/relu", "Relu", {"s/mul"}), record("out", "Identity", {"s/relu"})};
  after.nodes = {record("a", "Const"), record("x", "Placeholder"), record("TRTEngineOp_000_000", "TRTEngineOp", {"x"}), record("out", "Identity", {"TRTEngineOp_000_000"})};
  after.nodes[2].attrs.set("serialized_segment", std::string());
  after.nodes[2].attrs.set("workspace_size_bytes", std::int64_t{1} << 30);
  after.nodes[2].attrs.set("precision_mode", std::string("FP32"));
  AttrList types;
  types.type = {TypeValue(DType::float32)};
  for (const char* name : {"InT", "OutT"}) after.nodes[2].attrs.set(name, make_list_attr(types));
  auto conversion = std::make_shared<Conversion>();
  conversion->before = Graph::build(std::move(before)).value();
  conversion->after = Graph::build(std::move(after)).value();
  conversion->map.after_of = {0, 1, 2, 2, 3};
  conversion->map.before_of = {{0}, {1}, {2, 3}, {4}};
  conversion->map.engine_of = {-1, -1, 0, 0, -1};
  conversion->map.engines = {2};
  conversion->segmentation.segment_of = {-1, -1, 0, 0, -1};
  conversion->segmentation.native = {{0, {Reason::const_output, "a Const may not be a segment output"}}, {1, {Reason::excluded, "a feed"}}, {4, {Reason::excluded, "a \"fetch\", with commas"}}};
  Segment segment;
  segment.nodes = {2, 3};
  conversion->segmentation.segments = {segment};
  EngineSummary engine;
  engine.name = "TRTEngineOp_000_000";
  engine.node = 2;
  engine.node_count = 2;
  conversion->engines = {engine};

  SessionData data;
  data.meta = {{"model", "synthetic.pb"}, {"device", "cpu"}, {"batch", "1"}};
  data.settings = {{"precision", "FP32"}, {"input", "x"}};
  data.machine = {{"cores", "2"}};
  data.conversion = conversion;
  PlanLayer mul, relu;
  mul.name = "s/mul";
  mul.kind = LayerKind::elementwise;
  mul.tactic = "first";
  mul.sources = {"s/mul"};
  mul.flops = 1000;
  relu.name = "s/relu";
  relu.kind = LayerKind::elementwise;
  relu.tactic = "second";
  relu.sources = {"s/relu"};
  data.engines = {{2, "TRTEngineOp_000_000", "", {mul, relu}}};
  // Two traced runs each way, one untraced native one.
  data.runs = {{0, RunMode::native, 0, true, 0, 1000}, {1, RunMode::native, 1, true, 2000, 3200}, {2, RunMode::native, 0, false, 4000, 4900},
               {3, RunMode::engines, 0, true, 5000, 5500}, {4, RunMode::engines, 1, true, 6000, 6700}};
  data.ops = {{0, 2, 100, 400, 0, 0}, {0, 3, 400, 500, 0, 0}, {1, 2, 2100, 2500, 0, 0}, {1, 3, 2500, 2700, 0, 0}, {2, 2, 4000, 4999, 0, 0}, {3, 2, 5100, 5400, 0, 0}, {4, 2, 6100, 6500, 0, 0}};
  data.layers = {{3, 2, 0, 5100, 5200}, {3, 2, 1, 5200, 5400}, {4, 2, 0, 6100, 6200}, {4, 2, 1, 6200, 6500}};
  return data;
}

}  // namespace isotherm
