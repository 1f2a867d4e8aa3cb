// Compares what each layer of a plan made with double precision, as an observer of values.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/runtime/device.h"
#include "core/runtime/value_observer.h"
#include "tests/engine/reference.h"

namespace isotherm::test {

class LayerCheck final : public RunObserver, public ValueObserver {
 public:
  /// `expected`: every tensor of the unfused body by "node:port".
  LayerCheck(const std::map<std::string, Array>& expected, double limit) : expected_(expected), limit_(limit) {}

  void scope_begin(const ScopeInfo&, Stream*) override {}
  void scope_end(const ScopeInfo&, Stream*) override {}
  void capture_begin(std::uint64_t, Stream*) override { ADD_FAILURE() << "a run that is looked at was recorded"; }
  void capture_end(std::uint64_t, Stream*) override {}
  void replay(std::uint64_t, Stream*) override { ADD_FAILURE() << "a run that is looked at was replayed"; }
  void fallback(std::int64_t, std::string_view) override {}
  ValueObserver* values() override { return this; }

  Status node_ran(const ScopeInfo&, const NodeValues&, Device&, Stream&) override { return {}; }
  Status layer_ran(const ScopeInfo& layer, std::span<const LayerValue> values, Device& device,
                   Stream& stream) override {
    EXPECT_EQ(layer.id, count++);
    for (const LayerValue& made : values) {
      const auto at = expected_.find(std::string(made.tensor));
      EXPECT_NE(at, expected_.end()) << made.tensor;
      if (at == expected_.end() || !made.value.valid()) continue;
      ISO_ASSIGN(const Tensor host, device.to_host(made.value, stream));
      ISO_TRY(stream.synchronise());
      EXPECT_LE(error_of(to_array(host), at->second), limit_) << "layer " << layer.name << ": " << made.tensor;
    }
    return {};
  }

  std::int64_t count = 0;

 private:
  const std::map<std::string, Array>& expected_;
  double limit_;
};

}  // namespace isotherm::test
