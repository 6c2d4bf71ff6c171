"""What is asked of one circuit: a block, or the whole neuron."""
