"""The typed client of the API; commands and tests use it."""
