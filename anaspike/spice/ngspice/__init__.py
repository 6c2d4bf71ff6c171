"""What knows ngspice alone: how it is found, run in batch or in process, and what its log says."""
