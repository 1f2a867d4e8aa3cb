// Whole networks against what TensorFlow computed, with their intermediate tensors.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/cpu/cpu_device.h"
#include "tests/cpu/run_case.h"

namespace isotherm::test {
namespace {

namespace fs = std::filesystem;

std::string without_port_zero(std::string name) {
  if (name.ends_with(":0")) name.resize(name.size() - 2);
  return name;
}

/// Runs that one session in a frozen graph can do, of those below `root`.
void expect_runs(const fs::path& root, const std::vector<fs::path>& model_roots) {
  const auto device = make_cpu_device(2);
  int runs = 0;
  for (const auto& entry : fs::directory_iterator(root)) {
    const fs::path folder = entry.path();
    if (!fs::exists(folder / "run.json")) continue;
    const nlohmann::json spec = nlohmann::json::parse(std::ifstream(folder / "run.json"));
    fs::path model;
    for (const fs::path& r : model_roots)
      if (const fs::path p = r / spec["model"].get<std::string>(); model.empty() && fs::is_regular_file(p)) model = p;
    if (const fs::path p = folder / spec["model"].get<std::string>(); fs::is_regular_file(p)) model = p;
    if (model.extension() != ".pb" || spec.contains("before")) continue;
    Case c;
    c.graph = model;
    c.tolerance.atol = 1e-4;
    for (const auto& [name, file] : spec["inputs"].items())
      c.inputs[without_port_zero(name)] = folder / file.get<std::string>();
    for (const char* kind : {"outputs", "nodes"})
      if (spec.contains(kind) && spec[kind].is_object())
        for (const auto& [name, file] : spec[kind].items())
          c.outputs[without_port_zero(name)] = folder / file.get<std::string>();
    const Outcome outcome = run_case(c, device);
    EXPECT_TRUE(outcome.ok) << folder.filename() << ": " << outcome.why;
    ++runs;
  }
  EXPECT_GT(runs, 0);
}

TEST(Models, Goldens) {
  const char* models = std::getenv("ISOTHERM_MODELS");
  const char* unpacked = std::getenv("ISOTHERM_MODELS_UNPACKED");
  if (!models || !unpacked || !fs::exists(fs::path(unpacked) / "goldens"))
    GTEST_SKIP()
        << "ISOTHERM_MODELS and ISOTHERM_MODELS_UNPACKED name no folders with goldens: the real networks did not run";
  expect_runs(fs::path(unpacked) / "goldens", {models});
}

TEST(Models, Architectures) {
  const char* unpacked = std::getenv("ISOTHERM_MODELS_UNPACKED");
  if (!unpacked || !fs::exists(fs::path(unpacked) / "arch"))
    GTEST_SKIP() << "ISOTHERM_MODELS_UNPACKED names no folder with arch: the six architectures did not run";
  expect_runs(fs::path(unpacked) / "arch", {fs::path(unpacked) / "arch"});
}

}  // namespace
}  // namespace isotherm::test
