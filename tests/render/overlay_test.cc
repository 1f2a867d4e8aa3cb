#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>

#include "core/render/overlay_words.h"
#include "core/render/paint.h"
#include "core/render/paint_box.h"
#include "core/render/paint_value.h"
#include "core/render/render_file.h"
#include "core/render/text.h"
#include "core/render/theme.h"
#include "core/render/tips.h"
#include "scene_check.h"
#include "small_graphs.h"

namespace isotherm::render {
namespace {

using Kind = Overlay::Kind;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Scene scene_of(std::shared_ptr<const Conversion> conversion, Overlay overlay, SceneOptions options = {}) {
  return checked_scene(std::move(conversion), std::move(overlay), std::move(options));
}

/// With ISOTHERM_GRAB_DIR=FOLDER the pictures of these tests are left there to be looked at.
void leave(const Scene& scene, const std::string& name) {
  const char* folder = std::getenv("ISOTHERM_GRAB_DIR");
  if (folder == nullptr) return;
  for (const Format format : {Format::png, Format::svg, Format::dot})
    EXPECT_TRUE(render_file(scene,
                            std::string(folder) + "/" + name +
                                (format == Format::png   ? ".png"
                                 : format == Format::svg ? ".svg"
                                                         : ".dot"),
                            format)
                    .ok());
}

const Box* find(const Scene& scene, const std::string& name) {
  for (const Box& b : scene.boxes)
    if (scene.text(b.full_name) == name) return &b;
  return nullptr;
}

std::size_t index_of(const Scene& scene, const std::string& name) {
  return static_cast<std::size_t>(find(scene, name) - scene.boxes.data());
}

std::multiset<std::string> texts(const DisplayList& list) {
  std::multiset<std::string> out;
  for (const Command& c : list.commands)
    if (c.kind == Command::Kind::text) out.insert(list.strings[static_cast<std::size_t>(c.text)]);
  return out;
}

/// What is written on one box.
std::multiset<std::string> words_on(const Scene& scene, const std::string& name) {
  DisplayList list;
  paint_box(scene, index_of(scene, name), palette(scene.options.theme), list);
  return texts(list);
}

/// A chain with two convolutions and one integer, segmented but for its ends.
std::shared_ptr<const Conversion> chain() {
  const std::vector<std::string> lines = {
      "input Placeholder",         "net/conv1 Conv2D input",     "net/bias1 BiasAdd net/conv1",
      "net/relu1 Relu net/bias1",  "net/conv2 Conv2D net/relu1", "net/norm FusedBatchNormV3 net/conv2",
      "net/pool MaxPool net/norm", "index ArgMax net/pool",      "output Identity index"};
  return converted(lines, {{"net/conv1", "net/bias1", "net/relu1", "net/conv2", "net/norm", "net/pool"}});
}

Overlay overlay_of(Kind kind, std::vector<double> before) {
  Overlay overlay;
  overlay.kind = kind;
  overlay.before = std::move(before);
  overlay.unit = "";
  overlay.per = "";
  return overlay;
}

Overlay errors() {
  Overlay overlay = overlay_of(Kind::error, {-1, 0, 1.2e-7, 3.4e-6, 2.5e-4, 8.1e-3, kNaN, -1, 0});
  overlay.title = "Error of engines against native";
  overlay.combine = Overlay::Combine::maximum;
  overlay.bound = 1e-4;
  return overlay;
}

TEST(Overlay, PicturesToLookAt) {
  for (const Theme theme : {Theme::light, Theme::dark, Theme::print}) {
    const std::string name = theme == Theme::light ? "light" : theme == Theme::dark ? "dark" : "print";
    SceneOptions options;
    options.theme = theme;
    options.view = View::both;
    Overlay memory = overlay_of(Kind::memory, {602112, 3211264, 3211264, 0, 3211264, 512, 802816, 4, 4});
    memory.after = {602112, 4, 4, 1605632};
    memory.title = "Memory of outputs";
    memory.facts = {{"arena peak", "12.4 MiB"}};
    leave(scene_of(chain(), memory, options), "memory_" + name);
    Overlay precision = overlay_of(Kind::precision, {0, 1, 1, 1, 2, 0, 1, 3, 3});
    precision.after = {0, 3, 3, 1};
    leave(scene_of(chain(), precision, options), "precision_" + name);
    Overlay error = errors();
    error.after = {-1, -1, 0, kNaN};
    leave(scene_of(chain(), error, options), "error_" + name);
    options.view = View::before;
    leave(scene_of(chain(), errors(), options), "error_before_" + name);
    options.collapsed = {"net"};
    leave(scene_of(chain(), precision, options), "precision_scope_" + name);
  }
}

TEST(Overlay, UnitsStandWithTheNumbers) {
  Overlay time = overlay_of(Kind::time, {-1, 14.83, 0.0934, 214.72, 3, 1, 1, 1, -1});
  time.unit = "µs";
  const Scene scene = scene_of(chain(), time);
  EXPECT_EQ(words_on(scene, "net/conv1").count("14.8"), 1U);
  EXPECT_EQ(words_on(scene, "net/conv1").count("µs"), 1U);
  EXPECT_EQ(words_on(scene, "net/bias1").count("0.0934"), 1U);
  EXPECT_EQ(words_on(scene, "input").count("–"), 1U);
  time.unit = "%";
  EXPECT_EQ(words_on(scene_of(chain(), time), "net/conv1").count("%"), 1U);
  const Scene memory = scene_of(chain(), overlay_of(Kind::memory, {602112, 3211264, 1024, 0, 1, 1048576, 1.6e9, 4, 4}));
  const auto has = [&](const char* node, const char* number, const char* unit) {
    const auto words = words_on(memory, node);
    EXPECT_EQ(words.count(number), 1U) << node;
    EXPECT_EQ(words.count(unit), 1U) << node;
  };
  has("input", "588.0", "KiB");
  has("net/conv1", "3.1", "MiB");
  has("net/bias1", "1.0", "KiB");
  has("net/relu1", "0", "B");
  has("net/norm", "1.0", "MiB");
  has("net/pool", "1.5", "GiB");
  // Values that come in another unit mean the same.
  Overlay mebibytes = overlay_of(Kind::memory, {602112, 3211264, 1024, 0, 1, 1048576, 1.6e9, 4, 4});
  const auto plain_ticks = texts(paint_legend(scene_of(chain(), mebibytes), 900));
  for (double& v : mebibytes.before) v /= 1048576;
  mebibytes.unit = "MiB";
  const Scene same = scene_of(chain(), mebibytes);
  for (const Box& b : same.boxes)
    EXPECT_EQ(words_on(same, same.text(b.full_name)), words_on(memory, same.text(b.full_name)));
  EXPECT_EQ(texts(paint_legend(same, 900)), plain_ticks);
  EXPECT_EQ(exact_value(mebibytes, 3211264 / 1048576.0), "3 211 264 bytes (3.1 MiB)");
}

TEST(Overlay, BytesAndErrorsInWords) {
  EXPECT_EQ(byte_words(0).together(), "0 B");
  EXPECT_EQ(byte_words(1023).together(), "1023 B");
  EXPECT_EQ(byte_words(1024).together(), "1.0 KiB");
  EXPECT_EQ(byte_words(1024 * 1024 - 1).together(), "1.0 MiB") << "never 1024.0 KiB";
  EXPECT_EQ(byte_words(12.3 * 1048576).together(), "12.3 MiB");
  EXPECT_EQ(format_error(1.2e-7), "1.2e-7");
  EXPECT_EQ(format_error(1e-10), "1.0e-10");
  EXPECT_EQ(format_error(0), "0");
  EXPECT_EQ(format_error(0.341), "0.34");
  EXPECT_EQ(format_error(2.04), "2.0");
  EXPECT_EQ(format_error(54321), "5.4e4");
  const Overlay memory = overlay_of(Kind::memory, {});
  EXPECT_EQ(exact_value(memory, 12845156), "12 845 156 bytes (12.3 MiB)");
  EXPECT_EQ(exact_value(memory, 1), "1 byte");
  EXPECT_EQ(exact_value(memory, -1), "not measured");
  Overlay time = overlay_of(Kind::time, {});
  time.unit = "µs", time.per = "per run";
  EXPECT_EQ(exact_value(time, 14.832748), "14.8327 µs per run");
  EXPECT_EQ(exact_value(errors(), 2.5e-4), "2.5000e-4, over the bound of 1.0e-4");
  EXPECT_EQ(exact_value(errors(), 1e-4), "1.0000e-4, within the bound of 1.0e-4") << "the bound itself is allowed";
}

TEST(Overlay, WhatSeveralNodesShowTogether) {
  Overlay sum = overlay_of(Kind::memory, {}), most = sum, precision = overlay_of(Kind::precision, {});
  most.combine = Overlay::Combine::maximum;
  EXPECT_EQ(combined(sum, 3, 4), 7);
  EXPECT_EQ(combined(most, 3, 4), 4);
  for (const Overlay& overlay : {sum, most, precision}) {
    EXPECT_EQ(combined(overlay, -1, -1), -1);
    EXPECT_EQ(combined(overlay, -1, 0), 0) << "zero is a value";
    EXPECT_EQ(combined(overlay, 2, -1), 2);
  }
  EXPECT_EQ(combined(precision, 1, 1), 1);
  EXPECT_EQ(combined(precision, 0, 1), kMixedPrecision);
  EXPECT_TRUE(std::isnan(combined(errors(), 1e-3, kNaN)));
  EXPECT_TRUE(std::isnan(combined(errors(), kNaN, 1e-3)));
  // Scopes and frames: `net` holds 1.2e-7 to 8.1e-3 and a failure; without that its largest.
  Overlay error = errors();
  SceneOptions options;
  options.collapsed = {"net"};
  const std::vector<std::string> lines = {"net/a Relu",       "net/b Relu net/a", "net/c Relu net/b",
                                          "net/d Relu net/c", "net/e Relu net/d", "out Relu net/e"};
  error.before = {1e-7, 0, 3e-6, -1, 2e-6, 1e-9};
  const Scene closed = scene_of(plain(lines), error, options);
  EXPECT_EQ(find(closed, "net")->value, 3e-6);
  EXPECT_EQ(words_on(closed, "net").count("3.0e-6"), 1U);
  error.combine = Overlay::Combine::sum;
  EXPECT_DOUBLE_EQ(find(scene_of(plain(lines), error, options), "net")->value, 1e-7 + 3e-6 + 2e-6);
  error.combine = Overlay::Combine::maximum;
  const Scene open = scene_of(plain(lines), error);
  ASSERT_EQ(open.frames.size(), 1U);
  EXPECT_EQ(open.text(open.frames.front().detail), "max 3.0e-6");
  error.before[1] = kNaN;
  const Scene failed = scene_of(plain(lines), error, options);
  EXPECT_TRUE(std::isnan(find(failed, "net")->value));
  EXPECT_EQ(words_on(failed, "net").count("NaN"), 1U);
}

TEST(Overlay, ZeroErrorIsAValueAndNotMeasuredIsNone) {
  const Scene scene = scene_of(chain(), errors());
  const Palette& colors = palette(Theme::light);
  const auto look = [&](const char* name) { return value_look(scene, *find(scene, name), colors); };
  EXPECT_TRUE(look("input").hatched);
  EXPECT_FALSE(look("net/conv1").hatched);
  EXPECT_EQ(look("net/conv1").fill, colors.heat_at(0));
  EXPECT_EQ(words_on(scene, "net/conv1").count("0"), 1U);
  EXPECT_EQ(words_on(scene, "input").count("–"), 1U);
  // The least error above zero is not drawn as zero, and the highest is the ramp's end.
  EXPECT_EQ(scene.overlay_min, 0);
  EXPECT_EQ(scene.overlay_least, 1.2e-7);
  EXPECT_EQ(ramp_position(scene, 0), 0);
  EXPECT_NEAR(ramp_position(scene, 1.2e-7), kBelowRamp, 1e-9);
  EXPECT_NEAR(ramp_position(scene, 8.1e-3), 1, 1e-9);
  // Equal ratios are equal distances.
  EXPECT_NEAR(ramp_position(scene, 1e-5) - ramp_position(scene, 1e-6),
              ramp_position(scene, 1e-4) - ramp_position(scene, 1e-5), 1e-9);
  const auto legend = texts(paint_legend(scene, 760));
  for (const char* word :
       {"0", "8.1e-3", "1e-5", "not measured", "first node over the bound", "bound", "over the bound"})
    EXPECT_GE(legend.count(word), 1U) << word;
  EXPECT_EQ(legend.count("drawn nodes"), 0U) << "largest errors have no sum";
  // All zero: no logarithm of nothing.
  Overlay zeros = errors();
  std::fill(zeros.before.begin(), zeros.before.end(), 0.0);
  const Scene none = scene_of(chain(), zeros);
  EXPECT_EQ(ramp_position(none, 0), 0);
  EXPECT_GE(texts(paint_legend(none, 760)).count("0"), 1U);
}

TEST(Overlay, TheFirstNodeOverTheBoundAndFailures) {
  const Scene scene = scene_of(chain(), errors());
  for (const Box& b : scene.boxes) EXPECT_EQ(b.first_over_bound, scene.text(b.full_name) == "net/conv2");
  EXPECT_EQ(scene.over_bound, 3);
  EXPECT_EQ(scene.failed, 1);
  EXPECT_EQ(words_on(scene, "net/norm").count("over the bound"), 1U);
  EXPECT_EQ(words_on(scene, "net/relu1").count("over the bound"), 0U);
  EXPECT_EQ(words_on(scene, "net/pool").count("NaN or infinity differs"), 1U);
  EXPECT_TRUE(value_look(scene, *find(scene, "net/pool"), palette(Theme::light)).failed);
  EXPECT_EQ(scene.overlay_max, 8.1e-3) << "a failure is no end of the scale";
  // In topological order, not in that of the file.
  Overlay error = errors();
  error.before = {-1, 1, 1, 1};
  const Scene turned = scene_of(plain({"x Placeholder", "c Relu b", "b Relu a", "a Relu x"}), error);
  EXPECT_TRUE(find(turned, "a")->first_over_bound);
  EXPECT_FALSE(find(turned, "c")->first_over_bound);
  // Without a bound nothing is marked; infinity of a time is no time.
  error.bound = -1;
  for (const Box& b : scene_of(plain({"x Placeholder", "c Relu x", "b Relu c", "a Relu b"}), error).boxes)
    EXPECT_FALSE(b.first_over_bound);
  Overlay time = overlay_of(Kind::time, {std::numeric_limits<double>::infinity(), kNaN, 2});
  const Scene timed = scene_of(plain({"x Placeholder", "a Relu x", "b Relu a"}), time);
  EXPECT_EQ(timed.measured, 1);
  EXPECT_EQ(timed.overlay_max, 2);
}

TEST(Overlay, PrecisionsReadWithoutColour) {
  Overlay overlay = overlay_of(Kind::precision, {0, 1, 1, 1, 2, 0, 1, 3, 3});
  auto conversion = std::make_shared<Conversion>(*chain());
  std::vector<TensorInfo> tensors(9, {DType::float32, false, Shape{1, 8}, nullptr});
  tensors[7].dtype = tensors[8].dtype = DType::int64;
  conversion->shapes_before =
      GraphShapes::assemble(std::move(tensors), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, std::vector<bool>(9, true), 0);
  for (const Theme theme : {Theme::light, Theme::dark, Theme::print})
    for (const PaletteChoice choice : {PaletteChoice::standard, PaletteChoice::trex, PaletteChoice::tensorboard}) {
      SceneOptions options;
      options.theme = theme;
      options.palette = choice;
      const Scene scene = scene_of(conversion, overlay, options);
      const Palette& colors = palette(theme, choice);
      for (const char* name : {"net/norm", "net/conv1", "net/conv2", "index"}) {
        const ValueLook look = value_look(scene, *find(scene, name), colors);
        EXPECT_GE(contrast(look.text, look.fill), 4.5) << name;
      }
      EXPECT_EQ(words_on(scene, "net/norm").count("F32"), 1U);
      EXPECT_EQ(words_on(scene, "net/conv1").count("F16"), 1U);
      EXPECT_EQ(words_on(scene, "net/conv2").count("I8"), 1U);
      EXPECT_EQ(words_on(scene, "index").count("int64"), 1U) << "another type is named";
      const auto legend = texts(paint_legend(scene, 760));
      for (const char* word : {"FP32, 2 nodes", "FP16, 4 nodes", "INT8, 1 node", "other types, 2 nodes"})
        EXPECT_EQ(legend.count(word), 1U) << word;
      EXPECT_EQ(legend.count("min"), 0U) << "precisions have no ramp";
    }
  // Fills of the three differ enough in grey.
  const Palette& print = palette(Theme::print);
  EXPECT_GE(contrast(print.precision[0].fill, print.precision[1].fill), 1.4);
  EXPECT_GE(contrast(print.precision[1].fill, print.precision[2].fill), 4.5);
  overlay.before = {0, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(texts(paint_legend(scene_of(conversion, overlay), 760)).count("F16"), 0U) << "only what is there";
}

TEST(Overlay, AnEngineShowsItsValueInItsBody) {
  Overlay error = errors();
  error.after = {-1, -1, 0, 3e-3};
  SceneOptions options;
  options.view = View::both;
  Scene scene = scene_of(chain(), error, options);
  EXPECT_EQ(words_on(scene, "TRTEngineOp_000_000").count("3.0e-3"), 1U);
  EXPECT_TRUE(find(scene, "TRTEngineOp_000_000")->first_over_bound);
  error.after[3] = -1;
  scene = scene_of(chain(), error, options);
  EXPECT_EQ(words_on(scene, "TRTEngineOp_000_000").count("–"), 1U);
  // Of time its share: of what the run took, or what it is.
  Overlay time = overlay_of(Kind::time, {});
  time.after = {-1, 20, 5, 75};
  time.unit = "µs";
  time.whole_run_after = 150;
  EXPECT_EQ(words_on(scene_of(chain(), time, options), "TRTEngineOp_000_000").count("50.0 %"), 1U);
  time.unit = "%";
  EXPECT_EQ(words_on(scene_of(chain(), time, options), "TRTEngineOp_000_000").count("75.0 %"), 1U);
}

TEST(Overlay, ALegendOfManyNumbersStaysInside) {
  Overlay memory = overlay_of(Kind::memory, {602112, 3211264, 1024, 0, 1, 1048576, 1.6e9, 4, 4});
  for (int i = 0; i < 12; ++i) memory.facts.emplace_back("a fact of some length " + std::to_string(i), "12.4 MiB");
  memory.facts.emplace_back(std::string(300, 'w'), std::string(300, 'v'));
  const Scene scene = scene_of(chain(), memory);
  for (const float width : {520.0F, 900.0F, 2000.0F}) {
    const DisplayList legend = paint_legend(scene, width);
    for (const Command& c : legend.commands) {
      if (c.kind != Command::Kind::text) continue;
      const std::string& text = legend.strings[static_cast<std::size_t>(c.text)];
      const float w = text_width(text, c.font), x = c.anchor == Anchor::middle ? c.x - w / 2
                                                    : c.anchor == Anchor::end  ? c.x - w
                                                                               : c.x;
      EXPECT_GE(x, 0) << text;
      EXPECT_LE(x + w, width) << text;
      EXPECT_LE(c.y, legend.height) << text;
    }
  }
}

TEST(Tips, SayTheExactValueAndWhy) {
  Overlay time = overlay_of(Kind::time, {-1, 14.832748});
  time.unit = "µs", time.per = "per run", time.title = "CPU time";
  time.words_before = {"", "arena at this node 12.4 MiB"};
  auto conversion = std::make_shared<Conversion>(*plain({"x Placeholder", "a/b Relu x"}));
  conversion->shapes_before = GraphShapes::assemble(
      {{DType::float32, false, Shape{1, 56, 56, 64}, nullptr}, {DType::float32, false, Shape{-2, 8}, nullptr}},
      {0, 1, 2}, {true, true}, 1);
  const Scene scene = scene_of(conversion, time);
  EXPECT_EQ(box_tip(scene, index_of(scene, "a/b")),
            (std::vector<std::string>{"a/b", "Relu", "output float32 ?×8", "CPU time: 14.8327 µs per run",
                                      "arena at this node 12.4 MiB"}));
  EXPECT_EQ(
      box_tip(scene, index_of(scene, "x")),
      (std::vector<std::string>{"x", "Placeholder", "output float32 1×56×56×64, 784.0 KiB", "CPU time: not measured"}));
  EXPECT_EQ(line_tip(scene, 0), (std::vector<std::string>{"x → a/b", "x:0  float32 1×56×56×64", "784.0 KiB"}));
  const Scene native = scene_of(chain(), {});
  const auto tip = box_tip(native, index_of(native, "index"));
  EXPECT_NE(std::find(tip.begin(), tip.end(), "stays native: Node 'index' is excluded."), tip.end());
}

}  // namespace
}  // namespace isotherm::render
