#include "core/formats/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <system_error>
#include <utility>

namespace isotherm {
namespace {

/// What the signal handler may look at: no locks, no allocation. `size` is 0 in a free slot.
struct Mapping {
  std::atomic<std::uintptr_t> begin{0};
  std::atomic<std::size_t> size{0};
  std::atomic<bool> damaged{false};
  std::atomic<bool> taken{false};
};
constexpr int kMappings = 256;
std::array<Mapping, kMappings> mappings;
struct sigaction previous_handler;
std::size_t page_size = 4096;

void forward(int signal, siginfo_t* info, void* context) {
  if ((previous_handler.sa_flags & SA_SIGINFO) != 0) {
    previous_handler.sa_sigaction(signal, info, context);
  } else if (previous_handler.sa_handler == SIG_DFL || previous_handler.sa_handler == SIG_IGN) {
    // The faulting instruction runs again and ends the process as it would have without us.
    ::signal(signal, SIG_DFL);
  } else {
    previous_handler.sa_handler(signal);
  }
}

/// Puts a page of zeros where the file no longer has one.
void on_bus_error(int signal, siginfo_t* info, void* context) {
  const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (Mapping& m : mappings) {
    const std::uintptr_t begin = m.begin.load(std::memory_order_acquire);
    const std::size_t size = m.size.load(std::memory_order_acquire);
    if (size == 0 || at < begin || at - begin >= size) continue;
    void* const page = reinterpret_cast<void*>(at & ~(page_size - 1));  // NOLINT: an address from the kernel
    if (::mmap(page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) break;
    m.damaged.store(true, std::memory_order_release);
    return;
  }
  forward(signal, info, context);
}

void install_handler() {
  static std::once_flag once;
  std::call_once(once, [] {
    page_size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGBUS, &action, &previous_handler);
  });
}

/// A slot for a mapping, or -1 when all are in use; the file is then copied.
int take_slot() {
  for (int i = 0; i < kMappings; ++i)
    if (!mappings[static_cast<std::size_t>(i)].taken.exchange(true)) return i;
  return -1;
}

Error cannot_read(const std::string& path, int error) {
  return io_error("cannot read '" + path + "': " + std::generic_category().message(error));
}

/// Reads to the end, of a regular file or a stream.
Result<std::shared_ptr<Buffer>> read_all(const std::string& path, int fd, std::uint64_t expected, std::uint64_t limit,
                                         std::size_t& size) {
  std::size_t capacity = static_cast<std::size_t>(expected) + 1;
  auto buffer = allocate_host(capacity);
  size = 0;
  while (buffer) {
    if (size == capacity) {
      auto larger = allocate_host(capacity * 2);
      if (!larger) break;
      std::memcpy(larger->data(), buffer->data(), size);
      buffer = std::move(larger);
      capacity *= 2;
    }
    const ssize_t got = ::read(fd, buffer->data() + size, std::min<std::size_t>(capacity - size, std::size_t{1} << 30));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(path, errno);
    if (got == 0) return buffer;
    size += static_cast<std::size_t>(got);
    if (size > limit)
      return exhausted("cannot read '" + path + "': it gives more than the limit of " + std::to_string(limit) +
                       " bytes");
  }
  return exhausted("cannot read '" + path + "': no memory for " + std::to_string(capacity) + " bytes");
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

}  // namespace

MappedFile::MappedFile(std::string path, std::byte* data, std::size_t size, int slot, int fd,
                       std::shared_ptr<Buffer> copy)
    : Buffer(data, size), path_(std::move(path)), slot_(slot), fd_(fd), copy_(std::move(copy)) {}

MappedFile::~MappedFile() {
  if (slot_ >= 0) {
    Mapping& m = mappings[static_cast<std::size_t>(slot_)];
    m.size.store(0);
    m.begin.store(0);
    ::munmap(data(), size());
    m.damaged.store(false);
    m.taken.store(false);
  }
  if (fd_ >= 0) ::close(fd_);
}

bool MappedFile::intact() const {
  if (slot_ < 0) return true;
  if (mappings[static_cast<std::size_t>(slot_)].damaged.load(std::memory_order_acquire)) return false;
  struct stat info {};
  return ::fstat(fd_, &info) == 0 && static_cast<std::uint64_t>(info.st_size) >= size();
}

Result<std::shared_ptr<MappedFile>> MappedFile::open(const std::string& path, std::uint64_t limit) {
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return cannot_read(path, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return cannot_read(path, errno);
  if (S_ISDIR(info.st_mode))
    return invalid_input("cannot read '" + path + "': it is a folder where a file was expected");
  const bool regular = S_ISREG(info.st_mode);
  const auto size = regular ? static_cast<std::uint64_t>(info.st_size) : std::uint64_t{0};
  if (regular && size > kCopyLimit) {
    install_handler();
    const int slot = take_slot();
    if (slot >= 0) {
      void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
      if (at != MAP_FAILED) {
        Mapping& m = mappings[static_cast<std::size_t>(slot)];
        m.begin.store(reinterpret_cast<std::uintptr_t>(at));
        m.size.store(size);
        return std::shared_ptr<MappedFile>(
            new MappedFile(path, static_cast<std::byte*>(at), size, slot, fd.release(), nullptr));
      }
      mappings[static_cast<std::size_t>(slot)].taken.store(false);
    }
  }
  std::size_t got = 0;
  ISO_ASSIGN(auto copy,
             read_all(path, fd.get(), regular ? size : std::uint64_t{1} << 16, regular ? UINT64_MAX : limit, got));
  std::byte* const data = copy->data();
  return std::shared_ptr<MappedFile>(new MappedFile(path, data, got, -1, -1, std::move(copy)));
}

}  // namespace isotherm
