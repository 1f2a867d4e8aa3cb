#include "tests/convert/random_graph.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/ops/op_def.h"

namespace isotherm::testing {
namespace {

class Generator {
 public:
  explicit Generator(std::mt19937& random) : random_(random) {}

  std::shared_ptr<const Graph> run() {
    parts_.versions.producer = 1882;
    placeholder("x0", DType::float32);
    placeholder("x1", DType::float32);
    placeholder("i0", DType::int32);
    tensors_ = {"x0", "x1"};
    const std::size_t count = 5 + below(62);
    for (std::size_t i = 0; i < count; ++i)
      add(std::string(1, static_cast<char>('a' + below(26))) + "/n" + std::to_string(i));
    tie();
    add_default_attrs(parts_);
    auto graph = Graph::build(std::move(parts_));
    return graph.ok() ? *graph : nullptr;
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }

  NodeRecord& node(const std::string& name, const std::string& op, std::vector<std::string> inputs) {
    parts_.nodes.push_back({name, op, {}, std::move(inputs), {}, {}});
    return parts_.nodes.back();
  }

  void placeholder(const std::string& name, DType dtype) {
    NodeRecord& record = node(name, "Placeholder", {});
    record.attrs.set("dtype", TypeValue(dtype));
    record.attrs.set("shape", Shape{-1, 8});
  }

  /// A tensor made so far, a recent one as often as any.
  std::string tensor() {
    if (one_in(2)) return tensors_[below(tensors_.size())];
    return tensors_[tensors_.size() - 1 - below(std::min<std::size_t>(5, tensors_.size()))];
  }

  std::vector<std::string> inputs(std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(tensor());
    return out;
  }

  void add(const std::string& name) {
    static constexpr const char* kUnary[] = {"Relu", "Sigmoid", "Identity", "Log1p", "Rint", "Exp", "StopGradient"};
    static constexpr const char* kBinary[] = {"AddV2", "Mul", "Maximum", "TruncateDiv"};
    const std::size_t kind = below(20);
    if (kind < 3) {
      NodeRecord& record = node(name, "Const", {});
      record.attrs.set("dtype", TypeValue(DType::float32));
      record.attrs.set("value", make_constant_attr(Constant(Tensor::vector(std::vector<float>(8, 0.5f)))));
    } else if (kind == 3) {
      node(name, "NoOp", {});
      return add_control(parts_.nodes.back(), true);
    } else if (kind == 4) {
      NodeRecord& record = node(name, "Cast", {"i0"});
      record.attrs.set("SrcT", TypeValue(DType::int32));
      record.attrs.set("DstT", TypeValue(DType::float32));
    } else if (kind == 5) {
      AttrList types;
      types.type.assign(2, TypeValue(DType::float32));
      node(name, "IdentityN", inputs(2)).attrs.set("T", make_list_attr(std::move(types)));
      tensors_.push_back(name + ":1");
    } else if (kind < 13) {
      node(name, kUnary[below(std::size(kUnary))], inputs(1)).attrs.set("T", TypeValue(DType::float32));
    } else {
      node(name, kBinary[below(std::size(kBinary))], inputs(2)).attrs.set("T", TypeValue(DType::float32));
    }
    add_control(parts_.nodes.back(), one_in(10));
    tensors_.push_back(name);
  }

  /// Control edges of a node, from nodes before it.
  void add_control(NodeRecord& record, bool any) {
    for (; any; any = one_in(3)) {
      const std::string from = "^" + parts_.nodes[below(parts_.nodes.size() - 1)].name;
      if (std::find(record.inputs.begin(), record.inputs.end(), from) == record.inputs.end())
        record.inputs.push_back(from);
    }
  }

  void tie() {
    for (NodeRecord& record : parts_.nodes) {
      if (one_in(25)) record.device = one_in(2) ? "/device:GPU:0" : "/device:CPU:0";
      if (one_in(15)) {
        AttrList list;
        for (std::size_t i = 0; i <= below(2); ++i)
          list.s.push_back("loc:@" + parts_.nodes[below(parts_.nodes.size())].name);
        record.attrs.set("_class", make_list_attr(std::move(list)));
      }
      if (one_in(30)) {
        AttrList list;
        list.shape.push_back(Shape{-1, 8});
        record.attrs.set("_output_shapes", make_list_attr(std::move(list)));
      }
    }
  }

  std::mt19937& random_;
  Graph::Parts parts_;
  std::vector<std::string> tensors_;
};

}  // namespace

std::shared_ptr<const Graph> random_graph(std::mt19937& random) { return Generator(random).run(); }

}  // namespace isotherm::testing
