#include "core/runtime/arena.h"

#include <algorithm>
#include <bit>

namespace isotherm {

class ArenaBuffer final : public Buffer {
 public:
  ArenaBuffer(std::shared_ptr<Arena> arena, std::int32_t chunk, std::byte* data, std::size_t size, MemoryKind kind,
              int device, std::shared_ptr<Buffer> own)
      : Buffer(data, size, kind, device), arena_(std::move(arena)), own_(std::move(own)), chunk_(chunk) {}
  ~ArenaBuffer() override { arena_->release(chunk_, size()); }

 private:
  std::shared_ptr<Arena> arena_;
  std::shared_ptr<Buffer> own_;  // without reuse: the block behind this buffer
  std::int32_t chunk_;
};

namespace {

constexpr std::size_t kFirstBlock = std::size_t{4} << 20;

constexpr std::size_t round_up(std::size_t bytes, std::size_t to) { return (bytes + to - 1) & ~(to - 1); }

}  // namespace

std::shared_ptr<Arena> Arena::make(Source source, std::size_t alignment, bool reuse) {
  return std::shared_ptr<Arena>(new Arena(std::move(source), alignment, reuse));
}

// Four classes per power of two, counted in units of the alignment.
int Arena::bucket_of(std::size_t size) const {
  const std::size_t units = size / alignment_;
  const int log = std::bit_width(units) - 1;
  const std::size_t part = log >= 2 ? (units >> (log - 2)) & 3 : 0;
  return std::min(kBuckets - 1, log * 4 + static_cast<int>(part));
}

std::int32_t Arena::new_chunk() {
  if (!spare_.empty()) {
    const std::int32_t id = spare_.back();
    spare_.pop_back();
    chunks_[static_cast<std::size_t>(id)] = Chunk();
    return id;
  }
  chunks_.emplace_back();
  return static_cast<std::int32_t>(chunks_.size() - 1);
}

void Arena::insert_free(std::int32_t id) {
  Chunk& chunk = chunks_[static_cast<std::size_t>(id)];
  const int bucket = bucket_of(chunk.size);
  chunk.free = true;
  chunk.free_before = kNone;
  chunk.free_after = heads_[static_cast<std::size_t>(bucket)];
  if (chunk.free_after != kNone) chunks_[static_cast<std::size_t>(chunk.free_after)].free_before = id;
  heads_[static_cast<std::size_t>(bucket)] = id;
  filled_[static_cast<std::size_t>(bucket / 64)] |= std::uint64_t{1} << (bucket % 64);
}

void Arena::remove_free(std::int32_t id) {
  Chunk& chunk = chunks_[static_cast<std::size_t>(id)];
  const int bucket = bucket_of(chunk.size);
  if (chunk.free_before != kNone)
    chunks_[static_cast<std::size_t>(chunk.free_before)].free_after = chunk.free_after;
  else
    heads_[static_cast<std::size_t>(bucket)] = chunk.free_after;
  if (chunk.free_after != kNone) chunks_[static_cast<std::size_t>(chunk.free_after)].free_before = chunk.free_before;
  if (heads_[static_cast<std::size_t>(bucket)] == kNone)
    filled_[static_cast<std::size_t>(bucket / 64)] &= ~(std::uint64_t{1} << (bucket % 64));
  chunk.free = false;
}

// The smallest chunk that is large enough, of the first class that has one.
std::int32_t Arena::find(std::size_t size) const {
  for (int bucket = bucket_of(size); bucket < kBuckets; ++bucket) {
    const auto word = static_cast<std::size_t>(bucket / 64);
    const std::uint64_t rest = filled_[word] >> (bucket % 64);
    if (rest == 0) {
      bucket |= 63;
      continue;
    }
    bucket += std::countr_zero(rest);
    std::int32_t best = kNone;
    std::size_t best_size = 0;
    for (std::int32_t id = heads_[static_cast<std::size_t>(bucket)]; id != kNone;) {
      const Chunk& chunk = chunks_[static_cast<std::size_t>(id)];
      if (chunk.size >= size && (best == kNone || chunk.size < best_size)) {
        best = id;
        best_size = chunk.size;
      }
      id = chunk.free_after;
    }
    if (best != kNone) return best;
  }
  return kNone;
}

Status Arena::add_block(std::size_t size) {
  auto made = source_(size);
  if (!made.ok()) return made.error();
  reserved_ += size;
  const std::int32_t id = new_chunk();
  Chunk& chunk = chunks_[static_cast<std::size_t>(id)];
  chunk.data = (*made)->data();
  chunk.size = size;
  const auto hole = std::ranges::find(blocks_, nullptr);
  chunk.block = static_cast<std::int32_t>(hole - blocks_.begin());
  if (hole == blocks_.end())
    blocks_.push_back(std::move(*made));
  else
    *hole = std::move(*made);
  insert_free(id);
  return {};
}

void Arena::drop_free_blocks() {
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    Chunk& chunk = chunks_[i];
    if (!chunk.free || chunk.before != kNone || chunk.after != kNone) continue;
    remove_free(static_cast<std::int32_t>(i));
    reserved_ -= chunk.size;
    blocks_[static_cast<std::size_t>(chunk.block)] = nullptr;
    spare_.push_back(static_cast<std::int32_t>(i));
  }
}

std::size_t Arena::block_count() const {
  return blocks_.size() - static_cast<std::size_t>(std::ranges::count(blocks_, nullptr));
}

Result<std::shared_ptr<Buffer>> Arena::allocate(std::size_t bytes) {
  constexpr std::size_t kLimit = std::size_t{1} << 46;
  if (bytes > kLimit)
    return exhausted("a buffer of " + std::to_string(bytes) + " bytes is larger than this program allows (64 TiB)");
  const std::size_t size = round_up(std::max<std::size_t>(bytes, 1), alignment_);
  std::shared_ptr<Buffer> out;
  if (!reuse_) {
    ISO_ASSIGN(std::shared_ptr<Buffer> own, source_(size));
    reserved_ += size;
    std::byte* data = own->data();
    const MemoryKind kind = own->kind();
    const int device = own->device();
    out = std::make_shared<ArenaBuffer>(shared_from_this(), kNone, data, size, kind, device, std::move(own));
  } else {
    std::int32_t id = find(size);
    if (id == kNone) {
      // Growing by half of what there is keeps the number of blocks small until begin_run() makes one of them.
      const std::size_t grown = round_up(std::max({size, reserved_ / 2, kFirstBlock}), alignment_);
      Status added = add_block(grown);
      if (!added.ok() && grown > size) added = add_block(size);
      if (!added.ok()) {
        drop_free_blocks();
        added = add_block(size);
      }
      if (!added.ok()) return added.error();
      id = find(size);
    }
    remove_free(id);
    if (chunks_[static_cast<std::size_t>(id)].size > size) {
      const std::int32_t rest = new_chunk();
      Chunk& chunk = chunks_[static_cast<std::size_t>(id)];
      Chunk& tail = chunks_[static_cast<std::size_t>(rest)];
      tail.data = chunk.data + size;
      tail.size = chunk.size - size;
      tail.block = chunk.block;
      tail.before = id;
      tail.after = chunk.after;
      if (tail.after != kNone) chunks_[static_cast<std::size_t>(tail.after)].before = rest;
      chunk.after = rest;
      chunk.size = size;
      insert_free(rest);
    }
    const Chunk& chunk = chunks_[static_cast<std::size_t>(id)];
    const Buffer& block = *blocks_[static_cast<std::size_t>(chunk.block)];
    out =
        std::make_shared<ArenaBuffer>(shared_from_this(), id, chunk.data, size, block.kind(), block.device(), nullptr);
  }
  alive_ += size;
  window_peak_ = std::max(window_peak_, alive_);
  return out;
}

void Arena::release(std::int32_t id, std::size_t size) {
  alive_ -= size;
  if (id == kNone) {
    reserved_ -= size;
    return;
  }
  Chunk* chunk = &chunks_[static_cast<std::size_t>(id)];
  const auto swallow = [&](std::int32_t left, std::int32_t right) {
    Chunk& a = chunks_[static_cast<std::size_t>(left)];
    const Chunk& b = chunks_[static_cast<std::size_t>(right)];
    a.size += b.size;
    a.after = b.after;
    if (a.after != kNone) chunks_[static_cast<std::size_t>(a.after)].before = left;
    spare_.push_back(right);
  };
  if (chunk->after != kNone && chunks_[static_cast<std::size_t>(chunk->after)].free) {
    const std::int32_t right = chunk->after;
    remove_free(right);
    swallow(id, right);
  }
  if (chunk->before != kNone && chunks_[static_cast<std::size_t>(chunk->before)].free) {
    const std::int32_t left = chunk->before;
    remove_free(left);
    swallow(left, id);
    id = left;
  }
  insert_free(id);
}

bool Arena::owns(const Buffer& buffer) { return dynamic_cast<const ArenaBuffer*>(&buffer) != nullptr; }

void Arena::begin_run() {
  peak_ = window_peak_ = alive_;
  if (!reuse_ || alive_ > 0 || block_count() < 2) return;
  const std::size_t total = reserved_;
  drop_free_blocks();
  // Where the memory cannot be had in one piece, allocate() takes smaller blocks as it needs them.
  (void)add_block(total);
}

}  // namespace isotherm
