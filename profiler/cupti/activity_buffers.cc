#include "profiler/cupti/activity_buffers.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace isotherm::cupti {

ActivityBuffers& ActivityBuffers::instance() {
  static auto* buffers = new ActivityBuffers;  // never destroyed: see the head of activity_buffers.h
  return *buffers;
}

Status ActivityBuffers::attach(const Api& api) {
  {
    const std::lock_guard lock(mutex_);
    api_ = &api;
    free_.reserve(64);
    filled_.reserve(256);
    while (free_.size() < kReady) {
      auto* memory = static_cast<std::uint8_t*>(std::calloc(kBytes, 1));
      if (!memory) break;
      free_.push_back(memory);
    }
  }
  if (api.activity_set_attribute) {
    // Otherwise CUPTI zeroes each buffer itself, in the thread that launches. A refusal costs time, nothing else.
    std::uint8_t zeroed = 1;
    std::size_t size = sizeof zeroed;
    api.activity_set_attribute(CUPTI_ACTIVITY_ATTR_ZEROED_OUT_ACTIVITY_BUFFER, &size, &zeroed);
  }
  return api.check(api.activity_register_callbacks(on_request, on_complete), "its record buffers");
}

void CUPTIAPI ActivityBuffers::on_request(std::uint8_t** buffer, std::size_t* size, std::size_t* most_records) {
  ActivityBuffers& self = instance();
  *most_records = 0;
  *buffer = nullptr;
  *size = 0;
  {
    const std::lock_guard lock(self.mutex_);
    if (!self.free_.empty()) {
      *buffer = self.free_.back();
      self.free_.pop_back();
    }
  }
  if (!*buffer) *buffer = static_cast<std::uint8_t*>(std::calloc(kBytes, 1));
  if (*buffer)
    *size = kBytes;
  else
    ++self.refused_;
}

void CUPTIAPI ActivityBuffers::on_complete(CUcontext context, std::uint32_t stream, std::uint8_t* buffer, std::size_t,
                                           std::size_t valid) {
  ActivityBuffers& self = instance();
  std::size_t lost = 0;
  if (self.api_ && self.api_->activity_get_num_dropped_records(context, stream, &lost) == CUPTI_SUCCESS)
    self.dropped_ += static_cast<std::int64_t>(lost);
  if (!buffer) return;
  try {
    const std::lock_guard lock(self.mutex_);
    self.filled_.push_back({buffer, valid});
  } catch (const std::bad_alloc&) {
    // Nothing may be thrown through CUPTI; what the buffer held is lost, and its number is not known.
    ++self.refused_;
    std::free(buffer);
  }
}

std::vector<FilledBuffer> ActivityBuffers::take() {
  std::vector<FilledBuffer> fresh;
  fresh.reserve(256);
  const std::lock_guard lock(mutex_);
  fresh.swap(filled_);
  return fresh;
}

void ActivityBuffers::recycle(const std::vector<FilledBuffer>& buffers) {
  for (const FilledBuffer& buffer : buffers) std::memset(buffer.memory, 0, kBytes);
  const std::lock_guard lock(mutex_);
  for (const FilledBuffer& buffer : buffers) free_.push_back(buffer.memory);
}

}  // namespace isotherm::cupti
