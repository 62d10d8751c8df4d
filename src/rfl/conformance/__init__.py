"""The conformance suite of rfl/1: it plays the other society against any node's address."""
