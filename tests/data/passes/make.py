#!/usr/bin/env python3
"""Makes the cases of this folder with TensorFlow 2.17: NAME/0.pb, the graph, NAME/outputs, what must stay, and NAME/N.pb, the graph after
pass N of grappler as TF-TRT's converter configures it (1 model_pruner, 2 debug_stripper, 3 dependency_optimizer, 4 constant_folding,
5 common_subgraph_elimination). A pass that changed nothing has no file.      usage: make.py [FOLDER]"""
import glob, os, pathlib, re, shutil, sys, tempfile
dump = tempfile.mkdtemp()
os.environ.update(TF_CPP_MIN_LOG_LEVEL='3', CUDA_VISIBLE_DEVICES='', TF_ENABLE_ONEDNN_OPTS='0', TF_DUMP_GRAPH_PREFIX=dump, TF_CPP_VMODULE='meta_optimizer=4')
import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework import graph_pb2
from tensorflow.core.protobuf import config_pb2, meta_graph_pb2, rewriter_config_pb2
from tensorflow.python.grappler import tf_optimizer

raw, v1 = tf.raw_ops, tf.compat.v1
v1.disable_control_flow_v2()
root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
PASSES = [('pruning', 'model_pruner'), ('debug_stripper', 'debug_stripper'), ('dependency', 'dependency_optimizer'), ('constfold', 'constant_folding'),
          ('common_subgraph_elimination', 'common_subgraph_elimination')]
cases = {}
const, control = tf.constant, tf.control_dependencies


def case(build): cases[build.__name__] = build; return build
def feed(*shape, name='x', dtype=tf.float32): return v1.placeholder(dtype, list(shape) if shape != (None,) else None, name)
def weights(*shape, seed=1): return const(np.random.default_rng(seed).normal(size=shape).astype(np.float32))
def out(t, name='out'): return tf.identity(t, name=name)
def ones(*shape): return const(np.ones(shape, np.float32))
def zeros(*shape): return const(np.zeros(shape, np.float32))


@case
def prune():
    x = feed(2, 3)
    a = tf.identity(tf.stop_gradient(tf.identity(x)))
    b = tf.add_n([a])
    tf.nn.relu(x, name='unused')
    with control([tf.no_op(name='nothing')]): c = tf.identity(b, name='ordered')
    with control([const(1., name='free')]): d = tf.tanh(c)
    s, t = raw.Switch(data=d, pred=v1.placeholder(tf.bool, [], 'p'))
    m = raw.Merge(inputs=[tf.identity(s), tf.identity(t)])[0]
    return [out(m), out(tf.identity(c), 'out2')]


@case
def identity_n():
    x, y, z = feed(3), feed(3, name='y'), feed(3, name='z')
    n = raw.IdentityN(input=[tf.nn.relu(x), tf.tanh(y), const([1., 2., 3.])], name='tied')
    one = raw.IdentityN(input=[z], name='single')
    return [out(n[0]), out(n[2] + one[0], 'out2')]


@case
def debug():
    x = feed(4)
    a = raw.CheckNumerics(tensor=x, message='bad', name='check')
    b = raw.Print(input=a, data=[x], message='x', name='print')
    with control([raw.Assert(condition=tf.reduce_all(x > 0), data=[x], name='assert')]): c = tf.nn.relu(b)
    return [out(c)]


@case
def dependencies():
    x = feed(4)
    a = tf.nn.relu(x, name='a')
    with control([a]): b = tf.tanh(a, name='b')
    with control([a, b, const(2., name='free')]): c = tf.sigmoid(b, name='c')
    with control([tf.exp(a, name='only_waited_for')]): d = tf.identity(c, name='passes')
    with control([a, c]): n = tf.no_op(name='gate')
    with control([n]): e = tf.identity(d, name='behind')
    with control([tf.group(b, c, name='group')]): f = tf.nn.relu(x, name='f')
    return [out(tf.sqrt(e)), out(f, 'out2')]


@case
def devices():
    cpu = ['/job:a/replica:0/task:%d/device:CPU:0' % i for i in range(2)]
    with tf.device(cpu[0]): x = feed(4); sources = [f(x) for f in (tf.nn.relu, tf.tanh, tf.exp)]
    with tf.device(cpu[1]), control(sources): y = tf.identity(tf.sigmoid(x), name='far')
    with tf.device(cpu[1]): z = tf.nn.relu(y)
    with tf.device(cpu[0]): kept = [out(s + 1., f'out{i}') for i, s in enumerate(sources)]
    return [out(z)] + kept


@case
def shapes():
    x, y = feed(2, 3, 4), feed(None, name='y')
    w = tf.nn.conv2d(tf.reshape(y, [1, 5, 5, 2]), weights(3, 3, 2, 4), 1, 'SAME')
    n = raw.ShapeN(input=[w, tf.nn.relu(y)])
    array = raw.TensorArrayV3(size=const(3), dtype=tf.float32)
    return [out(tf.shape(w)), out(tf.size(w), 'o2'), out(tf.rank(w), 'o3'), out(n[0] + 1, 'o4'), out(n[1] + 1, 'o5'), out(tf.shape(x) * 2, 'o6'),
            out(raw.TensorArraySizeV3(handle=array[0], flow_in=array[1]) + 1, 'o7'), out(tf.shape(w)[1:3], 'o8'), out(raw.Pack(values=[tf.shape(w)[1], 7]), 'o9')]


@case
def folding():
    x = feed(6)
    a = const([1., 4., 9.]); b = tf.sqrt(a) * 2. + const([1., 1., 1.])
    parts = tf.split(tf.concat([b, a], 0), 3)
    with control([x]): c = tf.exp(const([.5, .25]), name='waits')
    with control([parts[0]]): d = tf.identity(x, name='after_part')
    big = tf.fill([200, 200], 3.) + 1.
    q = raw.QuantizeAndDequantizeV2(input=const([.1, .9]), input_min=0., input_max=1., range_given=True)
    return [out(tf.concat([parts[1], c], 0) * 2.), out(d, 'o2'), out(big, 'o3'), out(tf.zeros_like(a) + tf.ones_like(a), 'o4'), out(q, 'o5'),
            out(raw.Cast(x=b, DstT=tf.int32), 'o6'), raw.StringJoin(inputs=['a', 'b'], name='o7'), tf.add(a, a, name='o8')]


@case
def branches():
    x, p = feed(4), v1.placeholder(tf.bool, [], 'p')
    s, t = raw.Switch(data=p, pred=p, name='known')
    f, g = raw.Switch(data=const([1., 2.]), pred=const(True), name='decided')
    m = raw.Merge(inputs=[const([7.]), tf.identity(x)[:1]], name='first')
    with control([tf.identity(s, name='pivot_f')]): a = const([5.]) * 2.
    l, r = raw.Switch(data=x, pred=p, name='open')
    return [out(tf.logical_not(s)), out(tf.logical_not(t), 'o2'), out(g * 2., 'o3'), out(tf.identity(f), 'o4'), out(m[0] + 1., 'o5'), out(m[1] + 1, 'o6'), out(a, 'o7'),
            out(tf.shape(tf.reshape(l, [2, 2])), 'o8'), out(tf.nn.relu(r), 'o9')]


@case
def loop():
    x = feed(3)
    w = weights(3, 3)
    with v1.variable_scope('l'):
        r = v1.while_loop(lambda i, a: i < 4, lambda i, a: [i + 1, tf.squeeze(tf.matmul(a[None], w * 2.), 0) + const([1., 2., 3.])], [const(0), x])
    return [out(r[1])]


@case
def arrays():
    x, u = tf.nn.relu(tf.ones([1, 3, 4]) * feed(name='s')), feed(None, name='u')
    y = tf.nn.conv2d(u, weights(1, 1, 3, 4), 1, 'SAME')
    keep = [tf.transpose(x, [0, 1, 2]), tf.transpose(x, [1, 0, 2]), tf.reverse(x, [0]), tf.reverse(x, [1]), tf.slice(x, [0, 0, 0], [1, 3, -1]), tf.slice(x, [0, 1, 0], [1, 2, 4]),
            x[:, :, :], x[..., 0:4], x[:, 0:2], x[0:1, ..., ::1], tf.tile(x, [1, 1, 1]), tf.tile(x, [1, 2, 1]), tf.pad(x, [[0, 0]] * 3), tf.pad(x, [[0, 0], [1, 0], [0, 0]]),
            tf.squeeze(x[0]), tf.squeeze(x), tf.stack([x]), tf.stack([x], axis=2), tf.reshape(x, [1, 3, 4]), tf.reshape(x, [-1, 3, 4]), tf.reshape(x, [3, 4]), tf.split(x, 1)[0],
            raw.SplitV(value=x, size_splits=[4], axis=2, num_split=1)[0], tf.random.shuffle(x), tf.tile(y, [1, 1, 1, 1]), tf.pad(y, [[0, 0]] * 4), tf.broadcast_to(x, [2, 3, 4])]
    return [out(k, f'o{i}') for i, k in enumerate(keep)]


@case
def reductions():
    x, u = tf.nn.relu(tf.ones([1, 3, 1]) * feed(name='s')), feed(None, name='u')
    one = tf.reshape(u, [1, 1])
    axes = v1.placeholder(tf.int32, [3], 'axes')
    keep = [tf.reduce_sum(x, []), tf.reduce_mean(x, [0, 2], keepdims=True), tf.reduce_max(x, [1], keepdims=True), tf.reduce_prod(one, [0]), tf.reduce_sum(one, [0, 1]),
            tf.reduce_min(one, [-1], keepdims=True), tf.reduce_any(x > 0, []), tf.reduce_sum(x, axes), tf.reshape(tf.reduce_sum(x, axes, keepdims=True), [1])]
    return [out(k, f'o{i}') for i, k in enumerate(keep)]


@case
def arithmetic():
    x, u = tf.nn.relu(tf.ones([2, 3]) * feed(name='s')), feed(None, name='u')
    c = tf.nn.conv2d(u, weights(1, 1, 3, 4), 1, 'SAME')
    i, b = tf.cast(x, tf.int32), x > 1.
    keep = [x * 1., ones(2, 3) * x, x * ones(3), x * ones(5, 2, 3), x + 0., zeros(4, 2, 3) + x, x - 0., 0. - x, zeros(2, 3) - x, x / 1., ones(2, 3) / x, 1. / x, x / 4., i // 1,
            x * 0., i * 0, i * zeros(2, 3, ).numpy().astype(np.int32) if tf.executing_eagerly() else i * const(np.zeros((2, 3), np.int32)), tf.logical_and(b, True), tf.logical_or(b, True),
            tf.logical_or(b, const(np.zeros((2, 3), bool))), tf.nn.bias_add(c, zeros(4)), c + 0., c * 1., c * ones(4), tf.math.xdivy(x, const(2.)), tf.matmul(i, const(np.zeros((3, 2), np.int32))),
            tf.matmul(x, zeros(3, 2)), raw.MulNoNan(x=x, y=ones(2, 3)), raw.Div(x=i, y=const(3)), raw.Div(x=x, y=const(3.)), tf.where(const(True), x, x * 2.),
            tf.where(const(np.zeros((2, 3), bool)), x, tf.exp(x)), tf.where(const([True, True, True]), x, tf.exp(const(3.)) * tf.reduce_sum(x))]
    return [out(k, f'o{n}') for n, k in enumerate(keep)]


@case
def trees():
    x, y, u = tf.nn.relu(tf.ones([2, 3]) * feed(name='s')), tf.tanh(tf.ones([2, 3]) * feed(name='t')), feed(None, name='u')
    h = tf.cast(x, tf.float16)
    c = tf.nn.conv2d(u, weights(1, 1, 3, 4), 1, 'SAME')
    keep = [(x + 2.) + 3., 2. + (3. + x), (x * 2.) * 3., 2. * (x + 3.), (x - 2.) + 3., 2. - (x + 3.), (2. - x) - 3., 2. - (3. - x), (x + y) + 2., 2. - (x + y), (x - y) - 2., 2. + (x - y),
            raw.Div(x=const(2.), y=x * const(3.)), raw.Mul(x=const(2.), y=raw.Div(x=x, y=y)), raw.Div(x=raw.Mul(x=x, y=y), y=const(2.)), raw.Div(x=const(2.), y=raw.Div(x=x, y=y)), (h + 2.) + 3.,
            tf.nn.bias_add(tf.nn.bias_add(c, weights(4)), weights(4, seed=2)), tf.nn.bias_add(c, weights(4)) + weights(4, seed=3), tf.nn.bias_add(c + weights(4), weights(4, seed=4)),
            (tf.nn.bias_add(c, tf.reshape(feed(None, name='v'), [4])) + weights(4, seed=5)), (x + ones(3)) + const([[1., 2., 3.], [4., 5., 6.]]), tf.cast(x, tf.int32) + 2 + 3,
            (x + y) * 1.5 * 2., tf.exp(x + 2.) + 3.]
    return [out(k, f'o{n}') for n, k in enumerate(keep)]


@case
def convolutions():
    x = feed(1, 6, 6, 3)
    z = tf.nn.relu(tf.ones([1, 6, 6, 3]) * feed(name='s'))
    conv = lambda i, k: tf.nn.conv2d(i, weights(3, 3, 3, 4, seed=k), 1, 'SAME')
    a = conv(z, 3)
    keep = [conv(z, 1) * weights(4), 2. * conv(z, 2), a * 2., a + 1., conv(z, 4) * weights(1, 1, 1, 4), conv(z, 5) * weights(6, 4), conv(x, 6) * weights(4) + weights(4, seed=2), conv(z, 7) * 2. * 3.,
            tf.nn.relu(conv(z, 8) * 2.), tf.nn.conv3d(tf.reshape(z, [1, 6, 6, 1, 3]), weights(1, 1, 1, 3, 2), [1] * 5, 'SAME') * 3.]
    return [out(k, f'o{n}') for n, k in enumerate(keep)]


@case
def partly():
    x, y = feed(2), feed(2, name='y')
    a, b, c = (weights(2, seed=i) for i in range(3))
    n = raw.IdentityN(input=[x, a], name='half')
    inner = tf.concat([x, y], 0)
    keep = [tf.add_n([x, a, b, y]), tf.add_n([x, y, a]), tf.concat([a, b, x, c, y], 0), tf.concat([x, a, b, c], 0), tf.concat([a, x, b], 0), tf.concat([inner, a], 0), n[1] * 2., n[0] * 2.,
            raw.AccumulateNV2(inputs=[a, b, c], shape=[2]) + x]
    return [out(k, f'o{i}') for i, k in enumerate(keep)]


@case
def duplicates():
    x, y = feed(2, 2), feed(2, 2, name='y')
    keep = [tf.exp(x) + tf.exp(x), x * y + y * x, x - y, y - x, tf.matmul(x, weights(2, 2)), tf.matmul(x, weights(2, 2)), tf.matmul(x, weights(2, 2), transpose_a=True), tf.random.uniform([2]),
            tf.random.uniform([2]), tf.nn.relu(tf.tanh(x * 2.)), tf.nn.relu(tf.tanh(2. * x)), tf.split(x, 2)[0], tf.split(x, 2)[1], const([1, 2]) + tf.shape(y), const([1, 2]) + tf.shape(y)]
    with control([x]): keep.append(tf.tanh(y))
    with control([x]): keep.append(tf.tanh(y))
    return [out(k, f'o{i}') for i, k in enumerate(keep)]


def passes(graph, outputs):
    for f in glob.glob(dump + '/*'): os.unlink(f)
    rewrite = rewriter_config_pb2.RewriterConfig(remapping=rewriter_config_pb2.RewriterConfig.OFF, experimental_disable_folding_quantization_emulation=True, min_graph_nodes=-1,
                                                 meta_optimizer_iterations=rewriter_config_pb2.RewriterConfig.ONE, disable_tfg_optimizer=True, fail_on_optimizer_errors=True)
    rewrite.optimizers.extend(n for n, _ in PASSES)
    config = config_pb2.ConfigProto(); config.graph_options.rewrite_options.CopyFrom(rewrite)
    meta = meta_graph_pb2.MetaGraphDef(); meta.graph_def.CopyFrom(graph)
    meta.collection_def['train_op'].node_list.value.extend(outputs)
    tf_optimizer.OptimizeGraph(config, meta, verbose=False, graph_id=b'tf_graph')
    def read(pattern):
        [path] = [f for f in glob.glob(dump + '/*') if re.fullmatch(pattern + r'\d{6,}(_\d+)?\.pbtxt', os.path.basename(f))]
        return text_format.Parse(open(path).read(), graph_pb2.GraphDef(), allow_unknown_field=True)
    return [read('before_MetaOptimizer_iteration_0_')] + [read(f'after_MetaOptimizer_iteration_0_{n}_') for _, n in PASSES]


for name, build in cases.items():
    v1.reset_default_graph()
    with tf.Graph().as_default() as g:
        tf.random.set_seed(1)
        outputs = [t.op.name for t in build()]
    folder = root / name; shutil.rmtree(folder, ignore_errors=True); folder.mkdir(parents=True)
    graphs = passes(g.as_graph_def(), outputs)
    (folder / 'outputs').write_text('\n'.join(outputs) + '\n')
    last = b''
    for n, graph in enumerate(graphs):
        data = graph.SerializeToString(deterministic=True)
        if data != last: (folder / f'{n}.pb').write_bytes(data)
        last = data
    print(name, [len(graph.node) for graph in graphs])
shutil.rmtree(dump)
