"""The studies by the name that commands and flow files call them."""

from anaspike.errors import InputError
from anaspike.studies.base import Study
from anaspike.studies.calibrate import Calibrate
from anaspike.studies.charge_model import ChargeModel
from anaspike.studies.comparator import Comparator
from anaspike.studies.energy import Energy
from anaspike.studies.map import Map
from anaspike.studies.network import SimulateNetwork
from anaspike.studies.neuron import Neuron
from anaspike.studies.pseudo_resistor import PseudoResistor
from anaspike.studies.spike_generator import SpikeGenerator
from anaspike.studies.sweep_vdd import SweepVdd
from anaspike.studies.synapse import Synapse
from anaspike.studies.table9 import Table9
from anaspike.studies.train_and_map import TrainAndMap
from anaspike.studies.xor import Xor
from anaspike.units import printable, suggestion

CHARACTERISE: tuple[type[Study], ...] = (
    PseudoResistor,
    Synapse,
    Comparator,
    SpikeGenerator,
    Neuron,
    ChargeModel,
)
STUDIES: tuple[type[Study], ...] = (
    SweepVdd,
    Energy,
    Table9,
    Xor,
    SimulateNetwork,
    Calibrate,
    TrainAndMap,
    Map,
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
