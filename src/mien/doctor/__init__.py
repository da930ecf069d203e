"""What is missing or wrong on this machine for this project, and the line that mends it."""
