// The makers behind model_zoo.h: one function per model.
#pragma once

#include "core/workbench/models/graph_writer.h"

namespace isotherm {

/// input float32 [?,224,224,3] -> logits float32 [?,1000]. Convolutions have no bias.
Result<std::shared_ptr<const Graph>> make_resnet50(std::uint64_t seed);
/// input float32 [?,224,224,3] -> Identity float32 [?,1000], probabilities.
Result<std::shared_ptr<const Graph>> make_mobilenet_v2(std::uint64_t seed);
/// pixels int32 [?,768] -> output float32 [?,10]: a lone Reshape, a Cast from int32 that no engine takes, a chain with
/// branches. Minimum segment size 1 gives two engines, 3 gives one.
Result<std::shared_ptr<const Graph>> make_segmentation_example(std::uint64_t seed);
/// image uint8 [?,48,48,3] -> label float32 [?,10]: native preparation A, convertible network B, native answer C.
Result<std::shared_ptr<const Graph>> make_abc(std::uint64_t seed);

}  // namespace isotherm
