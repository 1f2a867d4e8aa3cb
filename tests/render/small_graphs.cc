#include "small_graphs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace isotherm::render {
namespace {

NodeRecord record_of(const std::string& line) {
  std::istringstream words(line);
  NodeRecord r;
  words >> r.name >> r.op;
  for (std::string input; words >> input;) r.inputs.push_back(input);
  return r;
}

}  // namespace

std::shared_ptr<const Graph> graph_of(const std::vector<std::string>& lines) {
  Graph::Parts parts;
  for (const std::string& line : lines) parts.nodes.push_back(record_of(line));
  auto graph = Graph::build(std::move(parts));
  EXPECT_TRUE(graph.ok()) << (graph.ok() ? "" : graph.error().message);
  return graph.ok() ? *graph : nullptr;
}

std::shared_ptr<const Conversion> plain(const std::vector<std::string>& lines) {
  auto conversion = std::make_shared<Conversion>();
  conversion->before = graph_of(lines);
  return conversion;
}

std::vector<std::string> residual_network(int blocks) {
  std::vector<std::string> out = {"input Placeholder"};
  std::string last = "input", controls;
  const auto weight = [&](const std::string& name) {
    out.push_back(name + "/resource Const");
    out.push_back(name + " Identity " + name + "/resource");
    controls += " ^" + name;
    return name;
  };
  for (int b = 1; b <= blocks; ++b) {
    const std::string block = "net/block" + std::to_string(b) + "_";
    const std::string start = last;
    for (const char* layer : {"1", "2"}) {
      const std::string conv = block + layer + "_conv/Conv2D", bias = block + layer + "_conv/BiasAdd";
      const std::string w = weight(conv + "/ReadVariableOp"), v = weight(bias + "/ReadVariableOp");
      out.push_back(conv + " Conv2D " + last + " " + w);
      out.push_back(bias + " BiasAdd " + conv + " " + v);
      out.push_back(block + layer + "_relu/Relu Relu " + bias);
      last = block + layer + "_relu/Relu";
    }
    out.push_back(block + "add/add AddV2 " + last + " " + start);
    last = block + "add/add";
  }
  out.push_back("NoOp NoOp" + controls);
  out.push_back("Identity Identity " + last + " ^NoOp");
  return out;
}

std::shared_ptr<const Conversion> converted(const std::vector<std::string>& lines,
                                            const std::vector<std::vector<std::string>>& segments) {
  auto conversion = std::make_shared<Conversion>();
  conversion->before = graph_of(lines);
  const Graph& graph = *conversion->before;
  std::vector<int>& of = conversion->segmentation.segment_of;
  of.assign(static_cast<std::size_t>(graph.size()), -1);
  for (std::size_t s = 0; s < segments.size(); ++s) {
    Segment segment;
    segment.index = static_cast<int>(s);
    for (const std::string& name : segments[s]) {
      const NodeId id = graph.find(name);
      EXPECT_NE(id, kNoNode) << name;
      of[static_cast<std::size_t>(id)] = static_cast<int>(s);
      segment.nodes.push_back(id);
    }
    conversion->segmentation.segments.push_back(std::move(segment));
  }
  const auto engine = [](int s) { return "TRTEngineOp_000_00" + std::to_string(s); };
  std::vector<std::map<std::string, int>> outputs(segments.size());
  const auto source = [&](const Input& in) {
    const int s = of[static_cast<std::size_t>(in.node)];
    if (s < 0) return format_input_name(graph[in.node].name, in.port);
    if (in.is_control()) return "^" + engine(s);
    auto& ports = outputs[static_cast<std::size_t>(s)];
    const int port = ports.try_emplace(format_input_name(graph[in.node].name, in.port), static_cast<int>(ports.size()))
                         .first->second;
    return format_input_name(engine(s), port);
  };
  Graph::Parts after;
  NodeMap& map = conversion->map;
  map.after_of.assign(static_cast<std::size_t>(graph.size()), kNoNode);
  map.engine_of = of;
  const auto add_inputs = [&](NodeRecord& record, const Node& node, int own) {
    for (const Input& in : node.inputs) {
      if (own >= 0 && (of[static_cast<std::size_t>(in.node)] == own || in.is_control())) continue;
      const std::string name = source(in);
      if (std::find(record.inputs.begin(), record.inputs.end(), name) == record.inputs.end())
        record.inputs.push_back(name);
    }
  };
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (of[static_cast<std::size_t>(id)] >= 0) continue;
    NodeRecord record;
    record.name = graph[id].name;
    record.op = graph[id].op;
    add_inputs(record, graph[id], -1);
    map.after_of[static_cast<std::size_t>(id)] = static_cast<NodeId>(after.nodes.size());
    after.nodes.push_back(std::move(record));
    conversion->segmentation.native.push_back({id, {Reason::excluded, "Node '" + graph[id].name + "' is excluded."}});
  }
  for (std::size_t s = 0; s < segments.size(); ++s) {
    NodeRecord record;
    record.name = engine(static_cast<int>(s));
    record.op = "TRTEngineOp";
    record.attrs.set("precision_mode", std::string("FP16"));
    const auto node = static_cast<NodeId>(after.nodes.size());
    for (NodeId id : conversion->segmentation.segments[s].nodes) {
      add_inputs(record, graph[id], static_cast<int>(s));
      map.after_of[static_cast<std::size_t>(id)] = node;
    }
    map.engines.push_back(node);
    EngineSummary summary;
    summary.name = record.name;
    summary.node = node;
    summary.segment = static_cast<int>(s);
    summary.node_count = static_cast<int>(segments[s].size());
    conversion->engines.push_back(std::move(summary));
    after.nodes.push_back(std::move(record));
  }
  auto built = Graph::build(std::move(after));
  EXPECT_TRUE(built.ok()) << (built.ok() ? "" : built.error().message);
  if (built.ok()) conversion->after = *built;
  map.before_of.resize(static_cast<std::size_t>(conversion->after->size()));
  for (NodeId id = 0; id < graph.size(); ++id)
    map.before_of[static_cast<std::size_t>(map.after_of[static_cast<std::size_t>(id)])].push_back(id);
  return conversion;
}

std::shared_ptr<const Conversion> converted_network(int blocks) {
  const std::vector<std::string> lines = residual_network(blocks);
  std::vector<std::string> members;
  for (const std::string& line : lines) {
    const std::string name = line.substr(0, line.find(' '));
    if (name != "input" && name != "NoOp" && name != "Identity") members.push_back(name);
  }
  return converted(lines, {members});
}

}  // namespace isotherm::render
