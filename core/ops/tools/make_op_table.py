#!/usr/bin/env python3
"""Makes core/ops/tf_ops.table from a JSON dump of TensorFlow's op registry.

usage: make_op_table.py TF_OP_DEFS.json TF_OPS.table

The table has one op a line, sorted by name, five fields between tabs: name, flags (s stateful, c commutative), inputs,
outputs, attributes. Items of a field stand between spaces.
  argument   NAME:TYPE with TYPE float32 | $T (of attribute T) | N*TYPE (N copies) | @L (list attribute L), then & for a reference
  attribute  NAME:TYPE[>=MINIMUM][{ALLOWED,..}][=DEFAULT]
             list(..) is written ..[]; a list's default stands in brackets, items between commas
Strings are percent-encoded; shapes are 2x1, scalar, unknown; a tensor is DTYPE/SHAPE. Allowed sets that many ops share
stand in lines of their own before the ops: !INDEX, a tab, the set; an attribute names them as {!INDEX}.
"""
import collections
import json
import re
import sys


def word(text):
    return re.sub(r"[^A-Za-z0-9_./:\-]", lambda m: "".join("%%%02x" % b for b in m.group().encode()), text)


def shape(dims):
    return dims if dims == "unknown" else "x".join("?" if d < 0 else str(d) for d in dims) or "scalar"


def value(kind, v):
    if kind.startswith("list("):
        return "[" + ",".join(value(kind[5:-1], x) for x in v) + "]"
    if kind == "bool":
        return "true" if v else "false"
    if kind == "shape":
        return shape(v)
    if kind == "tensor":
        return v["tensor"] + "/" + shape(v["shape"])
    if kind == "func":
        return word(v["func"])
    if kind in ("string", "type"):
        return word(v)
    return str(v)  # int, float; infinities are strings in the dump


def argument(a):
    text = "@" + a["type_list_attr"] if "type_list_attr" in a else "$" + a["type_attr"] if "type_attr" in a else a["type"]
    if "number_attr" in a:
        text = a["number_attr"] + "*" + text
    return a["name"] + ":" + text + ("&" if a.get("is_ref") else "")


def allowed(a):
    return ",".join(word(x) for x in a["allowed"]) if "allowed" in a else ""


def main():
    with open(sys.argv[1]) as f:
        dump = json.load(f)
    ops = dump["ops"]
    count = collections.Counter(allowed(a) for o in ops.values() for a in o["attrs"] if "allowed" in a)
    shared = [s for s, n in sorted(count.items(), key=lambda e: (-e[1], e[0])) if n > 2 and len(s) > 24]
    index = {s: i for i, s in enumerate(shared)}

    def attribute(a):
        kind = a["type"]
        text = a["name"] + ":" + (kind[5:-1] + "[]" if kind.startswith("list(") else kind)
        if "minimum" in a:
            text += ">=%d" % a["minimum"]
        if "allowed" in a:
            s = allowed(a)
            text += "{" + ("!%d" % index[s] if s in index else s) + "}"
        if "default" in a:
            text += "=" + value(kind, a["default"])
        return text

    with open(sys.argv[2], "w") as f:
        for i, s in enumerate(shared):
            f.write("!%d\t%s\n" % (i, s))
        for name in sorted(ops):
            o = ops[name]
            flags = ("s" if o.get("is_stateful") else "") + ("c" if o.get("is_commutative") else "")
            f.write("\t".join([name, flags, " ".join(map(argument, o["inputs"])), " ".join(map(argument, o["outputs"])),
                               " ".join(map(attribute, o["attrs"]))]) + "\n")


if __name__ == "__main__":
    main()
