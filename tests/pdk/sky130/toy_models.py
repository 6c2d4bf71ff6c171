"""Stand-in models of our own making, in the PDK's habits."""

from pathlib import Path

from anaspike.pdk.sky130 import Sky130

# Two bins in length and two in width, with the PDK's habits: continuations,
# remarks between them, capitals, a parameter called `as`.
DEVICE = """\
.subckt {device}_twin d g s b
.ends
.SUBCKT  {device}  d g s b  mult=1
+
.param  l = 1 w = 1 nf = 1 ad = 0 as = 0 nrd = {{0.14/w}} nrs = {{0.14/w}} $ squares
+ swx_vth = {{sw_vth0_{device}+sw_mm*MC_MM_SWITCH*AGAUSS(0,1.0,1)/sqrt(l*w*mult)}}
+ swx_nrds = {{80*nf/w+400}} ; contacts

M{device} d g s b toy_model l = {{l}} w = {{w}} as = {{as}}
* + mulu0 = 2
+ delvto = {{swx_vth*(0.1/l + 0.9)}}
{bins}.ends {device}
"""
BIN = """
.model toy_model.{number} {kind}
+ level = 54 lmin = {l[0]} lmax = {l[1]} wmin = {w[0]}
+ wmax = {w[1]} version = 4.5
* a remark among the numbers
+ RSH = {{swx_nrds}} vth0 = 0.{number} ngate = 9.999999999999999E22
+ toxe = {{sw_tox*2}}
"""
# Of the diodes two, in the PDK's habits: a model whose name several share, remarks within.
DIODES = """\
.subckt  sky130_fd_pr__model__parasitic__diode_ps2dn a c mult=1
.model diodeint d
+ cj = {sw_other*1e-12}
.ends sky130_fd_pr__model__parasitic__diode_ps2dn
.subckt  sky130_fd_pr__model__parasitic__diode_pd2nw a c mult=1
+ area=1 perim=1
.model diodeint d
+ level = 3
*
*JUNCTION CAPACITANCE PARAMETERS
+ area = 1e12
+ cj = {sw_nw_pw_cj*1e-12}
+ mj = 0.45
+ pb = 0.53
+ cjsw = {6e-010*1e-6*sw_nw_pw_cj/9e-5}
+ mjsw = 0.24
+ php = 0.53
+ js = 4e-018
+ gap1 = 0.000473
.ends sky130_fd_pr__model__parasitic__diode_pd2nw
"""
# The junction of a well, as the corners have it, in F/m2; in the names of the PDK's files.
WELL_CJ = {"tt": 9e-05, "ff": 7e-05, "ss": 11e-05, "sf": 8e-05, "fs": 10e-05}
EDGES_L = (("1.5E-7", "1E-6"), ("1E-6", "2E-5"))
EDGES_W = (("4.2E-7", "1E-6"), ("1E-6", "1E-3"))
# A positive shift of the NMOS is a slow NMOS: the names are the PDK's, wrong way round.
SHIFTS = {"tt": 0.0, "ff": -0.05, "ss": 0.05, "sf": -0.03, "fs": 0.03}
GLOBALS = """\
* stand-in
.option scale=1.0u
.param
* remarks stand between the lines
+ sw_tox = {sw_tox_corner+sw_tox_mc} ; sum
+ sw_tox_mc = 0
+ sw_mm = 3e-3
"""


def toy_device(device: str) -> str:
    pairs = [(length, width) for length in EDGES_L for width in EDGES_W]
    kind = "nmos" if "nfet" in device else "pmos"
    bins = (
        BIN.format(number=i, kind=kind, l=length, w=width)
        for i, (length, width) in enumerate(pairs, 1)
    )
    return DEVICE.format(device=device, bins="".join(bins))


def write_models(continuous: Path, apart: bool = False) -> Path:
    """Write the stand-in models; `apart` in the layout of newer releases."""
    continuous.mkdir(parents=True)
    names = [device.model for device in Sky130.devices.values()]
    (continuous / "models_global.spice").write_text(GLOBALS)
    for corner, shift in SHIFTS.items():
        shifts = (f".param sw_vth0_{n} = {{0.0+corner_factor*{shift}}} + 0*EXP(1)\n" for n in names)
        text = ".param sw_tox_corner = {4e-09+corner_factor*0.0}\n" + "".join(shifts)
        text += f".param sw_nw_pw_cj = {{{WELL_CJ[corner]}+corner_factor*0.0}}\n"
        (continuous / f"parameters_fet_{corner}.spice").write_text(text)
    well = "sky130_fd_pr__model__parasitic__diode_pd2nw"
    if apart:
        (continuous / "models_diodes").mkdir()
        (continuous / "models_diodes" / f"{well}.spice").write_text(DIODES)
        diodes = f'.include "models_diodes/{well}.spice"\n'
        (continuous / "models_fet").mkdir()
        for name in names:
            (continuous / "models_fet" / f"{name}.spice").write_text(toy_device(name))
        lines = (f'.include "models_fet/{name}.spice"\n' for name in names)
    else:
        lines, diodes = (toy_device(name) for name in names), DIODES
    (continuous / "models_diodes.spice").write_text(diodes)
    (continuous / "models_fet.spice").write_text("".join(lines))
    return continuous
