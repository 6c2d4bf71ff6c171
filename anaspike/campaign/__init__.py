"""Many points of any experiment, in parallel, none lost to another's failure."""
