// The ops that the executor runs itself, the same on every device: values that exist already, values that are passed
// on, control flow, calls of functions, engine nodes.
#pragma once

#include <cstdint>
#include <string_view>

namespace isotherm {

enum class ExecutorOp : std::uint8_t {
  kernel,           ///< none of these: the device's kernel runs it
  constant,         ///< Const
  placeholder,      ///< Placeholder, PlaceholderV2: must be fed
  argument,         ///< _Arg, _DeviceArg
  forward,          ///< output i is input i: Identity, IdentityN, StopGradient, PreventGradient, Snapshot,
                    ///< PlaceholderWithDefault, RefIdentity, _Retval, _DeviceRetval
  nothing,          ///< NoOp: no data at all
  control_trigger,  ///< ControlTrigger: runs even if its inputs are dead
  switch_,          ///< Switch, RefSwitch
  switch_n,         ///< _SwitchN
  merge,            ///< Merge, RefMerge
  enter,            ///< Enter, RefEnter
  exit,             ///< Exit, RefExit
  next_iteration,   ///< NextIteration, RefNextIteration
  loop_cond,        ///< LoopCond
  call,             ///< PartitionedCall, StatefulPartitionedCall
  if_,              ///< If, StatelessIf
  case_,            ///< Case, StatelessCase
  while_,           ///< While, StatelessWhile
  engine,           ///< TRTEngineOp
};

/// What an op is to the executor. An op named like a function of the graph's library is `kernel` here: the executor
/// looks in the library before it asks the device.
ExecutorOp executor_op(std::string_view op);
/// Whether the op routes values by frame, iteration or deadness: a graph with such a node is run by the dataflow
/// executor, one without follows a schedule.
bool is_control_flow(ExecutorOp op);

}  // namespace isotherm
