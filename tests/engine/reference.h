// Ops in double precision, written for clarity: what networks and plans are checked against.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/engine/network.h"

namespace isotherm::test {

struct Array {
  std::vector<std::int64_t> dims;
  std::vector<double> values;
};

Array to_array(const Tensor& t);

/// Computes a body node by node. `arguments` by index. Returns every tensor by "node:port".
std::map<std::string, Array> run_body(const Graph& body, const std::vector<Array>& arguments);
/// Computes a network layer by layer with the layers' own attributes and weights; layers without them by their node.
/// Returns the outputs.
std::vector<Array> run_network(const Network& network, const std::vector<Array>& arguments);

/// max |a - b| over max |b|; infinity where the dims differ.
double error_of(const Array& a, const Array& b);

}  // namespace isotherm::test
