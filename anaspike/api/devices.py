"""What a process's own devices do."""

import pandas as pd

from anaspike.campaign.bench import Bench
from anaspike.experiments.device import DeviceTransfer
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.roles import MosSize
from anaspike.spice.protocol import Simulator
from anaspike.spice.simulators import find_simulator


def measure_devices(
    pdk: str = "generic28", simulator: Simulator | None = None, *, fast: bool = False
) -> pd.DataFrame:
    """Measure one micrometre-wide device of each role at its minimum length.

    Returns:
        One row a device: `vth_sat_V`, `ion_A_per_m`, ... as `DeviceTransfer` gives them.

    Raises:
        InputError: ngspice or the PDK is missing.
    """
    process = open_pdk(pdk, fast=fast)
    devices = [
        DeviceTransfer(process, MosSize(role, 1e-6, device.l_min_m))
        for role, device in process.devices.items()
    ]
    return Bench(simulator or find_simulator(modules=process.osdi())).run(devices).table
