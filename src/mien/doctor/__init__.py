"""What is missing or wrong on this machine for this project, and the command that mends it."""
