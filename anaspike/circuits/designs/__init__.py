"""The neuron as sized for each process: one file a process, with the working point it is for.

A new process gets a file of its own here; nothing else of the circuits changes.
"""

from anaspike.circuits.design import Design, Drive
from anaspike.circuits.designs.reader import (
    design_asked,
    design_for,
    design_named,
    read_design,
    with_smallest_comparator,
)
from anaspike.circuits.designs.sizes import (
    Size,
    check_devices,
    driven,
    is_role,
    resized,
    size_given,
    sizes_of,
)
from anaspike.circuits.designs.writer import tables_of, toml_value, with_unit, written

__all__ = [
    "Design", "Drive", "Size", "check_devices", "design_asked", "design_for", "design_named",
    "driven", "is_role", "read_design", "resized", "size_given", "sizes_of", "tables_of",
    "toml_value", "with_smallest_comparator", "with_unit", "written",
]  # fmt: skip
