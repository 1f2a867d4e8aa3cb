// Convolutions of two and three spatial dimensions and their gradients by the input (transposed convolutions).
#include <algorithm>
#include <array>

#include "core/ops/conditions/registry.h"
#include "core/ops/conditions/rules.h"

namespace isotherm::conditions {
namespace {

constexpr DType f = DType::float32, h = DType::float16;
constexpr DType kTypes[] = {f, h};
constexpr std::string_view kDilationMessage = "Dilation rate must be 1 for batch and channel dimensions";
constexpr std::string_view kStrideMessage = "Stride must be 1 for batch and channel dimensions";

Verdict check_kernel_rank(const Context& c, int filter, int rank) {
  const int found = c.trt_rank(filter);
  if (found == rank) return {};
  return refuse(rank == 4 ? "Conv2D" : "Conv3D", " expects kernel of dimension ", rank, "; ", c.name(filter), " has ",
                found, c.in(filter).is_tensor() && c.implicit_batch() ? " without its batch dimension" : "");
}

Verdict check_channel(const Context& c, int input, std::size_t channel) {
  if (c.in(input).dim(static_cast<int>(channel)) != kUnknownDim) return {};
  return refuse("Channel dimension must be static; dimension ", channel, " of ", c.name(input), " ",
                c.in(input).shape_text(), " is not");
}

Verdict check_spatial_dilation(const Context& c, const std::vector<std::int64_t>& dilations, std::size_t first,
                               std::string_view alias) {
  for (std::size_t i = first; i < first + dilations.size() - 2; ++i) {
    if (dilations[i] != 1) {
      return refuse("Dilation with ", c.op(), " (", alias, ") is not supported: attribute 'dilations' has ",
                    dilations[i]);
    }
  }
  return {};
}

/// What Conv2D, its depthwise form and its transposed form share once roles and types are settled.
Verdict conv2d_rest(const Context& c, int input, int filter, bool is_transposed) {
  if (auto v = check_kernel_rank(c, filter, 4)) return v;
  const bool nhwc = c.node.attrs.get_string("data_format", "NHWC") == "NHWC";
  const std::size_t channel = nhwc ? 3 : 1;
  std::vector<std::int64_t> dilations;
  if (auto v = check_unit_at(c, "dilations", 4, 0, channel, kDilationMessage, &dilations)) return v;
  if (is_transposed) {
    if (auto v = check_spatial_dilation(c, dilations, nhwc ? 1 : 2, "conv2d_transpose")) return v;
  }
  if (auto v = check_unit_at(c, "strides", 4, 0, channel, kStrideMessage)) return v;
  if (!c.implicit_batch()) {
    if (auto v = check_channel(c, input, channel)) return v;
  }
  return check_padding(c, "", " padding type not implemented, only VALID and SAME are supported");
}

Verdict conv2d(const Context& c) {
  // With QuantizeAndDequantizeV2 in the graph, TF-TRT expects the filter to come out of one.
  const std::array<Role, 2> roles = {{{"input", kT}, {"filter", c.options.explicit_precision ? kT : kW}}};
  if (auto v = check_roles(c, roles, Style::function)) return v;
  if (auto v = allowed_type(c.node, "T", kTypes)) return v;
  return conv2d_rest(c, 0, 1, false);
}

Verdict conv2d_backprop_input(const Context& c) {
  const std::array<Role, 3> roles = {{{"input_sizes", kW}, {"filter", kW}, {"out_backprop", kT}}};
  if (c.options.explicit_precision) {
    if (auto v = check_input_count(c, 3, Style::function)) return v;
  } else if (auto v = check_roles(c, roles, Style::function)) {
    return v;
  }
  const Operand& input = c.in(2);
  if (input.rank() != 4) {
    return refuse("Conv2DBackpropInput expects input of dimension 4; ", c.name(2), " has ", input.rank());
  }
  // TF-TRT looks at these two dimensions whatever the layout is.
  for (const int d : {2, 3}) {
    if (input.dim(d) == kUnknownDim) {
      return refuse("Conv2dBackpropInput does not support input with unknown spatial shape: dimension ", d, " of ",
                    c.name(2), " ", input.shape_text(), " must be static");
    }
  }
  if (auto v = allowed_type(c.node, "T", kTypes)) return v;
  return conv2d_rest(c, 2, 1, true);
}

/// TensorFlow's total SAME padding of one dimension.
std::int64_t same_padding(std::int64_t input, std::int64_t kernel, std::int64_t stride) {
  const std::int64_t output = (input + stride - 1) / stride;
  return std::max<std::int64_t>(0, (output - 1) * stride + kernel - input);
}

Verdict check_symmetric_padding(const Context& c, std::size_t first, const std::vector<std::int64_t>& strides) {
  if (c.node.attrs.get_string("padding") != "SAME") return {};
  std::vector<std::int64_t> sizes;
  if (auto v = integer_values(c, 0, "input_sizes", sizes)) return v;
  if (sizes.size() != 5) {
    return refuse("The input \"input_sizes\" for ", c.op(), " must have 5 values; ", c.name(0), " has ", sizes.size());
  }
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t stride = strides[first + i];
    if (stride <= 0) return refuse("attribute 'strides' of ", c.op(), " has ", stride, ", must be positive");
    const std::int64_t padding = same_padding(sizes[first + i], c.in(1).dim(static_cast<int>(i)), stride);
    if (padding % 2 != 0) {
      return refuse(
          "Asymmetric padding with Conv3DBackpropInputV2 (conv3d_transpose) is not supported: SAME pads spatial "
          "dimension ",
          i, " by ", padding, " in all, which must be even");
    }
  }
  return {};
}

Verdict conv3d_rest(const Context& c, int input, bool is_transposed) {
  if (auto v = check_kernel_rank(c, 1, 5)) return v;
  const bool ndhwc = c.node.attrs.get_string("data_format", "NDHWC") == "NDHWC";
  const std::size_t channel = ndhwc ? 4 : 1;
  const std::size_t first = ndhwc ? 1 : 2;
  std::vector<std::int64_t> dilations;
  std::vector<std::int64_t> strides;
  if (auto v = check_unit_at(c, "dilations", 5, 0, channel, kDilationMessage, &dilations)) return v;
  if (is_transposed) {
    if (auto v = check_spatial_dilation(c, dilations, first, "conv3d_transpose")) return v;
  }
  if (auto v = check_unit_at(c, "strides", 5, 0, channel, kStrideMessage, &strides)) return v;
  if (is_transposed) {
    if (auto v = check_symmetric_padding(c, first, strides)) return v;
  }
  return check_channel(c, input, channel);
}

Verdict conv3d(const Context& c) { return conv3d_rest(c, 0, false); }
Verdict conv3d_backprop_input(const Context& c) { return conv3d_rest(c, 2, true); }

Verdict fused_conv2d(const Context& c) {
  if (auto v = check_kernel_rank(c, 1, 4)) return v;
  const std::string format = c.node.attrs.get_string("data_format", "NHWC");
  if (format != "NHWC" && format != "NCHW") {
    return refuse("Unsupported data_format ", format, " of ", c.op(), ", must be NHWC or NCHW");
  }
  const std::size_t channel = format == "NHWC" ? 3 : 1;
  if (auto v = check_unit_at(c, "dilations", 4, 0, channel, kDilationMessage)) return v;
  if (auto v = check_unit_at(c, "strides", 4, 0, channel, kStrideMessage)) return v;
  constexpr std::string_view kActivations[] = {"None", "Relu", "Relu6",    "Sigmoid",  "Tanh",
                                               "Elu",  "Selu", "Softsign", "Softplus", "LeakyRelu"};
  const std::string activation = c.node.attrs.get_string("activation_mode", "Relu");
  if (std::find(std::begin(kActivations), std::end(kActivations), activation) == std::end(kActivations)) {
    return refuse("Activation mode not supported: ", activation, " (attribute 'activation_mode')");
  }
  const std::string filter_format = c.node.attrs.get_string("filter_format", "HWIO");
  if (filter_format != "HWIO" && filter_format != "OIHW") {
    return refuse("Unsupported filter_format ", filter_format, " of ", c.op(), ", must be HWIO or OIHW");
  }
  if (!c.in(3).is_empty) return refuse(c.op(), " doesn't yet support side_input; ", c.name(3), " is not empty");
  if (c.in(4).dtype != f || c.in(4).count() != 1 || c.in(4).number() != 1) {
    return refuse(c.op(), " doesn't yet support conv_input_scale other than 1 (", c.name(4), ")");
  }
  return {};
}

}  // namespace

void register_convolutions(Registry& r) {
  r.add({"Conv2D", "DepthwiseConv2dNative"}, {.rest = conv2d});
  r.add({"Conv2DBackpropInput"}, {.rest = conv2d_backprop_input});
  r.add({"Conv3D"},
        {.style = Style::function, .roles = {{"input", kT}, {"filter", kW}}, .types = {f, h}, .rest = conv3d});
  r.add({"Conv3DBackpropInputV2"}, {.style = Style::function,
                                    .roles = {{"input_sizes", kW}, {"filter", kW}, {"out_backprop", kT}},
                                    .types = {f, h},
                                    .rest = conv3d_backprop_input});
  r.add({"FusedConv2DBiasActivation"}, {.style = Style::function,
                                        .roles = {{"input", kT},
                                                  {"filter", kW},
                                                  {"bias", kW},
                                                  {"side_input", kW},
                                                  {"conv_input_scale", kW},
                                                  {"side_input_scale", kW}},
                                        .types = {f, h},
                                        .rest = fused_conv2d});
}

}  // namespace isotherm::conditions
