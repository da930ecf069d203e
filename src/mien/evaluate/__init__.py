"""Predict with the trained runs, measure and compare them."""
