"""What knows ngspice alone: how it is found, run in batch, and what its log says."""
