// FusedBatchNorm, V2, V3: inference as one multiply-add per element, training mode with batch statistics.
#include <cmath>
#include <vector>

#include "core/cpu/hot_loops.h"
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

/// The image as batch x channels x inner (channels first) or rows x channels.
struct Layout {
  std::int64_t batch = 1, channels = 1, inner = 1;
  bool channels_first = false;
};

void apply(const Layout& l, const float* x, const float* scale, const float* offset, float* y, int threads) {
  if (l.channels_first) {
    parallel_for(threads, l.batch * l.channels, l.inner, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i)
        hot_scale_offset(x + i * l.inner, scale[i % l.channels], offset[i % l.channels], y + i * l.inner, l.inner);
    });
  } else {
    parallel_for(threads, l.batch * l.inner, l.channels, [&](std::int64_t begin, std::int64_t end) {
      hot_scale_offset_rows(x + begin * l.channels, scale, offset, y + begin * l.channels, end - begin, l.channels);
    });
  }
}

/// Mean and biased variance per channel, in double.
void statistics(const Layout& l, const float* x, std::vector<double>& mean, std::vector<double>& variance) {
  const auto c = static_cast<std::size_t>(l.channels);
  mean.assign(c, 0);
  variance.assign(c, 0);
  const std::int64_t outer = l.channels_first ? l.batch : l.batch * l.inner, inner = l.channels_first ? l.inner : 1;
  const auto each = [&](auto&& f) {
    for (std::int64_t o = 0; o < outer; ++o)
      for (std::size_t k = 0; k < c; ++k)
        for (std::int64_t i = 0; i < inner; ++i) f(k, x[(o * l.channels + static_cast<std::int64_t>(k)) * inner + i]);
  };
  const double count = static_cast<double>(l.batch * l.inner);
  each([&](std::size_t k, float v) { mean[k] += v; });
  for (double& m : mean) m /= count;
  each([&](std::size_t k, float v) { variance[k] += (v - mean[k]) * (v - mean[k]); });
  for (double& v : variance) v /= count;
}

class BatchNormKernel final : public Kernel {
 public:
  explicit BatchNormKernel(const KernelRequest& request) : node_(request.node) {
    epsilon_ = node_.attrs.get_float("epsilon", 1e-4f);
    training_ = node_.attrs.get_bool("is_training", true);
    factor_ = node_.attrs.get_float("exponential_avg_factor", 1.0f);
    const std::string format = node_.attrs.get_string("data_format", "NHWC");
    channels_first_ = format == "NCHW" || format == "NCDHW";
    ports_ = node_.op == "FusedBatchNormV3" ? 6 : 5;
  }

  Status run(KernelContext& context) override {
    ISO_TRY(expect_inputs(context, 5));
    const Tensor& x = context.input(0);
    if (x.dtype() != DType::float32) return unsupported_dtype(x.dtype());
    if (x.rank() != 4 && x.rank() != 5)
      return invalid_input("the input has shape " + x.shape().to_string() + "; expected rank 4 or 5");
    Layout l;
    l.channels_first = channels_first_;
    l.batch = x.dim(0);
    l.channels = channels_first_ ? x.dim(1) : x.dim(x.rank() - 1);
    l.inner = channels_first_ ? product(x.shape(), 2, x.rank()) : product(x.shape(), 1, x.rank() - 1);
    for (int i = 1; i < 5; ++i) {
      const Tensor& t = context.input(i);
      const bool may_be_empty = i >= 3 && training_;
      if (t.dtype() != DType::float32) return unsupported_dtype(t.dtype());
      if (t.rank() != 1 || (t.dim(0) != l.channels && !(may_be_empty && t.dim(0) == 0)))
        return invalid_input("input " + std::to_string(i) + " has shape " + t.shape().to_string() + "; expected " +
                             std::to_string(l.channels) + " values");
    }
    const Shape per_channel{l.channels};
    const float* scale = in<float>(context.input(1));
    const float* offset = in<float>(context.input(2));
    const auto c = static_cast<std::size_t>(l.channels);
    std::vector<float> multiply(c), add(c);
    if (training_) {
      ISO_TRY(run_training(context, l, x, per_channel, scale, offset, multiply, add));
    } else {
      const float* mean = in<float>(context.input(3));
      const float* variance = in<float>(context.input(4));
      fold(
          scale, offset, [&](std::size_t k) { return static_cast<double>(mean[k]); },
          [&](std::size_t k) { return static_cast<double>(variance[k]); }, multiply, add);
      for (int port = 1; port < 5; ++port) context.set_output(port, context.input(port == 1 || port == 3 ? 3 : 4));
    }
    if (ports_ == 6) {
      ISO_ASSIGN(Tensor reserve, context.allocate(DType::float32, Shape{0}));
      context.set_output(5, std::move(reserve));
    }
    const float* from = in<float>(x);
    ISO_ASSIGN(Tensor y, reuse_or_allocate(context, 0, DType::float32, x.shape()));
    if (y.elements() > 0) apply(l, from, multiply.data(), add.data(), out<float>(y), context.threads());
    context.set_output(0, std::move(y));
    return {};
  }

 private:
  template <class M, class V>
  void fold(const float* scale, const float* offset, M&& mean, V&& variance, std::vector<float>& multiply,
            std::vector<float>& add) const {
    for (std::size_t k = 0; k < multiply.size(); ++k) {
      const double factor = scale[k] / std::sqrt(variance(k) + static_cast<double>(epsilon_));
      multiply[k] = static_cast<float>(factor);
      add[k] = static_cast<float>(offset[k] - mean(k) * factor);
    }
  }

  Status run_training(KernelContext& context, const Layout& l, const Tensor& x, const Shape& per_channel,
                      const float* scale, const float* offset, std::vector<float>& multiply,
                      std::vector<float>& add) const {
    std::vector<double> mean, variance;
    statistics(l, in<float>(x), mean, variance);
    const double count = static_cast<double>(l.batch * l.inner);
    const double bessel = count > 1 ? count / (count - 1) : 1;
    const bool moving =
        factor_ != 1.0f && context.input(3).elements() == l.channels && context.input(4).elements() == l.channels;
    std::vector<Tensor> ports;
    for (int port = 1; port < 5; ++port) {
      ISO_ASSIGN(Tensor t, context.allocate(DType::float32, per_channel));
      float* to = out<float>(t);
      for (std::size_t k = 0; k < mean.size(); ++k) {
        double value = port == 1 || port == 3 ? mean[k] : variance[k] * (port == 2 ? bessel : 1);
        if (moving && port < 3) {
          const double old = in<float>(context.input(port + 2))[k];
          value = old + (value - old) * static_cast<double>(factor_);
        }
        to[k] = static_cast<float>(value);
      }
      ports.push_back(std::move(t));
    }
    fold(
        scale, offset, [&](std::size_t k) { return mean[k]; }, [&](std::size_t k) { return variance[k]; }, multiply,
        add);
    for (int port = 1; port < 5; ++port) context.set_output(port, std::move(ports[static_cast<std::size_t>(port - 1)]));
    return {};
  }

  const Node& node_;
  float epsilon_ = 0, factor_ = 1;
  bool training_ = false, channels_first_ = false;
  int ports_ = 5;
};

Result<std::unique_ptr<Kernel>> make_batch_norm(const KernelRequest& request) {
  return widen_half_floats(std::make_unique<BatchNormKernel>(request), request);
}

}  // namespace

void register_batch_norm(KernelRegistry& r) {
  for (const char* op : {"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"}) r.add_factory(op, make_batch_norm);
}

}  // namespace isotherm::cpu
