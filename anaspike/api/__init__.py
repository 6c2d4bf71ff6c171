"""What notebooks call and the command line calls too: one engine, one function a question."""
