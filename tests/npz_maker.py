"""Npz files as nobody's library writes them: any header, any member, any lie."""

import io
import struct
import zipfile

import numpy as np


def npy(header, data=b"", version=(1, 0)):
    """Return an array's file of a header as text and its numbers as bytes."""
    text = header.encode("latin-1")
    length = struct.pack("<H" if version == (1, 0) else "<I", len(text))
    return b"\x93NUMPY" + bytes(version) + length + text + data


def headed(descr="'<f4'", shape="(2, 3)", order="False", data=bytes(24)):
    """Return an array's file whose header has these words."""
    header = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"
    return npy(header, data)


def saved(values):
    """Return the file of an array as NumPy writes it."""
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def zipped(members, method=zipfile.ZIP_STORED, level=1):
    """Return a zip of (name, content)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method, compresslevel=level) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def bomb(size_B, descr="'<f4'"):
    """Return an npz whose one array W unpacks to that many zeros."""
    array = headed(descr, f"({size_B // 4},)", data=bytes(size_B))
    return zipped([("W.npy", array)], zipfile.ZIP_DEFLATED)
