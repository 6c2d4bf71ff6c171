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
    digest = hashlib.sha256(f"{seed}:{path}".encode()).digest()
    # 52 bits and a half keep the number strictly between 0 and 1.
    uniforms = ((int.from_bytes(digest[i : i + 8], "big") // 2**12 + 0.5) / 2**52 for i in (0, 8))
    first, second = (_STANDARD.inv_cdf(u) for u in uniforms)
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
