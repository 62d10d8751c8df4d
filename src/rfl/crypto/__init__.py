"""Bytes in, bytes out; knows no person."""
