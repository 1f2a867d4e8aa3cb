#include "core/formats/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

namespace isotherm {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1} << 18;

/// The system's words for `error`, without std::strerror's shared buffer.
std::string reason(int error) { return std::generic_category().message(error); }

Error cannot_write(const std::string& path, int error) {
  const std::string sentence = "cannot write '" + path + "': " + reason(error);
  return error == ENOSPC || error == EDQUOT ? exhausted(sentence) : io_error(sentence);
}

/// The file that a chain of symbolic links ends in; the path itself where there is none, or its end does not exist.
std::string follow_links(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISLNK(info.st_mode)) return path;
  char* real = ::realpath(path.c_str(), nullptr);
  if (!real) return path;
  std::string out = real;
  std::free(real);
  return out;
}

}  // namespace

struct AtomicFile::State {
  std::string path;    // as the caller gave it
  std::string target;  // behind symbolic links
  std::string temporary;
  std::string buffer;
  std::uint64_t size = 0;
  int fd = -1;
  bool direct = false;

  ~State() {
    if (fd >= 0) ::close(fd);
    if (!temporary.empty() && !direct) ::unlink(temporary.c_str());
  }

  Status put(const char* data, std::size_t length) const {
    while (length > 0) {
      const ssize_t written = ::write(fd, data, std::min<std::size_t>(length, std::size_t{1} << 30));
      if (written < 0) {
        if (errno == EINTR) continue;
        return cannot_write(path, errno);
      }
      data += written;
      length -= static_cast<std::size_t>(written);
    }
    return {};
  }

  Status flush() {
    Status status = put(buffer.data(), buffer.size());
    buffer.clear();
    return status;
  }
};

AtomicFile::AtomicFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
AtomicFile::AtomicFile(AtomicFile&&) noexcept = default;
AtomicFile& AtomicFile::operator=(AtomicFile&&) noexcept = default;
AtomicFile::~AtomicFile() = default;

Result<AtomicFile> AtomicFile::create(const std::string& path) {
  if (path.empty()) return invalid_input("cannot write a file without a name");
  auto state = std::make_unique<State>();
  state->path = path;
  state->target = follow_links(path);
  struct stat info {};
  if (::stat(state->target.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return io_error("cannot write '" + path + "': it is a folder where a file was expected");
    // Renaming would get round a write protection that somebody set on purpose.
    if (S_ISREG(info.st_mode) && ::access(state->target.c_str(), W_OK) != 0) return cannot_write(path, errno);
    state->direct = !S_ISREG(info.st_mode);
  }
  if (state->direct) {
    state->temporary = state->target;
    state->fd = ::open(state->target.c_str(), O_WRONLY | O_CLOEXEC);
    if (state->fd < 0) return cannot_write(path, errno);
    return AtomicFile(std::move(state));
  }
  static std::atomic<unsigned> counter{0};
  for (int attempt = 0; attempt < 100; ++attempt) {
    // A name of its own, not one made from the target's, which may already be as long as names can be.
    const std::size_t slash = state->target.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : state->target.substr(0, slash + 1);
    const std::string name =
        folder + ".isotherm-" + std::to_string(::getpid()) + "-" + std::to_string(counter.fetch_add(1)) + ".part";
    // The mode is cut by the umask, or is that of the file replaced.
    state->fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (state->fd >= 0) {
      state->temporary = name;
      if (info.st_mode != 0 && ::fchmod(state->fd, info.st_mode & 07777) != 0) {
        // Not ours to chmod: the default mode stays.
      }
      return AtomicFile(std::move(state));
    }
    if (errno != EEXIST) return cannot_write(path, errno);
  }
  return cannot_write(path, EEXIST);
}

Status AtomicFile::write(std::span<const std::byte> bytes) {
  if (!state_ || state_->fd < 0) return internal_error("a file was written to after it was closed");
  const char* data = reinterpret_cast<const char*>(bytes.data());
  state_->size += bytes.size();
  if (state_->buffer.size() + bytes.size() > kBufferSize) ISO_TRY(state_->flush());
  if (bytes.size() >= kBufferSize) return state_->put(data, bytes.size());
  state_->buffer.append(data, bytes.size());
  return {};
}

Status AtomicFile::commit() {
  if (!state_ || state_->fd < 0) return internal_error("a file was committed after it was closed");
  ISO_TRY(state_->flush());
  // Some file systems report a full disk only here.
  const int fd = std::exchange(state_->fd, -1);
  if (::close(fd) != 0 && errno != EINTR) return cannot_write(state_->path, errno);
  if (state_->direct) return {};
  if (::rename(state_->temporary.c_str(), state_->target.c_str()) != 0) return cannot_write(state_->path, errno);
  state_->temporary.clear();
  return {};
}

const std::string& AtomicFile::temporary_path() const { return state_->temporary; }
const std::string& AtomicFile::path() const { return state_->path; }
std::uint64_t AtomicFile::size() const { return state_->size; }

Status write_file(const std::string& path, std::string_view text) {
  ISO_ASSIGN(AtomicFile file, AtomicFile::create(path));
  ISO_TRY(file.write(text));
  return file.commit();
}

}  // namespace isotherm
