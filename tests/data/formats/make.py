#!/usr/bin/env python3
"""Makes the sample graphs of this folder with TensorFlow 2.17 (run here, without arguments).

dtypes.pb, dtypes.txt      Const nodes of every dtype in every form a TensorProto has, and the values TensorFlow reads from
                           them: "NODE DTYPE SHAPE VALUES", numbers as real and imaginary parts, strings in hexadecimal.
attrs.pb, attrs.pbtxt      a node of an unknown op with every kind of attribute
functions.pb, .pbtxt       a function library: a branch, a loop, a function with an attribute of its own, a gradient
references.pb              variables of old, whose outputs are references, and a while loop with its back edge
"""
import numpy as np
import tensorflow as tf
from tensorflow.core.framework import attr_value_pb2, graph_pb2, tensor_pb2, types_pb2
from tensorflow.python.framework import dtypes

LISTS = {
    "float32": "float_val", "float64": "double_val", "int32": "int_val", "uint8": "int_val", "int16": "int_val", "int8": "int_val",
    "uint16": "int_val", "qint8": "int_val", "quint8": "int_val", "qint32": "int_val", "qint16": "int_val", "quint16": "int_val",
    "int4": "int_val", "uint4": "int_val", "int64": "int64_val", "uint32": "uint32_val", "uint64": "uint64_val", "bool": "bool_val",
    "float16": "half_val", "bfloat16": "half_val", "complex64": "scomplex_val", "complex128": "dcomplex_val", "string": "string_val",
    "float8_e5m2": "float8_val", "float8_e4m3fn": "float8_val",
}


def sample(name):
    if name == "string":
        return np.array([[b"", b"a\0b", "gr\u00fc\u00df".encode()], [b"\xff\xfe", b'"quoted"\n', b"x" * 40]], dtype=object)
    t = dtypes.as_dtype(name)
    numbers = {"bool": [1, 0, 1, 1, 0, 1], "int4": [-8, 7, 0, 1, -1, 3], "uint4": [0, 15, 1, 2, 3, 4]}
    if name in numbers:
        values = np.array(numbers[name])
    elif name.startswith("complex"):
        values = np.array([1 + 2j, -0.5j, 3, 1e-3 - 1e3j, 0, -7 + 0.25j])
    elif "float" in name:
        values = np.array([0.5, -1.25, 3, 0, -0.0625, 96])
    else:
        info = np.iinfo(t.as_numpy_dtype if not name.startswith("q") else np.dtype(name[1:]))
        return np.array([info.min, info.max, 0, 1, 2, 100], dtype=info.dtype).reshape(2, 3)
    return values.astype(t.as_numpy_dtype).reshape(2, 3)


def tensor(name, form):
    array = sample(name)
    proto = tensor_pb2.TensorProto(dtype=dtypes.as_dtype(name).as_datatype_enum)
    for d in array.shape:
        proto.tensor_shape.dim.add().size = d
    if form == "content":
        if name == "string":
            return None
        proto.tensor_content = array.tobytes()
    elif form in ("list", "short"):
        flat = array.flatten()[: 6 if form == "list" else 2]
        field = LISTS[name]
        if field == "half_val":
            proto.half_val.extend(flat.view(np.uint16).tolist())
        elif field in ("scomplex_val", "dcomplex_val"):
            for v in flat:
                getattr(proto, field).extend([v.real, v.imag])
        elif field == "float8_val":
            proto.float8_val = flat.tobytes()
        elif field == "string_val":
            proto.string_val.extend(flat)
        elif field in ("float_val", "double_val"):
            getattr(proto, field).extend(flat.tolist())
        else:
            getattr(proto, field).extend(int(v) for v in flat)
    return proto


def numbers(array):
    if array.dtype.kind in "OSU":
        return ["h" + (v if isinstance(v, bytes) else v.encode()).hex() for v in array.flatten()]
    if array.dtype.fields:
        array = array[array.dtype.names[0]]
    if np.iscomplexobj(array):
        return [repr(float(p)) for v in array.flatten() for p in (v.real, v.imag)]
    if array.dtype.kind in "iub" and array.dtype.itemsize == 8:
        return [str(int(v)) for v in array.flatten()]
    return [repr(float(v)) for v in array.flatten()]


def make_dtypes():
    graph = graph_pb2.GraphDef()
    graph.versions.producer = 1882
    lines = []
    for name in sorted(LISTS):
        for form in ("content", "list", "short", "zero"):
            proto = tensor(name, form)
            if proto is None:
                continue
            node = graph.node.add(name=form + "_" + name, op="Const")
            node.attr["dtype"].type = proto.dtype
            node.attr["value"].tensor.CopyFrom(proto)
            value = tf.make_ndarray(proto)
            lines.append(" ".join([node.name, name, "x".join(map(str, value.shape))] + numbers(value)))
    with open("dtypes.pb", "wb") as f:
        f.write(graph.SerializeToString(deterministic=True))
    with open("dtypes.txt", "w") as f:
        f.write("\n".join(lines) + "\n")


def write(graph, name, text=True):
    with open(name + ".pb", "wb") as f:
        f.write(graph.SerializeToString(deterministic=True))
    if text:
        with open(name + ".pbtxt", "w") as f:
            f.write(str(graph))


def make_attrs():
    graph = graph_pb2.GraphDef()
    graph.versions.producer = 1882
    graph.versions.min_consumer = 12
    graph.versions.bad_consumers.extend([13, 14])
    node = graph.node.add(name="scope/all", op="OpOfNobody", device="/device:CPU:0")
    node.experimental_debug_info.original_node_names.append("before/all")
    node.experimental_type.type_id = 1000
    a = node.attr
    a["s"].s = b"\x00\xff'\"\\\n"
    a["i"].i = -(2 ** 63)
    a["f"].f = 0.1
    a["b"].b = True
    a["type"].type = types_pb2.DT_FLOAT
    a["ref"].type = types_pb2.DT_FLOAT_REF
    for d in (1, -1, 3):
        a["shape"].shape.dim.add().size = d
    a["unknown_rank"].shape.unknown_rank = True
    a["tensor"].tensor.CopyFrom(tf.make_tensor_proto(np.arange(6, dtype=np.int16).reshape(2, 3)))
    a["func"].func.name = "f"
    a["func"].func.attr["T"].type = types_pb2.DT_INT32
    a["func"].func.attr["inner"].func.name = "g"
    a["func"].func.attr["inner"].func.attr["x"].placeholder = "y"
    a["placeholder"].placeholder = "T"
    a["nothing"].CopyFrom(attr_value_pb2.AttrValue())
    a["empty_list"].list.SetInParent()
    a["list_s"].list.s.extend([b"a", b"", b"\xfe"])
    a["list_i"].list.i.extend([1, -2, 2 ** 40])
    a["list_f"].list.f.extend([1.5, -0.25, float("inf")])
    a["list_b"].list.b.extend([True, False, True])
    a["list_type"].list.type.extend([types_pb2.DT_INT8, types_pb2.DT_RESOURCE, types_pb2.DT_HALF_REF])
    s = a["list_shape"].list.shape
    s.add()
    s.add().unknown_rank = True
    s.add().dim.add().size = 7
    a["list_tensor"].list.tensor.extend([tf.make_tensor_proto(2.5), tf.make_tensor_proto([b"x", b"y"])])
    f = a["list_func"].list.func
    f.add().name = "h"
    f.add().name = "k"
    f[1].attr["n"].i = 3
    r = a["resource"].tensor
    r.dtype = types_pb2.DT_RESOURCE
    r.resource_handle_val.add(name="handle", device="cpu")
    write(graph, "attrs")


def make_functions():
    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)], autograph=False)
    def model(x):
        total = tf.cond(tf.reduce_sum(x) > 0, lambda: x * 2.0, lambda: x - 1.0)
        return tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.nn.relu(y) + tf.split(y, 3, axis=1)[2]), (0, total))[1]

    graph = model.get_concrete_function().graph.as_graph_def()
    # A function with an attribute of its own, a list argument, a control result and attributes of an argument.
    f = graph.library.function.add()
    f.signature.name = "sum_of"
    f.signature.description = "adds up"
    f.signature.is_stateful = True
    f.signature.control_output.append("done")
    f.signature.input_arg.add(name="values", type_attr="T", number_attr="N", description="terms")
    f.signature.input_arg.add(name="scale", type_attr="T")
    f.signature.output_arg.add(name="sum", type_attr="T")
    f.signature.attr.add(name="T", type="type")
    f.signature.attr.add(name="N", type="int")
    f.attr["_noinline"].b = True
    f.arg_attr[1].attr["_user_specified_name"].s = b"scale"
    f.resource_arg_unique_id[1] = 7
    n = f.node_def.add(name="add", op="AddN", input=["values:0", "values:1"])
    n.attr["T"].placeholder = "T"
    n.attr["N"].placeholder = "N"
    n = f.node_def.add(name="mul", op="Mul", input=["add:sum:0", "scale", "^add"])
    n.attr["T"].placeholder = "T"
    f.ret["sum"] = "mul:z:0"
    f.control_ret["done"] = "add"
    graph.library.gradient.add(function_name="sum_of", gradient_func="sum_of")
    # It must be what TensorFlow takes.
    with tf.Graph().as_default():
        tf.import_graph_def(graph, name="")
    write(graph, "functions")


def make_references():
    v1 = tf.compat.v1
    with tf.Graph().as_default() as g:
        with tf.control_dependencies(None):
            w = v1.get_variable("w", [2, 2], initializer=v1.zeros_initializer(), use_resource=False)
        x = v1.placeholder(tf.float32, [None, 2], "x")
        v1.disable_control_flow_v2()
        y = tf.while_loop(lambda i, t: i < 3, lambda i, t: (i + 1, tf.matmul(t, w)), (0, x), name="loop")[1]
        a = v1.assign_add(w, v1.ones([2, 2]))
        with tf.control_dependencies([a]):
            tf.identity(y, "y")
        write(g.as_graph_def(), "references", text=False)


if __name__ == "__main__":
    make_dtypes()
    make_attrs()
    make_functions()
    make_references()
