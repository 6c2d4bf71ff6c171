"""What is asked of several neurons: the XOR, any network, a chip to calibrate."""
