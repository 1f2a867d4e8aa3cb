// One stored case: a graph, what is fed to it and what TensorFlow gave for it.
#pragma once

#include <memory>

#include "core/runtime/device.h"
#include "tests/cpu/stored_tensors.h"

namespace isotherm::test {

struct Case {
  std::filesystem::path graph;
  std::map<std::string, std::filesystem::path> inputs, outputs;  ///< tensor name -> .npy file
  Tolerance tolerance;
};

struct Outcome {
  bool ok = false;
  std::string why;   ///< the error, or each tensor that differs
  double worst = 0;  ///< largest relative error of any output
};

/// Runs the case in a session of its own.
Outcome run_case(const Case& c, const std::shared_ptr<Device>& device);

/// `folder`/graph.pb with inputs/ and outputs/.
Case case_in(const std::filesystem::path& folder);
/// All folders below `root` that hold a graph.pb, ordered.
std::vector<std::filesystem::path> case_folders(const std::filesystem::path& root);
/// Tolerances for the cases that a list names (loose.tsv): column `name`, reasons in column `reason`.
std::map<std::string, Tolerance> loose_cases(const std::filesystem::path& list, std::size_t name, std::size_t reason);

}  // namespace isotherm::test
