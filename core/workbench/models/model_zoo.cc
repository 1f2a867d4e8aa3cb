#include "core/workbench/models/model_zoo.h"

#include "core/ops/op_def.h"
#include "core/workbench/models/networks.h"

namespace isotherm {
namespace {

struct Maker {
  ZooEntry entry;
  Result<std::shared_ptr<const Graph>> (*make)(std::uint64_t seed);
};

constexpr Maker kMakers[] = {
    {{"abc", "native part A, convertible part B, native part C: one engine in the middle"}, make_abc},
    {{"mobilenet_v2", "MobileNetV2 1.0, 224x224, float32, 14 MB"}, make_mobilenet_v2},
    {{"resnet50", "ResNet-50 v1.5, 224x224, float32, no convolution bias, 102 MB"}, make_resnet50},
    {{"segmentation_example", "the tutorial's case: two engines at minimum segment size 1, one at 3"}, make_segmentation_example},
};

}  // namespace

std::vector<ZooEntry> zoo_entries() {
  std::vector<ZooEntry> out;
  for (const Maker& maker : kMakers) out.push_back(maker.entry);
  return out;
}

Result<std::shared_ptr<const Graph>> make_model(std::string_view name, std::uint64_t seed) {
  for (const Maker& maker : kMakers) {
    if (maker.entry.name != name) continue;
    ISO_ASSIGN(const std::shared_ptr<const Graph> graph, maker.make(seed));
    Graph::Parts parts = graph->parts();
    add_default_attrs(parts);  // as TensorFlow writes them: complete
    return Graph::build(std::move(parts));
  }
  std::string known;
  for (const Maker& maker : kMakers) known += (known.empty() ? "" : ", ") + std::string(maker.entry.name);
  return not_found("there is no model '" + std::string(name) + "' to make; there are " + known);
}

}  // namespace isotherm
