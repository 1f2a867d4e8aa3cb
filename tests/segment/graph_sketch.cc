#include "tests/segment/graph_sketch.h"

#include <gtest/gtest.h>

#include <sstream>

namespace isotherm::testing {
namespace {

std::string strip(const std::string& text) {
  const auto begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

}  // namespace

std::shared_ptr<const Graph> sketch(const std::string& text) {
  Graph::Parts parts;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    line = strip(line);
    if (line.empty()) continue;
    NodeRecord record;
    const auto equals = line.find('=');
    record.name = strip(line.substr(0, equals));
    std::string rest = strip(line.substr(equals + 1));
    if (const auto device = rest.find('@'); device != std::string::npos) {
      record.device = strip(rest.substr(device + 1));
      rest = strip(rest.substr(0, device));
    }
    const auto open = rest.find('(');
    record.op = strip(rest.substr(0, open));
    if (open != std::string::npos) {
      std::istringstream inputs(rest.substr(open + 1, rest.rfind(')') - open - 1));
      std::string input;
      while (std::getline(inputs, input, ','))
        if (!strip(input).empty()) record.inputs.push_back(strip(input));
    }
    parts.nodes.push_back(std::move(record));
  }
  auto graph = Graph::build(std::move(parts));
  if (!graph.ok()) {
    ADD_FAILURE() << graph.error().message;
    return nullptr;
  }
  return *graph;
}

}  // namespace isotherm::testing
