// Inferred shapes and dtypes against the arrays that TensorFlow computed for 891 graphs: what is known must be so.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>

#include "core/formats/graph_file.h"
#include "core/ops/shape_inference.h"

namespace isotherm {
namespace {

namespace fs = std::filesystem;

/// The shape in the header of a .npy file.
std::optional<Shape> npy_shape(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string head(512, '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  static const std::regex pattern(R"('shape': \(([0-9, ]*)\))");
  std::smatch match;
  if (!std::regex_search(head, match, pattern)) return std::nullopt;
  Shape shape;
  const std::string dims = match[1];
  static const std::regex number("[0-9]+");
  for (auto it = std::sregex_iterator(dims.begin(), dims.end(), number); it != std::sregex_iterator(); ++it) {
    shape.add_dim(std::stoll(it->str()));
  }
  return shape;
}

bool admits(const Shape& inferred, const Shape& computed) {
  if (!inferred.has_rank()) return true;
  if (inferred.rank() != computed.rank()) return false;
  for (int i = 0; i < inferred.rank(); ++i) {
    if (inferred.dim(i) >= 0 && inferred.dim(i) != computed.dim(i)) return false;
  }
  return true;
}

TEST(ShapeReference, ComputedArraysHaveTheInferredShapes) {
  const char* unpacked = std::getenv("ISOTHERM_MODELS_UNPACKED");
  if (!unpacked) {
    GTEST_SKIP() << "ISOTHERM_MODELS_UNPACKED is not set: shapes were not compared with the arrays of the op cases";
  }
  int graphs = 0;
  int tensors = 0;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(unpacked) / "op_cases")) {
    if (entry.path().filename() != "graph.pb") continue;
    const auto loaded = load_graph(entry.path().string());
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    const Graph& graph = *loaded->graph;
    const auto shapes = infer_shapes(graph);
    ASSERT_TRUE(shapes.ok()) << entry.path() << ": " << shapes.error().message;
    ++graphs;
    for (const char* folder : {"outputs", "nodes"}) {
      const fs::path base = entry.path().parent_path() / folder;
      if (!fs::exists(base)) continue;
      for (const auto& file : fs::recursive_directory_iterator(base)) {
        if (file.path().extension() != ".npy") continue;
        std::string name = fs::relative(file.path(), base).string();
        name.resize(name.size() - 4);
        const auto tensor = graph.find_tensor(name);
        const auto computed = npy_shape(file.path());
        if (!tensor.ok() || !computed) continue;
        ++tensors;
        EXPECT_TRUE(admits(shapes->info(*tensor).shape, *computed))
            << entry.path() << " " << name << ": inferred " << shapes->info(*tensor).shape.to_string() << ", computed "
            << computed->to_string();
      }
    }
  }
  EXPECT_EQ(graphs, 891);
  EXPECT_GT(tensors, 2000);
}

}  // namespace
}  // namespace isotherm
