// What recorders of values have in common: they hear of no times.
#pragma once

#include "core/runtime/device.h"
#include "core/runtime/value_observer.h"

namespace isotherm {

class ValueRecorder : public RunObserver, public ValueObserver {
 public:
  void scope_begin(const ScopeInfo&, Stream*) final {}
  void scope_end(const ScopeInfo&, Stream*) final {}
  void capture_begin(std::uint64_t, Stream*) final {}
  void capture_end(std::uint64_t, Stream*) final {}
  void replay(std::uint64_t, Stream*) final {}
  void fallback(std::int64_t, std::string_view) final {}
  [[nodiscard]] ValueObserver* values() final { return this; }
};

}  // namespace isotherm
