// The graph: nodes, edges and the function library. Immutable once built, so that views, threads and the before and
// after of a conversion can share it; an edit makes a new graph from the old one's records.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/graph/attr.h"
#include "core/graph/status.h"

namespace isotherm {

/// Index of a node in its graph: its position in the file.
using NodeId = std::int32_t;
inline constexpr NodeId kNoNode = -1;
/// The port of a control edge.
inline constexpr int kControlPort = -1;

/// A tensor: output `port` of a node.
struct TensorRef {
  NodeId node = kNoNode;
  int port = 0;
  friend bool operator==(const TensorRef&, const TensorRef&) = default;
  friend auto operator<=>(const TensorRef&, const TensorRef&) = default;
};

/// "a/b:1" -> {"a/b", 1}, "a/b" -> {"a/b", 0}, "^a/b" -> {"a/b", kControlPort}.
struct TensorName {
  std::string node;
  int port = 0;
};
Result<TensorName> parse_tensor_name(std::string_view text);
/// "a/b" for port 0, "a/b:1" otherwise, "^a/b" for control: as inputs are written in a GraphDef.
std::string format_input_name(std::string_view node, int port);

/// A node as files write it: inputs by name. What graphs are built from and turned back into.
struct NodeRecord {
  std::string name;
  std::string op;
  std::string device;
  std::vector<std::string> inputs;  ///< "node", "node:port" or "^node"; inside functions "node:output_name:index"
  AttrMap attrs;
  std::string extra;  ///< serialized fields that this program carries but does not read (debug info, full type)
};

struct Input {
  NodeId node = kNoNode;
  int port = 0;  ///< kControlPort for a control edge
  [[nodiscard]] bool is_control() const { return port == kControlPort; }
};

struct Node {
  std::string name;
  std::string op;
  std::string device;
  std::vector<Input> inputs;  ///< data inputs in order, then control inputs
  int data_inputs = 0;        ///< how many of `inputs` are data
  AttrMap attrs;
  std::string extra;

  [[nodiscard]] std::span<const Input> data() const { return std::span(inputs).first(static_cast<std::size_t>(data_inputs)); }
  [[nodiscard]] std::span<const Input> control() const { return std::span(inputs).subspan(static_cast<std::size_t>(data_inputs)); }
};

/// One end of an edge seen from its source.
struct OutEdge {
  NodeId node = kNoNode;  ///< consumer
  int input = 0;          ///< index in the consumer's `inputs`
  int port = 0;           ///< the source's port, kControlPort for control
};

struct ArgDef {
  std::string name;
  TypeValue type;              ///< invalid when given by an attribute
  std::string type_attr;
  std::string number_attr;
  std::string type_list_attr;
  bool is_ref = false;
  std::string extra = {};  ///< serialized fields carried, not read (description, handle data, full type)
};

/// A function of the library: a graph with named arguments and results.
struct Function {
  std::string name;
  std::vector<ArgDef> inputs;
  std::vector<ArgDef> outputs;
  std::vector<NodeRecord> nodes;
  std::vector<std::pair<std::string, std::string>> ret;          ///< output name -> "node:output_name:index"
  std::vector<std::pair<std::string, std::string>> control_ret;  ///< name -> node
  AttrMap attrs;
  std::vector<std::pair<int, AttrMap>> arg_attrs;                ///< by argument index
  std::string extra;            ///< serialized fields carried, not read
  std::string signature_extra;  ///< the same of its signature (attributes, flags, descriptions)
};

/// Functions by name. Shared by every graph that came from one file.
class FunctionLibrary {
 public:
  [[nodiscard]] const Function* find(std::string_view name) const;
  /// Adds, or replaces the function of that name.
  void add(Function function);
  [[nodiscard]] const std::vector<std::shared_ptr<const Function>>& functions() const { return functions_; }

  std::string extra;  ///< serialized gradient definitions

 private:
  std::vector<std::shared_ptr<const Function>> functions_;
  std::unordered_map<std::string, std::size_t> index_;
};

/// The versions a GraphDef was written for.
struct GraphVersions {
  int producer = 0;
  int min_consumer = 0;
  std::vector<int> bad_consumers;
};

class Graph {
 public:
  /// Everything that makes a graph; what a reader fills and an editor changes.
  struct Parts {
    std::vector<NodeRecord> nodes;
    std::shared_ptr<const FunctionLibrary> functions = std::make_shared<FunctionLibrary>();
    GraphVersions versions;
    std::string extra;  ///< serialized fields carried, not read
  };

  /// Resolves the inputs by name. An error names the node and what is wrong: no name, a name used twice, an input that
  /// names no node, a malformed input, a data input after a control input.
  static Result<std::shared_ptr<const Graph>> build(Parts parts);

  [[nodiscard]] std::span<const Node> nodes() const { return nodes_; }
  [[nodiscard]] NodeId size() const { return static_cast<NodeId>(nodes_.size()); }
  [[nodiscard]] const Node& node(NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const Node& operator[](NodeId id) const { return node(id); }
  /// kNoNode if there is none.
  [[nodiscard]] NodeId find(std::string_view name) const;
  /// Up to `count` node names closest to `name` in edit distance, for "did you mean".
  [[nodiscard]] std::vector<std::string> nearest_names(std::string_view name, int count = 3) const;

  /// Edges that leave a node, ordered by consumer id, then input index.
  [[nodiscard]] std::span<const OutEdge> out_edges(NodeId id) const;

  [[nodiscard]] const FunctionLibrary& functions() const { return *functions_; }
  [[nodiscard]] const std::shared_ptr<const FunctionLibrary>& shared_functions() const { return functions_; }
  [[nodiscard]] const GraphVersions& versions() const { return versions_; }
  [[nodiscard]] const std::string& extra() const { return extra_; }

  /// Node ids, each after its inputs (data and control); ties by id. The back edges of loops (into a Merge from a
  /// NextIteration) do not count. An error names a node on a cycle outside such a loop.
  [[nodiscard]] Result<std::vector<NodeId>> topological_order() const;

  /// What `build` takes, to be edited and built again; weights stay shared.
  [[nodiscard]] Parts parts() const;
  [[nodiscard]] NodeRecord record(NodeId id) const;
  /// "a/b:1"; always with the port, as segments name tensors.
  [[nodiscard]] std::string tensor_name(const TensorRef& t) const;
  /// The tensor "a/b:1" or "a/b"; an error offers the nearest names. Does not check the port against the op.
  [[nodiscard]] Result<TensorRef> find_tensor(std::string_view name) const;

 private:
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };

  std::vector<Node> nodes_;
  std::unordered_map<std::string_view, NodeId, NameHash, std::equal_to<>> index_;  ///< keys live in nodes_
  std::vector<OutEdge> out_edges_;
  std::vector<std::int32_t> out_begin_;
  std::shared_ptr<const FunctionLibrary> functions_;
  GraphVersions versions_;
  std::string extra_;
};

/// Whether the edge `in` into `consumer` closes a while loop.
bool is_loop_back_edge(const Graph& graph, const Node& consumer, const Input& in);

}  // namespace isotherm
