// The synthetic session as if it had run on a GPU: kernels, copies, a memset and API calls with times that are easy to
// add up.
#pragma once

#include "profiler/attribution.h"
#include "profiler/gpu_records.h"
#include "tests/profiler/activity_maker.h"
#include "tests/profiler/synthetic_session.h"

namespace isotherm {

inline constexpr const char* kMulKernel = "void mul_kernel<float>(float*, int)";
inline constexpr const char* kReluKernel = "relu_kernel(float*, int)";

/// Per native run: 40 ns HtoD (4000 bytes), s/mul: a memset of 10 ns and a kernel of 200 ns, s/relu: a kernel of 100
/// ns, 20 ns DtoH. Per engine run: layer s/mul: 100 ns, layer s/relu: 100 ns and 10 ns.
inline SessionData synthetic_device_session() {
  SessionData data = synthetic_session();
  data.meta["device"] = "cuda:0";
  data.meta["recorder"] = "cupti";
  GpuInfo gpu;
  gpu.name = "Test card";
  gpu.uuid = "GPU-00";
  gpu.bus = "0000:01:00.0";
  gpu.compute_major = 9;
  gpu.multiprocessors = 132;
  gpu.memory_bytes = 1 << 30;
  data.gpus = {gpu};
  for (const RunMode mode : {RunMode::native, RunMode::engines}) {
    ActivityMaker made(mode == RunMode::native ? 100 : 1000);
    made.batch.strings.insert(made.batch.strings.end(), {"_Z10mul_kernelIfEvPT_i", "_Z11relu_kernelPfi"});
    constexpr int kLaunch = 2, kCopy = 4, kMul = 6, kRelu = 7;
    const auto kernel = [&](int run, const Place& place, int name, std::int64_t start, std::int64_t duration) {
      RawKernel& k = made.kernel(made.call(kLaunch, start - 10, made.tag(run, place)), start, duration);
      k.name = name;
      k.grid[0] = name == kMul ? 4 : 8;
      k.block[0] = 256;
      k.registers = 32;
      k.stream = 7;
    };
    const auto copy = [&](int run, int kind, std::int64_t start, std::int64_t duration) {
      RawCopy c;
      c.start = start;
      c.end = start + duration;
      c.bytes = 4000;
      c.copy_kind = kind;
      c.src_kind = kind == 1 ? 1 : 2;
      c.dst_kind = kind == 1 ? 2 : 1;
      c.correlation = made.call(kCopy, start - 10, made.tag(run, {PlaceKind::copy, 1, kNoNode, -1}));
      made.batch.copies.push_back(c);
    };
    for (const RunRecord& run : data.runs) {
      if (run.mode != mode || !run.traced) continue;
      const std::int64_t t = run.start;
      copy(run.id, 1, t + 50, 40);
      if (mode == RunMode::native) {
        const Place mul{PlaceKind::node, 2, kNoNode, -1}, relu{PlaceKind::node, 3, kNoNode, -1};
        RawSet set;
        set.start = t + 100;
        set.end = t + 110;
        set.bytes = 128;
        set.correlation = made.call(kCopy, t + 95, made.tag(run.id, mul));
        made.batch.sets.push_back(set);
        kernel(run.id, mul, kMul, t + 120, 200);
        kernel(run.id, relu, kRelu, t + 330, 100);
      } else {
        kernel(run.id, {PlaceKind::layer, 2, 2, 0}, kMul, t + 120, 100);
        kernel(run.id, {PlaceKind::layer, 2, 2, 1}, kRelu, t + 230, 100);
        kernel(run.id, {PlaceKind::layer, 2, 2, 1}, kRelu, t + 340, 10);
      }
      copy(run.id, 2, t + 450, 20);
    }
    append_activity(data, mode, made.batch, attribute(made.batch));
  }
  return data;
}

}  // namespace isotherm
