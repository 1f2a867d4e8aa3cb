#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/render/paint.h"
#include "core/render/render_file.h"
#include "core/render/text.h"
#include "scene_check.h"
#include "small_graphs.h"

namespace isotherm::render {
namespace {

namespace fs = std::filesystem;

constexpr Theme kThemes[] = {Theme::light, Theme::dark, Theme::print};
constexpr Format kFormats[] = {Format::svg, Format::png, Format::pdf, Format::dot};

bool has_program(const char* name) {
  return std::system((std::string("command -v ") + name + " > /dev/null 2>&1").c_str()) == 0;
}

std::vector<std::string> bad_names() {
  return {"a\"<b>&'",
          "new\nline\r\n\ttab",
          std::string("control\x01\x1f\x7f"),
          "invalid\xff\xfe\xc3(\xed\xa0\x80",
          "back\\slash\\",
          "\\N\\G\\n{|}",
          "漢字/かな/한국어",
          "مرحبا/שלום",
          "emoji😀👩‍👩‍👧/é́́",
          std::string(10000, 'x'),
          std::string(9998, '/') + "ab",
          "]]>--><!--<![CDATA[",
          "&lt;&#0;&nonsense;",
          "-->digraph{}",
          "."};
}

std::shared_ptr<const Graph> named(const std::vector<std::string>& names) {
  Graph::Parts parts;
  for (const std::string& name : names) {
    NodeRecord r;
    r.name = name;
    r.op = "Re\"lu<\\>\n" + name.substr(0, 40);
    if (!parts.nodes.empty()) r.inputs = {parts.nodes.back().name};
    parts.nodes.push_back(r);
  }
  auto graph = Graph::build(std::move(parts));
  EXPECT_TRUE(graph.ok()) << (graph.ok() ? "" : graph.error().message);
  return graph.ok() ? *graph : nullptr;
}

Scene scene_of(std::shared_ptr<const Graph> graph, SceneOptions options, Overlay overlay = {}) {
  auto conversion = std::make_shared<Conversion>();
  conversion->before = std::move(graph);
  auto scene = build_scene(conversion, std::move(overlay), std::move(options));
  EXPECT_TRUE(scene.ok()) << (scene.ok() ? "" : scene.error().message);
  return scene.ok() ? std::move(scene).value() : Scene();
}

/// Words that lie beyond the page, or on a box and beyond it.
std::vector<std::string> clipped(const Scene& scene) {
  std::vector<std::string> out;
  const DisplayList list = paint_picture(scene);
  const Box* box = nullptr;
  // The drawing is moved on the page: a box's first rectangle says where it is.
  float left = 0, right = 0;
  bool placed = false;
  for (const Command& c : list.commands) {
    if (c.kind == Command::Kind::begin_group) {
      box = c.group == Command::Group::node ? &scene.boxes[static_cast<std::size_t>(c.box)] : nullptr;
      placed = false;
    } else if (c.kind == Command::Kind::end_group) {
      box = nullptr;
    } else if (box != nullptr && !placed && c.kind == Command::Kind::rect && std::abs(c.w - box->width) < 0.01F) {
      left = c.x, right = c.x + c.w + (box->form == Box::Form::scope ? 6 : 0);
      placed = true;
    } else if (c.kind == Command::Kind::text) {
      const std::string& text = list.strings[static_cast<std::size_t>(c.text)];
      const float w = text_width(text, c.font);
      const float x = c.anchor == Anchor::middle ? c.x - w / 2 : c.anchor == Anchor::end ? c.x - w : c.x;
      const bool out_of_page = x < 0 || x + w > list.width + 0.5F || c.y < 0 || c.y > list.height;
      const bool out_of_box = box != nullptr && placed && (x < left - 0.5F || x + w > right + 0.5F);
      if (out_of_page || out_of_box) out.push_back(text.substr(0, 80));
    }
  }
  return out;
}

/// Every file is written; XML and DOT are read back by other programs where they are installed.
void check_files(const Scene& scene, const std::string& name) {
  EXPECT_TRUE(clipped(scene).empty()) << name << ": '" << clipped(scene).front() << "' leaves its box or the page";
  const auto faults = scene_faults(scene);
  EXPECT_TRUE(faults.empty()) << name << ": " << faults.front().substr(0, 200);
  const std::string stem = ::testing::TempDir() + "bad_" + std::to_string(::getpid()) + "_" + name;
  for (const Format format : kFormats) {
    static constexpr const char* kEnding[] = {".svg", ".png", ".pdf", ".dot"};
    const std::string path = stem + kEnding[static_cast<std::size_t>(format)];
    const Status status = render_file(scene, path, format);
    ASSERT_TRUE(status.ok()) << path << ": " << status.error().message;
    if (format == Format::svg && has_program("xmllint")) {
      EXPECT_EQ(std::system(("xmllint --huge --noout " + path + " 2>&1").c_str()), 0) << path;
    }
    if (format == Format::dot && has_program("dot")) {
      EXPECT_EQ(std::system(("dot -Tsvg -o /dev/null " + path + " 2> " + path + ".err").c_str()), 0) << path;
      std::ifstream said(path + ".err");
      std::stringstream words;
      words << said.rdbuf();
      EXPECT_EQ(words.str().find("syntax"), std::string::npos) << words.str().substr(0, 400);
      EXPECT_EQ(words.str().find("label"), std::string::npos) << words.str().substr(0, 400);
    }
    fs::remove(path);
    fs::remove(path + ".err");
  }
}

TEST(BadInput, NamesInEveryFormatAndTheme) {
  for (const Theme theme : kThemes)
    for (const bool values : {false, true}) {
      SceneOptions options;
      options.theme = theme;
      options.title = bad_names()[0] + bad_names()[3] + bad_names()[9];
      options.subtitle = bad_names()[1];
      Overlay overlay;
      if (values) {
        overlay.kind = Overlay::Kind::time;
        overlay.title = bad_names()[0];
        overlay.unit = "<µs>";
        overlay.before = {1, 2, 3, 4, 5, 6, 7, 8, 9, -1, 1e300, 1e-300, 0};
        overlay.words_before = bad_names();
        overlay.facts = {{bad_names()[1], bad_names()[3]}};
      }
      check_files(scene_of(named(bad_names()), options, overlay),
                  "names" + std::to_string(static_cast<int>(theme)) + (values ? "v" : ""));
    }
}

TEST(BadInput, NamesAcrossBothSidesAndInScopes) {
  std::vector<std::string> lines = {"in Placeholder"};
  const std::string scope = "é漢😀" + std::string(300, 'y') + "\"<&>\\";
  std::string last = "in";
  std::vector<std::string> members;
  for (int i = 0; i < 6; ++i) {
    const std::string name = scope + "/n" + std::to_string(i);
    lines.push_back(name + " Relu " + last);
    members.push_back(name);
    last = name;
  }
  lines.push_back("out\\ Identity " + last);
  for (const Theme theme : kThemes)
    for (const bool closed : {false, true}) {
      SceneOptions options;
      options.view = View::both;
      options.theme = theme;
      if (closed) options.collapsed = {scope};
      auto scene = build_scene(converted(lines, {members}), {}, options);
      ASSERT_TRUE(scene.ok()) << scene.error().message;
      check_files(*scene, "scope" + std::to_string(static_cast<int>(theme)) + (closed ? "c" : ""));
    }
}

TEST(BadInput, GraphsOfAlmostNothing) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> graphs = {
      {"none", {}},
      {"one", {"a Relu"}},
      {"edgeless", {"a Relu", "b Relu", "s/c Relu", "s/d Conv2D", "s/e Relu", "s/f Relu"}},
      {"loop", {"m Merge n", "n NextIteration m"}},
      {"control", {"a NoOp", "b NoOp ^a"}}};
  for (const auto& [name, lines] : graphs)
    for (const Theme theme : kThemes)
      for (const bool legend : {true, false}) {
        SceneOptions options;
        options.theme = theme;
        options.legend = legend;
        Overlay overlay;
        overlay.kind = legend ? Overlay::Kind::error : Overlay::Kind::engine;
        overlay.bound = 1e-4;
        overlay.before = std::vector<double>(lines.size(), 0.0);
        check_files(scene_of(graph_of(lines), options, overlay),
                    name + std::to_string(static_cast<int>(theme)) + (legend ? "l" : ""));
      }
}

/// A folder of its own with a picture in it.
class Unwritable : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "unwritable_" + std::to_string(::getpid());
    fs::remove_all(folder_);
    fs::create_directory(folder_);
    scene_ = scene_of(graph_of({"a Relu", "b Relu a"}), {});
  }
  void TearDown() override {
    ::chmod(folder_.c_str(), 0700);
    fs::remove_all(folder_);
  }
  static std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
  }
  /// Fails with one sentence that names the path.
  void fails(const std::string& path, Format format) {
    const Status status = render_file(scene_, path, format);
    ASSERT_FALSE(status.ok()) << path;
    EXPECT_NE(status.error().message.find("'" + path + "'"), std::string::npos) << status.error().message;
    EXPECT_EQ(status.error().message.find('\n'), std::string::npos);
  }
  std::string folder_;
  Scene scene_;
};

TEST_F(Unwritable, AMissingFolderAndAFolderInPlaceOfAFile) {
  for (const Format format : kFormats) {
    fails(folder_ + "/missing/a.svg", format);
    fs::create_directory(folder_ + "/a.svg");
    fails(folder_ + "/a.svg", format);
    EXPECT_TRUE(fs::is_directory(folder_ + "/a.svg"));
    fs::remove(folder_ + "/a.svg");
    EXPECT_TRUE(fs::is_empty(folder_)) << "nothing half written stays behind";
  }
}

TEST_F(Unwritable, AFullDisk) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "/dev/full is missing: a full disk was not tried";
  // A symbolic link is followed, so that the picture itself goes to the full device.
  for (const Format format : kFormats) {
    fails("/dev/full", format);
    fs::create_symlink("/dev/full", folder_ + "/full.svg");
    fails(folder_ + "/full.svg", format);
    fs::remove(folder_ + "/full.svg");
  }
  EXPECT_EQ(render_file(scene_, "/dev/full", Format::svg).error().code, ErrorCode::exhausted);
}

TEST_F(Unwritable, TheOldPictureStays) {
  const std::string path = folder_ + "/old.svg";
  std::ofstream(path) << "the old picture";
  // A name too long for any file, beside it.
  fails(folder_ + "/" + std::string(300, 'n') + ".svg", Format::svg);
  EXPECT_EQ(read(path), "the old picture");
  // A picture that cannot be drawn replaces nothing.
  Scene huge = scene_of(graph_of({"a Relu", "b Relu a"}), {});
  huge.width = 100000;
  EXPECT_FALSE(render_file(huge, path, Format::png).ok());
  EXPECT_EQ(read(path), "the old picture");
}

TEST_F(Unwritable, AFolderThatMayNotBeWrittenTo) {
  const std::string path = folder_ + "/old.svg";
  std::ofstream(path) << "the old picture";
  ::chmod(path.c_str(), 0666);
  ::chmod(folder_.c_str(), 0555);
  // Root may write anywhere: the child is nobody.
  EXPECT_EXIT(
      {
        constexpr uid_t kNobody = 65534;
        if (::geteuid() == 0 && ::setuid(kNobody) != 0) ::_exit(2);
        for (const Format format : kFormats) {
          const Status status = render_file(scene_, path, format);
          if (status.ok() || status.error().message.find("'" + path + "'") == std::string::npos) ::_exit(1);
        }
        ::_exit(0);
      },
      ::testing::ExitedWithCode(0), "");
  ::chmod(folder_.c_str(), 0700);
  EXPECT_EQ(read(path), "the old picture");
}

TEST_F(Unwritable, AFileLimitReachedLeavesTheOldPicture) {
  // In a child whose files may hold no more than a few bytes, as on a disk that fills up while it is written.
  const std::string path = folder_ + "/old.png";
  std::ofstream(path) << "the old picture";
  EXPECT_EXIT(
      {
        struct rlimit limit {};
        limit.rlim_cur = limit.rlim_max = 64;
        ::setrlimit(RLIMIT_FSIZE, &limit);
        ::signal(SIGXFSZ, SIG_IGN);
        const Status status = render_file(scene_, path, Format::png);
        ::_exit(!status.ok() && status.error().message.find(path) != std::string::npos ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
  EXPECT_EQ(read(path), "the old picture");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1) << "no part stays behind";
}

}  // namespace
}  // namespace isotherm::render
