// Small graphs for tests, written node by node.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/graph/graph.h"
#include "core/ops/op_def.h"
#include "core/runtime/session.h"
#include "tests/runtime/test_device.h"

namespace isotherm::test {

using Attrs = std::vector<std::pair<std::string, AttrValue>>;

class GraphMaker {
 public:
  explicit GraphMaker(DType type = DType::float64) : type_(type) {}

  /// A node whose `T` is the maker's type unless `attrs` say otherwise.
  GraphMaker& node(std::string name, std::string op, std::vector<std::string> inputs = {}, Attrs attrs = {}) {
    NodeRecord record{std::move(name), std::move(op), "", std::move(inputs), {}, ""};
    const OpDef* def = find_op(record.op);
    if (def && def->attr("T") && def->attr("T")->type == "type") record.attrs.set("T", TypeValue(type_));
    for (auto& [key, value] : attrs) record.attrs.set(key, std::move(value));
    parts_.nodes.push_back(std::move(record));
    return *this;
  }
  GraphMaker& constant(std::string name, Tensor value, std::vector<std::string> inputs = {}) {
    const DType dtype = value.dtype();
    return node(std::move(name), "Const", std::move(inputs),
                {{"dtype", TypeValue(dtype)}, {"value", make_constant_attr(Constant(std::move(value)))}});
  }
  GraphMaker& constant(std::string name, double value, std::vector<std::string> inputs = {}) {
    return constant(std::move(name), Tensor::scalar<double>(value), std::move(inputs));
  }
  GraphMaker& placeholder(std::string name, Shape shape = Shape::unknown_rank(), DType dtype = DType::invalid) {
    return node(std::move(name), "Placeholder", {},
                {{"dtype", TypeValue(dtype == DType::invalid ? type_ : dtype)}, {"shape", std::move(shape)}});
  }
  GraphMaker& function(Function function) {
    functions_->add(std::move(function));
    return *this;
  }
  std::shared_ptr<const Graph> build() {
    parts_.functions = functions_;
    parts_.versions.producer = 1000;
    auto graph = Graph::build(std::move(parts_));
    if (!graph.ok()) {
      ADD_FAILURE() << graph.error().message;
      return nullptr;
    }
    return *graph;
  }

 private:
  DType type_;
  Graph::Parts parts_;
  std::shared_ptr<FunctionLibrary> functions_ = std::make_shared<FunctionLibrary>();
};

inline Tensor vec(const std::vector<double>& values) { return Tensor::vector<double>(values); }

inline std::vector<double> numbers(const Tensor& tensor) {
  std::vector<double> out;
  for (std::int64_t i = 0; i < tensor.elements(); ++i) out.push_back(number_at(tensor, i));
  return out;
}

/// A session on a test device of its own.
struct Fixture {
  explicit Fixture(const std::shared_ptr<const Graph>& graph, SessionOptions options = {}, bool asynchronous = false)
      : device(std::make_shared<TestDevice>(asynchronous)) {
    auto made = Session::create(graph, device, options);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
    if (made.ok()) session = std::move(*made);
  }
  /// The fetches' values; a failed run fails the test.
  std::vector<std::vector<double>> run(const Feeds& feeds, const std::vector<std::string>& fetches,
                                       const RunOptions& options = {}) {
    auto result = session->run(feeds, fetches, options);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    std::vector<std::vector<double>> out;
    if (!result.ok()) return {fetches.size(), std::vector<double>{}};
    last = result->statistics;
    for (const Tensor& tensor : result->fetches)
      out.push_back(tensor.valid() ? numbers(tensor) : std::vector<double>{});
    return out;
  }
  std::string error(const Feeds& feeds, const std::vector<std::string>& fetches, const RunOptions& options = {}) {
    auto result = session->run(feeds, fetches, options);
    return result.ok() ? "" : result.error().message;
  }

  std::shared_ptr<TestDevice> device;
  std::unique_ptr<Session> session;
  RunStatistics last;
};

}  // namespace isotherm::test
