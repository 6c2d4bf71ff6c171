"""The neuron as sized for GF180MCU."""

from dataclasses import replace

from anaspike.circuits.comparator import ComparatorSizes
from anaspike.circuits.design import Design, Drive, SynapseSupplies, sized_um
from anaspike.circuits.gates import LogicSizes
from anaspike.circuits.neuron import NeuronSizes
from anaspike.circuits.pseudo_resistor import PseudoResistorSizes
from anaspike.circuits.spike_generator import SpikeGeneratorSizes
from anaspike.circuits.synapse import SynapseSizes
from anaspike.pdk.roles import MosSize
from anaspike.spice.options import SimulationOptions


def _nmos(w_um: float, l_um: float = 0.28, mult: int = 1) -> MosSize:
    return sized_um("nmos_svt", w_um, l_um, mult)


def _pmos(w_um: float, l_um: float = 0.28, mult: int = 1) -> MosSize:
    return sized_um("pmos_svt", w_um, l_um, mult)


def gf180mcu() -> Design:
    """Return the neuron of 3.3 V transistors, its leak of Schottky diodes.

    The thresholds are high, 0.54 and 0.71 V, so the supplies of the synapses are.
    """
    core = LogicSizes(
        inverter_n=_nmos(0.22),
        inverter_p=_pmos(0.44),
        nand_n=_nmos(0.22),
        nand_p=_pmos(0.22),
        nor_n=_nmos(0.22),
        nor_p=_pmos(0.44),
        nor4_n=_nmos(0.22),
        nor4_p=_pmos(0.88),
        pass_n=_nmos(0.22),
        pass_p=_pmos(0.22),
    )
    # Near their threshold: these gates run on the synapse's supply.
    gates = replace(core, inverter_p=_pmos(0.88), nand_p=_pmos(0.44), prefix="syn_")
    sizes = NeuronSizes(
        logic=core,
        # Its transistors hardly conduct at 0 V: tera-ohms. A Schottky diode does.
        pseudo_resistor=PseudoResistorSizes(diode=sized_um("schottky", 0.62, 4.2)),
        synapse=SynapseSizes(source=_pmos(0.3, 1.2), sink=_nmos(0.22, 6.0), logic=gates),
        comparator=ComparatorSizes(
            tail=_pmos(0.22),
            input_pair=_pmos(3.5, 0.8),
            dummy=_pmos(1.7, 0.8),
            cross_p=_pmos(1.2, 0.4),
            cross_n=_nmos(0.8, 0.5),
            reset=_nmos(0.22),
            logic=core,
        ),
        spike_generator=SpikeGeneratorSizes(
            starve_n=_nmos(0.22, 2.0, mult=4),
            starve_p=_pmos(0.22, 2.0, mult=4),
            mirror_n=_nmos(0.22, 2.0),
            mirror_p=_pmos(0.22, 2.0),
            bias_current_A=30e-9,
            logic=core,
        ),
        reset_switch=_nmos(0.22),
        # The dummy leaves the membrane where it was, and so the decision at 352 mV.
        v_th_V=0.26,
    )
    return Design(
        neuron=sizes,
        drive=Drive(codes=(1, 0, 0), spikes_in=20, period_s=300e-9, width_s=50e-9),
        options=SimulationOptions(method="gear", chgtol_C=1e-18, max_step_s=20e-9),
        membrane_error_V=1e-3,
        # As far above the thresholds, 0.54 and 0.71 V, as on the other processes.
        supplies=SynapseSupplies(0.75, 0.80, 0.95, 1.10, 1.15),
    )
