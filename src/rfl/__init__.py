"""Restoring Family Links: one node of one National Society."""

__version__ = "0.1.0"
