// Ops that work element by element.
#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

/// Equal and NotEqual: without incompatible_shape_error unequal shapes compare to a single false.
Status equality(ShapeContext& c) {
  const bool strict = c.attrs().get_bool("incompatible_shape_error", true);
  ISO_ASSIGN(const ShapeHandle out, broadcast(c, c.input(0), c.input(1), strict));
  c.set_output(0, out);
  return {};
}

/// All inputs equal; merged from the last to the first.
Status add_n(ShapeContext& c) {
  ShapeHandle out = c.input(c.inputs() - 1);
  for (int i = c.inputs() - 2; i >= 0; --i) {
    ISO_ASSIGN(out, c.merge(c.input(i), out));
  }
  c.set_output(0, out);
  return {};
}

/// The condition is a scalar, a vector along the first dimension, or like the values.
Status select(ShapeContext& c) {
  ISO_ASSIGN(ShapeHandle values, c.merge(c.input(1), c.input(2)));
  const ShapeHandle condition = c.input(0);
  if (c.has_rank(condition) && c.has_rank(values) && c.rank(condition) != 0) {
    if (c.rank(condition) == 1 && c.rank(values) != 0) {
      ISO_TRY(c.merge(c.dim(values, 0), c.dim(condition, 0)).status());
    } else {
      ISO_ASSIGN(values, c.merge(values, condition));
    }
  }
  c.set_output(0, values);
  return {};
}

Status select_v2(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle values, broadcast(c, c.input(1), c.input(2)));
  ISO_ASSIGN(const ShapeHandle out, broadcast(c, c.input(0), values));
  c.set_output(0, out);
  return {};
}

Status betainc(ShapeContext& c) {
  // Scalars broadcast, all others are equal.
  ShapeHandle out = c.unknown_shape();
  bool all_scalar_inputs = true;
  for (int i = 0; i < c.inputs(); ++i) {
    if (!c.has_rank(c.input(i)))
      all_scalar_inputs = false;
    else if (c.rank(c.input(i)) > 0) {
      all_scalar_inputs = false;
      ISO_ASSIGN(out, c.merge(c.input(i), out));
    }
  }
  c.set_output(0, all_scalar_inputs ? c.scalar() : out);
  return {};
}

}  // namespace

void register_elementwise_shapes(ShapeRegistry& registry) {
  registry.add({"Abs",
                "Acos",
                "Acosh",
                "Angle",
                "AsString",
                "Asin",
                "Asinh",
                "Atan",
                "Atanh",
                "BesselI0e",
                "BesselI0",
                "BesselI1",
                "BesselI1e",
                "BesselJ0",
                "BesselJ1",
                "BesselK0",
                "BesselK0e",
                "BesselK1",
                "BesselK1e",
                "BesselY0",
                "BesselY1",
                "Bucketize",
                "Dawsn",
                "Expint",
                "FresnelCos",
                "FresnelSin",
                "Spence",
                "Cast",
                "Ceil",
                "CheckNumerics",
                "CheckNumericsV2",
                "ClipByValue",
                "ComplexAbs",
                "Conj",
                "Cos",
                "Cosh",
                "Digamma",
                "Elu",
                "Erf",
                "Erfc",
                "Erfinv",
                "Exp",
                "Expm1",
                "Floor",
                "GuaranteeConst",
                "Imag",
                "Inv",
                "Invert",
                "IsFinite",
                "IsInf",
                "IsNan",
                "LeakyRelu",
                "Lgamma",
                "Log",
                "Log1p",
                "LogicalNot",
                "Ndtri",
                "Neg",
                "OnesLike",
                "PopulationCount",
                "PreventGradient",
                "Print",
                "Real",
                "Reciprocal",
                "Relu",
                "Relu6",
                "Rint",
                "Round",
                "Rsqrt",
                "Selu",
                "Sigmoid",
                "Sign",
                "Sin",
                "Sinh",
                "Snapshot",
                "Softplus",
                "Softsign",
                "Sqrt",
                "Square",
                "StopGradient",
                "Tan",
                "Tanh",
                "ZerosLike",
                "InvGrad",
                "ReciprocalGrad",
                "RsqrtGrad",
                "SigmoidGrad",
                "SqrtGrad",
                "TanhGrad",
                "DeepCopy",
                "InplaceAdd",
                "InplaceSub",
                "InplaceUpdate",
                "Cumsum",
                "Cumprod",
                "CumulativeLogsumexp"},
               unchanged);
  registry.add({"Softmax", "LogSoftmax"}, unchanged_with_rank_at_least<1>);
  registry.add({"EluGrad", "LeakyReluGrad", "Relu6Grad", "ReluGrad", "SeluGrad", "SoftplusGrad", "SoftsignGrad",
                "ApproximateEqual"},
               merge_both_inputs);
  registry.add({"Add",          "AddV2",       "Atan2",       "BitwiseAnd",
                "BitwiseOr",    "BitwiseXor",  "Complex",     "Div",
                "DivNoNan",     "FloorDiv",    "FloorMod",    "Greater",
                "GreaterEqual", "Igamma",      "IgammaGradA", "Igammac",
                "LeftShift",    "Less",        "LessEqual",   "LogicalAnd",
                "LogicalOr",    "Maximum",     "Minimum",     "Mod",
                "Mul",          "MulNoNan",    "NextAfter",   "Polygamma",
                "Pow",          "RealDiv",     "RightShift",  "SquaredDifference",
                "Sub",          "TruncateDiv", "TruncateMod", "Xdivy",
                "Xlog1py",      "Xlogy",       "Zeta"},
               broadcast_binary);
  registry.add({"Equal", "NotEqual"}, equality);
  registry.add({"AddN", "AccumulateNV2"}, add_n);
  registry.add("Select", select);
  registry.add("SelectV2", select_v2);
  registry.add("Betainc", betainc);
}

}  // namespace isotherm::shapes
