"""The safetensors format written by hand: our reader is held against its specification."""

import json

KINDS = {
    "float64": "F64", "float32": "F32", "float16": "F16", "int64": "I64", "int32": "I32",
    "int8": "I8", "uint8": "U8", "uint32": "U32", "bool": "BOOL", "uint16": "BF16",
}  # fmt: skip


def safetensors(arrays, **changes):
    """Return the bytes of a file of these arrays; `changes` spoil the entries of names."""
    header, data = {"__metadata__": {"made": "here"}}, b""
    for name, values in arrays.items():
        raw = values.tobytes()
        header[name] = {"dtype": KINDS[str(values.dtype)], "shape": list(values.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}  # fmt: skip
        data += raw
    for name, entry in changes.items():
        header[name] |= entry
    return packed(json.dumps(header).encode()) + data


def packed(header):
    """Return a header with its length before it."""
    return len(header).to_bytes(8, "little") + header
