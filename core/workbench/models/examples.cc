#include "core/workbench/models/networks.h"

namespace isotherm {

//  pixels -> Reshape -> Cast -> conv_a -> bias_a -> relu_a -+-> conv_b -> relu_b -+-> add -> pool -> dense -> output
//            (engine)  (native)                             +-> conv_c -----------+
Result<std::shared_ptr<const Graph>> make_segmentation_example(std::uint64_t seed) {
  GraphWriter w(seed);
  std::string x = w.placeholder("pixels", DType::int32, {kUnknownDim, 768});
  const std::string shape = w.integers("image/shape", {-1, 16, 16, 3});
  AttrMap of_ints;
  of_ints.set("T", TypeValue(DType::int32));
  x = w.node("image/Reshape", "Reshape", {x, shape}, of_ints);
  AttrMap cast;
  cast.set("SrcT", TypeValue(DType::int32));
  cast.set("DstT", TypeValue(DType::float32));
  x = w.node("to_float/Cast", "Cast", {x}, cast);
  x = w.conv("conv_a", x, 3, 3, 16, 1, "SAME");
  x = w.node("conv_a/BiasAdd", "BiasAdd", {x, w.weights("conv_a/bias", {16}, 0.1)});
  x = w.activation("conv_a/Relu", "Relu", x);
  std::string left = w.conv("conv_b", x, 3, 16, 16, 1, "SAME");
  left = w.activation("conv_b/Relu", "Relu", left);
  const std::string right = w.conv("conv_c", x, 1, 16, 16, 1, "SAME");
  x = w.node("add", "AddV2", {left, right});
  x = w.mean_hw("pool", x);
  x = w.dense("dense", x, 16, 10, 0.2);
  x = w.activation("softmax", "Softmax", x);
  w.node("output", "Identity", {x});
  return w.finish();
}

Result<std::shared_ptr<const Graph>> make_abc(std::uint64_t seed) {
  GraphWriter w(seed);
  std::string x = w.placeholder("image", DType::uint8, {kUnknownDim, 48, 48, 3});
  AttrMap cast;
  cast.set("SrcT", TypeValue(DType::uint8));
  cast.set("DstT", TypeValue(DType::float32));
  x = w.node("A/Cast", "Cast", {x}, cast);
  const std::string size = w.integers("A/size", {32, 32});
  AttrMap resize;
  resize.set("align_corners", false);
  resize.set("half_pixel_centers", true);
  x = w.node("A/ResizeBilinear", "ResizeBilinear", {x, size}, resize);
  const std::string scale = w.constant("B/scale", Tensor::scalar(1.0f / 128));
  x = w.node("B/Mul", "Mul", {x, scale});
  x = w.conv("B/conv1", x, 3, 3, 16, 2, "SAME");
  x = w.batch_norm("B/bn1", x, 16, 1e-3f);
  x = w.activation("B/relu1", "Relu", x);
  x = w.conv("B/conv2", x, 3, 16, 32, 2, "SAME");
  x = w.batch_norm("B/bn2", x, 32, 1e-3f);
  x = w.activation("B/relu2", "Relu", x);
  x = w.mean_hw("B/pool", x);
  x = w.dense("B/dense", x, 32, 10, 0.4);
  x = w.activation("B/Softmax", "Softmax", x);
  const std::string axis = w.constant("C/axis", Tensor::scalar(std::int32_t{1}));
  AttrMap argmax;
  argmax.set("output_type", TypeValue(DType::int64));
  x = w.node("C/ArgMax", "ArgMax", {x, axis}, argmax);
  const std::string depth = w.constant("C/depth", Tensor::scalar(std::int32_t{10}));
  const std::string on = w.constant("C/on", Tensor::scalar(1.0f));
  const std::string off = w.constant("C/off", Tensor::scalar(0.0f));
  AttrMap one_hot;
  one_hot.set("TI", TypeValue(DType::int64));
  x = w.node("C/OneHot", "OneHot", {x, depth, on, off}, one_hot);
  w.node("label", "Identity", {x});
  return w.finish();
}

}  // namespace isotherm
