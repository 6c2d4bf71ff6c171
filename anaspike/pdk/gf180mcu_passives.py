"""Where GF180MCU's resistors and capacitors stand in the PDK's file, and what others call them."""

import re
from collections.abc import Iterable, Mapping

from anaspike.pdk.passives import PlainDevices

_DEVICES = ("res", "cap_mim", "moscap")
_VALUES = ("res_typical", "res_statistical_par", "mimcap_typical", "moscap_typical")
_NO_CHANCE = ".param sw_stat_global=0 sw_stat_mismatch=0 res_mc_skew=0\n"
_OF_METALS = re.compile(r"(cap_mim_\df\d)_m\dm\d_noshield")


def plain_devices(sections: Mapping[str, Iterable[str]]) -> PlainDevices:
    """Return them, nominal: the PDK's corners of them are apart from its transistors'.

    Args:
        sections: of the PDK's file, name -> lines.
    """
    texts, values = (
        "\n".join(line for name in names for line in sections.get(name, ()))
        for names in (_DEVICES, _VALUES)
    )
    return PlainDevices(texts, _NO_CHANCE + values, _named)


def _named(device: str) -> str:
    """Return what xschem means: cap_mim_2f0_m4m5_noshield has one set of numbers for all metals."""
    return _OF_METALS.sub(r"\1ff", device)
