// JSON for scripts.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "core/graph/attr.h"
#include "core/graph/graph.h"
#include "core/ops/shape_inference.h"

namespace isotherm::app {

using Json = nlohmann::ordered_json;

/// One line; bytes that are no UTF-8 (names in broken files) become U+FFFD.
inline std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

/// [1, -1, 3], null for unknown rank; every unknown dimension is -1.
inline Json shape_json(const Shape& shape) {
  if (!shape.has_rank()) return nullptr;
  Json out = Json::array();
  for (const std::int64_t d : shape.dims()) out.push_back(d < 0 ? -1 : d);
  return out;
}

/// {"dtype": .., "shape": ..}
inline Json tensor_json(const TensorInfo& info) { return {{"dtype", dtype_name(info.dtype)}, {"shape", shape_json(info.shape)}}; }

/// Settings of a report's head as one object.
inline Json pairs_json(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Json out = Json::object();
  for (const auto& [name, value] : pairs) {
    if (!out.contains(name)) out[name] = value;
    else out[name] = out[name].get<std::string>() + ", " + value;
  }
  return out;
}

/// Settings of a report's head, a line: "precision FP32, minimum segment size 3, ..".
inline std::string pairs_line(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs) out += (out.empty() ? "" : ", ") + name + " " + value;
  return out;
}

}  // namespace isotherm::app
