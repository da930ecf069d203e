"""Withdrawal: what was asked to be forgotten, deleted wherever it is here."""
