// Writing a file so that nobody ever sees half of it: written beside its place, then renamed over it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/graph/status.h"

namespace isotherm {

/// A file in the making. Until commit() the path keeps what it held before; without commit(), or after an error,
/// nothing is left behind. A path that is no regular file (/dev/stdout, a pipe) cannot be renamed over: it is written
/// directly. A symbolic link stays, and the file it points to is replaced. Errors name the path and the system's
/// reason.
///
/// The data is handed to the system, not forced to the disk: a power failure may lose a file just written, a crash of
/// the program may not.
class AtomicFile {
 public:
  /// Opens the temporary file in the target's folder, which must exist.
  static Result<AtomicFile> create(const std::string& path);

  AtomicFile(AtomicFile&&) noexcept;
  AtomicFile& operator=(AtomicFile&&) noexcept;
  /// Drops what was written, unless committed.
  ~AtomicFile();

  /// Appends. Small pieces are gathered; large ones go straight to the system.
  Status write(std::span<const std::byte> bytes);
  Status write(std::string_view text) { return write(std::as_bytes(std::span(text.data(), text.size()))); }
  /// Flushes, closes and renames.
  Status commit();

  /// Where the bytes lie until commit(), for libraries that want to write a file by its name; what they wrote there is
  /// what commit() renames. The path itself if it is written directly.
  [[nodiscard]] const std::string& temporary_path() const;
  [[nodiscard]] const std::string& path() const;
  /// Bytes written so far through write().
  [[nodiscard]] std::uint64_t size() const;

 private:
  struct State;
  explicit AtomicFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The whole text as a file, in one go.
Status write_file(const std::string& path, std::string_view text);

}  // namespace isotherm
