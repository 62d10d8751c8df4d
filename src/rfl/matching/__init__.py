"""Compares descriptions of people; no keys, no database, no clock."""
