"""The neuron's sub-circuits in PySpice, with their sizes as checked dataclasses."""
