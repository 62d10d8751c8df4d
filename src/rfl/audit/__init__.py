"""The access log as a tree that outsiders can check: order, proofs, checkpoints, export."""
