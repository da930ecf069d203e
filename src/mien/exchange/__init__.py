"""Labels in and out: vote counts, a folder for each class, Label Studio."""
