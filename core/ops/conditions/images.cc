// Resizing and non-maximum suppression.
#include "core/ops/conditions/registry.h"
#include "core/ops/conditions/rules.h"

namespace isotherm::conditions {
namespace {

constexpr DType f = DType::float32, h = DType::float16, i32 = DType::int32;

Verdict resize(const Context& c) {
  const Operand& size = c.in(1);
  if (size.is_weights()) {
    if (size.count() != 2) {
      return refuse("Resize requires 2D values for its size; ", c.name(1), " has shape ", size.shape_text());
    }
  } else {
    if (c.implicit_batch()) {
      return refuse("Resize requires constant size in implicit batch mode; ", c.name(1), " is a tensor");
    }
    if (size.dtype != i32 || size.rank() != 1 || (size.dim(0) >= 0 && size.dim(0) != 2)) {
      return refuse("Resize requires a size vector of two int32 values; ", c.name(1), " is ",
                    dtype_short_name(size.dtype), " of shape ", size.shape_text());
    }
  }
  // The second test of the types: int32 passed the first.
  constexpr DType kTypes[] = {f, h};
  if (auto v = allowed_type(c.node, "T", kTypes)) return v;
  if (c.op() == "ResizeBilinear" && !c.node.attrs.get_bool("align_corners")) {
    return refuse("Cannot Convert Bilinear Resize when align_corners=False (attribute 'align_corners')");
  }
  return {};
}

Verdict check_scalar(const Context& c, int i, std::string_view role) {
  if (c.in(i).count() == 1) return {};
  return refuse("The input \"", role, "\" for ", c.op(), " must be a scalar; ", c.name(i), " has shape ",
                c.in(i).shape_text());
}

Verdict combined_nms(const Context& c) {
  if (c.implicit_batch()) return implicit_refusal(c, "op");
  const Operand& boxes = c.in(0);
  const Operand& scores = c.in(1);
  if (boxes.rank() != 4) {
    return refuse("NMS TRT Plugin input boxes must be 4-D; ", c.name(0), " has shape ", boxes.shape_text());
  }
  if (boxes.dim(2) != 1 && boxes.dim(2) != scores.dim(2)) {
    return refuse(
        "NMS TRT Plugin third dimension of boxes must be either 1 or match the num_classes dimension of scores: boxes ",
        boxes.shape_text(), ", scores ", scores.shape_text());
  }
  constexpr std::string_view kNames[] = {"max_output_size_per_class", "max_total_size", "iou_threshold",
                                         "score_threshold"};
  for (int i = 0; i < 4; ++i) {
    if (auto v = check_scalar(c, i + 2, kNames[i])) return v;
  }
  for (int i = 0; i < 2; ++i) {
    if (c.in(i + 2).number() <= 0) {
      return refuse("The input \"", kNames[i], "\" for ", c.op(), " must be greater than 0, is ",
                    static_cast<std::int64_t>(c.in(i + 2).number()));
    }
  }
  const double iou = c.in(4).number();
  if (!(iou >= 0 && iou <= 1)) {
    return refuse("The input \"iou_threshold\" for ", c.op(), " must be between 0 and 1, is ", std::to_string(iou));
  }
  return {};
}

}  // namespace

void register_images(Registry& r) {
  r.add({"ResizeBilinear", "ResizeNearestNeighbor"},
        {.style = Style::function, .roles = {{"input", kT}, {"size", kB}}, .types = {f, i32, h}, .rest = resize});
  r.add({"CombinedNonMaxSuppression"}, {.style = Style::function,
                                        .roles = {{"boxes", kT},
                                                  {"scores", kT},
                                                  {"max_output_size_per_class", kW},
                                                  {"max_total_size", kW},
                                                  {"iou_threshold", kW},
                                                  {"score_threshold", kW}},
                                        .rest = combined_nms});
}

}  // namespace isotherm::conditions
