"""From device roles to a process's models: corners, mismatch, discovery."""
