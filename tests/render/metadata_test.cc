#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "core/render/page.h"
#include "core/render/paint.h"
#include "core/render/render_file.h"
#include "small_graphs.h"

namespace isotherm::render {
namespace {

Scene pair_of(const std::string& title, Theme theme = Theme::light) {
  SceneOptions options;
  options.view = View::both;
  options.title = title;
  options.theme = theme;
  auto scene = build_scene(converted_network(3), {}, options);
  EXPECT_TRUE(scene.ok());
  return scene.ok() ? std::move(scene).value() : Scene();
}

FileOptions measured() {
  FileOptions options;
  options.about = "resnet50.pb; NVIDIA H200, driver 550.1; Isotherm 0.1.0";
  options.date = "2026-03-04T05:06:07Z";
  options.width = parse_width("178mm");
  return options;
}

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t v = 0;
  for (std::size_t i = 0; i < 4; ++i) v = v * 256 + static_cast<unsigned char>(bytes[at + i]);
  return v;
}

/// CRC-32 bit by bit, as Annex D of the PNG specification describes it.
std::uint32_t plain_crc(const std::string& bytes) {
  std::uint32_t c = 0xFFFFFFFF;
  for (const char byte : bytes) {
    c ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ ((c & 1) != 0 ? 0xEDB88320 : 0);
  }
  return ~c;
}

/// The chunks of a PNG in order; every length and checksum is checked.
std::vector<std::pair<std::string, std::string>> chunks_of(const std::string& png) {
  std::vector<std::pair<std::string, std::string>> out;
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  for (std::size_t at = 8; at < png.size();) {
    if (at + 12 > png.size()) {
      ADD_FAILURE() << "a chunk is cut off";
      break;
    }
    const std::uint32_t length = big_endian(png, at);
    if (at + 12 + length > png.size()) {
      ADD_FAILURE() << "a chunk is longer than its file";
      break;
    }
    const std::string body = png.substr(at + 4, 4 + length);
    EXPECT_EQ(plain_crc(body), big_endian(png, at + 8 + length)) << body.substr(0, 4);
    out.emplace_back(body.substr(0, 4), body.substr(4));
    at += 12 + length;
  }
  return out;
}

/// Keyword to text of tEXt and iTXt chunks.
std::map<std::string, std::string> texts_of(const std::string& png) {
  std::map<std::string, std::string> out;
  for (const auto& [type, data] : chunks_of(png)) {
    const std::string key = data.substr(0, data.find('\0'));
    if (type == "tEXt") out[key] = data.substr(key.size() + 1);
    if (type == "iTXt") {
      EXPECT_EQ(data.substr(key.size(), 5), std::string(5, '\0')) << "not compressed, no language";
      out[key] = data.substr(key.size() + 5);
    }
  }
  return out;
}

TEST(Metadata, PngChunks) {
  const auto texts = texts_of(*render_bytes(pair_of("ResNet-50 für 漢字"), Format::png, measured()));
  EXPECT_EQ(texts.at("Title"), "ResNet-50 für 漢字");
  EXPECT_EQ(texts.at("Software"), "Isotherm");
  EXPECT_EQ(texts.at("Description"), measured().about);
  EXPECT_EQ(texts.at("Creation Time"), measured().date);
  const auto chunks = chunks_of(*render_bytes(pair_of("x"), Format::png, measured()));
  EXPECT_EQ(chunks.front().first, "IHDR");
  EXPECT_EQ(chunks.back().first, "IEND");
  bool found = false, data = false;
  for (const auto& [type, bytes] : chunks) {
    data |= type == "IDAT";
    if (type != "pHYs") continue;
    found = true;
    EXPECT_FALSE(data) << "pHYs stands before the picture";
    EXPECT_EQ(bytes.size(), 9U);
    EXPECT_EQ(bytes[8], 1) << "metres";
    // The picture is 178 mm wide when its pixels are as large as that says.
    EXPECT_NEAR(big_endian(chunks.front().second, 0) * 1000.0 / big_endian(bytes, 0), 178, 0.2);
  }
  EXPECT_TRUE(found);
  // Nothing is invented.
  const std::string bare = *render_bytes(pair_of("x"), Format::png);
  EXPECT_FALSE(texts_of(bare).contains("Description"));
  EXPECT_FALSE(texts_of(bare).contains("Creation Time"));
  for (const auto& [type, bytes] : chunks_of(bare)) {
    EXPECT_NE(type, "pHYs");
    EXPECT_NE(type, "tIME");
  }
}

TEST(Metadata, PdfInfo) {
  const std::string pdf = *render_bytes(pair_of("ResNet-50"), Format::pdf, measured());
  // The info dictionary: strings in parentheses, escapes with backslashes.
  const auto entry = [&](const std::string& key) {
    const std::size_t at = pdf.rfind("/" + key + " (");
    if (at == std::string::npos) return std::string("missing");
    std::string out;
    for (std::size_t i = at + key.size() + 3; i < pdf.size() && pdf[i] != ')'; ++i) {
      if (pdf[i] == '\\') ++i;
      out += pdf[i];
    }
    return out;
  };
  EXPECT_EQ(entry("Title"), "ResNet-50");
  EXPECT_EQ(entry("Subject"), measured().about);
  EXPECT_EQ(entry("Keywords"), "before and after conversion, engines");
  EXPECT_EQ(entry("Creator"), "Isotherm");
  EXPECT_TRUE(std::regex_match(entry("CreationDate"), std::regex("(D:)?20260304050607Z?(\\+00'00)?'?")))
      << entry("CreationDate");
  EXPECT_EQ(pdf.find("/ModDate"), std::string::npos);
  // A date that is none is left out; the clock of the drawing does not take its place.
  FileOptions odd = measured();
  odd.date = "some time ago";
  EXPECT_EQ(render_bytes(pair_of("x"), Format::pdf, odd)->find("/CreationDate"), std::string::npos);
}

TEST(Metadata, SvgAndDot) {
  const std::string svg = *render_bytes(pair_of("A & B"), Format::svg, measured());
  for (const char* element :
       {"<dc:title>A &amp; B</dc:title>", "<dc:date>2026-03-04T05:06:07Z</dc:date>",
        "<dc:creator>Isotherm</dc:creator>",
        "<dc:description>resnet50.pb; NVIDIA H200, driver 550.1; Isotherm 0.1.0</dc:description>"})
    EXPECT_NE(svg.find(element), std::string::npos) << element;
  EXPECT_EQ(render_bytes(pair_of("A"), Format::svg)->find("<metadata>"), std::string::npos);
  const std::string dot = *render_bytes(pair_of("A"), Format::dot, measured());
  EXPECT_NE(dot.find("comment=\"resnet50.pb; NVIDIA H200, driver 550.1; Isotherm 0.1.0, 2026-03-04T05:06:07Z\""),
            std::string::npos);
}

TEST(Metadata, TheSameInputGivesTheSameBytes) {
  for (const Format format : {Format::svg, Format::png, Format::pdf, Format::dot})
    for (const Theme theme : {Theme::light, Theme::dark, Theme::print}) {
      const std::string first = *render_bytes(pair_of("x", theme), format, measured());
      EXPECT_EQ(first, *render_bytes(pair_of("x", theme), format, measured()));
      FileOptions another = measured();
      another.date = "2026-03-04T05:06:08Z";
      EXPECT_NE(first, *render_bytes(pair_of("x", theme), format, another)) << "the session's own date is in the file";
    }
}

TEST(Metadata, LinksLeadToGroupsThatAreThere) {
  const Scene scene = pair_of("x");
  const std::string svg = *render_bytes(scene, Format::svg);
  std::set<std::string> ids;
  static const std::regex kId(" id=\"([^\"]*)\""), kLink("<a href=\"#([^\"]*)\" xlink:href=\"#([^\"]*)\">");
  for (auto it = std::sregex_iterator(svg.begin(), svg.end(), kId); it != std::sregex_iterator(); ++it)
    EXPECT_TRUE(ids.insert((*it)[1]).second) << (*it)[1] << " is there twice";
  std::size_t links = 0;
  for (auto it = std::sregex_iterator(svg.begin(), svg.end(), kLink); it != std::sregex_iterator(); ++it, ++links) {
    EXPECT_TRUE(ids.contains((*it)[1])) << (*it)[1];
    EXPECT_EQ((*it)[1], (*it)[2]);
  }
  EXPECT_GT(links, 10U);
  // The engine leads to its segment's outline and the outline's pill to the engine.
  const auto group = [&](const std::string& title) {
    const std::size_t at = svg.find("<title>" + title + "</title>");
    return svg.substr(at, svg.find("</title>", at + title.size() + 16) - at);
  };
  const std::size_t outline = svg.find("class=\"cluster\"><title>segment 0</title>");
  ASSERT_NE(outline, std::string::npos);
  const std::size_t id = svg.rfind("id=\"", outline) + 4;
  const std::string name = svg.substr(id, svg.find('"', id) - id);
  EXPECT_NE(group("TRTEngineOp_000_000").find("href=\"#" + name + "\""), std::string::npos);
  // A picture of one side has no links between sides, but those of its legend.
  SceneOptions options;
  options.legend = false;
  auto before = build_scene(converted_network(3), {}, options);
  ASSERT_TRUE(before.ok());
  EXPECT_EQ(render_bytes(*before, Format::svg)->find("<a "), std::string::npos);
}

TEST(Page, TheSmallestWordsOnPaper) {
  DisplayList list;
  list.width = 1000;
  list.height = 500;
  list.text(0, 0, "title", {FontRole::sans, 600, 20}, {});
  list.text(0, 0, "words", {FontRole::sans, 400, 10}, {});
  list.text(0, 0, "F16", {FontRole::sans, 600, 4}, {});
  // 254 mm are 10 inches: 1000 px on 10 inches are 0.01 inch each, so 10 px are 7.2 points.
  const PageFit fit = page_fit(list, 254);
  EXPECT_NEAR(fit.points, 7.2, 1e-6);
  EXPECT_NEAR(fit.height, 127, 1e-6);
  EXPECT_TRUE(fit.fits());
  EXPECT_FALSE(page_fit(list, 178).reads());
  EXPECT_EQ(fit.words(), "254 × 127 mm, smallest words 7.2 pt");
}

TEST(Page, ScopesCloseUntilThePictureFits) {
  SceneOptions options;
  options.view = View::both;
  options.repeats = false;
  auto page = build_page_scene(converted_network(16), {}, options, kPageWidth);
  ASSERT_TRUE(page.ok());
  EXPECT_TRUE(page->closed);
  EXPECT_TRUE(page->fit.fits()) << page->fit.words();
  EXPECT_LT(page->scene.options.max_nodes, options.max_nodes);
  // What fits is left alone.
  page = build_page_scene(converted_network(1), {}, options, kPageWidth);
  ASSERT_TRUE(page.ok());
  EXPECT_FALSE(page->closed);
  EXPECT_EQ(page->scene.options.max_nodes, options.max_nodes);
}

}  // namespace
}  // namespace isotherm::render
