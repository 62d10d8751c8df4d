"""The only SQL; each table belongs to one file."""
