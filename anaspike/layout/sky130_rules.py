"""The rules of SkyWater 130 for all that we draw, and the layers that they are told on."""

from collections.abc import Iterable, Mapping

from anaspike.layout.process import Formula, Kind, Rule

PERIPHERY = "https://skywater-pdk.readthedocs.io/en/main/rules/periphery.html"
LATCH_UP = "https://skywater-pdk.readthedocs.io/en/main/rules/latchup.html"
OURS = "ours: what the rules of the process take for granted"

DERIVED: Mapping[str, Formula] = {
    "difftap": lambda g: (g["diff"] + g["tap"]).merged(),
    "gate": lambda g: g["diff"] & g["poly"],
    # Where an implant or the well is wrong there is no transistor, so that the comparison
    # against the netlist sees it too.
    "n active": lambda g: (g["diff"] & g["nsdm"]) - g["nwell"],
    "p active": lambda g: g["diff"] & g["psdm"] & g["nwell"],
    "n source drain": lambda g: g["n active"] - g["poly"],
    "p source drain": lambda g: g["p active"] - g["poly"],
    "well tap": lambda g: g["tap"] & g["nsdm"] & g["nwell"],
    "substrate tap": lambda g: (g["tap"] & g["psdm"]) - g["nwell"],
    "poly contact": lambda g: g["licon"] & g["poly"],
    "n contact": lambda g: g["licon"] & g["n source drain"],
    "p contact": lambda g: g["licon"] & g["p source drain"],
    "well contact": lambda g: g["licon"] & g["well tap"],
    "substrate contact": lambda g: g["licon"] & g["substrate tap"],
    "source drain": lambda g: g["diff"] - g["poly"],
    "abutting tap": lambda g: g["tap"].interacting(g["diff"]),
    "field poly": lambda g: g["poly"] - g["gate"],
    "active contact": lambda g: g["licon"] & g["difftap"],
    "diff contact": lambda g: g["licon"] & g["diff"],
    "tap contact": lambda g: g["licon"] & g["tap"],
    "implants": lambda g: (g["nsdm"] + g["psdm"]).merged(),
    "p diff": lambda g: g["diff"] & g["psdm"],
    "n diff": lambda g: g["diff"] & g["nsdm"],
    "n tap": lambda g: g["tap"] & g["nsdm"],
    "p tap": lambda g: g["tap"] & g["psdm"],
    "n difftap": lambda g: g["difftap"] & g["nsdm"],
    "p difftap": lambda g: g["difftap"] & g["psdm"],
    "p gate": lambda g: g["gate"] & g["nwell"],
    "lvt gate": lambda g: g["gate"] & g["lvtn"],
    "lvt p gate": lambda g: g["lvt gate"] & g["nwell"],
    "other gate": lambda g: g["gate"] - g["lvtn"],
    "hvt gate": lambda g: g["gate"] & g["hvtp"],
    "other p gate": lambda g: g["p gate"] - g["hvtp"],
    "p beside lvtn": lambda g: ((g["diff"] & g["nwell"]) - g["poly"]).not_interacting(g["lvtn"]),
    "wrong diff": lambda g: (g["n diff"] & g["nwell"]) + (g["p diff"] - g["nwell"]),
    "wrong tap": lambda g: (g["n tap"] - g["nwell"]) + (g["p tap"] & g["nwell"]),
    "tap on diff": lambda g: g["tap"] & g["diff"],
    "poly on tap": lambda g: g["tap"] & g["poly"],
    "no implant": lambda g: g["difftap"] - g["nsdm"] - g["psdm"],
    "both implants": lambda g: g["difftap"] & g["nsdm"] & g["psdm"],
    "split contact": lambda g: g["poly contact"] & g["difftap"],
    "poly and difftap": lambda g: (g["poly"] + g["difftap"]).merged(),
    "hvt nmos": lambda g: (g["hvtp"] & g["gate"]) - g["nwell"],
}


def _rule(
    name: str, kind: Kind, layers: str, um: float, says: str, source: str = PERIPHERY
) -> Rule:
    """Return a rule; `um` in micrometres, or square micrometres of an area."""
    on = tuple(layer.strip() for layer in layers.split(","))
    value = round(um * (1e6 if kind in {"area", "hole"} else 1e3))
    return Rule(name, kind, on, value, says, source)


def _wide(name: str, layer: str, um: float, from_um: float, says: str) -> Rule:
    return Rule(
        name, "wide space", (layer,), round(1e3 * um), says, PERIPHERY, round(1e3 * from_um)
    )


_WELLS = (
    _rule("nwell.1", "width", "nwell", 0.84, "width of n-well"),
    _rule("nwell.2a", "space", "nwell", 1.27, "between n-wells, merged if less"),
    _rule("nwell.4", "touches", "nwell, well contact", 0, "each n-well has a contacted n+ tap"),
    _rule("lvtn.1a", "width", "lvtn", 0.38, "width of the low-threshold implant"),
    _rule("lvtn.2", "space", "lvtn", 0.38, "between low-threshold implants"),
    _rule(
        "lvtn.3a", "separation", "lvtn, other gate", 0.18, "low-threshold implant to a gate outside"
    ),
    _rule(
        "lvtn.3b",
        "separation along",
        "lvtn, p beside lvtn",
        0.235,
        "low-threshold implant to p+ diffusion, along the source and drain",
    ),
    _rule("lvtn.4b", "enclosure", "lvtn, lvt gate", 0.18, "gate inside low-threshold implant"),
    _rule("lvtn.9", "separation", "lvtn, hvtp", 0.38, "low-threshold to high-threshold implant"),
    _rule("lvtn.13", "area", "lvtn", 0.265, "area of low-threshold implant"),
    _rule("hvtp.1", "width", "hvtp", 0.38, "width of the high-threshold implant"),
    _rule("hvtp.2", "space", "hvtp", 0.38, "between high-threshold implants"),
    _rule("hvtp.3", "enclosure", "hvtp, hvt gate", 0.18, "gate inside high-threshold implant"),
    _rule(
        "hvtp.4", "separation", "hvtp, other p gate", 0.18, "high-threshold implant to another gate"
    ),
    _rule("hvtp.5", "area", "hvtp", 0.265, "area of high-threshold implant"),
    _rule("hvtp.nmos", "never", "hvt nmos", 0, "there is no high-threshold NMOS", OURS),
)
_ACTIVE = (
    _rule("difftap.1", "width", "difftap", 0.15, "width of diffusion and tap"),
    _rule("difftap.2", "gate width", "source drain, gate", 0.42, "width of a transistor"),
    _rule("difftap.3", "space", "difftap", 0.27, "between diffusions or taps"),
    _rule("difftap.8", "enclosure", "nwell, p diff", 0.18, "p+ diffusion inside n-well"),
    _rule("difftap.9", "separation", "n diff, nwell", 0.34, "n+ diffusion to n-well"),
    _rule("difftap.10", "enclosure", "nwell, n tap", 0.18, "n+ tap inside n-well"),
    _rule("difftap.11", "separation", "p tap, nwell", 0.13, "p+ tap to n-well"),
    _rule("difftap.tap", "never", "tap on diff", 0, "tap and diffusion do not overlap", OURS),
    _rule("nsd.8", "never", "wrong diff", 0, "diffusion is of the other type than what it lies in"),
    _rule("psd.8", "never", "wrong tap", 0, "a tap is of the type of what it lies in"),
    _rule("implant.none", "never", "no implant", 0, "diffusion and tap are implanted", OURS),
    _rule("implant.both", "never", "both implants", 0, "and by one implant alone", OURS),
    _rule("nsd.1", "width", "nsdm", 0.38, "width of n+ implant"),
    _rule("nsd.2", "space", "nsdm", 0.38, "between n+ implants"),
    _rule("nsd.10", "area", "nsdm", 0.265, "area of n+ implant"),
    _rule("psd.1", "width", "psdm", 0.38, "width of p+ implant"),
    _rule("psd.2", "space", "psdm", 0.38, "between p+ implants"),
    _rule("psd.10", "area", "psdm", 0.265, "area of p+ implant"),
    _rule(
        "nsd.5", "enclosure", "implants, difftap", 0.125, "diffusion and tap inside their implant"
    ),
    _rule(
        "nsd.7",
        "separation",
        "n difftap, p difftap",
        0.13,
        "n+ to p+ diffusion, which never abut here",
    ),
    _rule(
        "LU.2",
        "within",
        "n source drain, substrate tap",
        15.0,
        "n+ diffusion from a substrate tap, at most",
        LATCH_UP,
    ),
    _rule(
        "LU.3",
        "within",
        "p source drain, well tap",
        15.0,
        "p+ diffusion from a well tap, at most",
        LATCH_UP,
    ),
)
_POLY = (
    _rule("poly.1a", "width", "poly", 0.15, "width of poly"),
    _rule("poly.1b", "width", "lvt p gate", 0.35, "length of a low-threshold PMOS"),
    _rule("poly.2", "space", "poly", 0.21, "between polys"),
    _rule("poly.4", "separation along", "field poly, diff", 0.075, "poly on field to diffusion"),
    _rule("poly.5", "separation", "poly, tap", 0.055, "poly to tap"),
    _rule("poly.6", "separation along", "gate, abutting tap", 0.3, "gate to a tap that abuts"),
    _rule("poly.7", "enclosure along", "diff, gate", 0.25, "source and drain beyond the gate"),
    _rule("poly.8", "enclosure along", "poly, gate", 0.13, "poly beyond the diffusion"),
    _rule("poly.11", "rectangle", "gate", 0, "no bent gates"),
    _rule("poly.12", "never", "poly on tap", 0, "poly does not overlap a tap"),
    _rule("npc.1", "width", "npc", 0.27, "width of the nitride opening"),
    _rule("npc.2", "space", "npc", 0.27, "between nitride openings"),
    _rule("npc.4", "separation", "npc, gate", 0.09, "nitride opening to gate"),
)
_CONTACTS = (
    _rule("licon.1", "square", "licon", 0.17, "side of a contact"),
    _rule("licon.2", "space", "licon", 0.17, "between contacts"),
    _rule("licon.4", "covered", "licon, li", 0, "a contact lies under local interconnect"),
    _rule("licon.4a", "covered", "licon, poly and difftap", 0, "and on poly, diffusion or tap"),
    _rule("licon.5", "enclosure", "difftap, active contact", 0.04, "contact inside diffusion"),
    _rule("licon.5c", "two sides", "diff, diff contact", 0.06, "on two opposite sides"),
    _rule("licon.7", "two sides", "tap, tap contact", 0.12, "contact inside tap, on two sides"),
    _rule("licon.8", "enclosure", "poly, poly contact", 0.05, "contact inside poly"),
    _rule("licon.8a", "two sides", "poly, poly contact", 0.08, "on two opposite sides"),
    _rule("licon.9", "separation", "poly contact, psdm", 0.11, "contact of poly to p+ implant"),
    _rule("licon.11", "separation", "active contact, gate", 0.055, "contact to gate"),
    _rule("licon.13", "separation", "active contact, npc", 0.09, "contact to nitride opening"),
    _rule("licon.14", "separation", "poly contact, difftap", 0.19, "contact of poly to diffusion"),
    _rule("licon.15", "enclosure", "npc, poly contact", 0.1, "contact of poly in its opening"),
    _rule("licon.16", "touches", "tap, licon", 0, "each tap is contacted"),
    _rule("licon.17", "never", "split contact", 0, "no contact on poly and diffusion at once"),
    _rule("licon.18", "touches", "npc, poly contact", 0, "each opening has a contact of poly"),
    _rule("li.1", "width", "li", 0.17, "width of local interconnect"),
    _rule("li.3", "space", "li", 0.17, "between local interconnects"),
    _rule("li.5", "two sides", "li, licon", 0.08, "contact inside local interconnect"),
    _rule("li.6", "area", "li", 0.0561, "area of local interconnect"),
    _rule("ct.1", "square", "mcon", 0.17, "side of a contact to metal 1"),
    _rule("ct.2", "space", "mcon", 0.19, "between them"),
    _rule("ct.4", "covered", "mcon, li", 0, "they lie on local interconnect"),
)
_METALS = (
    _rule("m1.1", "width", "m1", 0.14, "width of metal 1"),
    _rule("m1.2", "space", "m1", 0.14, "between metals 1"),
    _wide("m1.3", "m1", 0.28, 3.0, "from wide metal 1"),
    _rule("m1.4", "enclosure", "m1, mcon", 0.03, "contact inside metal 1"),
    _rule("m1.5", "two sides", "m1, mcon", 0.06, "on two opposite sides"),
    _rule("m1.6", "area", "m1", 0.083, "area of metal 1"),
    _rule("m1.7", "hole", "m1", 0.14, "area of a hole in metal 1"),
    _rule("via.1a", "square", "via", 0.15, "side of a via"),
    _rule("via.2", "space", "via", 0.17, "between vias"),
    _rule("via.4a", "enclosure", "m1, via", 0.055, "via inside metal 1"),
    _rule("via.5a", "two sides", "m1, via", 0.085, "on two opposite sides"),
    _rule("m2.1", "width", "m2", 0.14, "width of metal 2"),
    _rule("m2.2", "space", "m2", 0.14, "between metals 2"),
    _wide("m2.3", "m2", 0.28, 3.0, "from wide metal 2"),
    _rule("m2.4", "enclosure", "m2, via", 0.055, "via inside metal 2"),
    _rule("m2.5", "two sides", "m2, via", 0.085, "on two opposite sides"),
    _rule("m2.6", "area", "m2", 0.0676, "area of metal 2"),
    _rule("m2.7", "hole", "m2", 0.14, "area of a hole in metal 2"),
    _rule("via2.1a", "square", "via2", 0.2, "side of a via 2"),
    _rule("via2.2", "space", "via2", 0.2, "between vias 2"),
    _rule("via2.4", "enclosure", "m2, via2", 0.04, "via 2 inside metal 2"),
    _rule("via2.5", "two sides", "m2, via2", 0.085, "on two opposite sides"),
    _rule("m3.1", "width", "m3", 0.3, "width of metal 3"),
    _rule("m3.2", "space", "m3", 0.3, "between metals 3"),
    _wide("m3.3", "m3", 0.4, 3.0, "from wide metal 3"),
    _rule("m3.4", "enclosure", "m3, via2", 0.065, "via 2 inside metal 3"),
    _rule("m3.6", "area", "m3", 0.24, "area of metal 3"),
    _rule("via3.1", "square", "via3", 0.2, "side of a via 3"),
    _rule("via3.2", "space", "via3", 0.2, "between vias 3"),
    _rule("via3.4", "enclosure", "m3, via3", 0.06, "via 3 inside metal 3"),
    _rule("via3.5", "two sides", "m3, via3", 0.09, "on two opposite sides"),
    _rule("m4.1", "width", "m4", 0.3, "width of metal 4"),
    _rule("m4.2", "space", "m4", 0.3, "between metals 4"),
    _rule("m4.3", "enclosure", "m4, via3", 0.065, "via 3 inside metal 4"),
    _rule("m4.4a", "area", "m4", 0.24, "area of metal 4"),
    _wide("m4.5", "m4", 0.4, 3.0, "from wide metal 4"),
)  # fmt: skip
RULES = (*_WELLS, *_ACTIVE, *_POLY, *_CONTACTS, *_METALS)


def on_grid(layers: Iterable[str]) -> tuple[Rule, ...]:
    """Return the rules that hold of every layer by itself."""
    return tuple(
        rule
        for layer in layers
        for rule in (
            _rule(f"x.1b.{layer}", "grid", layer, 0.005, "every corner on the grid"),
            _rule(f"x.2.{layer}", "right angles", layer, 0, "no other angles than right ones"),
        )
    )
