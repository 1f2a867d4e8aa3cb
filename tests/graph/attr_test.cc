#include "core/graph/attr.h"

#include <gtest/gtest.h>

namespace isotherm {
namespace {

TEST(AttrMap, FindsReplacesAndKeepsNamesInOrder) {
  AttrMap attrs;
  attrs.set("strides", std::int64_t{2});
  attrs.set("T", TypeValue(DType::float32));
  attrs.set("padding", std::string("SAME"));
  attrs.set("strides", std::int64_t{3});
  ASSERT_EQ(attrs.size(), 3u);
  EXPECT_EQ(attrs.get_int("strides"), 3);
  EXPECT_EQ(attrs.get_string("padding"), "SAME");
  EXPECT_EQ(attrs.get_type("T"), DType::float32);
  EXPECT_EQ(attrs.begin()->first, "T");
  attrs.erase("padding");
  EXPECT_FALSE(attrs.contains("padding"));
}

TEST(AttrMap, WrongTypeGivesTheFallback) {
  AttrMap attrs;
  attrs.set("x", 1.5f);
  EXPECT_EQ(attrs.get_int("x", 7), 7);
  EXPECT_EQ(attrs.get_shape("x"), nullptr);
  EXPECT_TRUE(attrs.get_ints("x").empty());
}

TEST(AttrText, ReadsLikeTheFile) {
  EXPECT_EQ(to_string(AttrValue(std::string("a\"b\n"))), "\"a\\\"b\\x0a\"");
  AttrList list;
  list.i = {1, 2, 2, 1};
  EXPECT_EQ(to_string(make_list_attr(list)), "[1, 2, 2, 1]");
  EXPECT_EQ(to_string(make_constant_attr(Constant(DType::int32, {4}, Tensor::vector<std::int32_t>({5})))), "int32 4 {5, …}");
}

TEST(AttrText, CutsBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 100; ++i) name += "é";
  const std::string text = to_string(AttrValue(FunctionRef{name, nullptr}), 31);
  EXPECT_EQ(text, name.substr(0, 30) + "…");
}

}  // namespace
}  // namespace isotherm
