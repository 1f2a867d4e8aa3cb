// What the real TF-TRT made of a graph, as the reference data stores it.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/convert/converter.h"

namespace isotherm::testing {

struct GoldenSegment {
  std::string name;
  std::set<std::string> nodes, inputs, outputs;
};

struct GoldenNative {
  std::string node;
  std::string op;
  std::string reason_class;  ///< "excluded", "batch-rank", ..: read off TF-TRT's words
  std::string reason;
};

struct GoldenCase {
  std::string name;
  std::string graph_path;
  std::string converted_path;  ///< empty: not stored
  ConversionParams params;
  std::vector<GoldenSegment> segments;
  std::vector<GoldenNative> native;
};

/// The folder that the environment variable names; empty where unset.
std::string folder_from_env(const char* variable);

/// Of graphs as they are, or after TF-TRT's other graph passes.
enum class Goldens { without_passes, with_passes };

/// All golden files of a folder of that kind: `FOLDER/NAME.json` or `FOLDER/NAME/golden.json`. `roots` are where the
/// graphs that they name are looked for, besides graph.pb beside them.
std::vector<GoldenCase> load_goldens(const std::string& folder, const std::vector<std::string>& roots,
                                     Goldens kind = Goldens::without_passes);

/// The first difference in segments, their names, inputs or outputs; empty if there is none.
std::string segment_difference(const GoldenCase& golden, const Conversion& conversion);
/// The first difference of the converted graphs: nodes, engine inputs and attributes, functions.
std::string graph_difference(const Graph& golden, const Graph& converted);

}  // namespace isotherm::testing
