#include "core/render/layout.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <fstream>

namespace isotherm::render {
namespace {

LayoutRequest chain(int n) {
  LayoutRequest r;
  r.group_parent = {-1, 0};
  for (int i = 0; i < n; ++i) r.boxes.push_back({100, 30, i > n / 4 && i < n / 2 ? 1 : 0});
  for (int i = 1; i < n; ++i) r.edges.push_back({i - 1, i, false, false});
  return r;
}

/// A program that does what a test needs instead of laying out.
std::string script(const std::string& body) {
  std::string path = ::testing::TempDir() + "layout_stand_in_" + std::to_string(::getpid()) + ".sh";
  std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
  ::chmod(path.c_str(), 0700);
  return path;
}

TEST(Layout, RequestSurvivesItsText) {
  const LayoutRequest r = chain(5);
  const auto back = decode_request(encode_request(r));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(encode_request(*back), encode_request(r));
  EXPECT_FALSE(decode_request("").ok());
  EXPECT_FALSE(decode_request("isotherm-layout 1\n9 1 0 0 0").ok());
  EXPECT_FALSE(decode_request("isotherm-layout 1\n1 1 1 0 0\n10 10 0\n-1\n0 5 0").ok());
}

TEST(Layout, GraphvizOrdersAChain) {
  const auto placed = graphviz_layout(chain(20), find_layout_program(), 20, {});
  ASSERT_TRUE(placed.ok()) << placed.error().message;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(placed->rank[static_cast<std::size_t>(i)], i);
}

TEST(Layout, OwnLayoutOrdersAChainAndCutsCycles) {
  LayoutRequest r = chain(20);
  r.edges.push_back({19, 0, false, false});
  const LayoutResult placed = layered_layout(r);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(placed.rank[static_cast<std::size_t>(i)], i);
}

TEST(Layout, AHangIsKilledACrashIsASentence) {
  const auto start = std::chrono::steady_clock::now();
  const auto hung = graphviz_layout(chain(5), script("exec sleep 60"), 0.2, {});
  ASSERT_FALSE(hung.ok());
  EXPECT_EQ(hung.error().code, ErrorCode::exhausted);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30)) << "killed long before it wakes";
  const auto crashed = graphviz_layout(chain(5), script("kill -SEGV $$"), 20, {});
  ASSERT_FALSE(crashed.ok());
  EXPECT_NE(crashed.error().message.find("signal"), std::string::npos) << crashed.error().message;
  const auto babble = graphviz_layout(chain(5), script("cat > /dev/null; echo ok; echo 1 2 3"), 20, {});
  ASSERT_FALSE(babble.ok());
  EXPECT_FALSE(graphviz_layout(chain(5), "/nonexistent/isotherm-layout", 1, {}).ok());
  EXPECT_FALSE(graphviz_layout(chain(5), "", 1, {}).ok());
  // More input than a socket holds, and nobody who reads it.
  EXPECT_FALSE(graphviz_layout(chain(60000), script("exec sleep 60"), 0.2, {}).ok());
}

TEST(Layout, CancellingKills) {
  int asked = 0;
  const auto stopped = graphviz_layout(chain(5), script("exec sleep 60"), 60, [&] { return ++asked > 2; });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace isotherm::render
