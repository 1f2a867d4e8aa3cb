#!/usr/bin/env python3
"""Makes the cases of this folder with TensorFlow 2.17: NAME/graph.pb, what is fed (inputs/) and what comes out (outputs/).
usage: make.py [FOLDER]      loose.tsv names the cases whose outputs differ between machines by more than usual, and why."""
import os, pathlib, shutil, sys
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
os.environ['CUDA_VISIBLE_DEVICES'] = ''
os.environ['TF_ENABLE_ONEDNN_OPTS'] = '0'
import numpy as np
import tensorflow as tf

raw, v1 = tf.raw_ops, tf.compat.v1
root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
rng = np.random.default_rng(11)
cases, loose = {}, []


def normal(*shape, dtype=np.float32): return rng.normal(size=shape).astype(dtype)
def whole(low, high, *shape, dtype=np.int32): return rng.integers(low, high, shape).astype(dtype)


def case(name, build, *inputs, reason=None):
    """build(placeholders) -> tensors"""
    cases[name] = (build, inputs)
    if reason: loose.append((name, reason))


# Windows: padding, strides, dilations, groups, both layouts, the dtypes that go another way.
for padding in ('SAME', 'VALID', 'EXPLICIT'):
    pads = dict(padding=padding, explicit_paddings=[0, 0, 1, 2, 0, 1, 0, 0]) if padding == 'EXPLICIT' else dict(padding=padding)
    case(f'conv2d_{padding.lower()}', lambda x, w, p=pads: [
        raw.Conv2D(input=x, filter=w, strides=[1, 2, 1, 1], **p), raw.Conv2D(input=x, filter=w, strides=[1, 1, 1, 1], dilations=[1, 2, 2, 1], **p)],
        normal(2, 9, 8, 3), normal(3, 2, 3, 5))
case('conv2d_constant', lambda x: [raw.Conv2D(input=x, filter=tf.identity(tf.constant(normal(1, 1, 4, 6))), strides=[1, 1, 1, 1], padding='SAME')], normal(1, 5, 5, 4))
case('conv2d_grouped', lambda x, w: [raw.Conv2D(input=x, filter=w, strides=[1, 1, 1, 1], padding='SAME')], normal(1, 6, 6, 8), normal(3, 3, 2, 12))
case('conv2d_double', lambda x, w: [raw.Conv2D(input=x, filter=w, strides=[1, 2, 2, 1], padding='SAME')], normal(1, 6, 6, 3, dtype=np.float64), normal(3, 3, 3, 4, dtype=np.float64))
case('conv2d_half', lambda x, w: [raw.Conv2D(input=x, filter=w, strides=[1, 2, 2, 1], padding='SAME')], normal(1, 6, 6, 3, dtype=np.float16), normal(3, 3, 3, 4, dtype=np.float16), reason='float16')
case('depthwise', lambda x, w: [raw.DepthwiseConv2dNative(input=x, filter=w, strides=[1, 2, 2, 1], padding='SAME'),
                                raw.DepthwiseConv2dNative(input=x, filter=w, strides=[1, 1, 1, 1], padding='VALID')], normal(2, 7, 6, 4), normal(3, 3, 4, 2))
case('conv3d', lambda x, w: [raw.Conv3D(input=x, filter=w, strides=[1, 1, 2, 1, 1], padding='SAME')], normal(1, 4, 5, 4, 2), normal(2, 3, 2, 2, 3))
case('conv2d_backprop_input', lambda w, y: [raw.Conv2DBackpropInput(input_sizes=[2, 8, 7, 3], filter=w, out_backprop=y, strides=[1, 2, 2, 1], padding='SAME')], normal(3, 3, 3, 4), normal(2, 4, 4, 4))
case('pooling', lambda x: [f(**{k: x}, ksize=[1, 3, 2, 1], strides=[1, 2, 2, 1], padding=p) for f, k in ((raw.MaxPool, 'input'), (raw.AvgPool, 'value')) for p in ('SAME', 'VALID')], normal(2, 7, 6, 3))
case('pooling_3d', lambda x: [raw.MaxPool3D(input=x, ksize=[1, 2, 2, 2, 1], strides=[1, 2, 1, 2, 1], padding='SAME'),
                              raw.AvgPool3D(input=x, ksize=[1, 2, 3, 2, 1], strides=[1, 1, 2, 2, 1], padding='SAME')], normal(1, 4, 5, 4, 2))
case('max_pool_argmax', lambda x: list(raw.MaxPoolWithArgmax(input=x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME', include_batch_in_index=True)), normal(2, 5, 5, 2))
case('patches', lambda x, w: [raw.ExtractImagePatches(images=x, ksizes=[1, 3, 2, 1], strides=[1, 2, 2, 1], rates=[1, 1, 2, 1], padding='SAME'),
                              raw.Dilation2D(input=x, filter=w, strides=[1, 2, 1, 1], rates=[1, 1, 2, 1], padding='SAME'), raw.LRN(input=x, depth_radius=1, bias=0.5, alpha=0.3, beta=0.7)],
     normal(1, 6, 7, 3), normal(2, 2, 3))
# Normalisation.
bn = lambda op, n, **kw: lambda x, s, o, m, v: list(op(x=x, scale=s, offset=o, mean=m, variance=v, epsilon=1e-3, **kw))[:n]
stats = [normal(4), normal(4), normal(4), np.abs(normal(4)) + .1]
case('batch_norm', bn(raw.FusedBatchNormV3, 1, is_training=False), normal(2, 3, 4, 4), *stats)
case('batch_norm_training', bn(raw.FusedBatchNormV3, 3, is_training=True, exponential_avg_factor=0.3), normal(2, 3, 4, 4), *stats)
case('softmax', lambda x: [raw.Softmax(logits=x), raw.LogSoftmax(logits=x), *raw.SoftmaxCrossEntropyWithLogits(features=x, labels=raw.Softmax(logits=-x))], normal(5, 19) * 10)
case('bias', lambda x, b: [raw.BiasAdd(value=x, bias=b)], normal(2, 3, 3, 5), normal(5))
# Elementwise: broadcasting, dtypes, integers that wrap or round.
pairs = [(np.float32, [2, 1, 4], [3, 1]), (np.int32, [4], [2, 3, 1]), (np.uint8, [5], []), (np.complex64, [3, 2], [2])]
for dtype, a, b in pairs:
    make = lambda s, d=dtype: (normal(*s) + 1j * normal(*s)).astype(d) if d == np.complex64 else normal(*s) * 5 if d == np.float32 else whole(0 if d == np.uint8 else -9, 200 if d == np.uint8 else 9, *s, dtype=d)
    ops = [raw.AddV2, raw.Sub, raw.Mul] + ([raw.SquaredDifference] if dtype != np.uint8 else []) + ([raw.Maximum, raw.Minimum, raw.Less, raw.GreaterEqual] if dtype != np.complex64 else []) + [raw.Equal]
    case(f'binary_{np.dtype(dtype).name}', lambda x, y, ops=ops: [op(x=x, y=y) for op in ops], make(a), make(b))
nonzero = np.array([-7, -3, -1, 1, 2, 3, 5], np.int32)
case('integer_division', lambda x, y: [op(x=x, y=y) for op in (raw.FloorDiv, raw.FloorMod, raw.TruncateDiv, raw.TruncateMod)], whole(-20, 20, 6, 1), nonzero)
case('float_division', lambda x, y: [op(x=x, y=y) for op in (raw.RealDiv, raw.FloorDiv, raw.FloorMod, raw.DivNoNan, raw.Xdivy)] + [raw.Pow(x=raw.Abs(x=x), y=y), raw.Atan2(y=x, x=y)], normal(6, 1) * 4, normal(7))
unary = 'Neg Abs Sign Square Exp Sigmoid Tanh Softplus Softsign Elu Selu Relu Relu6 Sin Cos Atan Erf Erfc Expm1 Floor Ceil Rint Round IsNan IsInf IsFinite Digamma'.split()
arg = {'Elu': 'features', 'Selu': 'features', 'Relu': 'features', 'Relu6': 'features', 'Softplus': 'features', 'Softsign': 'features'}
edge = np.concatenate([normal(40) * 6, np.array([0., -0., np.inf, -np.inf, np.nan, 88.9, -87., 0.25, .5, 1.5, 2.5], np.float32)])
case('unary', lambda x: [getattr(raw, n)(**{arg.get(n, 'x'): x}) for n in unary if n != 'Digamma'], edge, reason='special: vectorised functions of edge values')
case('unary_positive', lambda x: [getattr(raw, n)(x=x) for n in ('Log', 'Log1p', 'Sqrt', 'Rsqrt', 'Reciprocal', 'Lgamma', 'Digamma', 'Acosh', 'Asinh')], np.abs(normal(30)) * 3 + 1.01)
case('cast', lambda x: [tf.cast(x, t) for t in ('int32', 'uint8', 'int64', 'float16', 'bool', 'complex64', 'float64')], np.array([0, 1.7, 2.5, 100.2, 255, .1], np.float32), reason='float16')
case('select', lambda c, x, y: [raw.SelectV2(condition=c, t=x, e=y), raw.Where(condition=x)], whole(0, 2, 3, 1).astype(bool), whole(0, 2, 3, 4).astype(np.float32), normal(4))
# Moving data.
case('slices', lambda x: [x[1:, ::-2, None, ..., 3], x[..., 0:2], raw.Slice(input=x, begin=[0, 1, 2], size=[-1, 2, 1]), *tf.split(x, [2, 1, 2], 2), *tf.unstack(x, axis=1)], normal(3, 4, 5))
case('joins', lambda x, y: [tf.concat([x, y], 1), tf.stack([x, x], 2), tf.tile(x, [2, 1, 3]), tf.broadcast_to(x[:, :, :1], [3, 2, 3, 6])], normal(2, 3, 4), normal(2, 2, 4))
case('pads', lambda x: [tf.pad(x, [[1, 2], [0, 3]]), tf.pad(x, [[2, 1], [1, 2]], 'REFLECT'), tf.pad(x, [[3, 1], [1, 4]], 'SYMMETRIC'), tf.pad(x, [[0, 1], [1, 0]], constant_values=7.)], normal(3, 4))
case('permutations', lambda x: [tf.transpose(x, [2, 0, 1]), tf.transpose(x, [1, 0, 2]), tf.reverse(x, [0, 2]), tf.roll(x, [1, -2], [0, 2]), tf.reverse_sequence(x, [1, 3, 2], seq_axis=1, batch_axis=0)], normal(3, 4, 5))
case('space', lambda x: [tf.nn.depth_to_space(x, 2), tf.nn.space_to_depth(x, 2), tf.space_to_batch(x, [2, 3], [[0, 2], [1, 1]]), tf.batch_to_space(tf.tile(x, [4, 1, 1, 1]), [2, 2], [[0, 1], [1, 0]])], normal(1, 4, 4, 4))
case('gather', lambda x, i: [tf.gather(x, i, axis=1), tf.gather(x, i % 3, axis=1, batch_dims=1), tf.gather_nd(x, [[0, 1], [2, 3]]), tf.scatter_nd([[1], [3], [1]], x, [5, 4, 2]), tf.tensor_scatter_nd_update(x, [[0, 0]], [[9., 8.]]),
                             tf.math.unsorted_segment_sum(x, [1, 0, 1], 3), tf.math.segment_mean(x, [0, 0, 2]), tf.one_hot(i, 4)], normal(3, 4, 2), whole(0, 4, 3, 2))
case('strings', lambda x: [x[::-1], tf.concat([x, x], 0), raw.Add(x=x, y=tf.constant('!')), raw.Equal(x=x, y=tf.constant('b')), tf.reshape(x, [3, 1])], np.array([b'a', b'b', b'cde']))
# Reductions.
case('reductions', lambda x: [f(x, a, keepdims=k) for f in (tf.reduce_sum, tf.reduce_mean, tf.reduce_prod, tf.reduce_max, tf.reduce_min) for a, k in (([1], False), ([0, 2], True), ([0, 1, 2], False), ([0], False))]
     + [tf.argmax(x, 1), tf.argmin(x, 2), tf.cumsum(x, 1, exclusive=True), tf.cumsum(x, 0, reverse=True), *tf.math.top_k(x, 2)], normal(3, 4, 5))
case('reductions_int', lambda x: [tf.reduce_sum(x, 0), tf.reduce_mean(x, 1), tf.reduce_max(x), tf.reduce_any(x > 3, 0), tf.reduce_all(x > 0, 1)], whole(-9, 9, 4, 6))
# Products.
case('matmul', lambda x, y: [tf.matmul(x, y), tf.matmul(x, x, transpose_b=True), tf.matmul(x, x, transpose_a=True), tf.einsum('ij,jk->ki', x, y)], normal(5, 7), normal(7, 3))
case('batch_matmul', lambda x, y: [raw.BatchMatMulV2(x=x, y=y), raw.BatchMatMulV2(x=x, y=x, adj_y=True), tf.einsum('abij,bjk->abik', x, y)], normal(2, 3, 4, 5), normal(3, 5, 2))
case('matmul_int', lambda x, y: [raw.MatMul(a=x, b=y)], whole(-9, 9, 3, 4), whole(-9, 9, 4, 2))
spd = normal(4, 4); spd = spd @ spd.T + 4 * np.eye(4, dtype=np.float32)
case('linear_algebra', lambda a, b: [raw.MatrixInverse(input=a), raw.MatrixDeterminant(input=a), raw.MatrixSolve(matrix=a, rhs=b), raw.Cholesky(input=a), *raw.Lu(input=a)], spd, normal(4, 2), reason='acc')
case('diagonals', lambda x, d: [tf.linalg.diag(d), tf.linalg.diag_part(x), tf.linalg.set_diag(x, d), tf.linalg.band_part(x, 1, 0), tf.linalg.diag_part(x, k=(-1, 1), align='LEFT_RIGHT'), tf.linalg.diag(x[0, :3], k=1)], normal(3, 4, 4), normal(3, 4))
# Images, boxes, sound, quantisation.
size = [7, 5]
case('resize', lambda x: [f(images=x, size=size, **k) for f in (raw.ResizeBilinear, raw.ResizeNearestNeighbor, raw.ResizeBicubic) for k in ({}, {'align_corners': True}, {'half_pixel_centers': True})] + [raw.ResizeArea(images=x, size=size)], rng.random((1, 4, 6, 2), np.float32))
boxes = np.sort(rng.random((12, 2, 2), np.float32), 1).reshape(12, 4)
case('boxes', lambda x, b, s: [tf.image.crop_and_resize(x, b[:3], [0, 1, 0], [3, 4]), raw.NonMaxSuppressionV3(boxes=b, scores=s, max_output_size=6, iou_threshold=.3, score_threshold=.2),
                               *raw.NonMaxSuppressionV5(boxes=b, scores=s, max_output_size=6, iou_threshold=.3, score_threshold=.1, soft_nms_sigma=.5)], rng.random((2, 6, 5, 2), np.float32), boxes, rng.random(12, np.float32))
case('colors', lambda x: [tf.image.rgb_to_hsv(x), tf.image.hsv_to_rgb(x), raw.AdjustHue(images=x, delta=.3), raw.AdjustSaturation(images=x, scale=.5), raw.AdjustContrastv2(images=x, contrast_factor=1.7)], rng.random((2, 3, 4, 3), np.float32))
t = np.arange(1600) / 8000
wave = (np.sin(t * 2 * np.pi * 440) * 9000 + np.sin(t * 2 * np.pi * 1200) * 4000).astype('<i2').tobytes()
wave = wave[:-1] + b'\x01'  # arrays of bytes lose zeros at their end
wav = b'RIFF' + (36 + len(wave)).to_bytes(4, 'little') + b'WAVEfmt ' + (16).to_bytes(4, 'little') + b'\x01\x00\x01\x00' + (8000).to_bytes(4, 'little') + (16000).to_bytes(4, 'little') + b'\x02\x00\x10\x00data' + len(wave).to_bytes(4, 'little') + wave
def sound(x):
    audio = raw.DecodeWav(contents=x)
    spectrum = raw.AudioSpectrogram(input=audio[0], window_size=400, stride=300, magnitude_squared=True)
    return [audio[1], spectrum, raw.Mfcc(spectrogram=spectrum, sample_rate=audio[1])]
case('sound', sound, np.array(wav))
for mode in ('MIN_COMBINED', 'MIN_FIRST', 'SCALED'):
    case(f'quantize_{mode.lower()}', lambda x, m=mode: [raw.Dequantize(input=raw.QuantizeV2(input=x, min_range=-3., max_range=4., T=q, mode=m)[0], min_range=-3., max_range=4., mode=m) for q in (tf.quint8, tf.qint8)], normal(40), reason='round')
case('dequantize_denormal', lambda x: [raw.Dequantize(input=tf.bitcast(x, tf.quint8), min_range=0., max_range=1e-39, mode='MIN_FIRST')], whole(0, 255, 9, dtype=np.uint8))
case('fake_quant', lambda x: [raw.FakeQuantWithMinMaxArgs(inputs=x, min=-2., max=3., num_bits=5), raw.QuantizeAndDequantizeV2(input=x, input_min=-1., input_max=2., range_given=True)], normal(40), reason='round')


def array(x):
    ta = raw.TensorArrayV3(size=4, dtype=tf.float32, element_shape=[2], dynamic_size=True)
    flow = raw.TensorArrayScatterV3(handle=ta[0], indices=[3, 0, 1], value=x, flow_in=ta[1])
    flow = raw.TensorArrayWriteV3(handle=ta[0], index=4, value=x[0], flow_in=flow)
    return [raw.TensorArrayGatherV3(handle=ta[0], indices=[0, 4, 3], flow_in=flow, dtype=tf.float32, element_shape=[2]), raw.TensorArraySizeV3(handle=ta[0], flow_in=flow)]
case('tensor_array', array, normal(3, 2))
def tensor_list(x):
    l = raw.TensorListSetItem(input_handle=raw.TensorListFromTensor(tensor=x, element_shape=[2]), index=1, item=x[0] * 2)
    l = raw.TensorListPushBack(input_handle=l, tensor=x[2])
    return [raw.TensorListStack(input_handle=l, element_shape=[2], element_dtype=tf.float32), raw.TensorListLength(input_handle=l), raw.TensorListGetItem(input_handle=l, index=2, element_shape=[2], element_dtype=tf.float32)]
case('tensor_list', tensor_list, normal(3, 2))
case('lstm_cell', lambda x, c, h, w, p, b: list(raw.LSTMBlockCell(x=x, cs_prev=c, h_prev=h, w=w, wci=p, wcf=p, wco=p, b=b, use_peephole=True, cell_clip=1.)), normal(2, 3), normal(2, 4), normal(2, 4), normal(7, 16), normal(4), normal(16))
case('sequences', lambda x: [tf.range(3, 17, 4), tf.range(2., -1., -.5), tf.linspace(1., 2., 5), raw.ListDiff(x=x, y=[2, 3])[0], *tf.unique(x), tf.math.bincount(x)], np.array([2, 5, 2, 1, 3, 5], np.int32))

for name, (build, inputs) in cases.items():
    folder = root / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / 'outputs').mkdir(parents=True)
    graph, feed = tf.Graph(), {}
    with graph.as_default():
        for i, value in enumerate(inputs):
            p = v1.placeholder(tf.string if value.dtype.kind == 'S' else value.dtype, value.shape, f'x{i}')
            feed[p] = value
            (folder / 'inputs').mkdir(exist_ok=True)
            np.save(folder / 'inputs' / f'x{i}.npy', value)
        fetches = [tf.identity(t, f'y{i}') for i, t in enumerate(build(*feed))]
    with v1.Session(graph=graph) as session:
        for i, value in enumerate(session.run(fetches, feed)):
            np.save(folder / 'outputs' / f'y{i}.npy', np.array(value, 'S') if value.dtype == object else value)
    (folder / 'graph.pb').write_bytes(graph.as_graph_def(add_shapes=False).SerializeToString())
(root / 'loose.tsv').write_text(''.join(f'{n}\t{r}\n' for n, r in loose))
print(len(cases), 'cases')
