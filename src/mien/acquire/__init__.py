"""Scenes and weights: everything that comes from outside."""
