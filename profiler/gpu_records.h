// Device records as a session keeps them: names readable, strings shared.
#pragma once

#include <string>
#include <string_view>

#include "profiler/session_data.h"

namespace isotherm {

/// "void f<float>(float*)" for a mangled name; what is no mangled name comes back as it is.
std::string demangled_name(const std::string& name);
/// The name alone, without result, namespaces, template arguments and parameters: "f". Takes a demangled name.
std::string short_kernel_name(std::string_view demangled);
/// The name as tables and pictures show it: short, with what tells instances of one kernel apart. Template arguments
/// lose their namespaces and runs of sizes are joined: "gemm<128x64,true>"; names of NVIDIA's generated kernels keep
/// type, layout, tile and split: "sm80_xmma_gemm_f32_nn_n_64x64x8_split_k". Takes a demangled name.
std::string kernel_label(std::string_view demangled);
/// "cudaLaunchKernel" for "cudaLaunchKernel_v7000".
std::string_view api_name(std::string_view recorded);

/// Appends the records of one mode's traced runs to the session; their strings are interned there.
void append_activity(SessionData& data, RunMode mode, const ActivityBatch& batch, AttributedBatch records);

}  // namespace isotherm
