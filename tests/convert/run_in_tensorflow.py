#!/usr/bin/env python3
"""Shows that what `isotherm convert` writes goes on in TensorFlow: for each graph, the CPU wheel imports the static, the
dynamic and the native form, and runs the native form to the values of the graph itself. Run by hand, with a Python that
has TensorFlow 2.17 (the last release with TF-TRT):

    run_in_tensorflow.py PROGRAM GRAPH[@RUN.json]...

RUN.json names inputs and outputs: {"inputs": {"x:0": "x.npy"}, "outputs": {"y:0": ..}}, files beside it. Without it inputs
are random numbers from a fixed seed with unknown dimensions 2, and outputs those that `isotherm info` names.
"""
import json
import os
import subprocess
import sys
import tempfile

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.python.compiler.tensorrt import trt_convert  # registers the op TRTEngineOp


def read(path):
    graph = tf.compat.v1.GraphDef()
    with open(path, "rb") as f:
        data = f.read()
    if path.endswith(("pbtxt", "txt")):
        text_format.Parse(data.decode(), graph, allow_unknown_field=True)
    else:
        graph.ParseFromString(data)
    return graph


def imported(graph_def):
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(graph_def, name="")
    return graph


def random_value(tensor, rng):
    shape = [2 if d is None else d for d in tensor.shape.as_list()]
    if tensor.dtype.is_bool:
        return rng.integers(0, 2, shape).astype(bool)
    if tensor.dtype.is_integer:
        return rng.integers(0, 10, shape).astype(tensor.dtype.as_numpy_dtype)
    return rng.random(shape).astype(tensor.dtype.as_numpy_dtype)


def values(graph, names, feeds):
    with tf.compat.v1.Session(graph=graph) as session:
        return session.run(names, feeds)


def given_run(path):
    with open(path) as f:
        run = json.load(f)
    folder = os.path.dirname(path)
    inputs = {name: np.load(os.path.join(folder, file), allow_pickle=True) for name, file in run["inputs"].items()}
    return inputs, list(run["outputs"])


def check(program, path, run):
    def isotherm(*args):
        done = subprocess.run([program, *args], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return done.stdout

    info = json.loads(isotherm("info", path, "--json"))
    feeds, outputs = given_run(run) if run else (None, [o["name"] for o in info["outputs"]])
    outputs = [o if ":" in o else o + ":0" for o in outputs]
    with tempfile.TemporaryDirectory() as folder:
        form = lambda name: os.path.join(folder, name + ".pb")
        common = ["--outputs", ",".join(outputs)]
        report = json.loads(isotherm("convert", path, "-o", form("static"), "--json", *common))
        isotherm("convert", path, "-o", form("dynamic"), "--dynamic-op", *common)
        isotherm("convert", form("dynamic"), "-o", form("native"), "--native")
        # The graph as the program writes it: attributes that the file leaves out have their defaults.
        isotherm("convert", path, "-o", form("given"), "--native")
        given, native = read(form("given")), read(form("native"))
        for name in ("static", "dynamic"):
            imported(read(form(name)))
        graph, again = imported(read(path)), imported(native)
        if feeds is None:
            rng = np.random.default_rng(7)
            names = [i["name"] + ":0" for i in info["inputs"]]
            feeds = {name: random_value(graph.get_tensor_by_name(name), rng) for name in names}
        expected, found = values(graph, outputs, feeds), values(again, outputs, feeds)
        nodes = {n.name: n for n in given.node}
        same = nodes.keys() == {n.name for n in native.node} and all(nodes[n.name] == n for n in native.node)
        equal = all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(expected, found))
        return len(report["engines"]), report["converted_ops"], report["all_ops"], same, equal


def main():
    program, failed = sys.argv[1], False
    print("graph | engines | ops converted | static, dynamic imported | native form: nodes equal | values equal")
    for argument in sys.argv[2:]:
        path, _, run = argument.partition("@")
        try:
            engines, inside, ops, same, equal = check(program, path, run)
        except Exception as error:  # the next graph is still of interest
            print(f"{os.path.basename(path)} | FAILED: {str(error)[:200]}")
            failed = True
            continue
        failed |= not equal
        print(f"{os.path.basename(path)} | {engines} | {inside}/{ops} | yes, yes | {same} | {equal}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
