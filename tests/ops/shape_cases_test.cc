// Every op family against what TensorFlow itself infers; tests/data/shapes/README.md says how the cases were made.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "core/formats/graph_file.h"
#include "core/ops/shape_inference.h"

namespace isotherm {
namespace {

namespace fs = std::filesystem;

const fs::path kCases = fs::path(ISOTHERM_TEST_DATA) / "shapes";

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kCases)) {
    if (entry.path().extension() == ".pbtxt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// One line for each tensor, in the form of the .expected files.
std::string describe(const Graph& graph, const GraphShapes& shapes) {
  std::ostringstream out;
  std::map<std::int64_t, std::size_t> symbols;
  for (NodeId id = 0; id < graph.size(); ++id) {
    int port = 0;
    for (const TensorInfo& tensor : shapes.outputs(id)) {
      out << graph[id].name << ':' << port++ << ' ' << dtype_name(tensor.dtype) << (tensor.is_ref ? "_ref " : " ");
      if (!tensor.shape.has_rank()) {
        out << "<unknown>";
      } else {
        out << '[';
        for (int i = 0; i < tensor.shape.rank(); ++i) {
          if (i) out << ',';
          const std::int64_t dim = tensor.shape.dim(i);
          if (dim >= 0)
            out << dim;
          else
            out << '?' << symbols.try_emplace(dim, symbols.size()).first->second;
        }
        out << ']';
      }
      const bool listed =
          tensor.value && (tensor.value->dtype() == DType::int32 || tensor.value->dtype() == DType::int64);
      if (const auto values = listed ? tensor.value->integers(64) : std::nullopt) {
        out << " = ";
        for (std::size_t i = 0; i < values->size(); ++i) out << (i ? " " : "") << (*values)[i];
      }
      out << '\n';
    }
  }
  return out.str();
}

class ShapeCases : public ::testing::TestWithParam<std::string> {};

TEST_P(ShapeCases, AgreeWithTensorFlow) {
  const auto loaded = load_graph((kCases / (GetParam() + ".pbtxt")).string());
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const auto shapes = infer_shapes(*loaded->graph);
  ASSERT_TRUE(shapes.ok()) << shapes.error().message;
  std::istringstream found(describe(*loaded->graph, *shapes));
  std::ifstream expected(kCases / (GetParam() + ".expected"));
  ASSERT_TRUE(expected.is_open());
  std::string found_line;
  std::string expected_line;
  while (std::getline(expected, expected_line)) {
    ASSERT_TRUE(std::getline(found, found_line)) << "missing: " << expected_line;
    EXPECT_EQ(found_line, expected_line);
  }
  EXPECT_FALSE(std::getline(found, found_line)) << "more than expected: " << found_line;
}

INSTANTIATE_TEST_SUITE_P(Families, ShapeCases, ::testing::ValuesIn(case_names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace isotherm
