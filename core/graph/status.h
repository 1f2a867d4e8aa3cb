// Errors as values. Inside the libraries nothing throws across a boundary: a function that can fail returns a
// Status or a Result, whose Error carries one sentence for the user: what, where, what was found, what was expected.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace isotherm {

/// Whose fault an error is, and what a caller can do about it.
enum class ErrorCode {
  invalid_input,        ///< The user's file, option or feed is wrong.
  not_found,            ///< A named node, tensor, file or option does not exist.
  unsupported,          ///< Valid, but this program cannot do it (yet); the message names the op, node and reason.
  io,                   ///< Reading or writing failed; the message holds the path and the system's reason.
  cancelled,            ///< The user stopped the work.
  exhausted,            ///< Out of memory, disk or a named limit.
  internal,             ///< A bug of ours.
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  ///< One sentence, without a trailing newline.

  /// The same error with `where` put before its sentence: "where: message".
  [[nodiscard]] Error at(const std::string& where) const { return {code, where + ": " + message}; }
};

inline Error invalid_input(std::string message) { return {ErrorCode::invalid_input, std::move(message)}; }
inline Error not_found(std::string message) { return {ErrorCode::not_found, std::move(message)}; }
inline Error unsupported(std::string message) { return {ErrorCode::unsupported, std::move(message)}; }
inline Error io_error(std::string message) { return {ErrorCode::io, std::move(message)}; }
inline Error cancelled(std::string message = "cancelled") { return {ErrorCode::cancelled, std::move(message)}; }
inline Error exhausted(std::string message) { return {ErrorCode::exhausted, std::move(message)}; }
inline Error internal_error(std::string message) { return {ErrorCode::internal, std::move(message)}; }

/// Success, or the error that stopped the work.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : state_(std::move(error)) {}  // NOLINT: implicit, so that `return invalid_input(..)` works

  [[nodiscard]] bool ok() const { return std::holds_alternative<std::monostate>(state_); }
  explicit operator bool() const { return ok(); }
  /// Requires !ok().
  [[nodiscard]] const Error& error() const { return std::get<Error>(state_); }

 private:
  std::variant<std::monostate, Error> state_;
};

/// A value, or the error that kept it from being made.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// Require ok().
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// Requires !ok().
  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }
  [[nodiscard]] Status status() const { return ok() ? Status() : Status(error()); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace isotherm

#define ISO_CONCAT_INNER(a, b) a##b
#define ISO_CONCAT(a, b) ISO_CONCAT_INNER(a, b)

/// Returns from the enclosing function with the error of `expression` (a Status) if it failed.
#define ISO_TRY(expression)                                                   \
  do {                                                                        \
    if (::isotherm::Status iso_status_ = (expression); !iso_status_.ok()) return iso_status_.error(); \
  } while (false)

/// Declares or assigns `target` from `expression` (a Result), or returns its error.
#define ISO_ASSIGN(target, expression) ISO_ASSIGN_INNER(ISO_CONCAT(iso_result_, __LINE__), target, expression)
#define ISO_ASSIGN_INNER(result, target, expression) \
  auto result = (expression);                        \
  if (!result.ok()) return result.error();           \
  target = std::move(result).value()
