// Image ops: resizing, cropping, colours, boxes.
#include <algorithm>

#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

/// {batch, height, width, channels} with the size that input `size_input` holds.
Status sized_image(ShapeContext& c, DimHandle batch, int size_input, DimHandle channels) {
  ISO_ASSIGN(const ShapeHandle size, c.with_rank(c.input(size_input), 1));
  ISO_TRY(c.with_value(c.dim(size, 0), 2).status());
  DimHandle height = c.unknown_dim();
  DimHandle width = c.unknown_dim();
  if (const auto values = c.integers(size_input)) {
    if (values->size() != 2 || (*values)[0] < 0 || (*values)[1] < 0) {
      return invalid_input("the size has negative or missing entries, expected a height and a width");
    }
    height = c.make_dim((*values)[0]);
    width = c.make_dim((*values)[1]);
  }
  c.set_output(0, c.make_shape({batch, height, width, channels}));
  return {};
}

Status resize(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank(c.input(0), 4));
  return sized_image(c, c.dim(input, 0), 1, c.dim(input, 3));
}

Status quantized_resize(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(2), 0).status());
  ISO_TRY(c.with_rank(c.input(3), 0).status());
  ISO_TRY(resize(c));
  c.set_output(1, c.scalar());
  c.set_output(2, c.scalar());
  return {};
}

/// Each patch's pixels become channels.
Status extract_image_patches(ShapeContext& c) {
  const Layout layout;
  ISO_ASSIGN(const ShapeHandle images, c.with_rank(c.input(0), 4));
  ISO_ASSIGN(const std::vector<std::int64_t> windows, ints_of(c, "ksizes", 4));
  ISO_ASSIGN(const std::vector<std::int64_t> strides, ints_of(c, "strides", 4));
  ISO_ASSIGN(const std::vector<std::int64_t> rates, ints_of(c, "rates", 4));
  ISO_ASSIGN(const Padding padding, padding_of(c, layout, false));
  DimHandle channels = c.dim(images, 3);
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    if (windows[i] < 1) return invalid_input("ksizes has " + std::to_string(windows[i]) + ", expected 1 or more");
    ISO_ASSIGN(channels, c.multiply(channels, windows[i]));
  }
  DimHandle spatial[2] = {c.unknown_dim(), c.unknown_dim()};
  if (c.known(c.dim(images, 1)) && c.known(c.dim(images, 2))) {
    for (int i = 0; i < 2; ++i) {
      const auto at = static_cast<std::size_t>(1 + i);
      ISO_ASSIGN(spatial[i], windowed(c, c.dim(images, 1 + i), windows[at], rates[at], strides[at], padding, 1 + i));
    }
  }
  c.set_output(0, c.make_shape({c.dim(images, 0), spatial[0], spatial[1], channels}));
  return {};
}

Status crop_and_resize(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank(c.input(0), 4));
  ISO_ASSIGN(const ShapeHandle boxes, c.with_rank(c.input(1), 2));
  ISO_ASSIGN(const ShapeHandle box_of, c.with_rank(c.input(2), 1));
  ISO_ASSIGN(const DimHandle count, c.merge(c.dim(boxes, 0), c.dim(box_of, 0)));
  ISO_TRY(c.with_value(c.dim(boxes, 1), 4).status());
  return sized_image(c, count, 3, c.dim(input, 3));
}

Status adjust_contrast(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(1), 0).status());
  return unchanged_with_rank_at_least<3>(c);
}

/// The last dimension holds three colours.
Status colour_space(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), 1));
  ISO_ASSIGN(const DimHandle colours, c.with_value(c.dim(input, -1), 3));
  ISO_ASSIGN(const ShapeHandle out, c.replace_dim(input, -1, colours));
  c.set_output(0, out);
  return {};
}

/// Boxes [n, 4] and scores [n], then scalars.
Status check_boxes(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle boxes, c.with_rank(c.input(0), 2));
  ISO_ASSIGN(const ShapeHandle scores, c.with_rank(c.input(1), 1));
  for (int i = 2; i < c.inputs(); ++i) ISO_TRY(c.with_rank(c.input(i), 0).status());
  ISO_TRY(c.merge(c.dim(boxes, 0), c.dim(scores, 0)).status());
  return c.with_value(c.dim(boxes, 1), 4).status();
}

Status non_max_suppression(ShapeContext& c) {
  ISO_TRY(check_boxes(c));
  c.set_output(0, c.vector(c.unknown_dim()));
  return {};
}

/// V4 and V5: padded results have the size that input 2 asks for; the last output is the number of valid ones.
Status padded_non_max_suppression(ShapeContext& c) {
  ISO_TRY(check_boxes(c));
  DimHandle size = c.unknown_dim();
  if (c.attrs().get_bool("pad_to_max_output_size")) {
    ISO_ASSIGN(size, c.dim_from_scalar(2));
  }
  const bool padded = c.known(size);
  for (int i = 0; i + 1 < c.outputs(); ++i) c.set_output(i, c.vector(padded ? size : c.unknown_dim()));
  c.set_output(c.outputs() - 1, c.scalar());
  return {};
}

Status combined_non_max_suppression(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle boxes, c.with_rank(c.input(0), 4));
  ISO_ASSIGN(const ShapeHandle scores, c.with_rank(c.input(1), 3));
  for (int i = 2; i < 6; ++i) ISO_TRY(c.with_rank(c.input(i), 0).status());
  ISO_TRY(c.merge(c.dim(boxes, 0), c.dim(scores, 0)).status());
  ISO_TRY(c.merge(c.dim(boxes, 1), c.dim(scores, 1)).status());
  ISO_TRY(c.with_value(c.dim(boxes, 3), 4).status());
  const DimHandle per_box = c.dim(boxes, 2);
  const DimHandle classes = c.dim(scores, 2);
  if (c.known(per_box) && c.known(classes) && c.value(per_box) != 1 && c.value(per_box) != c.value(classes)) {
    return invalid_input("there are " + std::to_string(c.value(per_box)) + " boxes an anchor, expected 1 or " +
                         std::to_string(c.value(classes)) + ", one a class");
  }
  ISO_ASSIGN(const DimHandle total, c.dim_from_scalar(3));
  ISO_ASSIGN(const DimHandle per_class, c.dim_from_scalar(2));
  std::int64_t size = c.value(total);
  if (size == 0) return invalid_input("max_total_size is 0, expected 1 or more");
  if (c.attrs().get_bool("pad_per_class")) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(c.value(per_class), c.value(classes), &product)) product = size;
    size = std::min(size, product);
  }
  const DimHandle batch = c.dim(boxes, 0);
  c.set_output(0, c.make_shape({batch, c.make_dim(size), c.make_dim(4)}));
  c.set_output(1, c.make_shape({batch, c.make_dim(size)}));
  c.set_output(2, c.make_shape({batch, c.make_dim(size)}));
  c.set_output(3, c.vector(batch));
  return {};
}

Status decode_image(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(0), 0).status());
  const std::int64_t channels = c.attrs().get_int("channels");
  c.set_output(0,
               c.make_shape({c.unknown_dim(), c.unknown_dim(), channels > 0 ? c.make_dim(channels) : c.unknown_dim()}));
  return {};
}

Status draw_boxes(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle images, c.with_rank_at_least(c.input(0), 3));
  c.set_output(0, images);
  return {};
}

}  // namespace

void register_image_shapes(ShapeRegistry& registry) {
  registry.add({"ResizeArea", "ResizeBicubic", "ResizeBilinear", "ResizeNearestNeighbor"}, resize);
  registry.add("QuantizedResizeBilinear", quantized_resize);
  registry.add("ExtractImagePatches", extract_image_patches);
  registry.add("CropAndResize", crop_and_resize);
  registry.add("AdjustContrastv2", adjust_contrast);
  registry.add({"AdjustHue", "AdjustSaturation", "AdjustContrast"}, unchanged_with_rank_at_least<3>);
  registry.add({"RGBToHSV", "HSVToRGB"}, colour_space);
  registry.add({"NonMaxSuppression", "NonMaxSuppressionV2", "NonMaxSuppressionV3"}, non_max_suppression);
  registry.add({"NonMaxSuppressionV4", "NonMaxSuppressionV5"}, padded_non_max_suppression);
  registry.add("CombinedNonMaxSuppression", combined_non_max_suppression);
  registry.add({"DecodeJpeg", "DecodePng", "DecodeBmp"}, decode_image);
  registry.add({"DrawBoundingBoxes", "DrawBoundingBoxesV2"}, draw_boxes);
}

}  // namespace isotherm::shapes
