// What a test asks of the fake CUPTI: see fake_cupti.cc.
#pragma once

#include <cstddef>
#include <cstdint>

/// Numbers of its API calls.
inline constexpr std::uint32_t kFakeLaunchKernel = 1, kFakeLaunchGraph = 2, kFakeCopy = 3;

extern "C" {
/// A call of the runtime, with the external id that is in force; its correlation id.
std::uint32_t fake_cupti_call(std::uint32_t id);
void fake_cupti_kernel(std::uint32_t correlation, const char* name, std::uint64_t graph_node);
void fake_cupti_copy(std::uint32_t correlation, std::uint64_t bytes);
/// Announces a node of a graph; `original` not 0: a clone of it.
void fake_cupti_graph_node(std::uintptr_t graph, std::uintptr_t node, std::uintptr_t original);
void fake_cupti_take_subscription(int taken);
/// External ids pushed and not popped.
std::size_t fake_cupti_open_ids();
}
