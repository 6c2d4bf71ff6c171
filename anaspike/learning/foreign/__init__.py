"""Networks as others keep them: their names, their order, their files."""
