#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "core/render/overlay_words.h"
#include "core/render/paint_legend.h"
#include "core/render/paint_value.h"
#include "core/render/text.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

using Kind = Overlay::Kind;

constexpr Font kWord{FontRole::sans, 400, 11};
constexpr Font kStrong{FontRole::sans, 600, 12.5F};
constexpr Font kBold{FontRole::sans, 600, 10.5F}, kPlain{FontRole::sans, 400, 10.5F};
constexpr float kPad = 20, kBetweenFacts = 28, kFactRow = 40;

/// "20", "0.5": a tick is a round number.
std::string tick_text(const Overlay& overlay, double v) {
  if (overlay.kind == Kind::error) {
    std::string text = format_error(v);
    if (const std::size_t zero = text.find(".0e"); zero != std::string::npos) text.erase(zero, 2);
    return text;
  }
  std::string text, unit;
  if (overlay.kind == Kind::memory) {
    const ValueWords words = byte_words(v * unit_bytes(overlay));
    text = words.number, unit = " " + words.unit;
  } else {
    text = format_value(v);
  }
  if (text.find('.') != std::string::npos && text.find('e') == std::string::npos) {
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
  }
  return text + unit;
}

/// Round numbers between two: 1, 2, 5, 10, .. (and of bytes 100, 200, 500 KiB, 1 MiB), or at equal steps.
std::vector<double> ticks(const Scene& scene) {
  std::vector<double> out;
  const double low = std::max(scene.overlay_min, scene.overlay.logarithmic ? ramp_floor(scene) : 0.0),
               high = scene.overlay_max;
  if (!(high > low)) return out;
  const bool bytes = scene.overlay.kind == Kind::memory;
  const double one = bytes ? unit_bytes(scene.overlay) : 1;  // bytes in a value of 1
  const auto add = [&](double v) {
    if (v > low && v < high) out.push_back(v);
  };
  if (scene.overlay.logarithmic) {
    if (bytes) {
      for (double unit = 1 / one; unit <= high; unit *= 1024)
        for (const double m : {1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0}) add(m * unit);
      return out;
    }
    const double decades = std::log10(high / low);
    for (int e = static_cast<int>(std::floor(std::log10(low))); std::pow(10, e) <= high; ++e)
      for (const double m : {1.0, 2.0, 5.0})
        if (m == 1 || decades < 4) add(m * std::pow(10, e));
    return out;
  }
  double unit = 1 / one;
  while (bytes && high / unit >= 1024) unit *= 1024;
  const double raw = (high - low) / unit / 5, decade = std::pow(10, std::floor(std::log10(raw)));
  const double step = unit * (raw / decade >= 5   ? 10 * decade
                              : raw / decade >= 2 ? 5 * decade
                              : raw / decade >= 1 ? 2 * decade
                                                  : decade);
  for (double v = std::ceil(low / step) * step; v < high; v += step) add(v);
  return out;
}

class ValueLegend {
 public:
  ValueLegend(const Scene& scene, const Palette& colors, float width, DisplayList& list)
      : scene_(scene), overlay_(scene.overlay), colors_(colors), width_(width), list_(list) {}

  float paint() {
    const std::string name = title(), unit = unit_words();
    const bool precision = overlay_.kind == Kind::precision, ramp = has_ramp();
    const auto facts = all_facts();
    const float left = kPad + std::max(text_width(name, kStrong), text_width(unit, kWord)) + 20;
    float facts_width = 0;
    for (const auto& [label, value] : facts) facts_width += fact_width(label, value);
    // The ramp takes what is left; where that is too little the numbers go below. A picture of engines alone has none.
    const bool one_line =
        precision ? left + precision_row() + facts_width <= width_ : width_ - left - facts_width - 110 >= 160;
    const float ramp_left = one_line ? left + 40 : 52;
    const float ramp_width = std::min(420.0F, one_line ? width_ - left - facts_width - 110 : width_ - 110);
    float facts_left = kPad, facts_top = 68;
    if (one_line) {
      facts_left = precision ? left + precision_row() : ramp ? ramp_left + ramp_width + 60 : left + kPad;
      facts_top = 26;
    } else if (ramp) {
      facts_top = 116;
    } else if (precision) {
      facts_top = 68 + 22 * static_cast<float>(precision_lines(width_ - 2 * kPad));
    }
    const float bottom = place_facts(facts, facts_left, facts_top, false);
    const float height = one_line ? 62 : bottom + 14;
    list_.rect(0.5F, 0.5F, width_ - 1, height, 10, colors_.panel, {colors_.border, 1, 0, 0, false});
    list_.text(kPad, 26, name, kStrong, colors_.text);
    list_.text(kPad, 44, elide(unit, kWord, width_ - 2 * kPad), kWord, colors_.muted);
    if (ramp) paint_ramp(ramp_left, one_line ? 22 : 66, ramp_width);
    if (precision) paint_precisions(one_line ? left : kPad, one_line ? 31 : 62, one_line ? 1e6F : width_ - 2 * kPad);
    place_facts(facts, facts_left, facts_top, true);
    return height + 14;
  }

 private:
  using Facts = std::vector<std::pair<std::string, std::string>>;

  [[nodiscard]] std::string title() const {
    if (!overlay_.title.empty()) return clean_text(overlay_.title);
    switch (overlay_.kind) {
      case Kind::memory:
        return "Memory of outputs";
      case Kind::precision:
        return "Precision as executed";
      case Kind::error:
        return "Numeric error";
      default:
        return "Time";
    }
  }

  [[nodiscard]] bool has_ramp() const {
    return overlay_.kind != Kind::precision && (scene_.overlay_max > 0 || any_on_ramp());
  }

  [[nodiscard]] bool on_ramp(const Box& b) const {
    return b.measured() && !b.copy && !is_failed(overlay_, b.value) &&
           (b.form != Box::Form::engine || overlay_.kind != Kind::time);
  }

  [[nodiscard]] bool any_on_ramp() const {
    return std::any_of(scene_.boxes.begin(), scene_.boxes.end(), [&](const Box& b) { return on_ramp(b); });
  }

  [[nodiscard]] bool any_scope() const {
    return !scene_.frames.empty() || std::any_of(scene_.boxes.begin(), scene_.boxes.end(),
                                                 [](const Box& b) { return b.form == Box::Form::scope; });
  }

  [[nodiscard]] std::string unit_words() const {
    std::string words;
    const std::string per = clean_text(overlay_.per.empty() ? "" : " " + overlay_.per);
    switch (overlay_.kind) {
      case Kind::precision:
        return "letters on each node";
      case Kind::memory:
        words = "bytes" + per;
        break;
      case Kind::error:
        words = per.empty() ? "max |a − b| / max |b|" : per.substr(1);
        break;
      default:
        words = clean_text(overlay_.unit) + per;
        break;
    }
    if (has_ramp()) words += overlay_.logarithmic ? ", log scale" : ", linear scale";
    if (overlay_.combine == Overlay::Combine::maximum && any_scope()) words += "; scopes show their largest";
    return words;
  }

  [[nodiscard]] Facts all_facts() const {
    Facts facts;
    const bool both = scene_.options.view == View::both, sums = overlay_.combine == Overlay::Combine::sum;
    const auto fact = [&](const char* label, double value) {
      if (value > 0) facts.emplace_back(label, value_words(overlay_, value).together());
    };
    if (overlay_.kind != Kind::precision && overlay_.kind != Kind::error) {
      if (!both && sums) facts.emplace_back("drawn nodes", value_words(overlay_, scene_.drawn_sum).together());
      if (scene_.options.view != View::after) fact(both ? "native run" : "whole run", overlay_.whole_run);
      if (scene_.options.view != View::before) fact(both ? "run with engines" : "whole run", overlay_.whole_run_after);
    }
    if (overlay_.kind == Kind::error && overlay_.bound >= 0) {
      facts.emplace_back("bound", tick_text(overlay_, overlay_.bound));
      facts.emplace_back("over the bound", std::to_string(scene_.over_bound));
    }
    if (scene_.failed > 0) facts.emplace_back("NaN or infinity", std::to_string(scene_.failed));
    for (const auto& [label, value] : overlay_.facts) facts.emplace_back(clean_text(label), clean_text(value));
    facts.emplace_back("measured", std::to_string(scene_.measured) + " of " + std::to_string(scene_.measurable));
    return facts;
  }

  static float fact_width(const std::string& label, const std::string& value) {
    return std::max(text_width(label, kWord), text_width(value, kStrong)) + kBetweenFacts;
  }

  /// Draws the numbers (or only counts their rows) from a first baseline on; the last baseline.
  float place_facts(const Facts& facts, float left, float top, bool draw) {
    float x = left, y = top;
    for (const auto& [label, value] : facts) {
      const float w = fact_width(label, value), room = width_ - kPad - left;
      if (x > left && x + w - kBetweenFacts > width_ - kPad) x = left, y += kFactRow;
      if (draw) {
        list_.text(x, y, elide(label, kWord, room), kWord, colors_.muted);
        list_.text(x, y + 18, elide(value, kStrong, room), kStrong, colors_.text);
      }
      x += w;
    }
    return y + 18;
  }

  [[nodiscard]] std::string precision_words(std::size_t p) const {
    const int n = scene_.precisions[p];
    return std::string(precision_name(static_cast<int>(p))) + ", " + std::to_string(n) + (n == 1 ? " node" : " nodes");
  }

  [[nodiscard]] float precision_entry(std::size_t p) const {
    return precision_width(static_cast<int>(p), "") + 7 + text_width(precision_words(p), kWord) + 22;
  }

  [[nodiscard]] float precision_row() const {
    float width = 12;
    for (std::size_t p = 0; p < scene_.precisions.size(); ++p)
      if (scene_.precisions[p] > 0) width += precision_entry(p);
    return width;
  }

  /// Lines beyond the first that the precisions take.
  [[nodiscard]] int precision_lines(float room) const {
    int lines = 1;
    float x = 0;
    for (std::size_t p = 0; p < scene_.precisions.size(); ++p) {
      if (scene_.precisions[p] == 0) continue;
      if (x > 0 && x + precision_entry(p) > room) x = 0, ++lines;
      x += precision_entry(p);
    }
    return lines;
  }

  void paint_precisions(float left, float y, float room) {
    float x = 0;
    for (std::size_t p = 0; p < scene_.precisions.size(); ++p) {
      if (scene_.precisions[p] == 0) continue;
      if (x > 0 && x + precision_entry(p) > room) x = 0, y += 22;
      const int precision = static_cast<int>(p);
      paint_precision(list_, colors_, precision, "", left + x, y);
      list_.text(left + x + precision_width(precision, "") + 7, y + kWord.size * 0.355F, precision_words(p), kWord,
                 colors_.text);
      x += precision_entry(p);
    }
  }

  void tick(float at, float y, const std::string& text, const Font& font, Color color) {
    list_.begin_path();
    list_.move(at, y + 12);
    list_.line(at, y + 16);
    list_.end_path({}, {colors_.node_border, 1, 0, 0, false});
    list_.text(at, y + 28, text, font, color, Anchor::middle);
  }

  /// The strip of colours; where zeros are off a logarithmic scale they have a piece of their own before it.
  void paint_strip(float x, float y, float w) {
    const Stroke border{colors_.node_border, 0.8F, 0, 0, false};
    const double from = ramp_has_zero(scene_) ? kBelowRamp : 0;
    std::vector<Color> stops;
    for (int i = 0; i <= 32; ++i) stops.push_back(colors_.heat_at(from + (1 - from) * i / 32.0));
    const float begin = w * static_cast<float>(from);
    list_.ramp(x + begin, y, w - begin, 12, 3, stops);
    list_.rect(x + begin, y, w - begin, 12, 3, {}, border);
    if (from > 0) list_.rect(x, y, begin - 6, 12, 3, colors_.heat_at(0), border);
  }

  void paint_ramp(float x, float y, float w) {
    paint_strip(x, y, w);
    list_.begin_path();
    for (const Box& b : scene_.boxes) {
      if (!on_ramp(b)) continue;
      const float at = x + w * static_cast<float>(ramp_position(scene_, b.value));
      list_.move(at, y - 3);
      list_.line(at, y - 11);
    }
    list_.end_path({}, {colors_.muted.with_alpha(0.75), 1.2F, 0, 0, false});
    const auto end_text = [&](double v) {
      return overlay_.kind == Kind::time ? format_value(v) : value_words(overlay_, v).together();
    };
    const std::string low = end_text(scene_.overlay_min), high = end_text(scene_.overlay_max);
    list_.text(x - 10, y + 10, "min", kPlain, colors_.muted, Anchor::end);
    list_.text(x + w + 10, y + 10, "max", kPlain, colors_.muted);
    if (!(scene_.overlay_max > scene_.overlay_min)) {
      tick(x + w * static_cast<float>(ramp_position(scene_, scene_.overlay_max)), y, high, kBold, colors_.text);
      return;
    }
    tick(x, y, low, kBold, colors_.text);
    tick(x + w, y, high, kBold, colors_.text);
    std::vector<std::pair<float, float>> taken = {
        {x - text_width(low, kBold) / 2, x + text_width(low, kBold) / 2},
        {x + w - text_width(high, kBold) / 2, x + w + text_width(high, kBold) / 2}};
    const auto between = [&](double v, const std::string& text) {
      const float at = x + w * static_cast<float>(ramp_position(scene_, v)), half = text_width(text, kPlain) / 2;
      if (std::any_of(taken.begin(), taken.end(),
                      [&](const auto& t) { return at - half < t.second + 6 && at + half > t.first - 6; }))
        return;
      taken.emplace_back(at - half, at + half);
      tick(at, y, text, kPlain, colors_.muted);
    };
    if (ramp_has_zero(scene_)) between(ramp_floor(scene_), tick_text(overlay_, ramp_floor(scene_)));
    for (const double v : ticks(scene_)) between(v, tick_text(overlay_, v));
    if (overlay_.kind == Kind::error && overlay_.bound > scene_.overlay_min && overlay_.bound < scene_.overlay_max) {
      const float at = x + w * static_cast<float>(ramp_position(scene_, overlay_.bound));
      list_.begin_path();
      list_.move(at, y - 4);
      list_.line(at, y + 16);
      list_.end_path({}, {colors_.text, 1.8F, 0, 0, false});
    }
  }

  const Scene& scene_;
  const Overlay& overlay_;
  const Palette& colors_;
  float width_;
  DisplayList& list_;
};

}  // namespace

float paint_value_legend(const Scene& scene, const Palette& colors, float width, DisplayList& list) {
  return ValueLegend(scene, colors, width, list).paint();
}

}  // namespace isotherm::render
