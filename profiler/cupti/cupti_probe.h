// What works of CUPTI here: for `isotherm doctor`.
#pragma once

#include "profiler/device_recorder.h"

namespace isotherm::cupti {

CuptiReport probe(int device);

}  // namespace isotherm::cupti
