"""Withdrawal: delete whatever was asked to be forgotten, wherever it is here."""
