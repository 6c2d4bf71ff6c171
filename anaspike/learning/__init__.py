"""Spiking networks and the rules that tune them; knows nothing of SPICE."""
