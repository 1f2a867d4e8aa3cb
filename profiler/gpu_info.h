// The graphics cards that the driver shows, asked of libcuda at run time: works, and says so, where there is none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/graph/status.h"

namespace isotherm {

struct GpuInfo {
  int id = 0;  ///< ordinal, as in "cuda:0"
  std::string name;
  std::string bus;   ///< "0000:41:00.0"
  std::string uuid;  ///< "GPU-...", as nvidia-smi prints it; empty if the driver does not say
  int compute_major = 0, compute_minor = 0;
  int multiprocessors = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t l2_bytes = 0;
  std::int64_t clock_hz = 0;         ///< of the multiprocessors, at most
  std::int64_t memory_clock_hz = 0;  ///< at most
  int memory_bus_bits = 0;
  int threads_per_warp = 32, warps_per_multiprocessor = 0, blocks_per_multiprocessor = 0;
  std::int64_t shared_per_block = 0, shared_per_multiprocessor = 0;
  int registers_per_block = 0;

  /// Whether its multiprocessors have tensor cores (compute capability 7.0 and up, but for the 16-series of 7.5).
  [[nodiscard]] bool tensor_cores() const;
  /// Bytes per second that the memory can move, from clock and bus; 0 where the driver does not say.
  [[nodiscard]] std::int64_t memory_bandwidth() const;
};

struct DriverInfo {
  int cuda_version = 0;  ///< 13000 for 13.0: the newest toolkit that it serves
  std::string version;   ///< "580.159.04"; empty if the kernel module does not say
  std::vector<GpuInfo> gpus;
};

/// An error says what is missing: no driver library, no device, or the driver's own words.
Result<DriverInfo> probe_driver();

}  // namespace isotherm
