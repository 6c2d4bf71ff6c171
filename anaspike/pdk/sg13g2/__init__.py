"""IHP SG13G2: PSP 103.6 through compiled models, flattened to the transistor sizes in use."""

from anaspike.pdk.sg13g2.pdk import Sg13g2

__all__ = ["Sg13g2"]
