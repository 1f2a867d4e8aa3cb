#include "core/render/layout.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>

#include "core/render/layout_numbers.h"

extern char** environ;  // NOLINT: POSIX

namespace isotherm::render {
namespace {

Result<LayoutResult> decode_answer(const std::string& text, std::size_t boxes) {
  const Error broken = unsupported("isotherm-layout gave an answer of " + std::to_string(text.size()) +
                                   " bytes where the places of " + std::to_string(boxes) + " boxes were expected");
  if (!text.starts_with("ok\n")) return broken;
  Numbers numbers(std::string_view(text).substr(3));
  LayoutResult result;
  std::vector<std::int64_t> rows(boxes);
  for (std::size_t i = 0; i < boxes; ++i) {
    std::int64_t x = 0;
    if (!numbers.next(x) || !numbers.next(rows[i])) return broken;
    result.center.push_back(static_cast<float>(static_cast<double>(x) / 100.0));
  }
  std::int64_t end = 0;
  if (!numbers.next(end) || end != -7) return broken;
  // Boxes of one rank share their coordinate along the flow.
  std::vector<std::int64_t> levels = rows;
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end(), [](auto a, auto b) { return b - a <= 100; }), levels.end());
  for (const std::int64_t row : rows) {
    const auto it = std::upper_bound(levels.begin(), levels.end(), row);
    result.rank.push_back(static_cast<int>(it - levels.begin()) - 1);
  }
  return result;
}

struct Descriptor {
  int fd = -1;
  ~Descriptor() { reset(); }
  void reset() {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
};

/// A child that is killed and waited for when its owner is done with it.
struct Child {
  pid_t pid = -1;
  int status = 0;
  ~Child() { end(true); }
  void end(bool kill_it) {
    if (pid < 0) return;
    if (kill_it) ::kill(pid, SIGKILL);
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    pid = -1;
  }
};

}  // namespace

std::string find_layout_program() {
  std::string self(4096, '\0');
  const ssize_t length = ::readlink("/proc/self/exe", self.data(), self.size());
  if (length <= 0) return {};
  self.resize(static_cast<std::size_t>(length));
  const std::string folder = self.substr(0, self.rfind('/') + 1);
  for (const std::string& path : {folder + "isotherm-layout", folder + "../libexec/isotherm/isotherm-layout"})
    if (::access(path.c_str(), X_OK) == 0) return path;
  return {};
}

Result<LayoutResult> graphviz_layout(const LayoutRequest& request, const std::string& program, double limit,
                                     const std::function<bool()>& cancelled) {
  if (request.boxes.empty()) return LayoutResult();
  if (program.empty()) return unsupported("isotherm-layout does not stand beside this program");
  // A socket, because writing to a dead reader through one is an error and not a signal.
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return unsupported(std::string("isotherm-layout could not be started: ") + std::strerror(errno));
  Descriptor ours{ends[0]}, theirs{ends[1]};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, theirs.fd, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, theirs.fd, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  Child child;
  const std::string seconds = std::to_string(static_cast<int>(limit) + 2);
  std::string path = program;
  std::string cpu_limit = seconds;
  char* const argv[] = {path.data(), cpu_limit.data(), nullptr};
  const int failed = ::posix_spawn(&child.pid, program.c_str(), &actions, nullptr, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    child.pid = -1;
    return unsupported("'" + program + "' could not be started: " + std::strerror(failed));
  }
  theirs.reset();

  const std::string input = encode_request(request);
  std::size_t sent = 0;
  std::string answer;
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(limit * 1000));
  for (;;) {
    if (cancelled && cancelled()) return isotherm::cancelled();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0)
      return exhausted("Graphviz did not finish within its limit of " + std::to_string(limit).substr(0, 4) + " s");
    pollfd waiting{ours.fd, static_cast<short>(POLLIN | (sent < input.size() ? POLLOUT : 0)), 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, 50)));
    if (ready < 0 && errno != EINTR)
      return unsupported(std::string("isotherm-layout cannot be heard: ") + std::strerror(errno));
    if (ready <= 0) continue;
    if ((waiting.revents & POLLOUT) != 0) {
      const ssize_t n = ::send(ours.fd, input.data() + sent, input.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0)
        sent += static_cast<std::size_t>(n);
      else if (n < 0 && errno != EAGAIN && errno != EINTR)
        break;
      if (sent == input.size()) ::shutdown(ours.fd, SHUT_WR);
    }
    if ((waiting.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      char buffer[65536];
      const ssize_t n = ::recv(ours.fd, buffer, sizeof buffer, MSG_DONTWAIT);
      if (n > 0)
        answer.append(buffer, static_cast<std::size_t>(n));
      else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        break;
    }
  }
  const bool complete = answer.ends_with("-7\n");
  child.end(!complete);
  if (!complete && WIFSIGNALED(child.status) && WTERMSIG(child.status) != SIGKILL)
    return unsupported("Graphviz was stopped by signal " + std::to_string(WTERMSIG(child.status)));
  return decode_answer(answer, request.boxes.size());
}

}  // namespace isotherm::render
