// Graphs with changed attributes, shapes, values and inputs: inference ends with an answer or a sentence, never in any
// other way. Under ASan and UBSan this is the test that matters.
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "core/formats/graph_file.h"
#include "core/ops/shape_inference.h"

namespace isotherm {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSizes[] = {0,  1,   -1,        2,         -2,        3,         7,
                                   -7, 255, 1LL << 31, 1LL << 40, INT64_MAX, INT64_MIN, (1LL << 62) + 1};

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  Graph::Parts mutate(Graph::Parts parts) {
    for (int k = 0; k < 1 + pick(4); ++k)
      mutate_node(parts, static_cast<std::size_t>(pick(static_cast<int>(parts.nodes.size()))));
    return parts;
  }

 private:
  int pick(int n) { return n > 0 ? static_cast<int>(random_() % static_cast<unsigned>(n)) : 0; }
  std::int64_t size() { return kSizes[pick(static_cast<int>(std::size(kSizes)))]; }
  Shape shape() {
    if (pick(6) == 0) return Shape::unknown_rank();
    Shape s;
    const int rank = pick(12) == 0 ? 300 : pick(7);
    for (int i = 0; i < rank; ++i) s.add_dim(pick(2) ? pick(9) : size());
    return s;
  }
  Constant constant(const Constant& old) {
    std::vector<std::int64_t> values(static_cast<std::size_t>(pick(6)));
    for (std::int64_t& v : values) v = pick(2) ? pick(5) : size();
    switch (pick(4)) {
      case 0:
        return Constant(Tensor::vector(values));
      case 1:
        return Constant(Tensor::vector(std::vector<std::int32_t>(values.begin(), values.end())));
      case 2:
        return Constant(Tensor::scalar(static_cast<std::int32_t>(size())));
      default:
        return Constant(old.dtype(), shape(), old.values());
    }
  }

  void mutate_node(Graph::Parts& parts, std::size_t at) {
    NodeRecord& node = parts.nodes[at];
    switch (pick(4)) {
      case 0: {  // other inputs, earlier nodes only, so that the graph stays without cycles
        if (node.inputs.empty() || at == 0) return;
        auto& input = node.inputs[static_cast<std::size_t>(pick(static_cast<int>(node.inputs.size())))];
        if (input.starts_with('^')) return;
        input = parts.nodes[static_cast<std::size_t>(pick(static_cast<int>(at)))].name +
                (pick(4) ? "" : ":" + std::to_string(pick(4)));
        return;
      }
      case 1:  // fewer inputs
        if (!node.inputs.empty()) node.inputs.pop_back();
        return;
      default:
        break;
    }
    if (node.attrs.size() == 0) return;
    auto it = node.attrs.begin();
    std::advance(it, pick(static_cast<int>(node.attrs.size())));
    const std::string name = it->first;
    const AttrValue value = it->second;
    if (pick(10) == 0) {
      node.attrs.erase(name);
    } else if (pick(10) == 0) {
      node.attrs.set(name, size());  // another type
    } else if (std::holds_alternative<Shape>(value)) {
      node.attrs.set(name, shape());
    } else if (std::holds_alternative<std::int64_t>(value)) {
      node.attrs.set(name, size());
    } else if (const auto* list = std::get_if<std::shared_ptr<const AttrList>>(&value); list && *list) {
      AttrList changed = **list;
      for (std::int64_t& v : changed.i) {
        if (pick(3) == 0) v = size();
      }
      if (!changed.i.empty() && pick(3) == 0) changed.i.pop_back();
      for (Shape& s : changed.shape) s = shape();
      node.attrs.set(name, make_list_attr(std::move(changed)));
    } else if (const auto* tensor = std::get_if<std::shared_ptr<const Constant>>(&value); tensor && *tensor) {
      node.attrs.set(name, make_constant_attr(constant(**tensor)));
    } else if (std::holds_alternative<TypeValue>(value)) {
      node.attrs.set(name, TypeValue(static_cast<DType>(pick(26))));
    } else if (std::holds_alternative<bool>(value)) {
      node.attrs.set(name, !std::get<bool>(value));
    }
  }

  std::mt19937 random_;
};

TEST(ShapeMutants, EndWithAnAnswerOrASentence) {
  std::vector<std::shared_ptr<const Graph>> graphs;
  for (const auto& entry : fs::directory_iterator(fs::path(ISOTHERM_TEST_DATA) / "shapes")) {
    if (entry.path().extension() != ".pbtxt") continue;
    auto loaded = load_graph(entry.path().string());
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    graphs.push_back(loaded->graph);
  }
  ASSERT_FALSE(graphs.empty());
  const char* wanted = std::getenv("ISOTHERM_MUTANTS");
  const unsigned count = wanted ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) : 2000;
  unsigned answers = 0;
  for (unsigned seed = 0; seed < count; ++seed) {
    auto graph = Graph::build(Mutator(seed).mutate(graphs[seed % graphs.size()]->parts()));
    if (!graph.ok()) continue;
    const auto shapes = infer_shapes(**graph);
    if (shapes.ok()) {
      ++answers;
      continue;
    }
    EXPECT_FALSE(shapes.error().message.empty());
    EXPECT_EQ(shapes.error().message.find('\n'), std::string::npos);
  }
  EXPECT_GT(answers, count / 10);
  EXPECT_LT(answers, count);
}

}  // namespace
}  // namespace isotherm
