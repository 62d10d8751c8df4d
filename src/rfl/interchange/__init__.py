"""Reads the lists that partners send (PFIF, CSV, XLSX) into domain types."""
