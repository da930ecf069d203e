"""Labels: what a group of voters says each face shows."""
