// isotherm segment: what would become an engine, and why not.
#include <map>
#include <optional>

#include "app/command.h"
#include "app/json.h"
#include "app/non_conversion.h"
#include "app/options.h"
#include "app/passes_report.h"
#include "core/convert/suggest.h"
#include "core/convert/trt_convert.h"
#include "core/formats/graph_file.h"

namespace isotherm::app {
namespace {

std::string_view step_name(SegmentStep::Kind kind) {
  switch (kind) {
    case SegmentStep::Kind::candidate: return "candidate";
    case SegmentStep::Kind::not_candidate: return "not-candidate";
    case SegmentStep::Kind::merge: return "merge";
    case SegmentStep::Kind::merge_refused: return "merge-refused";
    case SegmentStep::Kind::trim: return "trim";
    case SegmentStep::Kind::drop_small: return "too-small";
    case SegmentStep::Kind::drop_cap: return "engine-cap";
    case SegmentStep::Kind::segment: return "segment";
  }
  return "";
}

Json steps_json(const Graph& graph, const std::vector<SegmentStep>& steps) {
  Json out = Json::array();
  for (const SegmentStep& step : steps) {
    Json item = {{"kind", step_name(step.kind)}};
    if (step.node != kNoNode) item["node"] = graph[step.node].name;
    if (step.other != kNoNode) item["other"] = graph[step.other].name;
    if (!step.path.empty()) {
      Json path = Json::array();
      for (const NodeId id : step.path) path.push_back(graph[id].name);
      item["path"] = std::move(path);
    }
    if (!step.sentence.empty()) item["sentence"] = step.sentence;
    out.push_back(std::move(item));
  }
  return out;
}

Json tensors_json(const Graph& graph, const std::vector<TensorRef>& tensors) {
  Json out = Json::array();
  for (const TensorRef& t : tensors) out.push_back(graph.tensor_name(t));
  return out;
}

/// What the options ask for beside the plan.
struct Extras {
  std::string report_path;  ///< where --report was written
  std::optional<Suggestions> suggestions;
  DetailedReport detailed;
};

Json suggestions_json(const Suggestions& suggestions) {
  Json out = Json::array();
  for (const Suggestion& s : suggestions.ranked)
    out.push_back({{"changes", s.changes}, {"nodes_gained", s.nodes_gained}, {"engines", s.engines}, {"joined", s.joined}});
  return out;
}

Status print_json(const Conversion& plan, const Extras& extras) {
  const Graph& graph = *plan.before;
  Json segments = Json::array(), native = Json::array();
  for (std::size_t i = 0; i < plan.segmentation.segments.size(); ++i) {
    const Segment& segment = plan.segmentation.segments[i];
    Json nodes = Json::array();
    for (const NodeId id : segment.nodes) nodes.push_back(graph[id].name);
    segments.push_back({{"name", plan.engines[i].name}, {"nodes", std::move(nodes)}, {"inputs", tensors_json(graph, segment.inputs)},
                        {"outputs", tensors_json(graph, segment.outputs)}});
  }
  for (const NativeNode& n : plan.segmentation.native)
    native.push_back({{"node", graph[n.node].name}, {"op", graph[n.node].op}, {"reason", reason_name(n.refusal.reason)}, {"detail", n.refusal.detail}});
  Json out = {{"segments", std::move(segments)}, {"native", std::move(native)}, {"steps", steps_json(graph, plan.segmentation.steps)}};
  if (!plan.passes.empty()) out["passes"] = passes_json(plan.passes);
  out["settings"] = pairs_json(describe_params(plan.params));
  out["warnings"] = plan.warnings;
  if (!extras.report_path.empty()) out["report"] = extras.report_path;
  if (extras.suggestions) out["suggestions"] = suggestions_json(*extras.suggestions);
  if (trt_environment().detailed_report) out["not_converted"] = extras.detailed.json;
  return print(dump(out));
}

Status print_text(const Conversion& plan, const Extras& extras) {
  const Graph& graph = *plan.before;
  std::string out = "settings: " + pairs_line(describe_params(plan.params)) + "\n\n" + passes_text(plan.passes) + summary_table(plan) + "\n";
  std::map<Reason, std::vector<const NativeNode*>> by_reason;
  for (const NativeNode& n : plan.segmentation.native) by_reason[n.refusal.reason].push_back(&n);
  if (!by_reason.empty()) out += "stays native:\n";
  for (const auto& [reason, nodes] : by_reason) {
    out += "  " + std::string(reason_name(reason)) + ": " + std::to_string(nodes.size()) + (nodes.size() == 1 ? " node\n" : " nodes\n");
    constexpr std::size_t kShown = 8;
    for (std::size_t i = 0; i < std::min(kShown, nodes.size()); ++i) {
      const Node& node = graph[nodes[i]->node];
      out += "    " + node.name + " (" + node.op + "): " + nodes[i]->refusal.detail + "\n";
    }
    if (nodes.size() > kShown) out += "    … and " + std::to_string(nodes.size() - kShown) + " more (--json lists all)\n";
  }
  out += extras.detailed.text;
  if (extras.suggestions) out += "\n" + suggestions_text(*extras.suggestions);
  if (!extras.report_path.empty()) out += "written: " + extras.report_path + "\n";
  return print(out);
}

}  // namespace

void add_segment(CLI::App& app, Context& context) {
  struct Options {
    std::string model;
    std::string report;
    ConversionOptions conversion;
    bool suggest = false, json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("segment", "What would become an engine, and why not the rest; nothing is built");
  command->add_option("MODEL", options->model, "A GraphDef, binary or text")->required();
  command->add_option("--report", options->report, "FILE.csv: native nodes counted by op and reason");
  command->add_flag("--suggest", options->suggest, "What support or which setting would bring more nodes into engines");
  options->conversion.add_to(*command);
  command->add_flag("--json", options->json, "For scripts");
  command->callback([options, &context] {
    context.job = [options, &context]() -> Status {
      ISO_ASSIGN(ConversionParams params, options->conversion.params());
      name_detailed_report(trt_environment(), params);
      context.progress.tell(-1, "reading " + options->model);
      ISO_ASSIGN(const LoadedGraph loaded, load_graph(options->model));
      context.progress.tell(-1, "segmenting");
      ISO_ASSIGN(const Converter converter, Converter::create(loaded.graph, std::move(params)));
      ISO_ASSIGN(const Conversion plan, converter.plan());
      Extras extras;
      if (!options->report.empty()) {
        ISO_TRY(write_text(options->report, non_conversion_csv(non_conversions(plan), ',')));
        extras.report_path = options->report;
      }
      ISO_ASSIGN(extras.detailed, write_detailed_report(trt_environment(), plan));
      if (options->suggest) {
        const WhatIf what_if(loaded.graph);
        ISO_ASSIGN(extras.suggestions, suggest(what_if, converter.params(), context.progress));
      }
      for (const std::string& warning : plan.warnings) std::fprintf(stderr, "isotherm: warning: %s\n", warning.c_str());
      return options->json ? print_json(plan, extras) : print_text(plan, extras);
    };
  });
}

}  // namespace isotherm::app
