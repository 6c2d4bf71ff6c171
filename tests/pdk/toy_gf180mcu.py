"""A stand-in for GF180MCU's model file, of our own making, in its habits."""

from pathlib import Path

# Sections that call sections, capitals, two blanks after `.model`, bins in W and L, a noise
# parameter that stands in another section; the cards are a few numbers of our own.
CARD = """\
.model  {name}.{number}  {kind}
+level = 54
+lmin    = {l[0]}
+lmax    = {l[1]}
+wmin    = {w[0]}
+wmax    = {w[1]}
+version = 4.5
+toxe    = 8e-009
+vth0    = {vth0}
+u0      = {u0}
+noia    = {name}_noia
* a remark between the cards
"""
SECTION = """\
.lib {name}_{letter}

.subckt {name}_dss d g s b w=10u l=0.28u
m0 d g s b {name} w='w' l='l'
.ends

{cards}
.endl {name}_{letter}
"""
CORNER = """\
.LIB {corner}
 .lib '{file}' nfet_03v3_{n}
 .lib '{file}' pfet_03v3_{p}
*
 .param rsh_nplus_u_m=60
 .lib '{file}' noise_corner
 .lib '{file}' fets_mm
.ENDL
"""
DIODES = """\
.LIB diode_{corner}
 .param
 +jsa=1 rs_sc=1 cja={capacitance}
 +jsa_sc = {decades}
 .lib '{file}' dio
.ENDL
"""
DIO = """\
.LIB dio
.model  diode_nd2ps_03v3  d  level = 3
+is      = '2e-007 * jsa'
.model  diode_nw2ps_03v3  d  level = 3
+area    = 1.6e-009
+cjo     = '0.00015* cja'          cjp     = '6e-010*cja'
+pb      = 0.55          php     = 0.55
+is      = '2e-006 * jsa'
.model  diode_dw2ps  d  level = 3
+ikr     = 0               cjo     = '0.00023 * cja'         cjp     = '7e-010*cja'
.model  sc_diode  d  level = 3
+js      = '8*10**jsa_sc'          n       = 1.05          rs      = '3e-009*rs_sc'
*
.endl diode
"""
NOISE = """\
.LIB noise_corner
 .param
 +nfet_03v3_noia='(fnoicor==0)*3e+041 + (fnoicor==1)*3e+042'
 +pfet_03v3_noia='(fnoicor==0)*3e+041 + (fnoicor==1)*4e+042'
.ENDL
.lib fets_mm
.subckt nfet_03v3 d g s b w=1e-5 l=2.8e-7
m0 d g s b nfet_03v3 w=w l=l delvto='agauss(0,1,1)*sw_stat_mismatch'
.ends nfet_03v3
.endl fets_mm
"""
# Corner -> letters of the NMOS's and PMOS's sections, as the PDK has them.
LETTERS = {
    "typical": ("t", "t"), "ff": ("f", "f"), "ss": ("s", "s"), "sf": ("sf", "sf"),
    "fs": ("fs", "fs"),
}  # fmt: skip
# Section letter -> how much slower: volts on the magnitude of the threshold.
SLOWER = {
    "nfet_03v3": {"t": 0.0, "f": -0.1, "s": 0.1, "sf": 0.08, "fs": -0.08},
    "pfet_03v3": {"t": 0.0, "f": -0.1, "s": 0.1, "sf": -0.08, "fs": 0.08},
}
EDGES_L = (("2.8e-007", "5e-007"), ("5e-007", "5.0001e-005"))
EDGES_W = (("2.2e-007", "1e-006"), ("1e-006", "0.000100001"))


def _section(name: str, letter: str) -> str:
    kind, sign, u0 = ("nmos", 1, 0.04) if name.startswith("n") else ("pmos", -1, 0.01)
    vth0 = sign * (0.6 + SLOWER[name][letter])
    pairs = [(length, width) for width in EDGES_W for length in EDGES_L]
    cards = (
        CARD.format(name=name, number=i, kind=kind, l=length, w=width, vth0=vth0, u0=u0)
        for i, (length, width) in enumerate(pairs)
    )
    return SECTION.format(name=name, letter=letter, cards="".join(cards))


def write_library(folder: Path) -> Path:
    """Write the stand-in into a folder; return the folder."""
    file = "sm141064.ngspice"
    corners = (
        CORNER.format(corner=corner, file=file, n=n, p=p) for corner, (n, p) in LETTERS.items()
    )
    sections = (_section(name, letter) for name, slower in SLOWER.items() for letter in slower)
    diodes = (
        DIODES.format(corner=corner, file=file, decades=decades, capacitance=capacitance)
        for corner, decades, capacitance in (("typical", 0, 1), ("ff", 1, 0.9), ("ss", -1, 1.1))
    )
    folder.mkdir(parents=True)
    (folder / file).write_text("* stand-in\n" + "".join((*corners, NOISE, *diodes, DIO, *sections)))
    return folder
