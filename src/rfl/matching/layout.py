"""How the terms of a person begin: told apart from what makes them.

A process beside a start reads and sorts terms, and need not load what normalises names.
"""

import struct
from typing import Final

HEADER: Final = struct.Struct("<HBBhhHH")
"""Version, sex, mark of a society's own list, first and last year of birth, terms, sketch bytes."""

NO_YEAR: Final = -32_768
"""In place of a year that is not known."""

Rules = tuple[int, int]
"""By what terms were made: what `terms.mark` returns."""
