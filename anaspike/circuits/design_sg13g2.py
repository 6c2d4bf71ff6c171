"""The neuron as sized for IHP SG13G2."""

from anaspike.circuits.comparator import ComparatorSizes
from anaspike.circuits.design import Design, Drive, sized_um
from anaspike.circuits.gates import LogicSizes
from anaspike.circuits.neuron import NeuronSizes
from anaspike.circuits.pseudo_resistor import PseudoResistorSizes
from anaspike.circuits.spike_generator import SpikeGeneratorSizes
from anaspike.circuits.synapse import SynapseSizes
from anaspike.pdk.roles import MosSize
from anaspike.spice.options import SimulationOptions


def _nmos(w_um: float, l_um: float = 0.13, mult: int = 1) -> MosSize:
    return sized_um("nmos_svt", w_um, l_um, mult)


def _pmos(w_um: float, l_um: float = 0.13, mult: int = 1) -> MosSize:
    return sized_um("pmos_svt", w_um, l_um, mult)


def sg13g2() -> Design:
    """Return the neuron of core transistors, its synapses of thick oxide.

    Core transistors have a strong reverse short-channel effect: a long one has a lower
    threshold and leaks, so that long core sources and sinks of synapses would not match.
    """
    logic = LogicSizes(
        inverter_n=_nmos(0.15),
        inverter_p=_pmos(0.3),
        nand_n=_nmos(0.15),
        nand_p=_pmos(0.15),
        nor_n=_nmos(0.15),
        nor_p=_pmos(0.3),
        nor4_n=_nmos(0.15),
        nor4_p=_pmos(0.6),
        pass_n=_nmos(0.15),
        pass_p=_pmos(0.15),
    )
    sizes = NeuronSizes(
        logic=logic,
        pseudo_resistor=PseudoResistorSizes(diode=_pmos(6.2)),
        synapse=SynapseSizes(
            source=sized_um("pmos_hvt", 0.3, 1.0),
            sink=sized_um("nmos_hvt", 0.3, 4.0),
            logic=logic,
        ),
        comparator=ComparatorSizes(
            tail=_pmos(0.15, 0.5),
            input_pair=_pmos(2.0, 0.2),
            dummy=_pmos(0.85, 0.2),
            cross_p=_pmos(0.5),
            cross_n=_nmos(0.4, 0.3),
            reset=_nmos(0.15),
            logic=logic,
        ),
        spike_generator=SpikeGeneratorSizes(
            starve_n=_nmos(0.15, 5.0),
            starve_p=_pmos(0.15, 5.0),
            mirror_n=_nmos(0.15, 5.0),
            mirror_p=_pmos(0.15, 5.0),
            bias_current_A=75e-9,
            logic=logic,
        ),
        reset_switch=_nmos(0.3),
    )
    return Design(
        neuron=sizes,
        drive=Drive(codes=(2, 0, 0), spikes_in=20, period_s=300e-9, width_s=50e-9),
        options=SimulationOptions(method="gear", chgtol_C=1e-17, max_step_s=10e-9),
        membrane_error_V=1e-3,
    )
