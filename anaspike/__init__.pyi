from anaspike.api.asking import study
from anaspike.api.blocks import (
    charge_in_time,
    charge_model,
    comparator,
    layout_block,
    leak,
    neuron,
    noise,
    pseudo_resistor,
    rejection,
    spike_generator,
    supply,
    synapse,
    weight_memory,
)
from anaspike.api.devices import measure_devices
from anaspike.api.loading import load
from anaspike.api.questions import (
    calibrate,
    energy,
    map_network,
    paper_table,
    simulate_network,
    sweep_vdd,
    table9,
    train,
    train_and_map,
    xor_test,
)
from anaspike.api.result import Result
from anaspike.api.waveforms import Waveforms
from anaspike.errors import AnaspikeError, InputError

__version__: str
__all__ = [
    "AnaspikeError",
    "InputError",
    "Result",
    "Waveforms",
    "__version__",
    "calibrate",
    "charge_in_time",
    "charge_model",
    "comparator",
    "energy",
    "layout_block",
    "leak",
    "load",
    "map_network",
    "measure_devices",
    "neuron",
    "noise",
    "paper_table",
    "pseudo_resistor",
    "rejection",
    "simulate_network",
    "spike_generator",
    "study",
    "supply",
    "sweep_vdd",
    "synapse",
    "table9",
    "train",
    "train_and_map",
    "weight_memory",
    "xor_test",
]
