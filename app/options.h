// Options that several sub-commands take, with TF-TRT's names and defaults, and what they become.
#pragma once

#include <CLI/CLI.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/convert/converter.h"
#include "core/convert/environment.h"
#include "core/runtime/device_module.h"
#include "core/runtime/session.h"

namespace isotherm::app {

/// Conversion settings as typed.
struct ConversionOptions {
  std::vector<std::string> inputs, outputs, deny, exclude_nodes, shapes;
  std::string precision = "FP32";
  std::string batch_mode = "explicit";
  std::string profile_strategy = "range";
  std::string passes = "none";
  std::int64_t max_workspace_size = INT64_MAX - 512;
  int max_batch_size = 0;
  int minimum_segment_size = 3;
  int maximum_cached_engines = 1;
  int max_engines = 20;
  bool dynamic_op = false;
  bool no_build_at_runtime = false;
  bool no_calibration = false;
  bool clear_devices = false;

  void add_to(CLI::App& command);
  /// What was typed, and what the environment says where nothing was. An error for what is no precision, shape or the
  /// like, and for options that exclude each other.
  [[nodiscard]] Result<ConversionParams> params() const;

 private:
  const CLI::Option* deny_option_ = nullptr;
  const CLI::Option* max_engines_option_ = nullptr;
  const CLI::Option* profile_strategy_option_ = nullptr;
};

/// TF-TRT's environment variables.
const TrtEnvironment& trt_environment();
/// What TF_TRT_ALLOW_ENGINE_NATIVE_SEGMENT_EXECUTION says; where it forbids, `params` names it for the report's head.
bool allow_native_segments(ConversionParams& params);

/// Run settings as typed.
struct RunOptionsTyped {
  std::string device = "cpu";
  int threads = 0;
  bool no_engines = false;
  bool tf32 = false;
  bool no_cudnn = false;
  std::string cuda_graph = "off";

  void add_to(CLI::App& command);
  /// What the options of GPUs say; an error where they are given for another device.
  [[nodiscard]] Result<GpuOptions> gpu() const;
};

/// Refuses what decides candidates but cannot run yet: engines of FP16 and INT8.
Status require_fp32(const ConversionParams& params, const std::string& command);

/// "NAME=FILE.npy" options, read.
Result<std::map<std::string, Tensor>> read_inputs(const std::vector<std::string>& specs);

}  // namespace isotherm::app
