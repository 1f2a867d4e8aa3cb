// The session made by hand (synthetic_session.h) with memory, precision and numeric errors.
#pragma once

#include <limits>

#include "tests/profiler/synthetic_session.h"

namespace isotherm {

inline SessionData value_session() {
  SessionData data = synthetic_session();
  data.meta["numeric error"] = "recorded";
  data.engines[0].layers[0].output_dtype = data.engines[0].layers[1].output_dtype = DType::float32;
  data.run_memory = {{RunMode::native, 9000, 16384, 0, 0}, {RunMode::engines, 4096, 8192, 2048, 1024}};
  data.node_memory = {{RunMode::native, 2, 4000, 4032, 5000, 0, 0},
                      {RunMode::native, 3, 2 * 1048576, 9000, 9000, 0, 0},
                      {RunMode::engines, 2, 4000, 4032, 4096, 2048, 1024}};
  data.precisions = {{RunMode::native, 2, ExecutedPrecision::fp32, DType::float32},
                     {RunMode::native, 3, ExecutedPrecision::other, DType::int32},
                     {RunMode::engines, 2, ExecutedPrecision::fp32, DType::float32}};
  TensorErrorRecord relu;
  relu.node = 3;
  relu.engine = 2;
  relu.layer = 1;
  relu.engine_output = true;
  relu.error = 2e-6;
  relu.difference = 4e-6;
  relu.largest = 2;
  relu.elements = 1000;
  TensorErrorRecord out;
  out.node = 4;
  out.error = std::numeric_limits<double>::quiet_NaN();
  out.elements = 1000;
  out.mismatch = "NaN or infinity at 1 of 1000 places in one of the two alone, the first at 7";
  data.errors = {relu, out};
  return data;
}

}  // namespace isotherm
