"""What is asked of a trained network on the circuit: mapping, its model, its proof."""
