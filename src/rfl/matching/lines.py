"""Large tables in memory as the bytes that they are on disk: sorted lines, found by halving."""

from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np

_NEWLINE: Final = ord("\n")


class SortedLines:
    """A table of tab-separated lines, sorted by the code points of their first field."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == _NEWLINE)
        self._ends = ends.astype(np.uint32)

    def __len__(self) -> int:
        return len(self._ends)

    def fields(self, key: str) -> tuple[str, ...] | None:
        """The fields after the key, or None; about as many steps as the table's length has bits."""
        wanted = key.encode() + b"\t"
        low, high = 0, len(self._ends)
        while low < high:
            middle = (low + high) // 2
            if self._line(middle)[: len(wanted)] < wanted:
                low = middle + 1
            else:
                high = middle
        if low == len(self._ends) or not self._line(low).startswith(wanted):
            return None
        return tuple(self._line(low).decode().split("\t")[1:])

    def _line(self, number: int) -> bytes:
        start = int(self._ends[number - 1]) + 1 if number else 0
        return self._content[start : int(self._ends[number])]


@cache
def table(name: str) -> SortedLines:
    """A table of `matching/tables`, read on first use."""
    return SortedLines(files("rfl.matching.tables").joinpath(name).read_bytes())
