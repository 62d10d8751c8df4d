"""The command `rfl`, one file per noun."""
