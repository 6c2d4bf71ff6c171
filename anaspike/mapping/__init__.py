"""From a trained network to codes and supply voltages, and the proof that they compute it."""
