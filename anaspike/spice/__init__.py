"""Run ngspice in batch: decks out, vectors in, failures named.

This floor knows circuits only as text. It could be lifted out and used by
someone who simulates amplifiers.
"""
