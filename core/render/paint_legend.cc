#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "core/render/glyphs.h"
#include "core/render/paint.h"
#include "core/render/paint_box.h"
#include "core/render/paint_legend.h"
#include "core/render/paint_value.h"
#include "core/render/text.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

constexpr Font kWord{FontRole::sans, 400, 11};
constexpr float kRow = 22, kBetween = 22;

struct Entry {
  enum class Sign {
    op_class,
    engine,
    segment,
    badge,
    native,
    scope,
    repeat,
    data,
    control,
    unmeasured,
    over_bound,
    failed
  } sign;
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
    if (scene_.overlay.measured() && (!scene_.overlay.before.empty() || !scene_.overlay.after.empty()))
      y_ = paint_value_legend(scene_, colors_, width_, list_);
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
         control = false, unmeasured = false, first_over = false;
    for (const Box& b : scene_.boxes) {
      engine |= b.form == Box::Form::engine;
      native |= b.native;
      badge |= b.badge;
      (b.repeats > 1 ? repeat : scope) |= b.form == Box::Form::scope;
      first_over |= b.first_over_bound;
      const auto& values = b.after_side ? scene_.overlay.after : scene_.overlay.before;
      unmeasured |= scene_.overlay.measured() && !values.empty() && !b.measured() &&
                    (b.form != Box::Form::engine || scene_.overlay.kind != Overlay::Kind::time);
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
    if (first_over) out.push_back({Entry::Sign::over_bound, {}, "first node over the bound"});
    if (scene_.failed > 0) out.push_back({Entry::Sign::failed, {}, "failed: NaN or infinity differs"});
    if (data) out.push_back({Entry::Sign::data, {}, "data"});
    if (control) out.push_back({Entry::Sign::control, {}, "control"});
    return out;
  }

  void entries(const std::vector<Entry>& all) {
    if (all.empty()) return;
    float x = 0;
    for (const Entry& e : all) {
      if (x > 0 && x + e.width() > width_) x = 0, y_ += kRow;
      list_.begin_group(Command::Group::legend, "", -1);
      list_.set_link(list_.commands.back(), example(e));
      sign(e, x, y_ + 8);
      list_.text(x + e.sign_width(), y_ + 8 + baseline(kWord), e.word, kWord, colors_.text);
      list_.end_group();
      x += e.width() + kBetween;
    }
    y_ += kRow;
  }

  /// The first thing drawn that an entry explains.
  [[nodiscard]] std::string example(const Entry& e) const {
    using Sign = Entry::Sign;
    const auto box = [&](const auto& is) {
      const auto it = std::find_if(scene_.boxes.begin(), scene_.boxes.end(), is);
      return it == scene_.boxes.end()
                 ? std::string()
                 : group_id(Command::Group::node, static_cast<std::int32_t>(it - scene_.boxes.begin()));
    };
    const auto line = [&](bool control) {
      const auto it =
          std::find_if(scene_.lines.begin(), scene_.lines.end(), [&](const Line& l) { return l.control == control; });
      return it == scene_.lines.end()
                 ? std::string()
                 : group_id(Command::Group::edge, static_cast<std::int32_t>(it - scene_.lines.begin()));
    };
    switch (e.sign) {
      case Sign::op_class:
        return box([&](const Box& b) { return b.form != Box::Form::engine && b.op_class == e.op_class; });
      case Sign::engine:
        return box([](const Box& b) { return b.form == Box::Form::engine; });
      case Sign::segment: {
        const auto it = std::find_if(scene_.frames.begin(), scene_.frames.end(),
                                     [](const Frame& f) { return f.form == Frame::Form::segment; });
        return group_id(Command::Group::cluster, static_cast<std::int32_t>(it - scene_.frames.begin()));
      }
      case Sign::badge:
        return box([](const Box& b) { return b.badge; });
      case Sign::native:
        return box([](const Box& b) { return b.native; });
      case Sign::scope:
        return box([](const Box& b) { return b.form == Box::Form::scope && b.repeats == 1; });
      case Sign::repeat:
        return box([](const Box& b) { return b.repeats > 1; });
      case Sign::data:
        return line(false);
      case Sign::control:
        return line(true);
      case Sign::unmeasured:
        return box([&](const Box& b) { return shows_values(scene_, b) && !b.measured(); });
      case Sign::over_bound:
        return box([](const Box& b) { return b.first_over_bound; });
      case Sign::failed:
        return box([&](const Box& b) { return b.measured() && !std::isfinite(b.value); });
    }
    return {};
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
      case Entry::Sign::over_bound:
        paint_over_bound(list_, colors_, x + 12, y + 2);
        break;
      case Entry::Sign::failed:
        list_.rect(x + 1, y - 7, 25, 14, 4, colors_.error_tint, {colors_.error, 2, 0, 0, false});
        paint_cross(list_, x + 13.5F, y, 6, colors_.error);
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
