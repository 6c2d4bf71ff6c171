"""HDF5 files as NIR's writer lays them out, by hand: no library, and as odd as is wanted."""

import struct
import zlib
from itertools import pairwise

import numpy as np

UNDEFINED = 2**64 - 1


class Writer:
    """One file; each part is put at its end."""

    def __init__(self, compress=True):
        self.out = bytearray(96)
        self.compress = compress

    def put(self, data):
        self.out += b"\0" * (-len(self.out) % 8)
        place = len(self.out)
        self.out += data
        return place

    def header(self, *messages):
        body = b""
        for kind, text in messages:
            padded = text + b"\0" * (-len(text) % 8)
            body += struct.pack("<HHB3x", kind, len(padded), 0) + padded
        return self.put(struct.pack("<BxHII4x", 1, len(messages), 1, len(body)) + body)

    def group(self, tree):
        """A heap of names, a leaf with their places, a tree of one node."""
        places = {name: self.thing(value) for name, value in sorted(tree.items())}
        names, at = b"\0" * 8, {}
        for name in places:
            at[name] = len(names)
            names += name.encode() + b"\0"
            names += b"\0" * (-len(names) % 8)
        data = self.put(names)
        heap = self.put(b"HEAP" + struct.pack("<B3xQQQ", 0, len(names), UNDEFINED, data))
        leaf = b"SNOD" + struct.pack("<BxH", 1, len(places))
        for name, place in places.items():
            leaf += struct.pack("<QQII16x", at[name], place, 0, 0)
        node = self.put(leaf)
        keys = struct.pack("<QQQ", 0, node, at.get(max(places, default=""), 0))
        root = self.put(b"TREE" + struct.pack("<BBHQQ", 0, 0, 1, UNDEFINED, UNDEFINED) + keys)
        return self.header((0x11, struct.pack("<QQ", root, heap)))

    def thing(self, value):
        if isinstance(value, dict):
            return self.group(value)
        return self.array(value)

    def array(self, value):
        if isinstance(value, str) or np.asarray(value).dtype.kind == "U":
            return self.texts(np.asarray(value))
        values = np.asarray(value)
        kind, size = values.dtype.kind, values.dtype.itemsize
        if kind == "f":
            shape = {2: (15, 10, 5, 0, 10, 15), 4: (31, 23, 8, 0, 23, 127),
                     8: (63, 52, 11, 0, 52, 1023)}[size]  # fmt: skip
            sign, *rest = shape
            what = struct.pack("<BBBBI", 0x11, 0x20, sign, 0, size)
            what += struct.pack("<HHBBBBI", 0, 8 * size, *rest)
        else:
            what = struct.pack("<BBBBI", 0x10, 8 * (kind == "i"), 0, 0, size)
            what += struct.pack("<HH", 0, 8 * size)
        return self.stored(values.shape, what, values.tobytes(), size)

    def texts(self, values):
        """Texts of any length: a heap of them, and where in it each is."""
        texts = [str(text).encode() for text in values.reshape(-1)]
        body = b""
        for i, text in enumerate(texts):
            body += struct.pack("<HHIQ", i + 1, 1, 0, len(text)) + text + b"\0" * (-len(text) % 8)
        size = 16 + len(body) + 16
        heap = self.put(b"GCOL" + struct.pack("<B3xQ", 1, size) + body + bytes(16))
        items = b"".join(struct.pack("<IQI", len(t), heap, i + 1) for i, t in enumerate(texts))
        what = struct.pack("<BBBBI", 0x19, 1, 1, 0, 16)
        what += struct.pack("<BBBBI", 0x10, 0, 0, 0, 1) + struct.pack("<HH", 0, 8)
        return self.stored(values.shape, what, items, 16, packed=False)

    def stored(self, shape, what, data, item, packed=True):
        space = struct.pack("<BBB5x", 1, len(shape), 0) + b"".join(
            struct.pack("<Q", n) for n in shape
        )
        messages = [(1, space), (3, what)]
        if packed and self.compress and shape and data:
            deflated = zlib.compress(data)
            piece = self.put(deflated)
            key = struct.pack("<II", len(deflated), 0) + bytes(8 * (len(shape) + 1))
            last = struct.pack("<II", 0, 0) + bytes(8 * (len(shape) + 1))
            tree = self.put(
                b"TREE" + struct.pack("<BBHQQ", 1, 0, 1, UNDEFINED, UNDEFINED)
                + key + struct.pack("<Q", piece) + last
            )  # fmt: skip
            sizes = b"".join(struct.pack("<I", n) for n in (*shape, item))
            messages.append((0xB, struct.pack("<BB6xHHHHII", 1, 1, 1, 0, 1, 1, 4, 0)))
            layout = struct.pack("<BBBQ", 3, 2, len(shape) + 1, tree) + sizes
        else:
            layout = struct.pack("<BBQQ", 3, 1, self.put(data) if data else UNDEFINED, len(data))
        return self.header(*messages, (8, layout))


def hdf5(tree, compress=True):
    """Return the file of a tree of groups, texts and arrays."""
    writer = Writer(compress)
    root = writer.group(tree)
    head = b"\x89HDF\r\n\x1a\n" + struct.pack("<BBBBBBBBHHI", 0, 0, 0, 0, 0, 8, 8, 0, 4, 16, 0)
    head += struct.pack("<QQQQ", 0, UNDEFINED, len(writer.out), UNDEFINED)
    writer.out[:96] = head + struct.pack("<QQII16x", 0, root, 0, 0)
    return bytes(writer.out)


def graph(nodes, edges=None):
    """Return the tree of a NIR graph; by default its nodes follow each other."""
    names = list(nodes)
    pairs = list(pairwise(names)) if edges is None else edges
    return {
        "version": "1.0.8",
        "node": {"type": "NIRGraph", "nodes": nodes,
                 "edges": np.array(pairs, str).reshape(-1, 2)},
    }  # fmt: skip


def affine(weight, bias=None):
    kind = {"type": "Linear"} if bias is None else {"type": "Affine", "bias": np.float32(bias)}
    return {**kind, "weight": np.float32(weight)}


def lif(count, beta=0.9, threshold=1.0, dt_s=1e-4, **changed):
    """Return neurons as snnTorch exports them."""
    tau = np.full(count, dt_s / (1 - beta), np.float32)
    zero = np.zeros(count, np.float32)
    return {"type": "LIF", "tau": tau, "r": tau / np.float32(dt_s), "v_leak": zero,
            "v_reset": zero, "v_threshold": np.full(count, threshold, np.float32),
            **changed}  # fmt: skip


def net(**changed):
    """Return the nodes of a small network, 3-4-2."""
    rng = np.random.default_rng(0)
    return {
        "input": {"type": "Input", "shape": np.array([3])},
        "fc1": affine(rng.normal(size=(4, 3)), rng.normal(size=4)),
        "lif1": lif(4),
        "fc2": affine(rng.normal(size=(2, 4))),
        "lif2": lif(2, 0.8, 1.5),
        "output": {"type": "Output", "shape": np.array([2])},
    } | changed
