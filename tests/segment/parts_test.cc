// The segmenter's parts by themselves.
#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <random>

#include "core/segment/cluster_property.h"
#include "core/segment/device_name.h"
#include "core/segment/order_list.h"
#include "core/segment/visit_order.h"
#include "tests/segment/graph_sketch.h"

namespace isotherm {
namespace {

TEST(DeviceName, Parses) {
  const auto full = parse_device_name("/job:worker/replica:0/task:12/device:GPU:3");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->job, "worker");
  EXPECT_EQ(full->task, 12);
  EXPECT_EQ(full->type, "GPU");
  EXPECT_EQ(full->id, 3);
  EXPECT_EQ(to_string(*full), "/job:worker/replica:0/task:12/device:GPU:3");
  EXPECT_EQ(to_string(*parse_device_name("/gpu:1")), "/device:GPU:1");
  EXPECT_EQ(to_string(*parse_device_name("/cpu:*")), "/device:CPU:*");
  EXPECT_EQ(to_string(*parse_device_name("/device:GPU")), "/device:GPU:*");
  EXPECT_EQ(to_string(*parse_device_name("/device:*")), "");
  EXPECT_EQ(to_string(*parse_device_name("")), "");
  for (const char* bad : {"GPU:0", "/device:", "/device:GPU:x", "/job:", "/task:-1", "/job:1a", "/gpu",
                          "/device:GPU:0/", "/replica:99999999999"})
    EXPECT_FALSE(parse_device_name(bad)) << bad;
}

TEST(DeviceName, Merges) {
  const auto merged = [](const char* a, const char* b) -> std::string {
    const auto m = merge_device_names(*parse_device_name(a), *parse_device_name(b));
    return m ? to_string(*m) : "conflict";
  };
  EXPECT_EQ(merged("", "/device:GPU:0"), "/device:GPU:0");
  EXPECT_EQ(merged("/device:GPU:*", "/device:GPU:0"), "/device:GPU:0");
  EXPECT_EQ(merged("/device:GPU:1", "/device:GPU:0"), "conflict");
  EXPECT_EQ(merged("/job:a", "/device:GPU:0"), "/job:a/device:GPU:0");
  EXPECT_EQ(merged("/job:a", "/job:b"), "conflict");
}

TEST(ClusterProperty, SaysWhatConflicts) {
  ClusterProperty a, b;
  a.batch.size = -2;
  b.batch.size = 4;
  std::string sentence;
  EXPECT_FALSE(merge_properties(a, b, &sentence));
  EXPECT_EQ(sentence, "batch sizes differ: unknown (class -2) and 4");
  b.batch.size.reset();
  b.batch.maximum = 8;
  const auto merged = merge_properties(a, b);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->batch.size, -2);
  EXPECT_EQ(merged->batch.maximum, 8);
}

TEST(OrderList, AgreesWithAList) {
  constexpr int kSize = 400;
  std::mt19937 random(7);
  OrderList order(kSize);
  std::vector<int> reference;
  for (int i = 0; i < kSize / 2; ++i) {
    order.push_back(i);
    reference.push_back(i);
  }
  for (int round = 0; round < 4000; ++round) {
    // Mostly after the same place, where labels run out fastest.
    const int element = static_cast<int>(random() % kSize);
    const auto it = std::find(reference.begin(), reference.end(), element);
    if (it != reference.end()) {
      if (reference.size() < 3) continue;
      reference.erase(it);
      order.remove(element);
    } else {
      const std::size_t position = round % 3 ? 0 : random() % reference.size();
      order.insert_after(reference[position], element);
      reference.insert(reference.begin() + static_cast<std::ptrdiff_t>(position) + 1, element);
    }
    for (std::size_t i = 1; i < reference.size(); ++i)
      ASSERT_LT(order.label(reference[i - 1]), order.label(reference[i]));
  }
}

TEST(VisitOrder, DepthFirstByName) {
  const auto graph = testing::sketch(R"(
    b = Placeholder
    a = Placeholder
    y = Relu(a)
    x = Relu(a)
    z = Add(x, b)
  )");
  const auto order = visit_order(*graph);
  ASSERT_TRUE(order.ok());
  const auto names = [&](const std::vector<NodeId>& ids) {
    std::string text;
    for (const NodeId id : ids) text += (*graph)[id].name;
    return text;
  };
  EXPECT_EQ(names(order->creation), "bayxz");
  EXPECT_EQ(names(order->postorder), "zbyxa");
  EXPECT_EQ(names(order->topological), "abxyz");
}

}  // namespace
}  // namespace isotherm
