"""Programs that make what the repository carries; none of them is in the wheel."""
