// The two ways to run a graph that everything here compares.
#pragma once

#include <cstdint>
#include <string_view>

namespace isotherm {

enum class RunMode : std::uint8_t {
  native,   ///< the graph before the conversion, node by node
  engines,  ///< the converted graph, engines through their plans
};

constexpr std::string_view run_mode_name(RunMode mode) { return mode == RunMode::native ? "native" : "engines"; }

}  // namespace isotherm
