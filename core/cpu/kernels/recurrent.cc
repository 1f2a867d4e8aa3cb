// LSTMBlockCell, BlockLSTM, BlockLSTMV2, GRUBlockCell.
#include <cmath>

#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/onednn.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

/// c[rows, n] = [x, h] * w + bias, with w[inputs + units, n].
Status gates_of(const float* x, std::int64_t inputs, const float* h, std::int64_t units, const float* w,
                const float* bias, std::int64_t n, std::int64_t rows, float* c) {
  for (std::int64_t r = 0; r < rows; ++r) std::copy_n(bias, n, c + r * n);
  if (rows == 0 || n == 0) return {};
  if (inputs > 0 && dnnl_sgemm('N', 'N', rows, n, inputs, 1.0f, x, inputs, w, n, 1.0f, c, n) != dnnl_success)
    return internal_error("oneDNN's matrix product failed");
  if (units > 0 && dnnl_sgemm('N', 'N', rows, n, units, 1.0f, h, units, w + inputs * n, n, 1.0f, c, n) != dnnl_success)
    return internal_error("oneDNN's matrix product failed");
  return {};
}

struct LstmOptions {
  float forget_bias = 1, clip = 3;
  bool peephole = false;
  int i = 0, c = 1, f = 2, o = 3;  ///< places of the gates in the weights
};

struct LstmWeights {
  const float *w = nullptr, *peep_i = nullptr, *peep_f = nullptr, *peep_o = nullptr, *bias = nullptr;
};

/// One step for a batch; `to` are the seven outputs i, cs, f, o, ci, co, h, each rows x units.
Status lstm_step(const LstmOptions& options, const LstmWeights& weights, const float* x, std::int64_t inputs,
                 const float* cs_before, const float* h_before, std::int64_t rows, std::int64_t units,
                 std::vector<float>& gates, const std::array<float*, 7>& to) {
  gates.resize(static_cast<std::size_t>(rows * units * 4));
  ISO_TRY(gates_of(x, inputs, h_before, units, weights.w, weights.bias, units * 4, rows, gates.data()));
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t u = 0; u < units; ++u) {
      const auto gate = [&](int k) { return gates[static_cast<std::size_t>((r * 4 + k) * units + u)]; };
      const std::int64_t at = r * units + u;
      const float before = cs_before[at];
      const float i = sigmoid(gate(options.i) + (options.peephole ? before * weights.peep_i[u] : 0));
      const float f =
          sigmoid(gate(options.f) + options.forget_bias + (options.peephole ? before * weights.peep_f[u] : 0));
      const float ci = std::tanh(gate(options.c));
      float cs = ci * i + before * f;
      if (options.clip > 0) cs = std::clamp(cs, -options.clip, options.clip);
      const float o = sigmoid(gate(options.o) + (options.peephole ? cs * weights.peep_o[u] : 0)), co = std::tanh(cs);
      const std::array<float, 7> values{i, cs, f, o, ci, co, o * co};
      for (std::size_t k = 0; k < values.size(); ++k) to[k][at] = values[k];
    }
  return {};
}

/// Checks the weights that begin at `first`: cs_prev, h_prev, w, wci, wcf, wco, b.
Result<LstmWeights> lstm_weights(KernelContext& context, int first, std::int64_t rows, std::int64_t inputs,
                                 bool peephole) {
  ISO_TRY(expect_inputs(context, first + 7));
  const Tensor& cs = context.input(first);
  ISO_TRY(expect_rank(cs, 2, "cs_prev"));
  const std::int64_t units = cs.dim(1);
  const auto fits = [&](int i, std::int64_t n) {
    return context.input(first + i).elements() == n && context.input(first + i).dtype() == DType::float32;
  };
  if (!fits(0, rows * units) || !fits(1, rows * units) || !fits(2, (inputs + units) * units * 4) ||
      !fits(6, units * 4) || (peephole && (!fits(3, units) || !fits(4, units) || !fits(5, units))))
    return invalid_input("the state and weights do not fit " + std::to_string(rows) + " rows of " +
                         std::to_string(inputs) + " inputs and " + std::to_string(units) + " units");
  return LstmWeights{in<float>(context.input(first + 2)), in<float>(context.input(first + 3)),
                     in<float>(context.input(first + 4)), in<float>(context.input(first + 5)),
                     in<float>(context.input(first + 6))};
}

Status run_lstm_cell(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 8));
  const Tensor& x = context.input(0);
  ISO_TRY(expect_rank(x, 2, "the input"));
  if (x.dtype() != DType::float32) return unsupported_dtype(x.dtype());
  LstmOptions options;
  options.forget_bias = node.attrs.get_float("forget_bias", 1.0f);
  options.clip = node.attrs.get_float("cell_clip", 3.0f);
  options.peephole = node.attrs.get_bool("use_peephole");
  ISO_ASSIGN(const LstmWeights weights, lstm_weights(context, 1, x.dim(0), x.dim(1), options.peephole));
  const Shape state = context.input(1).shape();
  std::vector<Tensor> outputs;
  std::array<float*, 7> to{};
  for (float*& p : to) {
    ISO_ASSIGN(Tensor t, context.allocate(DType::float32, state));
    p = out<float>(t);
    outputs.push_back(std::move(t));
  }
  std::vector<float> gates;
  set_onednn_threads(context.threads());
  ISO_TRY(lstm_step(options, weights, in<float>(x), x.dim(1), in<float>(context.input(1)), in<float>(context.input(2)),
                    x.dim(0), state[1], gates, to));
  for (std::size_t k = 0; k < outputs.size(); ++k) context.set_output(static_cast<int>(k), std::move(outputs[k]));
  return {};
}

Status run_block_lstm(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 9));
  ISO_ASSIGN(const std::int64_t length, integer_of(context.input(0), "seq_len_max"));
  const Tensor& x = context.input(1);
  ISO_TRY(expect_rank(x, 3, "the input"));
  if (x.dtype() != DType::float32) return unsupported_dtype(x.dtype());
  const bool second = node.op == "BlockLSTMV2";
  LstmOptions options;
  options.forget_bias = second ? 0.0f : node.attrs.get_float("forget_bias", 1.0f);
  options.clip = node.attrs.get_float("cell_clip", second ? 0.0f : 3.0f);
  options.peephole = node.attrs.get_bool("use_peephole");
  if (second) {  // i, f, c, o
    options.f = 1;
    options.c = 2;
  }
  const std::int64_t steps = x.dim(0), rows = x.dim(1), inputs = x.dim(2);
  if (length < 0 || length > steps)
    return invalid_input("seq_len_max is " + std::to_string(length) + "; expected 0 to " + std::to_string(steps));
  ISO_ASSIGN(const LstmWeights weights, lstm_weights(context, 2, rows, inputs, options.peephole));
  const std::int64_t units = context.input(2).dim(1), step = rows * units;
  std::vector<Tensor> outputs;
  for (int k = 0; k < 7; ++k) {
    ISO_ASSIGN(Tensor t, context.allocate(DType::float32, Shape{steps, rows, units}));
    fill_with(t, nullptr);
    outputs.push_back(std::move(t));
  }
  const float *cs = in<float>(context.input(2)), *h = in<float>(context.input(3));
  std::vector<float> gates;
  set_onednn_threads(context.threads());
  for (std::int64_t t = 0; t < length; ++t) {
    std::array<float*, 7> to{};
    for (std::size_t k = 0; k < 7; ++k) to[k] = out<float>(outputs[k]) + t * step;
    ISO_TRY(lstm_step(options, weights, in<float>(x) + t * rows * inputs, inputs, cs, h, rows, units, gates, to));
    cs = to[1];
    h = to[6];
  }
  for (std::size_t k = 0; k < outputs.size(); ++k) context.set_output(static_cast<int>(k), std::move(outputs[k]));
  return {};
}

Status run_gru_cell(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 6));
  const Tensor& x = context.input(0);
  const Tensor& before = context.input(1);
  ISO_TRY(expect_rank(x, 2, "the input"));
  ISO_TRY(expect_rank(before, 2, "h_prev"));
  if (x.dtype() != DType::float32) return unsupported_dtype(x.dtype());
  const std::int64_t rows = x.dim(0), inputs = x.dim(1), units = before.dim(1);
  const auto fits = [&](int i, std::int64_t n) { return context.input(i).elements() == n; };
  if (!fits(1, rows * units) || !fits(2, (inputs + units) * units * 2) || !fits(3, (inputs + units) * units) ||
      !fits(4, units * 2) || !fits(5, units))
    return invalid_input("the state and weights do not fit " + std::to_string(rows) + " rows of " +
                         std::to_string(inputs) + " inputs and " + std::to_string(units) + " units");
  std::vector<Tensor> outputs;
  for (int k = 0; k < 4; ++k) {
    ISO_ASSIGN(Tensor t, context.allocate(DType::float32, before.shape()));
    outputs.push_back(std::move(t));
  }
  float *r = out<float>(outputs[0]), *u = out<float>(outputs[1]), *c = out<float>(outputs[2]),
        *h = out<float>(outputs[3]);
  const float* old = in<float>(before);
  std::vector<float> gates(static_cast<std::size_t>(rows * units * 2)), reset(static_cast<std::size_t>(rows * units));
  set_onednn_threads(context.threads());
  ISO_TRY(gates_of(in<float>(x), inputs, old, units, in<float>(context.input(2)), in<float>(context.input(4)),
                   units * 2, rows, gates.data()));
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t k = 0; k < units; ++k) {
      const std::int64_t at = row * units + k;
      r[at] = sigmoid(gates[static_cast<std::size_t>(row * 2 * units + k)]);
      u[at] = sigmoid(gates[static_cast<std::size_t>((row * 2 + 1) * units + k)]);
      reset[static_cast<std::size_t>(at)] = r[at] * old[at];
    }
  ISO_TRY(gates_of(in<float>(x), inputs, reset.data(), units, in<float>(context.input(3)), in<float>(context.input(5)),
                   units, rows, c));
  for (std::int64_t at = 0; at < rows * units; ++at) {
    c[at] = std::tanh(c[at]);
    h[at] = u[at] * old[at] + (1 - u[at]) * c[at];
  }
  for (std::size_t k = 0; k < outputs.size(); ++k) context.set_output(static_cast<int>(k), std::move(outputs[k]));
  return {};
}

}  // namespace

void register_recurrent(KernelRegistry& r) {
  r.add("LSTMBlockCell", run_lstm_cell, HalfFloats::as_float);
  r.add({"BlockLSTM", "BlockLSTMV2"}, run_block_lstm, HalfFloats::as_float);
  r.add("GRUBlockCell", run_gru_cell, HalfFloats::as_float);
}

}  // namespace isotherm::cpu
