// Asks the candidate test about one node whose inputs are placeholders, constants and variables.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/graph/graph.h"
#include "core/ops/engine_conditions.h"

namespace isotherm::testing {

/// A node that feeds the node under test.
struct Source {
  NodeRecord record;
  DType dtype = DType::float32;
};

/// A placeholder.
Source tensor(Shape shape, DType dtype = DType::float32);
/// A constant of zeros.
Source weights(Shape shape, DType dtype = DType::float32);
/// A constant vector.
Source ints(const std::vector<std::int32_t>& values);
Source longs(const std::vector<std::int64_t>& values);
/// Constant scalars.
Source number(std::int32_t value);
Source number(float value);
/// A VariableV2.
Source variable(Shape shape, DType dtype = DType::float32);

using Attrs = std::vector<std::pair<std::string, AttrValue>>;
AttrValue list(std::vector<std::int64_t> values);

/// "" where an engine takes the node, else "class: sentence". The dtype and number attributes follow from the inputs
/// where `attrs` does not give them; so do TensorFlow's defaults.
std::string ask(const std::string& op, const std::vector<Source>& inputs, const Attrs& attrs = {},
                const ConditionOptions& options = {});

/// A node and what TF-TRT says: words of its reason in explicit and in implicit batch mode, "" for accepted, null for
/// not asked.
struct Row {
  std::string op;
  std::vector<Source> inputs;
  Attrs attrs;
  const char* explicit_words;
  const char* implicit_words;
};
/// Expects what the rows say, with GoogleTest.
void check_rows(const std::vector<Row>& rows, Precision precision = Precision::fp32, bool explicit_precision = false);

}  // namespace isotherm::testing
