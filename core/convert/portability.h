// Where a converted graph runs.
#pragma once

#include <string>
#include <vector>

#include "core/convert/converter.h"

namespace isotherm {

/// What TensorFlow finds wrong with engine nodes that TF-TRT writes all the same, a sentence each: an engine without
/// outputs, a type that TRTEngineOp does not allow at its border.
std::vector<std::string> tensorflow_refusals(const Conversion& conversion);

/// A place where files of GraphDef are run, and what becomes of this one there.
struct Place {
  std::string name;      ///< "Isotherm", "TensorFlow with TF-TRT", "any TensorFlow"
  bool runs = false;     ///< as it is
  std::string sentence;  ///< how, or why not and what helps
};

/// Of a converted graph that was written to `path`.
std::vector<Place> where_it_runs(const Conversion& conversion, const std::string& path);
/// Of a graph whose engines are native nodes again, or that never had any.
std::vector<Place> where_native_graph_runs();

/// As lines under "where it runs:".
std::string places_text(const std::vector<Place>& places);

}  // namespace isotherm
