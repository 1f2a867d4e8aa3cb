#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "core/render/paint.h"
#include "core/render/render_file.h"
#include "small_graphs.h"

namespace isotherm::render {
namespace {

Scene scene_of(std::shared_ptr<const Conversion> conversion, SceneOptions options = {}, Overlay overlay = {}) {
  auto scene = build_scene(std::move(conversion), std::move(overlay), std::move(options));
  EXPECT_TRUE(scene.ok()) << (scene.ok() ? "" : scene.error().message);
  return scene.ok() ? std::move(scene).value() : Scene();
}

Scene both() {
  SceneOptions options;
  options.view = View::both;
  options.title = "A & B <\"quoted\">";
  options.subtitle = "explicit batch";
  return scene_of(converted_network(3), options);
}

/// No '<', and '&' only in the entities that we write.
bool only_text(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<') return false;
    if (text[i] != '&') continue;
    const auto is = [&](const char* entity) { return text.compare(i, std::string_view(entity).size(), entity) == 0; };
    if (!is("&amp;") && !is("&lt;") && !is("&gt;") && !is("&quot;")) return false;
  }
  return true;
}

/// A check of well-formed markup that needs no parser: tags nest, attributes are quoted, no stray '&' or '<'.
bool well_formed(const std::string& text) {
  std::vector<std::string> open;
  static const std::regex kTag(R"(<(/?)([A-Za-z:]+)((?:\s+[A-Za-z:_-]+="[^"<]*")*)\s*(/?)>)");
  std::size_t at = text.find("?>") + 2;
  for (auto it = std::sregex_iterator(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), kTag);
       it != std::sregex_iterator(); ++it) {
    const std::string between = text.substr(at, static_cast<std::size_t>(it->position()) + text.find("?>") + 2 - at);
    if (!only_text(between)) return false;
    at = static_cast<std::size_t>(it->position() + it->length()) + text.find("?>") + 2;
    if ((*it)[4].length() > 0) continue;
    if ((*it)[1].length() == 0)
      open.push_back((*it)[2]);
    else if (open.empty() || open.back() != (*it)[2])
      return false;
    else
      open.pop_back();
  }
  return open.empty() && at + 1 >= text.size();
}

bool has_program(const char* name) {
  return std::system((std::string("command -v ") + name + " > /dev/null 2>&1").c_str()) == 0;
}

TEST(Files, SvgKeepsGraphvizStructure) {
  const Scene scene = both();
  const std::string svg = *render_bytes(scene, Format::svg);
  EXPECT_TRUE(well_formed(svg));
  for (const Box& b : scene.boxes) {
    const std::regex node("class=\"node\"><title>" +
                          std::regex_replace(scene.text(b.full_name), std::regex("[/]"), "\\/") + "</title>");
    EXPECT_TRUE(std::regex_search(svg, node)) << scene.text(b.full_name);
  }
  const auto count = [&](const std::string& what) {
    std::size_t n = 0;
    for (std::size_t at = svg.find(what); at != std::string::npos; at = svg.find(what, at + 1)) ++n;
    return n;
  };
  EXPECT_EQ(count("class=\"node\""), scene.boxes.size());
  EXPECT_EQ(count("class=\"edge\""), scene.lines.size());
  EXPECT_EQ(count("class=\"cluster\""), scene.frames.size());
  EXPECT_NE(svg.find("A &amp; B &lt;&quot;quoted&quot;&gt;"), std::string::npos);
}

TEST(Files, SameInputSameBytes) {
  for (const Format format : {Format::svg, Format::png, Format::dot})
    EXPECT_EQ(*render_bytes(both(), format), *render_bytes(both(), format));
}

TEST(Files, NamesThatWouldBreakAFile) {
  Graph::Parts parts;
  for (const std::string& name :
       {std::string("a\"<b>&'"), std::string("new\nline"), std::string("bad\xff\x01 utf"), std::string("back\\slash\\"),
        std::string("漢字/ü"), std::string(5000, 'x'), std::string("]]>-->")}) {
    NodeRecord r;
    r.name = name;
    r.op = "Re\"lu<";
    if (!parts.nodes.empty()) r.inputs = {parts.nodes.back().name};
    parts.nodes.push_back(r);
  }
  auto graph = Graph::build(std::move(parts));
  ASSERT_TRUE(graph.ok());
  auto conversion = std::make_shared<Conversion>();
  conversion->before = *graph;
  const Scene scene = scene_of(conversion);
  const std::string svg = *render_bytes(scene, Format::svg);
  EXPECT_TRUE(well_formed(svg));
  EXPECT_NE(svg.find("<title>a&quot;&lt;b&gt;&amp;'</title>"), std::string::npos);
  EXPECT_NE(svg.find("<title>" + std::string(5000, 'x') + "</title>"), std::string::npos);
  const std::string path = ::testing::TempDir() + "names.dot";
  ASSERT_TRUE(render_file(scene, path, Format::dot).ok());
  if (!has_program("dot")) GTEST_SKIP() << "the program dot is missing: the DOT file was not read back";
  EXPECT_EQ(std::system(("dot -Tplain " + path + " > /dev/null 2>&1").c_str()), 0);
}

TEST(Files, DotReadsTheDotFile) {
  const std::string path = ::testing::TempDir() + "both.dot";
  ASSERT_TRUE(render_file(both(), path, Format::dot).ok());
  if (!has_program("dot")) GTEST_SKIP() << "the program dot is missing: the DOT file was not read back";
  EXPECT_EQ(std::system(("dot -Tplain " + path + " > /dev/null").c_str()), 0);
}

TEST(Files, PngAndPdfBegin) {
  Overlay overlay;
  overlay.kind = Overlay::Kind::time;
  overlay.before = {-1, 4, 20};
  for (const Theme theme : {Theme::light, Theme::dark, Theme::print}) {
    SceneOptions options;
    options.theme = theme;
    const Scene scene = scene_of(plain({"x Placeholder", "a Relu x", "b Conv2D a"}), options, overlay);
    EXPECT_TRUE(render_bytes(scene, Format::png)->starts_with("\x89PNG"));
    const std::string pdf = *render_bytes(scene, Format::pdf);
    EXPECT_TRUE(pdf.starts_with("%PDF"));
    EXPECT_NE(pdf.find("/FontFile"), std::string::npos) << "fonts are embedded";
    EXPECT_TRUE(well_formed(*render_bytes(scene, Format::svg)));
  }
}

TEST(Files, TooLargeAPngIsASentence) {
  DisplayList list;
  list.width = 100000;
  list.height = 10;
  const auto png = png_bytes(list, {1, {}, {}, {}});
  ASSERT_FALSE(png.ok());
  EXPECT_NE(png.error().message.find("32767"), std::string::npos);
}

TEST(Files, AnUnwritablePathIsASentence) {
  const Status status = render_file(both(), "/nonexistent/folder/a.svg", Format::svg);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("/nonexistent/folder"), std::string::npos);
}

TEST(Files, PdfHasNoClockInIt) {
  FileOptions options;
  const std::string plain_pdf = *render_bytes(both(), Format::pdf, options);
  EXPECT_EQ(plain_pdf.find("CreationDate"), std::string::npos);
  EXPECT_EQ(plain_pdf, *render_bytes(both(), Format::pdf, options));
  options.about = "model.pb; CPU; Isotherm 1";
  options.date = "2026-03-04T05:06:07Z";
  const std::string pdf = *render_bytes(both(), Format::pdf, options);
  EXPECT_TRUE(std::regex_search(pdf, std::regex("CreationDate \\((D:)?20260304050607")));
  EXPECT_NE(pdf.find("model.pb; CPU; Isotherm 1"), std::string::npos);
  EXPECT_EQ(pdf, *render_bytes(both(), Format::pdf, options));
  const std::string svg = *render_bytes(both(), Format::svg, options);
  EXPECT_NE(svg.find("<desc>model.pb; CPU; Isotherm 1, 2026-03-04T05:06:07Z</desc>"), std::string::npos);
}

TEST(Files, WidthInPixelsAndMillimetres) {
  EXPECT_EQ(parse_width("178mm")->millimetres, true);
  EXPECT_NEAR(parse_width("25.4mm")->px(), 96, 1e-9);
  EXPECT_EQ(parse_width("1200px")->px(), 1200);
  EXPECT_EQ(parse_width("1200")->px(), 1200);
  for (const char* bad : {"", "mm", "-5px", "9px", "1e9", "12in", "nan", "120 px"})
    EXPECT_FALSE(parse_width(bad)) << bad;
  FileOptions options;
  options.width = parse_width("178mm");
  const std::string svg = *render_bytes(both(), Format::svg, options);
  EXPECT_TRUE(std::regex_search(svg, std::regex("<svg [^>]*width=\"178mm\" height=\"[0-9.]+mm\" viewBox=")))
      << svg.substr(0, 300);
  EXPECT_NE(render_bytes(both(), Format::pdf, options)->find("/MediaBox [ 0 0 504.5"), std::string::npos)
      << "178 mm are 504.57 points";
  options.width = parse_width("700px");
  for (const float scale : {1.0F, 2.0F, 4.0F}) {
    options.png_scale = scale;
    const std::string png = *render_bytes(both(), Format::png, options);
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(png[i]); };
    EXPECT_EQ(byte(18) * 256 + byte(19), static_cast<int>(700 * scale));
  }
}

TEST(Files, EdgesAsWideAsWhatTheyCarry) {
  SceneOptions options;
  options.edge_bytes = true;
  auto conversion = std::make_shared<Conversion>(*plain({"x Placeholder", "a Relu x", "b Relu a"}));
  // Without shapes no width is invented.
  for (const Line& line : scene_of(conversion, options).lines) EXPECT_EQ(line.width, 0);
  auto shapes = infer_shapes(*conversion->before);
  ASSERT_TRUE(shapes.ok());
  conversion->shapes_before = std::move(*shapes);
  for (const Line& line : scene_of(conversion, options).lines) {
    EXPECT_TRUE(line.bytes < 0 || (line.width >= 1 && line.width <= 6));
  }
}

TEST(Files, FormatsByEnding) {
  EXPECT_EQ(format_of_path("a/b.SVG"), Format::svg);
  EXPECT_EQ(format_of_path("a.b/c.pdf"), Format::pdf);
  EXPECT_EQ(format_of_path("a.b/c"), std::nullopt);
  EXPECT_EQ(format_of_path("x.gif"), std::nullopt);
}

}  // namespace
}  // namespace isotherm::render
