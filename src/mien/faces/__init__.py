"""Faces: found in scenes, cropped, freed of duplicates, grouped."""
