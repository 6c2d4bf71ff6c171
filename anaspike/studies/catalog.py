"""The studies by the name that commands and flow files call them."""

from anaspike.errors import InputError
from anaspike.studies.base import Study
from anaspike.studies.blocks.comparator import Comparator
from anaspike.studies.blocks.energy import Energy
from anaspike.studies.blocks.layout import AfterLayout
from anaspike.studies.blocks.leak import Leak
from anaspike.studies.blocks.netlist import NetlistStudy
from anaspike.studies.blocks.netlist_calibrate import CalibrateNetlist
from anaspike.studies.blocks.neuron import Neuron
from anaspike.studies.blocks.noise import Noise
from anaspike.studies.blocks.pseudo_resistor import PseudoResistor
from anaspike.studies.blocks.rejection import Rejection
from anaspike.studies.blocks.spike_generator import SpikeGenerator
from anaspike.studies.blocks.supply import Supply
from anaspike.studies.blocks.sweep_vdd import SweepVdd
from anaspike.studies.blocks.synapse import Synapse
from anaspike.studies.blocks.table9 import Table9
from anaspike.studies.blocks.weight_memory import WeightMemory
from anaspike.studies.learning.charge_in_time import ChargeInTime
from anaspike.studies.learning.charge_model import ChargeModel
from anaspike.studies.learning.map import Map
from anaspike.studies.learning.map_in_time import MapInTime
from anaspike.studies.learning.paper_table import PaperTableStudy
from anaspike.studies.learning.train import Train
from anaspike.studies.learning.train_and_map import TrainAndMap
from anaspike.studies.learning.tune_in_loop import TuneInLoop
from anaspike.studies.networks.calibrate import Calibrate
from anaspike.studies.networks.network import SimulateNetwork
from anaspike.studies.networks.tune_xor import TuneXor
from anaspike.studies.networks.xor import Xor
from anaspike.units import printable, suggestion

CHARACTERISE: tuple[type[Study], ...] = (
    PseudoResistor,
    Synapse,
    Comparator,
    SpikeGenerator,
    Neuron,
    WeightMemory,
    Supply,
    Noise,
    Leak,
    Rejection,
    AfterLayout,
    ChargeModel,
    ChargeInTime,
)
STUDIES: tuple[type[Study], ...] = (
    SweepVdd,
    Energy,
    Table9,
    Xor,
    SimulateNetwork,
    Calibrate,
    Train,
    PaperTableStudy,
    TrainAndMap,
    Map,
    MapInTime,
    TuneInLoop,
    TuneXor,
    NetlistStudy,
    CalibrateNetlist,
    *CHARACTERISE,
)


def study_class(name: str, among: tuple[type[Study], ...] = STUDIES) -> type[Study]:
    """Return a study by its name.

    Raises:
        InputError: there is none of that name; the nearest is suggested.
    """
    by_name = {study.name: study for study in among}
    if name not in by_name:
        raise InputError(f"unknown study '{printable(name)}'; {suggestion(name, by_name)}")
    return by_name[name]
