// What outlives a run: variables, tables, random state, engine caches; and what lives as long as one run (TensorArrays,
// stacks). Kernels find things by kind, container and name and make them when they are first asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/graph/status.h"
#include "core/graph/tensor.h"

namespace isotherm {

/// `kind` keeps a table and a variable of one name apart: "variable", "table", "tensor_array", ..
struct ResourceKey {
  std::string_view kind;
  std::string_view container;
  std::string_view name;
};

/// A variable of either kind (VariableV2, VarHandleOp). `value` is invalid until the first assignment. Whoever changes
/// elements in place makes sure that the buffer is not shared (use_count of Tensor::buffer), else assigns a new tensor:
/// readers keep what they read.
class Variable final : public TensorObject {
 public:
  Variable(std::string variable_name, DType type) : name(std::move(variable_name)), dtype(type) {}
  [[nodiscard]] std::string describe() const override { return "variable '" + name + "'"; }

  std::string name;
  DType dtype;
  Tensor value;
};

class SessionState {
 public:
  enum class Lifetime { session, run };

  /// Null if there is none of that key.
  [[nodiscard]] std::shared_ptr<TensorObject> find(const ResourceKey& key) const;
  /// Adds or replaces.
  void put(const ResourceKey& key, std::shared_ptr<TensorObject> object, Lifetime lifetime = Lifetime::session);
  /// False if there was none.
  bool erase(const ResourceKey& key);

  /// The object of that key, made by `make` if there is none yet. An error if another type lives under the key.
  template <class T>
  Result<std::shared_ptr<T>> find_or_make(const ResourceKey& key,
                                          const std::function<Result<std::shared_ptr<T>>()>& make,
                                          Lifetime lifetime = Lifetime::session) {
    if (std::shared_ptr<TensorObject> found = find(key)) {
      if (auto typed = std::dynamic_pointer_cast<T>(found)) return typed;
      return invalid_input("resource '" + std::string(key.name) + "' is a " + found->describe() +
                           ", not what this op reads");
    }
    ISO_ASSIGN(std::shared_ptr<T> made, make());
    put(key, made, lifetime);
    return made;
  }

  /// The variable of that name, made without a value if there is none. An error if it has another type.
  Result<std::shared_ptr<Variable>> variable(std::string_view container, std::string_view name, DType dtype);

  /// A number that this state has not given out before: names of anonymous resources.
  std::uint64_t next_number() { return ++last_number_; }
  /// Drops what lives as long as a run. The session calls it after each run.
  void end_run();
  /// Drops everything: the state of a new session.
  void clear();

 private:
  struct Entry {
    std::shared_ptr<TensorObject> object;
    Lifetime lifetime = Lifetime::session;
  };
  static std::string flat(const ResourceKey& key);

  std::unordered_map<std::string, Entry> entries_;
  std::uint64_t last_number_ = 0;
  bool has_run_entries_ = false;
};

}  // namespace isotherm
