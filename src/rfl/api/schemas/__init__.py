"""JSON in and out: strict shapes, and how they become descriptions of the domain."""
