"""A stand-in for SG13G2's model files, of our own making, in their habits."""

from pathlib import Path

# A card in expressions of corner, size and drawing; capitals, blanks and signs as theirs.
CARD = """\
.model sg13g2_{kind}mos_psp psp103va             type          =  {type}
+ level         =  103.60                      tr            =  27.0
+ wot           = -1e-08                       dlq           = '-1.5e-08 -((1-pre_layout)*2e-08 )'
* a remark within the card
+ vfbo          = '-0.9*sg13g2_{kind}mos_vfbo'             vfbl          =  0.014
+ cfrw          =  'pre_layout * (1-rfmode)*1.2e-16/ng'
+ rbulko        =  '0.002 * ng/w'              rjunso        =  '5000.0 * l/w'
+ SWSOA = 'SWSOA'
.model sg13g2_{kind}mos_psp_rf pspnqs103va       type          =  {type}
+ rgo           =  'rfmode * (ng<3 ? 1 : 2)'
"""
CORNER = """\
.LIB mos_{name}
  .param sg13g2_{kind}_nmos_vfbo   = {n}
  .param sg13g2_{kind}_pmos_vfbo= {p}
  .include sg13g2_mos{kind}_mod.lib
.ENDL mos_{name}
"""
FACTORS = {"tt": (1.0, 1.0), "ss": (0.9, 0.8), "ff": (1.1, 1.2), "sf": (0.9, 1.2), "fs": (1.1, 0.8)}


def write_models(folder: Path) -> Path:
    """Write the files that we read into a folder; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in ("lv", "hv"):
        cards = (CARD.format(kind=f"{kind}_{k}", type=t) for k, t in (("n", "+1"), ("p", "-1")))
        (folder / f"sg13g2_mos{kind}_parm.lib").write_text("* cards\n" + "".join(cards))
        corners = (CORNER.format(name=c, kind=kind, n=n, p=p) for c, (n, p) in FACTORS.items())
        (folder / f"cornerMOS{kind}.lib").write_text("* corners\n" + "".join(corners))
    return folder


def write_sources(folder: Path) -> Path:
    """Write what stands for PSP's Verilog-A; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("psp103", "psp103_nqs"):
        (folder / f"{name}.va").write_text(f"// {name}\n")
    return folder
