// The runtime on a device that does nothing until it is waited for and whose memory the host cannot read.
#include "tests/runtime/graph_maker.h"

namespace isotherm {
namespace {

using test::Fixture;
using test::GraphMaker;
using test::vec;
using Values = std::vector<std::vector<double>>;

TEST(Asynchronous, NothingWaitsUntilTheFetch) {
  GraphMaker maker;
  maker.placeholder("x", Shape{-1});
  std::string last = "x";
  for (int i = 0; i < 10; ++i) {
    const std::string name = "n" + std::to_string(i);
    maker.node(name, i % 2 == 0 ? "Neg" : "Square", {last});
    last = name;
  }
  Fixture f(maker.build(), {}, true);
  std::size_t queued = 0;
  f.device->on_run = [&](const std::string&) { queued = f.device->stream->queued(); };
  EXPECT_EQ(f.run({{"x", vec({1, -1})}}, {last}), (Values{{1, 1}}));
  EXPECT_EQ(queued, 10U) << "one copy and nine kernels were queued when the last kernel was issued";
  EXPECT_EQ(f.device->copies_to_device, 1);
  EXPECT_EQ(f.device->copies_to_host, 1);
}

TEST(Asynchronous, BuffersAreReusedInStreamOrder) {
  // Products cannot be made in place: each step's buffer is free when the next but one is issued, long before it ran.
  GraphMaker maker;
  maker.placeholder("x", Shape{-1, -1}).placeholder("w", Shape{-1, -1});
  std::string last = "x";
  for (int i = 0; i < 12; ++i) {
    const std::string name = "m" + std::to_string(i);
    maker.node(name, "MatMul", {last, "w"});
    last = name;
  }
  Fixture f(maker.build(), {}, true);
  const Tensor x = Tensor::from<double>({1, 2}, std::vector<double>{1, 2}),
               w = Tensor::from<double>({2, 2}, std::vector<double>{0, 1, 1, 1});
  std::vector<double> expected = {1, 2};
  for (int i = 0; i < 12; ++i) expected = {expected[1], expected[0] + expected[1]};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(f.run({{"x", x}, {"w", w}}, {last}), (Values{expected}));
    EXPECT_EQ(f.last.arena_peak_bytes, 4U * 64) << "two feeds, two products";
  }
  EXPECT_EQ(f.device->allocations, 1);
}

TEST(Asynchronous, ConstantsAreUploadedOnce) {
  GraphMaker maker;
  maker.placeholder("x", Shape{-1})
      .constant("c", vec({2, 3}))
      .node("a", "Mul", {"x", "c"})
      .node("b", "Add", {"a", "c"});
  Fixture f(maker.build(), {}, true);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(f.run({{"x", vec({1, 1})}}, {"b"}), (Values{{4, 6}}));
  EXPECT_EQ(f.device->copies_to_device, 1 + 3);
}

TEST(Asynchronous, HostInputsAreCopiedAndWaitedFor) {
  // Reshape reads its shape on the host; the shape is computed on the device.
  GraphMaker maker;
  maker.placeholder("x", Shape{-1}).placeholder("dims", Shape{-1}, DType::int32);
  maker.node("twice", "Add", {"dims", "dims"}, {{"T", TypeValue(DType::int32)}});
  maker.node("r", "Reshape", {"x", "twice"}, {{"Tshape", TypeValue(DType::int32)}});
  maker.node("s", "Shape", {"r"}, {{"out_type", TypeValue(DType::int32)}})
      .node("r2", "Reshape", {"x", "s"})
      .node("s2", "Shape", {"r2"}, {{"out_type", TypeValue(DType::int32)}});
  maker.node("sum", "Add", {"s2", "twice"}, {{"T", TypeValue(DType::int32)}});
  Fixture f(maker.build(), {}, true);
  EXPECT_EQ(f.run({{"x", vec({1, 2, 3, 4, 5, 6, 7, 8})}, {"dims", Tensor::vector<std::int32_t>({1, 2})}}, {"r", "sum"}),
            (Values{{1, 2, 3, 4, 5, 6, 7, 8}, {4, 8}}));
  // To the host: `twice` for Reshape, then the two fetches; s and s2 are made there.
  EXPECT_EQ(f.device->copies_to_host, 3);
  EXPECT_EQ(f.device->copies_to_device, 3) << "x, dims, and s2 for the sum";
}

TEST(Asynchronous, AfterAnErrorTheStreamIsEmptyAndTheSessionWorks) {
  GraphMaker maker;
  maker.placeholder("x", Shape{-1})
      .node("a", "Neg", {"x"})
      .node("bad", "CheckNumerics", {"a"}, {{"message", std::string("m")}});
  Fixture f(maker.build(), {}, true);
  EXPECT_NE(f.error({{"x", vec({1})}}, {"bad"}), "");
  EXPECT_EQ(f.device->stream->queued(), 0U);
  EXPECT_EQ(f.run({{"x", vec({1})}}, {"a"}), (Values{{-1}}));
}

TEST(Asynchronous, CopiesAreReported) {
  class Copies final : public RunObserver {
   public:
    void scope_begin(const ScopeInfo& s, Stream*) override {
      if (s.kind == ScopeKind::copy) seen.push_back(std::string(s.name) + " " + std::string(s.op));
    }
    void scope_end(const ScopeInfo&, Stream*) override {}
    void capture_begin(std::uint64_t, Stream*) override {}
    void capture_end(std::uint64_t, Stream*) override {}
    void replay(std::uint64_t, Stream*) override {}
    void fallback(std::int64_t, std::string_view) override {}
    std::vector<std::string> seen;
  } observer;
  GraphMaker maker;
  maker.placeholder("x", Shape{-1}).node("a", "Neg", {"x"});
  Fixture f(maker.build(), {}, true);
  f.run({{"x", vec({1})}}, {"a:0"}, {.observer = &observer});
  EXPECT_EQ(observer.seen, (std::vector<std::string>{"a host to device", "a:0 device to host"}));
}

}  // namespace
}  // namespace isotherm
