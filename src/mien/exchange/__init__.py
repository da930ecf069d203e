"""Labels in and out: vote counts, folders a class, Label Studio."""
