#include "core/workbench/models/networks.h"

#include <algorithm>

namespace isotherm {

// ResNet-50 v1.5 (He et al., arXiv 1512.03385; the stride of a block on its 3x3 convolution). Padding is written out
// and symmetric, so that the network equals the one that other frameworks call by this name.
Result<std::shared_ptr<const Graph>> make_resnet50(std::uint64_t seed) {
  constexpr float kEpsilon = 1e-5f;
  GraphWriter w(seed);
  std::string x = w.placeholder("input", DType::float32, {kUnknownDim, 224, 224, 3});
  x = w.pad("conv1_pad", x, 3, 3);
  x = w.conv("conv1_conv", x, 7, 3, 64, 2, "VALID");
  x = w.batch_norm("conv1_bn", x, 64, kEpsilon);
  x = w.activation("conv1_relu/Relu", "Relu", x);
  x = w.pad("pool1_pad", x, 1, 1);
  x = w.max_pool("pool1_pool", x, 3, 2, "VALID");
  int in = 64;
  const struct { int width, blocks, stride; } stages[] = {{64, 3, 1}, {128, 4, 2}, {256, 6, 2}, {512, 3, 2}};
  for (int s = 0; s < 4; ++s) {
    const int width = stages[s].width, out = 4 * width;
    for (int b = 1; b <= stages[s].blocks; ++b) {
      const std::string block = "conv" + std::to_string(s + 2) + "_block" + std::to_string(b);
      const auto part = [&](const std::string& tail) { return block + "/" + tail; };
      const int stride = b == 1 ? stages[s].stride : 1;
      std::string shortcut = x;
      if (b == 1) {
        shortcut = w.conv(part("0_conv"), x, 1, in, out, stride, "VALID");
        shortcut = w.batch_norm(part("0_bn"), shortcut, out, kEpsilon, 0.7);
      }
      std::string y = w.conv(part("1_conv"), x, 1, in, width, 1, "VALID");
      y = w.batch_norm(part("1_bn"), y, width, kEpsilon);
      y = w.activation(part("1_relu/Relu"), "Relu", y);
      if (stride == 1) {
        y = w.conv(part("2_conv"), y, 3, width, width, 1, "SAME");
      } else {
        y = w.pad(part("2_pad"), y, 1, 1);
        y = w.conv(part("2_conv"), y, 3, width, width, stride, "VALID");
      }
      y = w.batch_norm(part("2_bn"), y, width, kEpsilon);
      y = w.activation(part("2_relu/Relu"), "Relu", y);
      y = w.conv(part("3_conv"), y, 1, width, out, 1, "VALID");
      y = w.batch_norm(part("3_bn"), y, out, kEpsilon, 0.4);
      x = w.node(part("add"), "AddV2", {shortcut, y});
      x = w.activation(part("out/Relu"), "Relu", x);
      in = out;
    }
  }
  x = w.mean_hw("avg_pool", x);
  x = w.dense("predictions", x, in, 1000, 0.1);
  w.node("logits", "Identity", {x});
  return w.finish();
}

// MobileNetV2 (Sandler et al., arXiv 1801.04381), width 1.0.
Result<std::shared_ptr<const Graph>> make_mobilenet_v2(std::uint64_t seed) {
  constexpr float kEpsilon = 1e-3f;
  GraphWriter w(seed);
  std::string x = w.placeholder("input", DType::float32, {kUnknownDim, 224, 224, 3});
  x = w.pad("Conv1_pad", x, 0, 1);
  x = w.conv("Conv1", x, 3, 3, 32, 2, "VALID");
  x = w.batch_norm("bn_Conv1", x, 32, kEpsilon);
  x = w.activation("Conv1_relu/Relu6", "Relu6", x);
  const struct { int expand, out, repeat, stride; } stages[] = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2},
                                                                 {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  int in = 32, number = 0;
  for (const auto& stage : stages) {
    for (int r = 0; r < stage.repeat; ++r, ++number) {
      const std::string block = number == 0 ? "expanded_conv" : "block_" + std::to_string(number);
      const auto part = [&](const std::string& tail) { return block + "/" + tail; };
      const int stride = r == 0 ? stage.stride : 1, width = in * stage.expand;
      std::string y = x;
      if (stage.expand > 1) {
        y = w.conv(part("expand"), y, 1, in, width, 1, "SAME");
        y = w.batch_norm(part("expand_BN"), y, width, kEpsilon);
        y = w.activation(part("expand_relu/Relu6"), "Relu6", y);
      }
      if (stride == 2) y = w.pad(part("pad"), y, 0, 1);
      y = w.depthwise(part("depthwise"), y, 3, width, stride, stride == 2 ? "VALID" : "SAME");
      y = w.batch_norm(part("depthwise_BN"), y, width, kEpsilon);
      y = w.activation(part("depthwise_relu/Relu6"), "Relu6", y);
      y = w.conv(part("project"), y, 1, width, stage.out, 1, "SAME");
      y = w.batch_norm(part("project_BN"), y, stage.out, kEpsilon, 0.7);
      x = stride == 1 && in == stage.out ? w.node(part("add"), "AddV2", {x, y}) : y;
      in = stage.out;
    }
  }
  x = w.conv("Conv_1", x, 1, in, 1280, 1, "SAME");
  x = w.batch_norm("Conv_1_bn", x, 1280, kEpsilon);
  x = w.activation("out_relu/Relu6", "Relu6", x);
  x = w.mean_hw("global_average_pooling2d", x);
  x = w.dense("predictions", x, 1280, 1000, 0.2);
  x = w.activation("predictions/Softmax", "Softmax", x);
  w.node("Identity", "Identity", {x});
  return w.finish();
}

}  // namespace isotherm
