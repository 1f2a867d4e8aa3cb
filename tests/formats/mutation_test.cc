// Damaged copies of the sample graphs: whatever comes out, it is a graph or one sentence, and no crash.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <random>

#include "core/formats/graph_file.h"
#include "core/formats/npy.h"
#include "core/ops/op_def.h"
#include "tests/formats/temporary_folder.h"

namespace isotherm {
namespace {

/// One to four faults: bits turned over, bytes overwritten, cut out, put in, doubled, or the end lost.
std::string mutate(std::string file, std::mt19937& random) {
  const auto below = [&random](std::size_t n) {
    return n == 0 ? 0 : std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  // One fault most often: it gets further than several.
  const std::size_t faults = below(4) < 3 ? 1 : 1 + below(4);
  for (std::size_t i = 0; i < faults && !file.empty(); ++i) {
    const std::size_t at = below(file.size());
    const std::size_t length = std::min(file.size() - at, std::size_t{1} << below(6));
    switch (below(10)) {
      case 0:
        file[at] = static_cast<char>(file[at] ^ (1 << below(8)));
        break;
      case 1:
        file[at] = static_cast<char>(below(256));
        break;
      case 2:
        file.resize(at);
        break;
      case 3:
        file.erase(at, length);
        break;
      case 4:
        file.insert(at, length, static_cast<char>(below(256)));
        break;
      case 5:
        file.insert(at, file.substr(below(file.size()), length));
        break;
      default:
        file.replace(at, length, std::string(length, '\xff'));
        break;
    }
  }
  return file;
}

std::shared_ptr<Buffer> as_buffer(const std::string& file) {
  auto buffer = allocate_host(file.size());
  std::memcpy(buffer->data(), file.data(), file.size());
  return buffer;
}

/// What a program does with a graph that loaded.
void use(const Graph& graph) {
  for (const Node& node : graph.nodes()) {
    for (const auto& [name, value] : node.attrs) {
      EXPECT_LT(to_string(value, 60).size(), 100u);
      if (const auto* constant = std::get_if<std::shared_ptr<const Constant>>(&value)) {
        const auto tensor = (*constant)->materialise(std::size_t{1} << 20);
        EXPECT_TRUE(tensor.ok() || !tensor.error().message.empty());
      }
    }
    EXPECT_TRUE(signature_of(node).ok() || !find_op(node.op));
  }
  for (const auto& function : graph.functions().functions()) {
    const auto body = function_body(graph.functions(), function->name);
    EXPECT_TRUE(body.ok() || !body.error().message.empty());
  }
  const auto bytes = serialize_graph(graph);
  ASSERT_TRUE(bytes.ok());
  const auto again = parse_graph(*bytes, "again");
  EXPECT_TRUE(again.ok()) << again.error().message;
}

std::size_t mutants() {
  const char* wanted = std::getenv("ISOTHERM_MUTANTS");
  return wanted ? std::strtoul(wanted, nullptr, 10) : 2000;
}

TEST(Mutation, GraphsLoadOrSayWhy) {
  const std::string folder = std::string(ISOTHERM_TEST_DATA) + "/formats/";
  const std::vector<std::string> names = {"dtypes.pb",    "attrs.pb",      "attrs.pbtxt",
                                          "functions.pb", "references.pb", "functions.pbtxt"};
  std::vector<std::string> files;
  for (const std::string& name : names) files.push_back(read_text(folder + name));
  std::mt19937 random(20240607);
  std::size_t loaded_count = 0;
  for (std::size_t i = 0; i < mutants(); ++i) {
    const std::string file = mutate(files[i % files.size()], random);
    const auto loaded = load_graph(as_buffer(file), names[i % names.size()]);
    if (loaded.ok()) {
      ++loaded_count;
      use(*loaded->graph);
    } else {
      const std::string& sentence = loaded.error().message;
      EXPECT_NE(loaded.error().code, ErrorCode::internal) << sentence;
      EXPECT_TRUE(sentence.starts_with(names[i % names.size()] + ": ")) << sentence;
      EXPECT_EQ(sentence.find('\n'), std::string::npos) << sentence;
      EXPECT_LT(sentence.size(), 2000u);
    }
    if (HasFailure()) {
      std::printf("mutant %zu of %s\n", i, names[i % names.size()].c_str());
      break;
    }
  }
  // Some faults do no harm; were all refused, the mutants would test little.
  EXPECT_GT(loaded_count, mutants() / 20);
  EXPECT_LT(loaded_count, mutants());
}

TEST(Mutation, ArraysLoadOrSayWhy) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_npy(folder / "f.npy", Tensor::vector(std::vector<double>{1, 2, 3, 4})).ok());
  ASSERT_TRUE(write_npy(folder / "s.npy", Tensor::strings(Shape{2, 1}, {"ab", "cde"})).ok());
  std::string unicode = read_text(folder / "s.npy");
  unicode.replace(unicode.find("|S3"), 3, "<U2");
  unicode.resize(128 + 16, 'x');
  std::string fortran = read_text(folder / "f.npy");
  fortran.replace(fortran.find("False, 'shape': (4,)"), 20, "True, 'shape': (2,2)");
  const std::vector<std::string> files = {read_text(folder / "f.npy"), read_text(folder / "s.npy"), unicode, fortran};
  std::mt19937 random(7);
  for (std::size_t i = 0; i < mutants(); ++i) {
    const auto tensor = read_npy(as_buffer(mutate(files[i % files.size()], random)), "x.npy");
    if (tensor.ok()) {
      EXPECT_LT(tensor->byte_size(), 1u << 20);
    } else {
      EXPECT_TRUE(tensor.error().message.starts_with("x.npy: ")) << tensor.error().message;
    }
  }
}

}  // namespace
}  // namespace isotherm
