// Graph files in and out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/graph/graph.h"

namespace isotherm {

struct LoadedGraph {
  std::shared_ptr<const Graph> graph;
  std::string kind;  ///< "GraphDef (binary)", "GraphDef (text)"
  std::uint64_t file_bytes = 0;
  std::uint64_t mapped_bytes = 0;  ///< of the file that stay mapped, shared by the constants; 0: copied
  std::vector<std::string> warnings;
};

/// Reads a GraphDef, binary or text by its content. Large values stay in the mapped file (core/formats/mapped_file.h).
/// Missing attributes of known ops take their defaults, in function bodies too; nodes of unknown ops are kept as they
/// are. An error is one sentence with the file, the place in it, what was found and what was expected: for files that
/// are something else, that are damaged, and for graphs with duplicate names, missing inputs, cycles, or nodes that do
/// not agree with their op's definition.
Result<LoadedGraph> load_graph(const std::string& path);
/// The same from memory; `name` stands for the path in errors.
Result<LoadedGraph> load_graph(std::shared_ptr<Buffer> bytes, const std::string& name);

/// A graph from bytes of serialize_graph().
Result<std::shared_ptr<const Graph>> parse_graph(std::string_view bytes, const std::string& name);

enum class GraphFormat { binary, text };

/// .pb is binary, .pbtxt text; an error for any other name.
Result<GraphFormat> graph_format_from_path(const std::string& path);

/// Writes a GraphDef as TensorFlow reads it, beside `path` and renamed over it. Weights go from where they lie to the
/// file.
Status save_graph(const Graph& graph, const std::string& path, GraphFormat format);

/// The binary GraphDef in memory. Copies the weights.
Result<std::string> serialize_graph(const Graph& graph);

}  // namespace isotherm
