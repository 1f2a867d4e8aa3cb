// Whole runs recorded once and replayed: from the feeds, through every node, to the fetches, as one piece of device
// work.
//
// The first run with feeds of some shapes goes launch by launch and makes everything that is made once: kernels, plans,
// uploads, the arena's blocks. The second is recorded, all later ones are replays. Feeds and fetches pass through host
// buffers of the recording's own, whose addresses it holds; a feed that is on the device already is used where it is.
// A run that cannot be recorded (it waits for a value in the middle) is refused once, with its reason, and later runs
// like it go launch by launch.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/runtime/executable.h"

namespace isotherm {

/// One run as the session asks for it.
struct RecordedCall {
  Executable& executable;
  std::vector<Tensor>& arguments;
  const std::vector<TensorRef>& feeds;
  const std::vector<TensorRef>& fetches;
  const std::vector<std::string>& fetch_names;
  bool fetches_on_device = false;
};

class RecordedRun {
 public:
  RecordedRun(Device& device, bool reuse_buffers) : device_(device), reuse_buffers_(reuse_buffers) {}

  /// True: the run is done, `out` holds the fetches (invalid where there is no value) and `run` the arena it used.
  /// False: the session must run `call` itself. An error is the run's own.
  Result<bool> run(Run& run, const RecordedCall& call, std::vector<Tensor>& out);
  /// The next run records, if its like has run before.
  void record_again();

 private:
  enum class State { empty, warm, recorded, refused };
  struct Key {
    const Executable* executable = nullptr;
    bool fetches_on_device = false;
    std::vector<DType> dtypes;
    std::vector<Shape> shapes;
    std::vector<const void*> addresses;  ///< of feeds on the device; null for others
    bool operator==(const Key&) const = default;
  };
  struct Staged {
    Tensor host, device;  ///< invalid where nothing is staged
  };

  static Key key_of(const RecordedCall& call);
  Status start(const RecordedCall& call, const Key& key);
  /// Issues all work of the run on its stream.
  Status issue(Run& run, const RecordedCall& call);
  Status record(Run& run, const RecordedCall& call);
  void fill_feeds(const RecordedCall& call);
  Status read_fetches(std::vector<Tensor>& out) const;
  void refuse(std::string reason);

  Device& device_;
  bool reuse_buffers_;
  State state_ = State::empty;
  Key key_;
  std::string refusal_;
  std::shared_ptr<Arena> arena_, host_arena_;
  std::vector<Staged> feeds_, fetches_;
  std::vector<Tensor> values_;  ///< results of the last issue
  std::unique_ptr<Recording> recording_;
  RunObserver* observer_ = nullptr;  ///< the recording was made under it
  RunStatistics statistics_;         ///< of the recorded run
};

}  // namespace isotherm
