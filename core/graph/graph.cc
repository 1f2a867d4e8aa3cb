#include "core/graph/graph.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <queue>

namespace isotherm {
namespace {

std::string quote(std::string_view name) {
  constexpr std::size_t kLimit = 200;
  if (name.size() <= kLimit) return "'" + std::string(name) + "'";
  return "'" + std::string(name.substr(0, kLimit)) + "…' (" + std::to_string(name.size()) + " characters)";
}

int edit_distance(std::string_view a, std::string_view b, int limit) {
  if (a.size() > b.size()) std::swap(a, b);
  if (static_cast<int>(b.size() - a.size()) > limit) return limit + 1;
  std::vector<int> row(a.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t j = 1; j <= b.size(); ++j) {
    int diagonal = row[0];
    row[0] = static_cast<int>(j);
    int best = row[0];
    for (std::size_t i = 1; i <= a.size(); ++i) {
      const int replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[i];
      row[i] = std::min({row[i] + 1, row[i - 1] + 1, replace});
      best = std::min(best, row[i]);
    }
    if (best > limit) return limit + 1;
  }
  return row[a.size()];
}

}  // namespace

Result<TensorName> parse_tensor_name(std::string_view text) {
  TensorName out;
  if (text.starts_with('^')) {
    out.node = std::string(text.substr(1));
    out.port = kControlPort;
  } else {
    const std::size_t colon = text.rfind(':');
    out.node = std::string(text.substr(0, colon));
    if (colon != std::string_view::npos) {
      const std::string_view digits = text.substr(colon + 1);
      const auto [stop, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
      if (failed != std::errc() || stop != digits.data() + digits.size() || out.port < 0)
        return invalid_input("tensor name " + quote(text) + ": found '" + std::string(digits.substr(0, 40)) + "' after the colon where a port number was expected");
    }
  }
  if (out.node.empty()) return invalid_input("tensor name " + quote(text) + " names no node");
  return out;
}

std::string format_input_name(std::string_view node, int port) {
  if (port == kControlPort) return "^" + std::string(node);
  if (port == 0) return std::string(node);
  return std::string(node) + ":" + std::to_string(port);
}

const Function* FunctionLibrary::find(std::string_view name) const {
  const auto it = index_.find(std::string(name));
  return it == index_.end() ? nullptr : functions_[it->second].get();
}

void FunctionLibrary::add(Function function) {
  const auto [it, added] = index_.try_emplace(function.name, functions_.size());
  auto shared = std::make_shared<const Function>(std::move(function));
  if (added) functions_.push_back(std::move(shared));
  else functions_[it->second] = std::move(shared);
}

Result<std::shared_ptr<const Graph>> Graph::build(Parts parts) {
  auto graph = std::make_shared<Graph>();
  const std::size_t count = parts.nodes.size();
  if (count > static_cast<std::size_t>(INT32_MAX)) return exhausted("the graph has more than 2^31 nodes");
  graph->nodes_.resize(count);
  graph->index_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    NodeRecord& record = parts.nodes[i];
    Node& node = graph->nodes_[i];
    if (record.name.empty()) return invalid_input("node " + std::to_string(i) + " (op " + quote(record.op) + ") has no name");
    if (record.op.empty()) return invalid_input("node " + quote(record.name) + " has no op");
    node.name = std::move(record.name);
    node.op = std::move(record.op);
    node.device = std::move(record.device);
    node.attrs = std::move(record.attrs);
    node.extra = std::move(record.extra);
    const auto [it, added] = graph->index_.try_emplace(node.name, static_cast<NodeId>(i));
    if (!added)
      return invalid_input("node name " + quote(node.name) + " is used twice, by nodes " + std::to_string(it->second) + " and " + std::to_string(i) + "; names must be unique");
  }
  std::size_t edges = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Node& node = graph->nodes_[i];
    const std::vector<std::string>& names = parts.nodes[i].inputs;
    node.inputs.reserve(names.size());
    for (const std::string& text : names) {
      auto parsed = parse_tensor_name(text);
      if (!parsed.ok()) return parsed.error().at("node " + quote(node.name));
      Input input{graph->find(parsed->node), parsed->port};
      if (input.node == kNoNode) {
        return invalid_input("node " + quote(node.name) + " reads " + quote(text) + ", but the graph has no node of that name");
      }
      if (!input.is_control()) {
        if (node.data_inputs != static_cast<int>(node.inputs.size()))
          return invalid_input("node " + quote(node.name) + " has the data input " + quote(text) + " after a control input; control inputs come last");
        ++node.data_inputs;
      }
      node.inputs.push_back(input);
    }
    edges += node.inputs.size();
  }
  graph->out_begin_.assign(count + 1, 0);
  for (const Node& node : graph->nodes_)
    for (const Input& in : node.inputs) ++graph->out_begin_[static_cast<std::size_t>(in.node) + 1];
  std::partial_sum(graph->out_begin_.begin(), graph->out_begin_.end(), graph->out_begin_.begin());
  graph->out_edges_.resize(edges);
  std::vector<std::int32_t> next(graph->out_begin_.begin(), graph->out_begin_.end() - 1);
  for (std::size_t i = 0; i < count; ++i) {
    const Node& node = graph->nodes_[i];
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      const Input& in = node.inputs[k];
      graph->out_edges_[static_cast<std::size_t>(next[static_cast<std::size_t>(in.node)]++)] =
          OutEdge{static_cast<NodeId>(i), static_cast<int>(k), in.port};
    }
  }
  graph->functions_ = std::move(parts.functions);
  graph->versions_ = std::move(parts.versions);
  graph->extra_ = std::move(parts.extra);
  return std::shared_ptr<const Graph>(std::move(graph));
}

NodeId Graph::find(std::string_view name) const {
  const auto it = index_.find(name);
  return it == index_.end() ? kNoNode : it->second;
}

std::vector<std::string> Graph::nearest_names(std::string_view name, int count) const {
  const int limit = std::max<int>(3, static_cast<int>(name.size()) / 2);
  std::vector<std::pair<int, NodeId>> scored;
  for (NodeId id = 0; id < size(); ++id) {
    const std::string& candidate = node(id).name;
    // A name that ends or begins with what was asked for is as near as a typing slip.
    int score = candidate.ends_with(name) || candidate.starts_with(name) ? 1 : edit_distance(name, candidate, limit);
    if (score <= limit) scored.emplace_back(score, id);
  }
  const auto wanted = std::min<std::size_t>(scored.size(), static_cast<std::size_t>(count));
  std::partial_sort(scored.begin(), scored.begin() + static_cast<std::ptrdiff_t>(wanted), scored.end());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < wanted; ++i) out.push_back(node(scored[i].second).name);
  return out;
}

std::span<const OutEdge> Graph::out_edges(NodeId id) const {
  const auto i = static_cast<std::size_t>(id);
  return std::span(out_edges_).subspan(static_cast<std::size_t>(out_begin_[i]), static_cast<std::size_t>(out_begin_[i + 1] - out_begin_[i]));
}

bool is_loop_back_edge(const Graph& graph, const Node& consumer, const Input& in) {
  if (consumer.op != "Merge" && consumer.op != "RefMerge") return false;
  const std::string& op = graph[in.node].op;
  return op == "NextIteration" || op == "RefNextIteration";
}

Result<std::vector<NodeId>> Graph::topological_order() const {
  std::vector<int> waiting(nodes_.size(), 0);
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    for (const Input& in : nodes_[i].inputs)
      if (!is_loop_back_edge(*this, nodes_[i], in)) ++waiting[i];
  std::priority_queue<NodeId, std::vector<NodeId>, std::greater<>> ready;
  for (NodeId id = 0; id < size(); ++id)
    if (waiting[static_cast<std::size_t>(id)] == 0) ready.push(id);
  std::vector<NodeId> order;
  order.reserve(nodes_.size());
  while (!ready.empty()) {
    const NodeId id = ready.top();
    ready.pop();
    order.push_back(id);
    for (const OutEdge& edge : out_edges(id)) {
      const Node& consumer = node(edge.node);
      if (is_loop_back_edge(*this, consumer, consumer.inputs[static_cast<std::size_t>(edge.input)])) continue;
      if (--waiting[static_cast<std::size_t>(edge.node)] == 0) ready.push(edge.node);
    }
  }
  if (order.size() == nodes_.size()) return order;
  // Some node still waits. From it, walk to unfinished inputs until one repeats: that one is on a cycle.
  NodeId at = 0;
  while (waiting[static_cast<std::size_t>(at)] == 0) ++at;
  std::vector<bool> seen(nodes_.size(), false);
  while (!seen[static_cast<std::size_t>(at)]) {
    seen[static_cast<std::size_t>(at)] = true;
    for (const Input& in : node(at).inputs)
      if (!is_loop_back_edge(*this, node(at), in) && waiting[static_cast<std::size_t>(in.node)] > 0) {
        at = in.node;
        break;
      }
  }
  return invalid_input("the graph has a cycle through node " + quote(node(at).name) + " that is not a while loop (Merge and NextIteration)");
}

NodeRecord Graph::record(NodeId id) const {
  const Node& from = node(id);
  NodeRecord record{from.name, from.op, from.device, {}, from.attrs, from.extra};
  record.inputs.reserve(from.inputs.size());
  for (const Input& in : from.inputs) record.inputs.push_back(format_input_name(node(in.node).name, in.port));
  return record;
}

Graph::Parts Graph::parts() const {
  Parts parts;
  parts.nodes.reserve(nodes_.size());
  for (NodeId id = 0; id < size(); ++id) parts.nodes.push_back(record(id));
  parts.functions = functions_;
  parts.versions = versions_;
  parts.extra = extra_;
  return parts;
}

std::string Graph::tensor_name(const TensorRef& t) const {
  if (t.port == kControlPort) return "^" + node(t.node).name;
  return node(t.node).name + ":" + std::to_string(t.port);
}

Result<TensorRef> Graph::find_tensor(std::string_view name) const {
  ISO_ASSIGN(TensorName parsed, parse_tensor_name(name));
  const NodeId id = find(parsed.node);
  if (id != kNoNode) return TensorRef{id, parsed.port};
  std::string message = "the graph has no node " + quote(parsed.node);
  const auto nearest = nearest_names(parsed.node);
  for (std::size_t i = 0; i < nearest.size(); ++i) message += (i == 0 ? "; nearest: " : ", ") + quote(nearest[i]);
  return not_found(std::move(message));
}

}  // namespace isotherm
