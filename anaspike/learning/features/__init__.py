"""From images to the numbers a network learns from."""
