"""What passes between societies, and how each side trusts it (docs/protocol.md)."""
