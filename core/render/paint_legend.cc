#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "core/render/glyphs.h"
#include "core/render/paint.h"
#include "core/render/paint_box.h"
#include "core/render/text.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

constexpr Font kWord{FontRole::sans, 400, 11};
constexpr float kRow = 22, kBetween = 22;

struct Entry {
  enum class Sign { op_class, engine, segment, badge, native, scope, repeat, data, control, unmeasured } sign;
  OpClass op_class = OpClass::unknown;
  std::string word;
  [[nodiscard]] float sign_width() const {
    return sign == Sign::op_class ? 26 : sign == Sign::data || sign == Sign::control ? 38 : 34;
  }
  [[nodiscard]] float width() const { return sign_width() + text_width(word, kWord); }
};

class Legend {
 public:
  Legend(const Scene& scene, float width)
      : scene_(scene), colors_(palette(scene.options.theme, scene.options.palette)), width_(width) {}

  DisplayList paint() {
    if (scene_.boxes.empty()) return {};
    list_.begin_group(Command::Group::legend, "legend", -1);
    if (scene_.overlay.kind == Overlay::Kind::time && (!scene_.overlay.before.empty() || !scene_.overlay.after.empty()))
      overlay();
    else
      rule();
    entries(classes());
    entries(forms());
    list_.end_group();
    list_.width = width_;
    list_.height = y_;
    return std::move(list_);
  }

 private:
  void rule() {
    list_.begin_path();
    list_.move(0, 0.5F);
    list_.line(width_, 0.5F);
    list_.end_path({}, {colors_.border, 1, 0, 0, false});
    y_ = 12;
  }

  void overlay() {
    const Font title{FontRole::sans, 600, 12.5F}, number{FontRole::sans, 600, 12.5F};
    const std::string name = clean_text(scene_.overlay.title.empty() ? "Time" : scene_.overlay.title);
    const bool has_ramp = scene_.overlay_max > 0;
    const std::string unit = clean_text(scene_.overlay.unit + " " + scene_.overlay.per) +
                             (!has_ramp ? "" : scene_.overlay.logarithmic ? ", log scale" : ", linear scale");
    const bool both = scene_.options.view == View::both;
    std::vector<std::pair<std::string, std::string>> facts;
    const auto fact = [&](const char* label, double value) {
      if (value > 0) facts.emplace_back(label, format_value(value) + " " + scene_.overlay.unit);
    };
    if (!both) facts.emplace_back("drawn nodes", format_value(scene_.drawn_sum) + " " + scene_.overlay.unit);
    if (scene_.options.view != View::after) fact(both ? "native run" : "whole run", scene_.overlay.whole_run);
    if (scene_.options.view != View::before)
      fact(both ? "run with engines" : "whole run", scene_.overlay.whole_run_after);
    facts.emplace_back("measured", std::to_string(scene_.measured) + " of " + std::to_string(scene_.measurable));
    const float left = 20 + std::max(text_width(name, title), text_width(unit, kWord)) + 20;
    float facts_width = 0;
    for (const auto& [label, value] : facts)
      facts_width += std::max(text_width(label, kWord), text_width(value, number)) + 28;
    // The ramp takes what is left; where that is too little the facts go below. A picture of engines alone has none.
    const bool one_line = width_ - left - facts_width - 110 >= 160;
    const float ramp_left = one_line ? left + 40 : 52;
    const float ramp_width = std::min(420.0F, one_line ? width_ - left - facts_width - 110 : width_ - 110);
    const float ramp_top = one_line ? 22 : 66;
    const float height = one_line ? 62 : has_ramp ? 148 : 100;
    list_.rect(0.5F, 0.5F, width_ - 1, height, 10, colors_.panel, {colors_.border, 1, 0, 0, false});
    list_.text(20, 26, name, title, colors_.text);
    list_.text(20, 44, unit, kWord, colors_.muted);
    if (has_ramp) ramp(ramp_left, ramp_top, ramp_width);
    float x = !one_line ? 20 : has_ramp ? ramp_left + ramp_width + 60 : left + 20;
    const float y = one_line ? 26 : has_ramp ? 116 : 68;
    for (const auto& [label, value] : facts) {
      list_.text(x, y, label, kWord, colors_.muted);
      list_.text(x, y + 18, value, number, colors_.text);
      x += std::max(text_width(label, kWord), text_width(value, number)) + 28;
    }
    y_ = height + 14;
  }

  void ramp(float x, float y, float w) {
    std::vector<Color> stops;
    for (int i = 0; i <= 32; ++i) stops.push_back(colors_.heat_at(i / 32.0));
    list_.ramp(x, y, w, 12, 3, stops);
    list_.rect(x, y, w, 12, 3, {}, {colors_.node_border, 0.8F, 0, 0, false});
    list_.begin_path();
    for (const Box& b : scene_.boxes) {
      if (b.value < 0 || b.copy || b.form == Box::Form::engine) continue;
      const float at = x + w * static_cast<float>(ramp_position(scene_, b.value));
      list_.move(at, y - 3);
      list_.line(at, y - 11);
    }
    list_.end_path({}, {colors_.muted.with_alpha(0.75), 1.2F, 0, 0, false});
    const Font bold{FontRole::sans, 600, 10.5F}, plain{FontRole::sans, 400, 10.5F};
    const std::string low = format_value(scene_.overlay_min), high = format_value(scene_.overlay_max);
    const auto tick = [&](float at, const std::string& text, const Font& font, Color color) {
      list_.begin_path();
      list_.move(at, y + 12);
      list_.line(at, y + 16);
      list_.end_path({}, {colors_.node_border, 1, 0, 0, false});
      list_.text(at, y + 28, text, font, color, Anchor::middle);
    };
    tick(x, low, bold, colors_.text);
    std::vector<std::pair<float, float>> taken = {{x - text_width(low, bold) / 2, x + text_width(low, bold) / 2}};
    if (scene_.overlay_max > scene_.overlay_min) {
      tick(x + w, high, bold, colors_.text);
      taken.emplace_back(x + w - text_width(high, bold) / 2, x + w + text_width(high, bold) / 2);
      for (const double v : ticks()) {
        const std::string text = tick_text(v);
        const float at = x + w * static_cast<float>(ramp_position(scene_, v)), half = text_width(text, plain) / 2;
        if (std::any_of(taken.begin(), taken.end(),
                        [&](const auto& t) { return at - half < t.second + 6 && at + half > t.first - 6; }))
          continue;
        taken.emplace_back(at - half, at + half);
        tick(at, text, plain, colors_.muted);
      }
    }
    list_.text(x - 10, y + 10, "min", plain, colors_.muted, Anchor::end);
    list_.text(x + w + 10, y + 10, "max", plain, colors_.muted);
  }

  /// "20", "0.5": a tick is a round number.
  static std::string tick_text(double v) {
    std::string text = v >= 1 ? std::to_string(static_cast<long long>(std::llround(v))) : format_value(v);
    return text;
  }

  [[nodiscard]] std::vector<double> ticks() const {
    std::vector<double> out;
    const double low = scene_.overlay_min, high = scene_.overlay_max;
    if (scene_.overlay.logarithmic) {
      for (double decade = std::pow(10, std::floor(std::log10(std::max(low, high * 1e-6)))); decade <= high;
           decade *= 10)
        for (const double m : {1.0, 2.0, 5.0})
          if (m * decade > low && m * decade < high) out.push_back(m * decade);
      return out;
    }
    const double raw = (high - low) / 5, decade = std::pow(10, std::floor(std::log10(raw)));
    const double step = raw / decade >= 5   ? 10 * decade
                        : raw / decade >= 2 ? 5 * decade
                        : raw / decade >= 1 ? 2 * decade
                                            : decade;
    for (double v = std::ceil(low / step) * step; v < high; v += step)
      if (v > low) out.push_back(v);
    return out;
  }

  [[nodiscard]] std::vector<Entry> classes() const {
    std::array<bool, 11> present{};
    for (const Box& b : scene_.boxes)
      if (b.form != Box::Form::engine) present[static_cast<std::size_t>(b.op_class)] = true;
    for (const HistogramRow& r : scene_.rows)
      if (!r.summary && r.value < 0) present[static_cast<std::size_t>(r.op_class)] = true;
    std::vector<Entry> out;
    for (std::size_t c = 0; c < present.size(); ++c)
      if (present[c])
        out.push_back(
            {Entry::Sign::op_class, static_cast<OpClass>(c), std::string(op_class_label(static_cast<OpClass>(c)))});
    return out;
  }

  [[nodiscard]] std::vector<Entry> forms() const {
    bool engine = false, segment = false, native = false, scope = false, repeat = false, badge = false, data = false,
         control = false, unmeasured = false;
    for (const Box& b : scene_.boxes) {
      engine |= b.form == Box::Form::engine;
      native |= b.native;
      badge |= b.badge;
      (b.repeats > 1 ? repeat : scope) |= b.form == Box::Form::scope;
      const auto& values = b.after_side ? scene_.overlay.after : scene_.overlay.before;
      unmeasured |=
          scene_.overlay.kind == Overlay::Kind::time && !values.empty() && b.value < 0 && b.form != Box::Form::engine;
    }
    for (const Frame& f : scene_.frames) segment |= f.form == Frame::Form::segment;
    for (const Line& l : scene_.lines) (l.control ? control : data) = true;
    std::vector<Entry> out;
    if (engine) out.push_back({Entry::Sign::engine, {}, "engine"});
    if (segment)
      out.push_back({Entry::Sign::segment, {}, engine ? "segment of that engine" : "segment that becomes an engine"});
    if (badge) out.push_back({Entry::Sign::badge, {}, "becomes part of the engine of that number"});
    if (native) out.push_back({Entry::Sign::native, {}, "stays native, with reason"});
    if (scope) out.push_back({Entry::Sign::scope, {}, "collapsed scope"});
    if (repeat) out.push_back({Entry::Sign::repeat, {}, "repeated block, drawn once"});
    if (unmeasured) out.push_back({Entry::Sign::unmeasured, {}, "not measured"});
    if (data) out.push_back({Entry::Sign::data, {}, "data"});
    if (control) out.push_back({Entry::Sign::control, {}, "control"});
    return out;
  }

  void entries(const std::vector<Entry>& all) {
    if (all.empty()) return;
    float x = 0;
    for (const Entry& e : all) {
      if (x > 0 && x + e.width() > width_) x = 0, y_ += kRow;
      sign(e, x, y_ + 8);
      list_.text(x + e.sign_width(), y_ + 8 + baseline(kWord), e.word, kWord, colors_.text);
      x += e.width() + kBetween;
    }
    y_ += kRow;
  }

  [[nodiscard]] int first_engine(bool frames) const {
    if (frames) {
      for (const Frame& f : scene_.frames)
        if (f.form == Frame::Form::segment) return f.engine;
    } else {
      for (const Box& b : scene_.boxes)
        if (b.form == Box::Form::engine) return b.engine;
    }
    return 0;
  }

  void sign(const Entry& e, float x, float y) {
    switch (e.sign) {
      case Entry::Sign::op_class:
        paint_class_bar(list_, colors_, e.op_class, x, y - 6.5F, 3.5F, 13);
        paint_glyph(list_, e.op_class, x + 9, y - 6, 12, colors_.of(e.op_class).bar);
        break;
      case Entry::Sign::engine: {
        const EngineColors c = colors_.engine(first_engine(false));
        list_.rect(x + 1, y - 7, 25, 14, 4, c.tint, {c.line, look::kEngineLine, 0, 0, false});
        break;
      }
      case Entry::Sign::segment: {
        const EngineColors c = colors_.engine(first_engine(true));
        list_.rect(x + 1, y - 7, 25, 14, 5, blend(c.tint.with_alpha(colors_.segment_fill), colors_.canvas),
                   {c.line, 1.6F, 0, 0, false});
        break;
      }
      case Entry::Sign::badge: {
        const EngineColors c = colors_.engine(0);
        const Font font{FontRole::sans, 600, 9};
        list_.rect(x + 5, y - 7, 16, 14, look::kBadgeRadius, c.line);
        list_.text(x + 13, y + baseline(font), "0", font, c.on, Anchor::middle);
        break;
      }
      case Entry::Sign::native:
        list_.rect(x + 1, y - 7, 25, 14, 4, colors_.raised,
                   {colors_.native, look::kNativeLine, look::kNativeDash, look::kNativeGap, false});
        break;
      case Entry::Sign::scope:
      case Entry::Sign::repeat:
        for (const float o : {4.4F, 2.2F, 0.0F})
          list_.rect(x + 1 + o, y - 7 + o, 21, 9, 2.5F, colors_.raised, {colors_.node_border, 1, 0, 0, false});
        if (e.sign == Entry::Sign::repeat) list_.rect(x + 12, y - 5.5F, 8, 6, 2, colors_.text);
        break;
      case Entry::Sign::unmeasured:
        list_.rect(x + 1, y - 7, 25, 14, 4, colors_.not_measured, {colors_.node_border, 1, 0, 0, false});
        paint_hatch(list_, x + 2, y - 6, 23, 12, 5, {colors_.not_measured_hatch.with_alpha(0.5), 1.2F, 0, 0, false});
        break;
      case Entry::Sign::data:
      case Entry::Sign::control: {
        const bool control = e.sign == Entry::Sign::control;
        const Color c = control ? colors_.edge_control : colors_.edge;
        list_.begin_path();
        list_.move(x, y);
        list_.line(x + 24, y);
        list_.end_path({}, {c, control ? look::kControlLine : look::kEdgeLine, control ? look::kControlDash : 0,
                            control ? look::kControlGap : 0, false});
        paint_arrowhead(list_, x + 30, y, 1, 0, c);
        break;
      }
    }
  }

  const Scene& scene_;
  const Palette& colors_;
  float width_;
  float y_ = 0;
  DisplayList list_;
};

}  // namespace

DisplayList paint_legend(const Scene& scene, float width) { return Legend(scene, width).paint(); }

}  // namespace isotherm::render
