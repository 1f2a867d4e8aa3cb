#include "core/runtime/executor_ops.h"

#include <algorithm>
#include <array>

namespace isotherm {
namespace {

struct Entry {
  std::string_view name;
  ExecutorOp op;
};

// Ordered by name.
constexpr std::array kOps = std::to_array<Entry>({
    {"Case", ExecutorOp::case_},
    {"Const", ExecutorOp::constant},
    {"ControlTrigger", ExecutorOp::control_trigger},
    {"Enter", ExecutorOp::enter},
    {"Exit", ExecutorOp::exit},
    {"Identity", ExecutorOp::forward},
    {"IdentityN", ExecutorOp::forward},
    {"If", ExecutorOp::if_},
    {"LoopCond", ExecutorOp::loop_cond},
    {"Merge", ExecutorOp::merge},
    {"NextIteration", ExecutorOp::next_iteration},
    {"NoOp", ExecutorOp::nothing},
    {"PartitionedCall", ExecutorOp::call},
    {"Placeholder", ExecutorOp::placeholder},
    {"PlaceholderV2", ExecutorOp::placeholder},
    {"PlaceholderWithDefault", ExecutorOp::forward},
    {"PreventGradient", ExecutorOp::forward},
    {"RefEnter", ExecutorOp::enter},
    {"RefExit", ExecutorOp::exit},
    {"RefIdentity", ExecutorOp::forward},
    {"RefMerge", ExecutorOp::merge},
    {"RefNextIteration", ExecutorOp::next_iteration},
    {"RefSwitch", ExecutorOp::switch_},
    {"Snapshot", ExecutorOp::forward},
    {"StatefulPartitionedCall", ExecutorOp::call},
    {"StatelessCase", ExecutorOp::case_},
    {"StatelessIf", ExecutorOp::if_},
    {"StatelessWhile", ExecutorOp::while_},
    {"StopGradient", ExecutorOp::forward},
    {"Switch", ExecutorOp::switch_},
    {"TRTEngineOp", ExecutorOp::engine},
    {"While", ExecutorOp::while_},
    {"_Arg", ExecutorOp::argument},
    {"_DeviceArg", ExecutorOp::argument},
    {"_DeviceRetval", ExecutorOp::forward},
    {"_Retval", ExecutorOp::forward},
    {"_SwitchN", ExecutorOp::switch_n},
});
static_assert(std::ranges::is_sorted(kOps, {}, &Entry::name));

}  // namespace

ExecutorOp executor_op(std::string_view op) {
  const auto it = std::ranges::lower_bound(kOps, op, {}, &Entry::name);
  return it != kOps.end() && it->name == op ? it->op : ExecutorOp::kernel;
}

bool is_control_flow(ExecutorOp op) { return op >= ExecutorOp::control_trigger && op <= ExecutorOp::loop_cond; }

}  // namespace isotherm
