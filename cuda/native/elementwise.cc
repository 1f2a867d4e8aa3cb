// Unary and binary ops element by element, BiasAdd.
#include "cuda/kernels/elementwise.h"

#include "core/cpu/broadcast.h"
#include "cuda/native/families.h"
#include "cuda/native/helpers.h"

namespace isotherm::cuda {
namespace {

template <UnaryOp op>
Status run_unary(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const float* x = floats(context.input(0));
  const Shape shape = context.input(0).shape();
  ISO_ASSIGN(const Launch launch, launch_of(context));
  ISO_ASSIGN(Tensor y, reuse_or_allocate(context, 0, DType::float32, shape));
  const float alpha = op == UnaryOp::leaky_relu ? node.attrs.get_float("alpha", 0.2f) : 0.0f;
  ISO_CUDA(launch_unary(op, alpha, x, floats_out(y), y.elements(), launch.handle()));
  context.set_output(0, std::move(y));
  return {};
}

Result<BroadcastWalk> walk_of(const cpu::BroadcastPlan& plan) {
  BroadcastWalk walk;
  if (plan.dims.size() > kMaxDims)
    return unsupported("broadcasting takes " + std::to_string(plan.dims.size()) +
                       " separate dimensions; the CUDA device " + "takes " + std::to_string(kMaxDims));
  walk.rank = static_cast<int>(plan.dims.size());
  for (std::size_t d = 0; d < plan.dims.size(); ++d) {
    walk.dims[d] = plan.dims[d];
    walk.a[d] = plan.strides[d][0];
    walk.b[d] = plan.strides[d][1];
  }
  return walk;
}

template <BinaryOp op>
Status run_binary(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  const float *pa = floats(a), *pb = floats(b);
  ISO_ASSIGN(const cpu::BroadcastPlan plan, cpu::plan_broadcast({&a.shape(), &b.shape()}));
  ISO_ASSIGN(const BroadcastWalk walk, walk_of(plan));
  ISO_ASSIGN(const Launch launch, launch_of(context));
  Tensor y;
  if (a.shape() == plan.shape) y = context.take_input(0, DType::float32, plan.shape);
  if (!y.valid() && b.shape() == plan.shape) y = context.take_input(1, DType::float32, plan.shape);
  if (!y.valid()) {
    ISO_ASSIGN(y, context.allocate(DType::float32, plan.shape));
  }
  ISO_CUDA(launch_binary(op, walk, pa, pb, floats_out(y), launch.handle()));
  context.set_output(0, std::move(y));
  return {};
}

Status run_bias_add(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  const Tensor& bias = context.input(1);
  if (x.rank() < 2) return invalid_input("the input has shape " + x.shape().to_string() + "; expected rank 2 or more");
  const std::string format = node.attrs.get_string("data_format", "NHWC");
  const bool channels_first = node.op == "BiasAdd" && format.size() > 1 && format[1] == 'C';
  const int dim = channels_first ? 1 : x.rank() - 1;
  const std::int64_t channels = x.dim(dim), inner = product(x.shape(), dim + 1, x.rank()),
                     rows = product(x.shape(), 0, dim);
  if (bias.rank() != 1 || bias.dim(0) != channels)
    return invalid_input("the bias has shape " + bias.shape().to_string() + "; expected " + std::to_string(channels) +
                         " values");
  const float* from = floats(x);
  const Shape shape = x.shape();
  ISO_ASSIGN(const Launch launch, launch_of(context));
  ISO_ASSIGN(Tensor y, reuse_or_allocate(context, 0, DType::float32, shape));
  ISO_CUDA(launch_bias(from, floats(bias), floats_out(y), rows, channels, inner, launch.handle()));
  context.set_output(0, std::move(y));
  return {};
}

}  // namespace

void register_elementwise(KernelRegistry& r) {
  r.add({"Relu"}, run_unary<UnaryOp::relu>);
  r.add({"Relu6"}, run_unary<UnaryOp::relu6>);
  r.add({"LeakyRelu"}, run_unary<UnaryOp::leaky_relu>);
  r.add({"Elu"}, run_unary<UnaryOp::elu>);
  r.add({"Selu"}, run_unary<UnaryOp::selu>);
  r.add({"Sigmoid"}, run_unary<UnaryOp::sigmoid>);
  r.add({"Tanh"}, run_unary<UnaryOp::tanh>);
  r.add({"Softplus"}, run_unary<UnaryOp::softplus>);
  r.add({"Softsign"}, run_unary<UnaryOp::softsign>);
  r.add({"Neg"}, run_unary<UnaryOp::neg>);
  r.add({"Abs"}, run_unary<UnaryOp::abs>);
  r.add({"Sign"}, run_unary<UnaryOp::sign>);
  r.add({"Square"}, run_unary<UnaryOp::square>);
  r.add({"Sqrt"}, run_unary<UnaryOp::sqrt>);
  r.add({"Rsqrt"}, run_unary<UnaryOp::rsqrt>);
  r.add({"Reciprocal", "Inv"}, run_unary<UnaryOp::reciprocal>);
  r.add({"Exp"}, run_unary<UnaryOp::exp>);
  r.add({"Expm1"}, run_unary<UnaryOp::expm1>);
  r.add({"Log"}, run_unary<UnaryOp::log>);
  r.add({"Log1p"}, run_unary<UnaryOp::log1p>);
  r.add({"Sin"}, run_unary<UnaryOp::sin>);
  r.add({"Cos"}, run_unary<UnaryOp::cos>);
  r.add({"Floor"}, run_unary<UnaryOp::floor>);
  r.add({"Ceil"}, run_unary<UnaryOp::ceil>);
  r.add({"Round", "Rint"}, run_unary<UnaryOp::round>);
  r.add({"Erf"}, run_unary<UnaryOp::erf>);
  r.add({"Add", "AddV2"}, run_binary<BinaryOp::add>);
  r.add({"Sub"}, run_binary<BinaryOp::sub>);
  r.add({"Mul"}, run_binary<BinaryOp::mul>);
  r.add({"RealDiv", "Div"}, run_binary<BinaryOp::div>);
  r.add({"Maximum"}, run_binary<BinaryOp::maximum>);
  r.add({"Minimum"}, run_binary<BinaryOp::minimum>);
  r.add({"SquaredDifference"}, run_binary<BinaryOp::squared_difference>);
  r.add({"Pow"}, run_binary<BinaryOp::pow>);
  r.add({"BiasAdd", "BiasAddV1"}, run_bias_add);
}

}  // namespace isotherm::cuda
