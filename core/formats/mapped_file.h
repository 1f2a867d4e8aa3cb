// A file's bytes as a buffer that tensors can share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/graph/status.h"
#include "core/graph/tensor.h"

namespace isotherm {

/// Files up to this size are copied into memory: cheaper than a mapping, and safe from whoever changes them.
inline constexpr std::size_t kCopyLimit = std::size_t{1} << 20;

/// The bytes of a file, mapped read-only and private, or copied where the file is small, no regular file, or cannot be
/// mapped. The mapping holds the file as it was opened: one that is replaced by renaming another over it, as this
/// program does, stays readable.
///
/// A mapped file that someone shortens meanwhile would end the process with SIGBUS. Opening the first file therefore
/// installs a handler for that signal: the pages lost read as zeros from then on, and intact() says false. Faults
/// elsewhere go to the handler that was there before.
class MappedFile final : public Buffer {
 public:
  /// Opens `path`; an error names it and the system's reason. `limit` bounds what is read from a pipe or device.
  static Result<std::shared_ptr<MappedFile>> open(const std::string& path,
                                                  std::uint64_t limit = std::uint64_t{1} << 33);
  ~MappedFile() override;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool is_mapped() const { return slot_ >= 0; }
  /// False once the file was found to be shorter than when it was opened.
  [[nodiscard]] bool intact() const;

 private:
  MappedFile(std::string path, std::byte* data, std::size_t size, int slot, int fd, std::shared_ptr<Buffer> copy);
  std::string path_;
  int slot_ = -1;
  int fd_ = -1;
  std::shared_ptr<Buffer> copy_;
};

}  // namespace isotherm
