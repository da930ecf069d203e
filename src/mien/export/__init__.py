"""A trained run as one file that runs elsewhere."""
