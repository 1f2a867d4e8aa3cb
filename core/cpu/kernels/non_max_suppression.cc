// NonMaxSuppression in its five forms, and CombinedNonMaxSuppression.
#include <cmath>
#include <limits>
#include <queue>

#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

/// Intersection over union of two boxes given by any two opposite corners; 0 where one has no area.
float overlap(const float* a, const float* b) {
  const float a_top = std::min(a[0], a[2]), a_left = std::min(a[1], a[3]), a_bottom = std::max(a[0], a[2]),
              a_right = std::max(a[1], a[3]);
  const float b_top = std::min(b[0], b[2]), b_left = std::min(b[1], b[3]), b_bottom = std::max(b[0], b[2]),
              b_right = std::max(b[1], b[3]);
  const float a_area = (a_bottom - a_top) * (a_right - a_left), b_area = (b_bottom - b_top) * (b_right - b_left);
  if (a_area <= 0 || b_area <= 0) return 0;
  const float height = std::max(0.0f, std::min(a_bottom, b_bottom) - std::max(a_top, b_top));
  const float width = std::max(0.0f, std::min(a_right, b_right) - std::max(a_left, b_left));
  return height * width / (a_area + b_area - height * width);
}

struct Selection {
  std::vector<std::int64_t> boxes;
  std::vector<float> scores;
};

struct Rules {
  std::int64_t most = 0;
  float iou = 0.5f, score = -std::numeric_limits<float>::infinity(), sigma = 0;
};

/// Greedy selection; with sigma > 0 an overlapping box loses score (Bodla et al., "Soft-NMS", 2017) instead of its
/// place. `similarity(i, j)` compares boxes.
template <class F>
Selection select(std::span<const float> scores, const Rules& rules, F&& similarity) {
  struct Candidate {
    std::int64_t box;
    float score;
    std::size_t seen;  ///< how many of the selected it has been compared with
  };
  const auto later = [](const Candidate& a, const Candidate& b) {
    return a.score < b.score || (a.score == b.score && a.box > b.box);
  };
  std::priority_queue<Candidate, std::vector<Candidate>, decltype(later)> queue(later);
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (scores[i] > rules.score) queue.push({static_cast<std::int64_t>(i), scores[i], 0});
  Selection result;
  const bool soft = rules.sigma > 0;
  while (static_cast<std::int64_t>(result.boxes.size()) < rules.most && !queue.empty()) {
    Candidate next = queue.top();
    queue.pop();
    const float before = next.score;
    bool dropped = false;
    for (std::size_t j = result.boxes.size(); j-- > next.seen && !dropped;) {
      const float s = similarity(next.box, result.boxes[j]);
      if (soft)
        next.score *= std::exp(-0.5f / rules.sigma * s * s);
      else if (s > rules.iou)
        dropped = true;
      if (next.score <= rules.score) break;
    }
    next.seen = result.boxes.size();
    if (dropped) continue;
    if (next.score == before) {
      result.boxes.push_back(next.box);
      result.scores.push_back(next.score);
    } else if (next.score > rules.score) {
      queue.push(next);
    }
  }
  return result;
}

Result<float> float_of(const Tensor& t, const std::string& what) {
  if (t.elements() != 1 || !is_floating(t.dtype()))
    return invalid_input(what + " has shape " + t.shape().to_string() + "; expected one number");
  return static_cast<float>(number_at(t, 0));
}

Status run_suppression(KernelContext& context, const Node& node) {
  const bool overlaps = node.op == "NonMaxSuppressionWithOverlaps";
  const int version = overlaps ? 3 : node.op.back() == 'n' ? 1 : node.op.back() - '0';
  ISO_TRY(expect_inputs(context, version == 1 ? 3 : version == 2 ? 4 : version == 5 ? 6 : 5));
  const Tensor& boxes = context.input(0);
  const Tensor& scores = context.input(1);
  ISO_TRY(expect_rank(boxes, 2, "the boxes"));
  ISO_TRY(expect_rank(scores, 1, "the scores"));
  const std::int64_t count = boxes.dim(0);
  if (scores.dim(0) != count || boxes.dim(1) != (overlaps ? count : 4))
    return invalid_input("boxes have shape " + boxes.shape().to_string() + " and scores " + scores.shape().to_string() +
                         "; expected four values and a score for each box");
  if (boxes.dtype() != DType::float32 || scores.dtype() != DType::float32) return unsupported_dtype(boxes.dtype());
  Rules rules;
  ISO_ASSIGN(rules.most, integer_of(context.input(2), "max_output_size"));
  rules.most = std::clamp<std::int64_t>(rules.most, 0, count);
  rules.iou = node.attrs.get_float("iou_threshold", 0.5f);
  if (version >= 2) {
    ISO_ASSIGN(rules.iou, float_of(context.input(3), "iou_threshold"));
  }
  if (version >= 3) {
    ISO_ASSIGN(rules.score, float_of(context.input(4), "score_threshold"));
  }
  if (version == 5) {
    ISO_ASSIGN(rules.sigma, float_of(context.input(5), "soft_nms_sigma"));
  }
  if (!overlaps && !(rules.iou >= 0 && rules.iou <= 1))
    return invalid_input("iou_threshold is " + std::to_string(rules.iou) + "; expected 0 to 1");
  if (rules.sigma < 0)
    return invalid_input("soft_nms_sigma is " + std::to_string(rules.sigma) + "; expected 0 or more");
  const float* data = in<float>(boxes);
  Selection chosen = select(scores.data<float>(), rules, [&](std::int64_t i, std::int64_t j) {
    return overlaps ? data[i * count + j] : overlap(data + 4 * i, data + 4 * j);
  });
  const auto valid = static_cast<std::int32_t>(chosen.boxes.size());
  if (version >= 4 && node.attrs.get_bool("pad_to_max_output_size")) {
    ISO_ASSIGN(std::int64_t most, integer_of(context.input(2), "max_output_size"));
    most = std::clamp<std::int64_t>(most, 0, std::int64_t{1} << 30);
    chosen.boxes.resize(static_cast<std::size_t>(most), 0);
    chosen.scores.resize(static_cast<std::size_t>(most), 0);
  }
  ISO_ASSIGN(Tensor indices, index_vector(context, DType::int32, chosen.boxes));
  context.set_output(0, std::move(indices));
  if (version == 4) context.set_output(1, Tensor::scalar(valid));
  if (version == 5) {
    ISO_ASSIGN(Tensor kept, context.allocate(DType::float32, Shape{static_cast<std::int64_t>(chosen.scores.size())}));
    std::copy(chosen.scores.begin(), chosen.scores.end(), out<float>(kept));
    context.set_output(1, std::move(kept));
    context.set_output(2, Tensor::scalar(valid));
  }
  return {};
}

/// Per class, then the best of all classes: boxes [batch, n, q, 4] with q 1 or the number of classes.
Status run_combined(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 6));
  const Tensor& boxes = context.input(0);
  const Tensor& scores = context.input(1);
  ISO_TRY(expect_rank(boxes, 4, "the boxes"));
  ISO_TRY(expect_rank(scores, 3, "the scores"));
  const std::int64_t batch = boxes.dim(0), n = boxes.dim(1), q = boxes.dim(2), classes = scores.dim(2);
  if (scores.dim(0) != batch || scores.dim(1) != n || boxes.dim(3) != 4 || (q != 1 && q != classes))
    return invalid_input("boxes have shape " + boxes.shape().to_string() + " and scores " + scores.shape().to_string() +
                         "; expected them to match");
  if (boxes.dtype() != DType::float32 || scores.dtype() != DType::float32) return unsupported_dtype(boxes.dtype());
  ISO_ASSIGN(const std::int64_t per_class, integer_of(context.input(2), "max_output_size_per_class"));
  ISO_ASSIGN(const std::int64_t total, integer_of(context.input(3), "max_total_size"));
  if (per_class <= 0 || total <= 0)
    return invalid_input("the output sizes are " + std::to_string(per_class) + " and " + std::to_string(total) +
                         "; expected more than 0");
  Rules rules;
  ISO_ASSIGN(rules.iou, float_of(context.input(4), "iou_threshold"));
  ISO_ASSIGN(rules.score, float_of(context.input(5), "score_threshold"));
  rules.most = std::min(per_class, n);
  const bool pad_per_class = node.attrs.get_bool("pad_per_class"), clip = node.attrs.get_bool("clip_boxes", true);
  const std::int64_t lines = pad_per_class ? std::min(total, per_class * classes) : total;
  ISO_ASSIGN(Tensor kept_boxes, context.allocate(DType::float32, Shape{batch, lines, 4}));
  ISO_ASSIGN(Tensor kept_scores, context.allocate(DType::float32, Shape{batch, lines}));
  ISO_ASSIGN(Tensor kept_classes, context.allocate(DType::float32, Shape{batch, lines}));
  std::vector<std::int64_t> valid;
  for (Tensor* t : {&kept_boxes, &kept_scores, &kept_classes}) fill_with(*t, nullptr);
  struct Found {
    float score;
    std::int64_t cls, box;
  };
  for (std::int64_t b = 0; b < batch; ++b) {
    std::vector<Found> found;
    for (std::int64_t c = 0; c < classes; ++c) {
      std::vector<float> column(static_cast<std::size_t>(n));
      for (std::int64_t i = 0; i < n; ++i)
        column[static_cast<std::size_t>(i)] = in<float>(scores)[(b * n + i) * classes + c];
      const auto box = [&](std::int64_t i) { return in<float>(boxes) + ((b * n + i) * q + (q == 1 ? 0 : c)) * 4; };
      const Selection s =
          select(column, rules, [&](std::int64_t i, std::int64_t j) { return overlap(box(i), box(j)); });
      for (std::size_t i = 0; i < s.boxes.size(); ++i) found.push_back({s.scores[i], c, s.boxes[i]});
    }
    std::stable_sort(found.begin(), found.end(), [](const Found& x, const Found& y) { return x.score > y.score; });
    found.resize(std::min<std::size_t>(found.size(), static_cast<std::size_t>(lines)));
    for (std::size_t i = 0; i < found.size(); ++i) {
      const std::int64_t at = b * lines + static_cast<std::int64_t>(i);
      const float* box = in<float>(boxes) + ((b * n + found[i].box) * q + (q == 1 ? 0 : found[i].cls)) * 4;
      for (int k = 0; k < 4; ++k) out<float>(kept_boxes)[at * 4 + k] = clip ? std::clamp(box[k], 0.0f, 1.0f) : box[k];
      out<float>(kept_scores)[at] = found[i].score;
      out<float>(kept_classes)[at] = static_cast<float>(found[i].cls);
    }
    valid.push_back(static_cast<std::int64_t>(found.size()));
  }
  ISO_ASSIGN(Tensor counts, index_vector(context, DType::int32, valid));
  context.set_output(0, std::move(kept_boxes));
  context.set_output(1, std::move(kept_scores));
  context.set_output(2, std::move(kept_classes));
  context.set_output(3, std::move(counts));
  return {};
}

}  // namespace

void register_non_max_suppression(KernelRegistry& r) {
  r.add({"NonMaxSuppression", "NonMaxSuppressionV2", "NonMaxSuppressionV3", "NonMaxSuppressionV4",
         "NonMaxSuppressionV5", "NonMaxSuppressionWithOverlaps"},
        run_suppression, HalfFloats::as_float);
  r.add("CombinedNonMaxSuppression", run_combined);
}

}  // namespace isotherm::cpu
