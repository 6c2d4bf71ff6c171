"""SkyWater 130 nm: find or install the open PDK's models, and use them flattened."""

from anaspike.pdk.sky130.pdk import Sky130

__all__ = ["Sky130"]
