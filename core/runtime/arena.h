// Memory of a session's runs: buffers cut from few large blocks of the device and used again as soon as the last tensor
// that shares them is gone, within a run and across runs. Best fit over size classes with coalescing of neighbours,
// after TensorFlow's BFC allocator and the two-level buckets of TLSF.
//
// A buffer may be handed out again while work that uses its former content is still queued: all work of a run goes to
// one stream, so that later writers come after earlier readers.
//
// Not thread-safe; a session runs on one thread at a time. Buffers keep their arena alive.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/graph/status.h"
#include "core/graph/tensor.h"

namespace isotherm {

class Arena : public std::enable_shared_from_this<Arena> {
 public:
  using Source = std::function<Result<std::shared_ptr<Buffer>>(std::size_t bytes)>;

  /// `source` allocates blocks; `alignment`, a power of two, is that of the blocks and of every buffer. With `reuse`
  /// false every buffer is a block of its own and goes back to the source when it is free.
  static std::shared_ptr<Arena> make(Source source, std::size_t alignment, bool reuse = true);

  /// At least `bytes` bytes, uninitialised. An error where the source has none.
  Result<std::shared_ptr<Buffer>> allocate(std::size_t bytes);
  /// Whether a buffer came from an arena.
  static bool owns(const Buffer& buffer);

  /// Call between runs, when no work is queued: starts a new peak, and makes one block out of several where nothing
  /// is alive.
  void begin_run();

  /// Bytes in buffers that are alive, each rounded up to the alignment; the most there were since begin_run().
  [[nodiscard]] std::size_t alive_bytes() const { return alive_; }
  [[nodiscard]] std::size_t peak_bytes() const { return std::max(peak_, window_peak_); }

  /// The most bytes alive between begin_window() and end_window(). Windows nest: an outer one counts what its inner
  /// ones do. `outer` is what the matching begin_window() returned.
  [[nodiscard]] std::size_t begin_window() {
    const std::size_t outer = window_peak_;
    peak_ = std::max(peak_, outer);
    window_peak_ = alive_;
    return outer;
  }
  std::size_t end_window(std::size_t outer) {
    const std::size_t own = window_peak_;
    window_peak_ = std::max(outer, own);
    return own;
  }
  /// Bytes in blocks.
  [[nodiscard]] std::size_t reserved_bytes() const { return reserved_; }
  [[nodiscard]] std::size_t block_count() const;

 private:
  friend class ArenaBuffer;
  static constexpr std::int32_t kNone = -1;
  static constexpr int kBuckets = 256;

  struct Chunk {
    std::byte* data = nullptr;
    std::size_t size = 0;
    std::int32_t before = kNone, after = kNone;            ///< neighbours in the block
    std::int32_t free_before = kNone, free_after = kNone;  ///< neighbours in the bucket's list
    std::int32_t block = kNone;
    bool free = false;
  };

  Arena(Source source, std::size_t alignment, bool reuse)
      : source_(std::move(source)), alignment_(alignment), reuse_(reuse) {
    heads_.fill(kNone);
  }
  [[nodiscard]] int bucket_of(std::size_t size) const;
  std::int32_t find(std::size_t size) const;
  Status add_block(std::size_t size);
  void drop_free_blocks();
  std::int32_t new_chunk();
  void insert_free(std::int32_t id);
  void remove_free(std::int32_t id);
  void release(std::int32_t id, std::size_t size);

  Source source_;
  std::size_t alignment_;
  bool reuse_;
  std::vector<std::shared_ptr<Buffer>> blocks_;  ///< null: given back
  std::vector<Chunk> chunks_;
  std::vector<std::int32_t> spare_;  ///< unused entries of chunks_
  std::array<std::int32_t, kBuckets> heads_;
  std::array<std::uint64_t, kBuckets / 64> filled_{};  ///< which buckets have chunks
  std::size_t alive_ = 0, reserved_ = 0;
  std::size_t peak_ = 0, window_peak_ = 0;  ///< before the window that is open, and within it
};

}  // namespace isotherm
