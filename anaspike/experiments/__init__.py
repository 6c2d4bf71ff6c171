"""One question asked of a circuit: a testbench and what is measured of it."""
