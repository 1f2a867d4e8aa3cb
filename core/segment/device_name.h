// Device names of nodes ("/job:worker/replica:0/task:1/device:GPU:0") and when two of them can be one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace isotherm {

/// A device name in parts; a part that is absent says nothing ("*" is absent too).
struct DeviceName {
  std::optional<std::string> job;
  std::optional<int> replica;
  std::optional<int> task;
  std::optional<std::string> type;  ///< as written: "GPU"
  std::optional<int> id;

  friend bool operator==(const DeviceName&, const DeviceName&) = default;
};

/// TensorFlow's full form, with its older "/gpu:0" and "/cpu:0"; empty text names no device. Nothing if malformed.
std::optional<DeviceName> parse_device_name(std::string_view text);

/// Both names in one, by TensorFlow's rules without soft placement: every part is absent on one side or equal on both.
std::optional<DeviceName> merge_device_names(const DeviceName& a, const DeviceName& b);

/// "/device:GPU:*" where the type is known and the number is not; empty if nothing is known.
std::string to_string(const DeviceName& name);

}  // namespace isotherm
