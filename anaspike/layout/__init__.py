"""From a block to its layout and back: what is drawn is checked, compared and extracted here.

Knows circuits and the layers of a process; no simulator. The library `klayout` comes with the
extra `layout` and is imported here alone, where it is needed.
"""
