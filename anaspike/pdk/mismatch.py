"""Mismatch that is ours: drawn per device from a seed and the device's path.

The draw depends on nothing else, so that it is the same whatever the order,
the number of jobs, the machine or the NumPy version.
"""

import hashlib
import math
from statistics import NormalDist

from anaspike.errors import InputError
from anaspike.pdk.roles import MosSize, Pdk

_STANDARD = NormalDist()


def check_seed(seed: int) -> int:
    """Return the seed when it can be one.

    Raises:
        InputError: it is negative.
    """
    if seed < 0:
        raise InputError(f"seed {seed} is negative; use 0 or more")
    return seed


def standard_normals(seed: int, path: str) -> tuple[float, float]:
    """Return two independent standard normal numbers for one device.

    Args:
        seed: of the sample, the same for the whole circuit.
        path: of the device, for example `xneuron.xcore.xcomparator.xinput_p`.
    """
    first, second, *_ = _normals(seed, path)
    return first, second


def deviation(pdk: Pdk, size: MosSize, seed: int, path: str) -> tuple[float, float]:
    """Return a device's threshold shift (V) and relative current-factor error.

    Pelgrom's law: sigma = A / sqrt(W L mult), for each device by itself.
    """
    device = pdk.devices[size.role]
    area_m2 = (size.w_m + device.dw_m) * (size.l_m + device.dl_m) * size.mult
    root_area_m = math.sqrt(area_m2)
    first, second = standard_normals(seed, path)
    return device.a_vt_Vm / root_area_m * first, device.a_beta_m / root_area_m * second


def drawn_deviation(pdk: Pdk, size: MosSize, seed: int, path: str) -> tuple[float, float]:
    """Return by how much a device's width and length differ from those drawn, in metres."""
    device = pdk.devices[size.role]
    *_, third, fourth = _normals(seed, path)
    return device.sigma_w_m * third, device.sigma_l_m * fourth


def _normals(seed: int, path: str) -> list[float]:
    """Return four independent standard normal numbers."""
    digest = hashlib.sha256(f"{seed}:{path}".encode()).digest()
    # 52 bits and a half keep the number strictly between 0 and 1.
    words = (int.from_bytes(digest[i : i + 8], "big") for i in range(0, 32, 8))
    return [_STANDARD.inv_cdf((word // 2**12 + 0.5) / 2**52) for word in words]
