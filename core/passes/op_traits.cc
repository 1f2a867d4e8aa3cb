#include "core/passes/op_traits.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace isotherm::passes {
namespace {

template <std::size_t n>
bool any_of(std::string_view op, const std::string_view (&names)[n]) {
  return std::find(std::begin(names), std::end(names), op) != std::end(names);
}

constexpr std::string_view kVariableOps[] = {"Variable",       "VariableV2",    "AutoReloadVariable", "VarHandleOp",
                                             "ReadVariableOp", "_VarHandlesOp", "_ReadVariablesOp"};
constexpr std::string_view kDatasetOps[] = {"IteratorGetNext", "IteratorGetNextSync", "DatasetToSingleElement",
                                            "ReduceDataset"};
constexpr std::string_view kReductions[] = {"Sum", "Prod", "Min", "Max", "Mean", "Any", "All"};
constexpr std::string_view kAggregates[] = {"AddN", "AddV2", "AccumulateNV2", "RiscAdd", "Add"};
/// Named like in-place ops, but they work on a resource.
constexpr std::string_view kResourceUpdates[] = {
    "AssignVariableOp",   "AssignAddVariableOp", "AssignSubVariableOp", "ResourceScatterUpdate", "ResourceScatterAdd",
    "ResourceScatterSub", "ResourceScatterMul",  "ResourceScatterDiv",  "ResourceScatterMin",    "ResourceScatterMax"};

// Ordered by name.
constexpr auto kNeverForwards = std::to_array<std::string_view>({
    "ArgMax",
    "ArgMin",
    "AudioSpectrogram",
    "AvgPool",
    "BatchMatMul",
    "BatchMatMulV2",
    "BatchNormWithGlobalNormalization",
    "BatchToSpace",
    "BatchToSpaceND",
    "Bincount",
    "BroadcastArgs",
    "BroadcastGradientArgs",
    "Bucketize",
    "CTCBeamSearchDecoder",
    "CTCGreedyDecoder",
    "CTCLoss",
    "CompareAndBitpack",
    "ComplexAbs",
    "Concat",
    "ConcatOffset",
    "ConcatV2",
    "Conv2D",
    "Copy",
    "CopyHost",
    "Cross",
    "CudnnRNN",
    "CudnnRNNBackprop",
    "CudnnRNNBackpropV2",
    "CudnnRNNBackpropV3",
    "CudnnRNNCanonicalToParams",
    "CudnnRNNCanonicalToParamsV2",
    "CudnnRNNParamsSize",
    "CudnnRNNParamsToCanonical",
    "CudnnRNNParamsToCanonicalV2",
    "CudnnRNNV2",
    "CudnnRNNV3",
    "CumProd",
    "CumSum",
    "DebugNanCount",
    "DebugNumericSummary",
    "DecodeProtoV2",
    "DecodeWav",
    "DeepCopy",
    "DepthToSpace",
    "Dequantize",
    "Diag",
    "DiagPart",
    "EditDistance",
    "Empty",
    "EncodeProtoV2",
    "EncodeWav",
    "ExtractImagePatches",
    "ExtractVolumePatches",
    "Fill",
    "Gather",
    "GatherNd",
    "GatherV2",
    "HistogramFixedWidth",
    "InvertPermutation",
    "IsInf",
    "IsNan",
    "Isfinite",
    "LinSpace",
    "LowerBound",
    "MatMul",
    "MatrixDiag",
    "MatrixDiagPart",
    "MatrixDiagPartV2",
    "MatrixDiagV2",
    "Mfcc",
    "Multinomial",
    "OneHot",
    "Pack",
    "ParameterizedTruncatedNormal",
    "PopulationCount",
    "RandomGamma",
    "RandomPoisson",
    "RandomPoissonV2",
    "RandomStandardNormal",
    "RandomUniform",
    "RandomUniformInt",
    "Range",
    "Rank",
    "RequantizationRange",
    "Requantize",
    "ReverseSequence",
    "Shape",
    "ShapeN",
    "Size",
    "SpaceToBatch",
    "SpaceToBatchND",
    "SpaceToDepth",
    "SparseMatMul",
    "Split",
    "SplitV",
    "TruncatedNormal",
    "Unique",
    "UniqueV2",
    "UniqueWithCounts",
    "UniqueWithCountsV2",
    "Unpack",
    "UnravelIndex",
    "UpperBound",
    "Where",
});
static_assert(std::ranges::is_sorted(kNeverForwards));

bool contains_in_place(std::string_view op) {
  std::string lower(op);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.find("inplace") != std::string::npos;
}

OpTraits make_traits(std::string_view op) {
  OpTraits t;
  t.name = op;
  t.def = find_op(op);
  t.is_const = op == "Const";
  t.is_identity = op == "Identity" || op == "RefIdentity";
  t.is_identity_n = op == "IdentityN";
  t.is_no_op = op == "NoOp";
  t.is_switch = op == "Switch" || op == "RefSwitch" || op == "_SwitchN";
  t.is_merge = op == "Merge" || op == "RefMerge" || op == "_XlaMerge";
  t.is_enter = op == "Enter" || op == "RefEnter";
  t.is_exit = op == "Exit" || op == "RefExit";
  t.is_next_iteration = op == "NextIteration" || op == "RefNextIteration";
  t.is_placeholder = op == "Placeholder" || op == "PlaceholderV2" || op == "PlaceholderWithDefault";
  t.is_retval = op == "_Retval" || op == "_DeviceRetval";
  t.is_reduction = any_of(op, kReductions);
  t.is_variable = any_of(op, kVariableOps);
  t.is_receive = op == "_Recv" || op == "_HostRecv";
  t.is_dataset = any_of(op, kDatasetOps);
  t.is_aggregate = any_of(op, kAggregates);
  t.works_in_place = !any_of(op, kResourceUpdates) && contains_in_place(op);
  t.never_forwards = std::ranges::binary_search(kNeverForwards, op) || op.find("Segment") != std::string_view::npos ||
                     op.starts_with("Quantize");
  if (t.def) {
    t.is_stateful = t.def->is_stateful;
    t.is_commutative = t.def->is_commutative || op == "Add";
    for (const ArgDef& arg : t.def->inputs) t.has_ref_input = t.has_ref_input || arg.is_ref;
  }
  t.has_side_effect = !t.def || t.is_stateful || t.is_placeholder || t.has_ref_input || t.works_in_place ||
                      op.find("Queue") != std::string_view::npos || op == "_Send" || op == "_HostSend";
  return t;
}

}  // namespace

const OpTraits& OpTraitsTable::get(std::string_view op) {
  const auto it = traits_.find(op);
  if (it != traits_.end()) return *it->second;
  return *traits_.emplace(std::string(op), std::make_unique<OpTraits>(make_traits(op))).first->second;
}

}  // namespace isotherm::passes
