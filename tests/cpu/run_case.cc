#include "tests/cpu/run_case.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/formats/graph_file.h"
#include "core/formats/npy.h"
#include "core/runtime/session.h"

namespace isotherm::test {
namespace {

namespace fs = std::filesystem;

Result<Outcome> run(const Case& c, const std::shared_ptr<Device>& device) {
  ISO_ASSIGN(const LoadedGraph loaded, load_graph(c.graph.string()));
  SessionOptions options;
  options.threads = 2;
  ISO_ASSIGN(const std::unique_ptr<Session> session, Session::create(loaded.graph, device, options));
  Feeds feeds;
  for (const auto& [name, file] : c.inputs) {
    ISO_ASSIGN(const Tensor stored, read_npy(file.string()));
    const NodeId id = loaded.graph->find(name);
    const bool placeholder = id != kNoNode && loaded.graph->node(id).op == "Placeholder";
    ISO_ASSIGN(Tensor value,
               as_dtype(stored, placeholder ? loaded.graph->node(id).attrs.get_type("dtype") : stored.dtype()));
    feeds.emplace_back(name, std::move(value));
  }
  std::vector<std::string> fetches;
  for (const auto& [name, file] : c.outputs) fetches.push_back(name);
  ISO_ASSIGN(const RunResult result, session->run(feeds, fetches));
  Outcome outcome;
  outcome.ok = true;
  std::size_t i = 0;
  for (const auto& [name, file] : c.outputs) {
    ISO_ASSIGN(const Tensor expected, read_npy(file.string()));
    const Difference d = compare(expected, result.fetches[i++], c.tolerance);
    outcome.worst = std::max(outcome.worst, d.worst);
    if (d.same) continue;
    outcome.ok = false;
    outcome.why += name + ": " + d.why + "; ";
  }
  return outcome;
}

}  // namespace

Outcome run_case(const Case& c, const std::shared_ptr<Device>& device) {
  auto outcome = run(c, device);
  return outcome.ok() ? *outcome : Outcome{false, outcome.error().message, 0};
}

Case case_in(const fs::path& folder) {
  return {folder / "graph.pb", npy_files(folder / "inputs"), npy_files(folder / "outputs"), {}};
}

std::vector<fs::path> case_folders(const fs::path& root) {
  std::vector<fs::path> folders;
  if (fs::exists(root))
    for (const auto& entry : fs::recursive_directory_iterator(root))
      if (entry.path().filename() == "graph.pb") folders.push_back(entry.path().parent_path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::map<std::string, Tolerance> loose_cases(const fs::path& list, std::size_t name, std::size_t reason) {
  struct Mark {
    const char* word;
    double rtol, atol;
  };
  // Words in the reasons and what they allow: TensorFlow differs from itself by as much.
  constexpr Mark kMarks[] = {{"acc", 1e-4, 1e-4},     {"special", 1e-4, 1e-4},  {"5e-3", 1e-4, 5e-3},
                             {"float16", 4e-3, 4e-3}, {"bfloat16", 2e-2, 2e-2}, {"round", 2e-2, 1.001}};
  std::map<std::string, Tolerance> result;
  std::ifstream file(list);
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> columns;
    std::stringstream stream(line);
    for (std::string column; std::getline(stream, column, '\t');) columns.push_back(column);
    if (columns.size() <= std::max(name, reason)) continue;
    Tolerance& t = result[columns[name]];
    for (const Mark& mark : kMarks)
      if (columns[reason].find(mark.word) != std::string::npos) {
        t.rtol = std::max(t.rtol, mark.rtol);
        t.atol = std::max(t.atol, mark.atol);
      }
    t.ignore_sign = t.ignore_sign || columns[reason].find("sign") != std::string::npos;
    t.any_order = t.any_order || columns[reason].find("sorted=false") != std::string::npos;
  }
  return result;
}

}  // namespace isotherm::test
