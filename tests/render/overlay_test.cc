#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>

#include "core/render/glyphs.h"
#include "core/render/overlay_words.h"
#include "core/render/paint.h"
#include "core/render/paint_box.h"
#include "core/render/paint_value.h"
#include "core/render/render_file.h"
#include "core/render/theme.h"
#include "core/render/tips.h"
#include "scene_check.h"
#include "small_graphs.h"

namespace isotherm::render {
namespace {

using Kind = Overlay::Kind;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Scene scene_of(std::shared_ptr<const Conversion> conversion, Overlay overlay, SceneOptions options = {}) {
  auto scene = build_scene(std::move(conversion), std::move(overlay), std::move(options));
  EXPECT_TRUE(scene.ok()) << (scene.ok() ? "" : scene.error().message);
  if (!scene.ok()) return {};
  const auto faults = scene_faults(*scene);
  EXPECT_TRUE(faults.empty()) << faults.size() << " faults, first: " << faults.front();
  return std::move(scene).value();
}

/// With ISOTHERM_GRAB_DIR=FOLDER the pictures of these tests are left there to be looked at.
void leave(const Scene& scene, const std::string& name) {
  const char* folder = std::getenv("ISOTHERM_GRAB_DIR");
  if (folder == nullptr) return;
  for (const Format format : {Format::png, Format::svg, Format::dot})
    EXPECT_TRUE(render_file(scene, std::string(folder) + "/" + name +
                                       (format == Format::png ? ".png" : format == Format::svg ? ".svg" : ".dot"),
                            format).ok());
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
  const std::vector<std::string> lines = {"input Placeholder",     "net/conv1 Conv2D input", "net/bias1 BiasAdd net/conv1",
                                          "net/relu1 Relu net/bias1", "net/conv2 Conv2D net/relu1",
                                          "net/norm FusedBatchNormV3 net/conv2", "net/pool MaxPool net/norm",
                                          "index ArgMax net/pool", "output Identity index"};
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
}

}  // namespace
}  // namespace isotherm::render
