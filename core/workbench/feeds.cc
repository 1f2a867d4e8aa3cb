#include "core/workbench/feeds.h"

#include <cstring>
#include <random>

#include "core/graph/half.h"

namespace isotherm {
namespace {

template <class T, class F>
void fill(Tensor& tensor, F next) {
  for (T& v : tensor.mutable_data<T>()) v = next();
}

Result<Tensor> random_tensor(const std::string& name, DType dtype, const Shape& shape, std::mt19937_64& engine) {
  ISO_ASSIGN(Tensor tensor, Tensor::make(dtype, shape));
  // The top 24 bits: the same numbers with every standard library.
  const auto unit = [&] { return static_cast<double>(engine() >> 40) * 0x1p-24; };
  const auto whole = [&] { return static_cast<std::int64_t>(unit() * 100); };
  switch (dtype) {
    case DType::float32: fill<float>(tensor, [&] { return static_cast<float>(unit()); }); break;
    case DType::float64: fill<double>(tensor, unit); break;
    case DType::float16: fill<Half>(tensor, [&] { return to_half(static_cast<float>(unit())); }); break;
    case DType::bfloat16: fill<BFloat16>(tensor, [&] { return to_bfloat16(static_cast<float>(unit())); }); break;
    case DType::int8:
    case DType::uint8: fill<std::uint8_t>(tensor, [&] { return static_cast<std::uint8_t>(whole()); }); break;
    case DType::int16:
    case DType::uint16: fill<std::uint16_t>(tensor, [&] { return static_cast<std::uint16_t>(whole()); }); break;
    case DType::int32:
    case DType::uint32: fill<std::int32_t>(tensor, [&] { return static_cast<std::int32_t>(whole()); }); break;
    case DType::int64:
    case DType::uint64: fill<std::int64_t>(tensor, whole); break;
    case DType::boolean: fill<bool>(tensor, [&] { return unit() < 0.5; }); break;
    default:
      return invalid_input("input '" + name + "' is of dtype " + std::string(dtype_name(dtype)) +
                           ", for which no values can be made up; give a file with --input " + name + "=FILE.npy");
  }
  return tensor;
}

}  // namespace

Result<Feeds> make_feeds(const Graph& graph, const GraphShapes& shapes, const std::vector<std::string>& inputs,
                         const FeedOptions& options) {
  Feeds feeds;
  std::mt19937_64 engine(options.seed);
  for (const auto& [name, value] : options.given) feeds.emplace_back(name, value);
  for (const std::string& name : inputs) {
    ISO_ASSIGN(const TensorRef ref, graph.find_tensor(name));
    bool given = false;
    for (const auto& [other, value] : options.given) {
      const auto other_ref = graph.find_tensor(other);
      given = given || (other_ref.ok() && *other_ref == ref);
    }
    if (given) continue;
    const TensorInfo& info = shapes.info(ref);
    Shape shape = info.shape;
    if (!shape.has_rank())
      return invalid_input("input '" + name + "' has unknown rank; give its shape with --shape " + name + "=1x224x224x3 or a file with --input");
    for (int i = 0; i < shape.rank(); ++i) {
      if (shape.dim(i) >= 0) continue;
      if (i != 0)
        return invalid_input("input '" + name + "' has the shape " + shape.to_string() + ", whose dimension " + std::to_string(i) +
                             " is unknown; give its shape with --shape " + name + "=… or a file with --input");
      shape.set_dim(i, options.batch);
    }
    ISO_ASSIGN(Tensor value, random_tensor(name, info.dtype, shape, engine));
    feeds.emplace_back(name, std::move(value));
  }
  return feeds;
}

std::string describe_feed(const std::string& name, const Tensor& value) {
  return name + " " + std::string(dtype_name(value.dtype())) + " " + value.shape().to_string();
}

}  // namespace isotherm
