"""HTTP and JSON: shapes in, shapes out, no decisions."""
