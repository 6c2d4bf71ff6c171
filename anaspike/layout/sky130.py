"""SkyWater 130 as it is drawn, on the aluminium back end up to metal 4.

Layers and rules are facts of the open PDK's documentation (Apache-2.0); the numbers of GDS layers
stand in its page "Layers Reference", the rules in "Periphery Rules".
"""

from anaspike.layout.process import Flavour, Process, Step
from anaspike.layout.sky130_rules import DERIVED, RULES, on_grid

LAYERS = {
    "nwell": (64, 20),
    "diff": (65, 20),
    "tap": (65, 44),
    "poly": (66, 20),
    "licon": (66, 44),
    "npc": (95, 20),
    "nsdm": (93, 44),
    "psdm": (94, 20),
    "lvtn": (125, 44),
    "hvtp": (78, 44),
    "li": (67, 20),
    "mcon": (67, 44),
    "m1": (68, 20),
    "via": (68, 44),
    "m2": (69, 20),
    "via2": (69, 44),
    "m3": (70, 20),
    "via3": (70, 44),
    "m4": (71, 20),
}
LABELS = {"li": (67, 5), "m1": (68, 5), "m2": (69, 5), "m3": (70, 5), "m4": (71, 5)}
BOUNDARY = (235, 4)
IGNORED = frozenset(
    {
        BOUNDARY,
        (236, 0),  # outline of a foundry cell
        *((layer, 16) for layer in range(64, 72)),  # pins, drawn again on what they stand on
        (122, 16), (64, 59), (64, 5), (66, 5), (83, 44),  # their texts, and a cell's name
        (81, 23), (81, 14), (95, 44),  # areas that carry no rule of ours
    }
)  # fmt: skip
MARKS = {"standard cell": (81, 4)}

SKY130 = Process(
    name="sky130",
    grid_nm=5,
    layers=LAYERS,
    labels=LABELS,
    ignored=IGNORED,
    outline=BOUNDARY,
    marks=MARKS,
    derived=DERIVED,
    rules=(*RULES, *on_grid(LAYERS)),
    flavours=(
        Flavour("nmos_svt", "n active", not_over=("lvtn", "hvtp")),
        Flavour("nmos_lvt", "n active", over=("lvtn",), not_over=("hvtp",)),
        Flavour("pmos_svt", "p active", not_over=("lvtn", "hvtp")),
        Flavour("pmos_lvt", "p active", over=("lvtn",), not_over=("hvtp",)),
        Flavour("pmos_hvt", "p active", over=("hvtp",), not_over=("lvtn",)),
    ),
    steps=(
        Step("poly", "poly contact", "li"),
        Step("n source drain", "n contact", "li"),
        Step("p source drain", "p contact", "li"),
        Step("well tap", "well contact", "li"),
        Step("substrate tap", "substrate contact", "li"),
        Step("li", "mcon", "m1"),
        Step("m1", "via", "m2"),
        Step("m2", "via2", "m3"),
        Step("m3", "via3", "m4"),
    ),
)
