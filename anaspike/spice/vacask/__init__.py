"""What knows VACASK alone: a deck as its own input, how it is found and run, what its log says."""
