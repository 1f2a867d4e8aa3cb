#include "core/render/layout_cache.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "core/render/layout_numbers.h"

namespace isotherm::render {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "isotherm-layout-cache 1\n";

/// FNV-1a over 64 bits, from a start of our own so that two of them make a longer name.
std::uint64_t hash(std::string_view text, std::uint64_t start) {
  std::uint64_t h = start;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return h;
}

constexpr std::array<std::uint64_t, 2> kStarts = {0xCBF29CE484222325ULL, 0x84222325CBF29CE4ULL};

std::string hex(std::uint64_t v) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; v >>= 4U) out[i] = kDigits[v & 15U];
  return out;
}

}  // namespace

std::string layout_cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && cache[0] == '/')
    return std::string(cache) + "/isotherm/layouts";
  if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/')
    return std::string(home) + "/.cache/isotherm/layouts";
  return {};
}

LayoutCache::LayoutCache(std::string folder) : folder_(std::move(folder)) {}

std::string LayoutCache::path_of(const std::string& request) const {
  return folder_ + "/" + hex(hash(request, kStarts[0])) + hex(hash(request, kStarts[1]));
}

std::optional<LayoutResult> LayoutCache::find(const std::string& request, std::size_t boxes) const {
  if (folder_.empty()) return std::nullopt;
  const std::string path = path_of(request);
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  // Magic, length of the request, places, a last line with the hash of all before it.
  const std::size_t tail = text.size() < 17 ? 0 : text.size() - 17;
  if (!text.starts_with(kMagic) || tail < kMagic.size() || text.back() != '\n' ||
      text.compare(tail, 16, hex(hash(std::string_view(text).substr(0, tail), kStarts[0]))) != 0)
    return std::nullopt;
  Numbers numbers(std::string_view(text).substr(kMagic.size(), tail - kMagic.size()));
  std::int64_t length = 0, count = 0;
  if (!numbers.next(length) || !numbers.next(count) || length != static_cast<std::int64_t>(request.size()) ||
      count != static_cast<std::int64_t>(boxes))
    return std::nullopt;
  LayoutResult result;
  for (std::size_t i = 0; i < boxes; ++i) {
    std::int64_t rank = 0, center = 0;
    if (!numbers.next(rank) || !numbers.next(center) || rank < 0 || rank >= count) return std::nullopt;
    result.rank.push_back(static_cast<int>(rank));
    result.center.push_back(static_cast<float>(static_cast<double>(center) / 100.0));
  }
  std::error_code ignored;
  fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);  // used: it stays longer
  return result;
}

void LayoutCache::put(const std::string& request, const LayoutResult& result) const {
  if (folder_.empty()) return;
  std::error_code failed;
  fs::create_directories(folder_, failed);
  if (failed) return;
  std::string text(kMagic);
  text += std::to_string(request.size()) + ' ' + std::to_string(result.rank.size()) + '\n';
  for (std::size_t i = 0; i < result.rank.size(); ++i)
    text += std::to_string(result.rank[i]) + ' ' +
            std::to_string(std::llround(static_cast<double>(result.center[i]) * 100)) + '\n';
  text += hex(hash(text, kStarts[0])) + '\n';
  static std::atomic<int> number{0};
  const std::string path = path_of(request);
  const std::string part = path + "." + std::to_string(::getpid()) + "." + std::to_string(number++) + ".part";
  bool whole = false;
  {
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    whole = file && file.write(text.data(), static_cast<std::streamsize>(text.size())) && file.flush();
  }
  if (whole) fs::rename(part, path, failed);
  if (!whole || failed) fs::remove(part, failed);
  trim();
}

void LayoutCache::trim() const {
  struct Entry {
    fs::file_time_type used;
    std::uintmax_t bytes;
    fs::path path;
  };
  std::vector<Entry> entries;
  std::uintmax_t bytes = 0;
  std::error_code failed;
  const auto now = fs::file_time_type::clock::now();
  for (fs::directory_iterator it(folder_, failed), end; !failed && it != end; it.increment(failed)) {
    std::error_code gone;  // another process may remove it meanwhile
    const auto used = it->last_write_time(gone);
    const auto size = gone ? 0 : it->file_size(gone);
    if (gone) continue;
    if (it->path().extension() == ".part") {
      if (now - used > std::chrono::hours(1)) fs::remove(it->path(), gone);  // of a process that died
      continue;
    }
    entries.push_back({used, size, it->path()});
    bytes += size;
  }
  if (entries.size() <= kMostEntries && bytes <= kMostBytes) return;
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
  // Some more than needed, so that not every new layout has to tidy up.
  std::size_t count = entries.size();
  for (const Entry& e : entries) {
    if (count <= kMostEntries * 3 / 4 && bytes <= kMostBytes * 3 / 4) break;
    std::error_code gone;
    fs::remove(e.path, gone);
    --count;
    bytes -= e.bytes;
  }
}

}  // namespace isotherm::render
