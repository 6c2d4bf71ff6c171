"""The junction of an n-well to the substrate: the PDK's own diode, its expressions evaluated."""

from anaspike.errors import InputError
from anaspike.pdk.roles import Well
from anaspike.pdk.sky130.flatten import exact, subcircuit_text
from anaspike.pdk.spicetext import Scope, assignments, logical_lines

# By its name a diffusion in a well, by its own header "Nwell to isolated Pwell", and by its numbers
# the well: its capacitance is the parameter `sw_nw_pw_cj`.
DEVICE = "sky130_fd_pr__model__parasitic__diode_pd2nw"
# From the rules of the PDK: source and drain reach 0.29 um beyond the gate; 0.27 um from there
# stands a contact of the well of 0.26 um (difftap.3); the well encloses either by 0.18 um
# (difftap.8, difftap.10) and is at least 0.84 um wide (nwell.1). From gate to gate it is 0.50 um,
# as in circuits/area.py.
WELL = Well("own_well", ends_m=1.47e-6, between_m=0.50e-6, across_m=0.36e-6, least_m=0.84e-6)
_WANTED = (
    *("level", "tlevc", "cj", "mj", "pb", "cjsw", "mjsw", "php", "cta", "ctp", "tpb", "tphp"),
    *("js", "jsw", "n", "rs", "ik", "bv", "ibv", "eg", "xti", "tref"),
)


def well_card(diodes_text: str, corner: Scope) -> str:
    """Return the sub-circuit of a well at a corner, as SPICE text.

    Args:
        diodes_text: the PDK's `models_diodes.spice`.
        corner: what `corner_scope` returned.

    Raises:
        InputError: the text lacks the diode.
    """
    _, _, model = subcircuit_text(DEVICE, diodes_text).partition(".model")
    line = next(logical_lines(f".model{model}"), "")
    given = assignments(line)
    if not line.startswith(".model ") or not given:
        raise InputError(f"the sky130 models lack the card of {DEVICE}; install them afresh")
    values = [f"{name}={exact(given[name], corner)}" for name in _WANTED if name in given]
    return "\n".join(
        (
            f".subckt {WELL.model} well w=1u l=1u",
            # The PDK counts in micrometres, and so does its card.
            f"d0 0 well {WELL.model}_card area={{w*l*1e12}} pj={{2e6*(w+l)}}",
            f".ends {WELL.model}",
            f".model {WELL.model}_card d",
            *(f"+ {' '.join(values[i : i + 6])}" for i in range(0, len(values), 6)),
            "",
        )
    )
