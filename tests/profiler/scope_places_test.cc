#include "profiler/scope_places.h"

#include <gtest/gtest.h>

namespace isotherm {
namespace {

ScopeInfo scope(ScopeKind kind, std::int64_t id = -1, std::int64_t engine = -1, std::string_view function = {}) {
  ScopeInfo info;
  info.kind = kind;
  info.id = id;
  info.engine = engine;
  info.function = function;
  return info;
}

//  run( node 3( copy ) node 5( engine( layer 1 ) ) )
TEST(ScopePlaces, TheInnermostScopeCounts) {
  PlaceTable table;
  ScopePlaces places(table);
  EXPECT_EQ(table.at(places.current()), Place());
  places.begin(scope(ScopeKind::run));
  EXPECT_EQ(table.at(places.current()).kind, PlaceKind::run);
  places.begin(scope(ScopeKind::node, 3));
  EXPECT_EQ(table.at(places.current()), (Place{PlaceKind::node, 3, kNoNode, -1}));
  places.begin(scope(ScopeKind::copy, 3));
  EXPECT_EQ(table.at(places.current()).kind, PlaceKind::copy);
  EXPECT_TRUE(places.end());
  EXPECT_EQ(table.at(places.current()).node, 3);
  EXPECT_TRUE(places.end());
  places.begin(scope(ScopeKind::node, 5));
  places.begin(scope(ScopeKind::engine, 5));
  EXPECT_EQ(table.at(places.current()), (Place{PlaceKind::node, 5, 5, -1}));
  places.begin(scope(ScopeKind::layer, 1, 5));
  EXPECT_EQ(table.at(places.current()), (Place{PlaceKind::layer, 5, 5, 1}));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(places.end());
  EXPECT_EQ(places.current(), 0);
  EXPECT_FALSE(places.end());
}

//  node 7( function f: node 2( engine ) ) is all node 7: ids in there are those of the function's body.
TEST(ScopePlaces, FunctionsBelongToTheNodeThatCalledThem) {
  PlaceTable table;
  ScopePlaces places(table);
  places.begin(scope(ScopeKind::node, 7));
  const int outer = places.current();
  EXPECT_FALSE(places.begin(scope(ScopeKind::node, 2, -1, "f")));
  EXPECT_FALSE(places.begin(scope(ScopeKind::engine, 2)));
  EXPECT_FALSE(places.begin(scope(ScopeKind::layer, 0, 2)));
  EXPECT_EQ(places.current(), outer);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(places.end());
  EXPECT_EQ(places.current(), outer);
  EXPECT_TRUE(places.begin(scope(ScopeKind::layer, 0, 7)));
  EXPECT_TRUE(places.end());
  EXPECT_TRUE(places.end());
}

}  // namespace
}  // namespace isotherm
