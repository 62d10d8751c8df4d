"""Tables of letters and words. Facts of each script, written for this project."""
