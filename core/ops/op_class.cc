// What an op is drawn and counted as.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "core/ops/op_def.h"

namespace isotherm {
namespace {

struct Group {
  OpClass op_class;
  std::string_view ops;  ///< between single spaces
};

constexpr std::array kGroups = {
    Group{OpClass::conv,
          "Conv Conv2D Conv3D DepthwiseConv2dNative Conv2DBackpropInput Conv2DBackpropInputV2 Conv3DBackpropInput "
          "Conv3DBackpropInputV2 "
          "Conv2DBackpropFilter Conv2DBackpropFilterV2 Conv3DBackpropFilter Conv3DBackpropFilterV2 "
          "DepthwiseConv2dNativeBackpropInput "
          "DepthwiseConv2dNativeBackpropFilter Dilation2D Dilation2DBackpropFilter Dilation2DBackpropInput "
          "FusedPadConv2D "
          "FusedResizeAndPadConv2D UniformQuantizedConvolution UniformQuantizedConvolutionHybrid XlaConv XlaConvV2 "
          "RiscConv"},
    Group{OpClass::matmul,
          "MatMul BatchMatMul BatchMatMulV2 BatchMatMulV3 SparseMatMul Einsum QuantizedMatMul SparseTensorDenseMatMul "
          "SparseMatrixMatMul "
          "SparseMatrixSparseMatMul TridiagonalMatMul BlockLSTM BlockLSTMV2 LSTMBlockCell GRUBlockCell CudnnRNN "
          "CudnnRNNV2 CudnnRNNV3 "
          "UniformQuantizedDot UniformQuantizedDotHybrid XlaDot XlaDotV2 XlaEinsum RiscDot MatrixInverse MatrixSolve "
          "MatrixTriangularSolve "
          "MatrixSolveLs Cholesky Svd Qr Lu SelfAdjointEig SelfAdjointEigV2 Eig TridiagonalSolve MatrixDeterminant "
          "LogMatrixDeterminant MatrixExponential MatrixLogarithm MatrixSquareRoot"},
    Group{
        OpClass::norm,
        "FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 FusedBatchNormGrad FusedBatchNormGradV2 FusedBatchNormGradV3 "
        "BatchNormWithGlobalNormalization BatchNormWithGlobalNormalizationGrad LRN LRNGrad L2Loss "
        "QuantizedBatchNormWithGlobalNormalization QuantizedInstanceNorm"},
    Group{OpClass::activation,
          "Relu Relu6 Elu Selu LeakyRelu Sigmoid Tanh Softplus Softsign Softmax LogSoftmax Erf Erfc ReluGrad Relu6Grad "
          "EluGrad SeluGrad "
          "LeakyReluGrad SigmoidGrad TanhGrad SoftplusGrad SoftsignGrad SoftmaxCrossEntropyWithLogits "
          "SparseSoftmaxCrossEntropyWithLogits QuantizedRelu QuantizedRelu6 QuantizedReluX SparseSoftmax"},
    Group{OpClass::pool,
          "MaxPool MaxPoolV2 MaxPool3D MaxPoolWithArgmax AvgPool AvgPool3D MaxPoolGrad MaxPoolGradV2 MaxPoolGradGrad "
          "MaxPoolGradGradV2 "
          "MaxPoolGradWithArgmax MaxPoolGradGradWithArgmax MaxPool3DGrad MaxPool3DGradGrad AvgPoolGrad AvgPool3DGrad "
          "FractionalAvgPool "
          "FractionalMaxPool FractionalAvgPoolGrad FractionalMaxPoolGrad QuantizedAvgPool QuantizedMaxPool Mean Sum "
          "Prod Max Min All Any "
          "EuclideanNorm ArgMax ArgMin Cumsum Cumprod CumulativeLogsumexp SegmentSum SegmentMean SegmentMax SegmentMin "
          "SegmentProd "
          "UnsortedSegmentSum UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentProd SparseSegmentSum "
          "SparseSegmentMean "
          "SparseSegmentSqrtN TopK TopKV2 InTopK InTopKV2 NthElement BiasAddGrad Bincount DenseBincount "
          "HistogramFixedWidth "
          "NonMaxSuppression NonMaxSuppressionV2 NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5 "
          "NonMaxSuppressionWithOverlaps CombinedNonMaxSuppression"},
    Group{
        OpClass::elementwise,
        "Abs Acos Acosh Add AddN AddV2 AccumulateNV2 Angle ApproximateEqual Asin Asinh Atan Atan2 Atanh BesselI0e "
        "BesselI1e Betainc BiasAdd "
        "BiasAddV1 BitwiseAnd BitwiseOr BitwiseXor Cast Ceil CheckNumerics CheckNumericsV2 ClipByValue Complex "
        "ComplexAbs Conj Cos Cosh "
        "Cross Dequantize Digamma Div DivNoNan Equal Erfinv Exp Expm1 FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVars "
        "FakeQuantWithMinMaxVarsPerChannel Floor FloorDiv FloorMod Greater GreaterEqual Igamma Igammac Imag Inv "
        "InvGrad Invert IsFinite "
        "IsInf IsNan LeftShift Less LessEqual Lgamma Log Log1p LogicalAnd LogicalNot LogicalOr Maximum Minimum Mod Mul "
        "MulNoNan Ndtri "
        "Neg NextAfter NotEqual Polygamma Pow QuantizeAndDequantize QuantizeAndDequantizeV2 QuantizeAndDequantizeV3 "
        "QuantizeAndDequantizeV4 QuantizeDownAndShrinkRange QuantizeV2 QuantizedAdd QuantizedBiasAdd QuantizedMul Real "
        "RealDiv "
        "Reciprocal ReciprocalGrad Requantize RequantizationRange RightShift Rint Round Rsqrt RsqrtGrad Select "
        "SelectV2 Sign Sin Sinh "
        "Sqrt SqrtGrad Square SquaredDifference Sub Tan TruncateDiv TruncateMod Xdivy Xlog1py Xlogy Zeta Bucketize "
        "UniformQuantize "
        "UniformDequantize UniformRequantize Mfcc AudioSpectrogram FFT FFT2D FFT3D IFFT IFFT2D IFFT3D RFFT RFFT2D "
        "RFFT3D IRFFT IRFFT2D "
        "IRFFT3D AdjustContrast AdjustContrastv2 AdjustHue AdjustSaturation HSVToRGB RGBToHSV"},
    Group{OpClass::array,
          "BatchToSpace BatchToSpaceND Bitcast BroadcastArgs BroadcastGradientArgs BroadcastTo Concat ConcatOffset "
          "ConcatV2 CropAndResize "
          "DataFormatDimMap DataFormatVecPermute DepthToSpace Diag DiagPart DynamicPartition DynamicStitch "
          "ParallelDynamicStitch Empty "
          "EnsureShape ExpandDims ExtractGlimpse ExtractGlimpseV2 ExtractImagePatches ExtractVolumePatches Fill Gather "
          "GatherNd GatherV2 "
          "Identity IdentityN ImageProjectiveTransformV2 ImageProjectiveTransformV3 InvertPermutation LinSpace "
          "ListDiff LowerBound "
          "MatrixBandPart MatrixDiag MatrixDiagPart MatrixDiagPartV2 MatrixDiagPartV3 MatrixDiagV2 MatrixDiagV3 "
          "MatrixSetDiag "
          "MatrixSetDiagV2 MatrixSetDiagV3 MirrorPad MirrorPadGrad OneHot OnesLike Pack Pad PadV2 ParallelConcat "
          "PreventGradient "
          "QuantizedConcat QuantizedReshape Range Rank Reshape ResizeArea ResizeBicubic ResizeBilinear "
          "ResizeNearestNeighbor "
          "QuantizedResizeBilinear ScaleAndTranslate Reverse ReverseSequence ReverseV2 Roll ScatterNd "
          "ScatterNdNonAliasingAdd "
          "SearchSorted Shape ShapeN Size Slice Snapshot SpaceToBatch SpaceToBatchND SpaceToDepth SparseReshape "
          "SparseToDense Split "
          "SplitV Squeeze StopGradient StridedSlice StridedSliceGrad TensorScatterAdd TensorScatterMax "
          "TensorScatterMin TensorScatterSub "
          "TensorScatterUpdate TensorStridedSliceUpdate Tile Transpose ConjugateTranspose Unique UniqueV2 "
          "UniqueWithCounts "
          "UniqueWithCountsV2 UnravelIndex Unpack UpperBound Where ZerosLike RandomUniform RandomUniformInt "
          "RandomStandardNormal "
          "TruncatedNormal RandomShuffle Multinomial DeepCopy DrawBoundingBoxes SampleDistortedBoundingBox "
          "SampleDistortedBoundingBoxV2"},
    Group{OpClass::control,
          "Switch RefSwitch Merge RefMerge Enter RefEnter Exit RefExit NextIteration RefNextIteration LoopCond NoOp "
          "ControlTrigger Assert "
          "If StatelessIf While StatelessWhile Case StatelessCase For PartitionedCall StatefulPartitionedCall "
          "RemoteCall SymbolicGradient "
          "MapDefun Abort FakeParam DeviceIndex _SwitchN _If _While"},
    Group{OpClass::constant,
          "Const HostConst ImmutableConst GuaranteeConst Variable VariableV2 VarHandleOp ReadVariableOp "
          "AutoReloadVariable TemporaryVariable"},
    Group{
        OpClass::io,
        "Placeholder PlaceholderV2 PlaceholderWithDefault _Arg _Retval _DeviceArg _DeviceRetval _Feed _Fetch _Send "
        "_Recv _HostSend "
        "_HostRecv Send Recv Print PrintV2 ReadFile WriteFile MatchingFiles Save SaveV2 SaveSlices Restore RestoreV2 "
        "RestoreSlice "
        "MergeV2Checkpoints ShardedFilename ShardedFilespec ParseExample ParseExampleV2 ParseSingleExample ParseTensor "
        "SerializeTensor PyFunc PyFuncStateless EagerPyFunc ImageSummary AudioSummary AudioSummaryV2 ScalarSummary "
        "HistogramSummary "
        "TensorSummary TensorSummaryV2 MergeSummary LookupTableFind LookupTableFindV2 LookupTableInsert "
        "LookupTableInsertV2 "
        "InitializeTable InitializeTableV2 InitializeTableFromTextFile InitializeTableFromTextFileV2 HashTable "
        "HashTableV2 "
        "MutableHashTable MutableHashTableV2 AsString Fact"},
};

struct Rule {
  std::string_view part;
  OpClass op_class;
};

/// Families whose members are too many to name; the first that fits counts.
constexpr std::array kPrefixes = {Rule{"TensorArray", OpClass::control},
                                  Rule{"TensorList", OpClass::control},
                                  Rule{"Stack", OpClass::control},
                                  Rule{"TensorMap", OpClass::control},
                                  Rule{"Assign", OpClass::constant},
                                  Rule{"Resource", OpClass::constant},
                                  Rule{"Scatter", OpClass::constant},
                                  Rule{"Apply", OpClass::constant},
                                  Rule{"SparseApply", OpClass::constant},
                                  Rule{"LookupTable", OpClass::io},
                                  Rule{"Decode", OpClass::io},
                                  Rule{"Encode", OpClass::io},
                                  Rule{"String", OpClass::io},
                                  Rule{"Regex", OpClass::io},
                                  Rule{"StaticRegex", OpClass::io},
                                  Rule{"Unicode", OpClass::io},
                                  Rule{"Queue", OpClass::io},
                                  Rule{"Reader", OpClass::io},
                                  Rule{"Iterator", OpClass::io},
                                  Rule{"Write", OpClass::io},
                                  Rule{"Stateless", OpClass::array},
                                  Rule{"Stateful", OpClass::array},
                                  Rule{"Random", OpClass::array},
                                  Rule{"QuantizedConv2D", OpClass::conv},
                                  Rule{"QuantizedDepthwise", OpClass::conv},
                                  Rule{"QuantizedMatMul", OpClass::matmul},
                                  Rule{"Bessel", OpClass::elementwise},
                                  Rule{"FakeQuant", OpClass::elementwise},
                                  Rule{"SparseReduce", OpClass::pool},
                                  Rule{"SparseSegment", OpClass::pool},
                                  Rule{"BatchMatrix", OpClass::matmul},
                                  Rule{"Sparse", OpClass::array},
                                  Rule{"Ragged", OpClass::array}};
constexpr std::array kSuffixes = {Rule{"Dataset", OpClass::io},   Rule{"DatasetV2", OpClass::io},
                                  Rule{"DatasetV3", OpClass::io}, Rule{"DatasetV4", OpClass::io},
                                  Rule{"Reader", OpClass::io},    Rule{"ReaderV2", OpClass::io},
                                  Rule{"Queue", OpClass::io},     Rule{"QueueV2", OpClass::io}};

const std::unordered_map<std::string_view, OpClass>& classes() {
  static const auto* const map = [] {
    auto* made = new std::unordered_map<std::string_view, OpClass>;
    for (const Group& group : kGroups) {
      std::string_view rest = group.ops;
      while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        made->emplace(rest.substr(0, end), group.op_class);
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
    return made;
  }();
  return *map;
}

/// The op that a rewritten one stands for: "_FusedConv2D" and "_MklNativeFusedConv2D" are convolutions.
std::string_view without_rewrite_prefix(std::string_view op) {
  for (const std::string_view prefix : {"__MklDummy", "_Mkl", "_"})
    if (op.starts_with(prefix)) {
      op.remove_prefix(prefix.size());
      break;
    }
  for (const std::string_view prefix : {"Native", "PadWith", "Fused"})
    if (op.starts_with(prefix) && !op.starts_with("FusedBatchNorm")) op.remove_prefix(prefix.size());
  for (const std::string_view suffix : {"Ex", "WithBias"})
    if (op.ends_with(suffix)) op.remove_suffix(suffix.size());
  return op;
}

}  // namespace

OpClass op_class(std::string_view op) {
  if (const auto it = classes().find(op); it != classes().end()) return it->second;
  // An engine is drawn in a form of its own; counted by class it is no op of any.
  if (op == "TRTEngineOp" || !find_op(op)) return OpClass::unknown;
  if (op.starts_with('_')) {
    const std::string_view plain = without_rewrite_prefix(op);
    if (const auto it = classes().find(plain); it != classes().end()) return it->second;
    op = plain;
  }
  for (const Rule& rule : kSuffixes)
    if (op.ends_with(rule.part)) return rule.op_class;
  for (const Rule& rule : kPrefixes)
    if (op.starts_with(rule.part)) return rule.op_class;
  return OpClass::unknown;
}

std::string_view op_class_label(OpClass c) {
  switch (c) {
    case OpClass::conv:
      return "convolution";
    case OpClass::matmul:
      return "matrix product";
    case OpClass::norm:
      return "normalisation";
    case OpClass::activation:
      return "activation";
    case OpClass::pool:
      return "pool, reduce";
    case OpClass::elementwise:
      return "elementwise";
    case OpClass::array:
      return "shape, array";
    case OpClass::control:
      return "control flow";
    case OpClass::constant:
      return "constant, variable";
    case OpClass::io:
      return "input, output";
    case OpClass::unknown:
      break;
  }
  return "other";
}

std::string_view op_class_key(OpClass c) {
  switch (c) {
    case OpClass::conv:
      return "conv";
    case OpClass::matmul:
      return "matmul";
    case OpClass::norm:
      return "norm";
    case OpClass::activation:
      return "activation";
    case OpClass::pool:
      return "pool";
    case OpClass::elementwise:
      return "elementwise";
    case OpClass::array:
      return "array";
    case OpClass::control:
      return "control";
    case OpClass::constant:
      return "constant";
    case OpClass::io:
      return "io";
    case OpClass::unknown:
      break;
  }
  return "unknown";
}

}  // namespace isotherm
