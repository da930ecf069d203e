"""Reading and writing films."""
