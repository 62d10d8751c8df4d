"""Which part of one name goes with which of the other: the greatest sum of likeness.

All ways are tried where there are few; else the most alike first, then exchanged. Rows are the
parts of the name with fewer.
"""

from collections.abc import Sequence
from functools import cache
from itertools import permutations
from math import perm
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST_WAYS: Final = 120
Choice = NDArray[np.intp]


def assign_one(table: Sequence[Sequence[float]]) -> Sequence[int]:
    """The column of each row of one table of likeness."""
    if len(table) == 1:
        return [max(range(len(table[0])), key=table[0].__getitem__)]
    if perm(len(table[0]), len(table)) > MOST_WAYS:
        return assign_many(np.array([table]))[0].tolist()  # type: ignore[no-any-return]
    best: Sequence[int] = ()
    sum_of_best = -1.0
    for way in _ways(len(table), len(table[0])):
        total = 0.0
        for row, column in zip(table, way, strict=True):
            total += row[column]
        if total > sum_of_best:
            best, sum_of_best = way, total
    return best


def assign_many(tables: NDArray[np.float64]) -> Choice:
    """The column of each row of many tables of one shape: (tables, rows)."""
    _count, rows, columns = tables.shape
    if perm(columns, rows) > MOST_WAYS:
        return _exchanged(tables, _greedy(tables))
    ways = np.array(_ways(rows, columns))
    sums = tables[:, 0, ways[:, 0]]
    for row in range(1, rows):
        sums = sums + tables[:, row, ways[:, row]]
    best: Choice = ways[sums.argmax(axis=1)]
    return best


@cache
def _ways(rows: int, columns: int) -> tuple[tuple[int, ...], ...]:
    return tuple(permutations(range(columns), rows))


def _greedy(tables: NDArray[np.float64]) -> Choice:
    """The most alike first; of equals the first row, then the first column."""
    count, rows, columns = tables.shape
    every = np.arange(count)
    free = tables.copy()
    chosen = np.zeros((count, rows), dtype=np.intp)
    for _turn in range(rows):
        row, column = np.divmod(free.reshape(count, -1).argmax(axis=1), columns)
        chosen[every, row] = column
        free[every, row, :] = -1
        free[every, :, column] = -1
    return chosen


def _exchanged(tables: NDArray[np.float64], chosen: Choice) -> Choice:
    """Swap the partners of two rows wherever that makes the sum greater; one pass."""
    every = np.arange(len(tables))
    for i in range(chosen.shape[1]):
        for k in range(i + 1, chosen.shape[1]):
            j, m = chosen[:, i].copy(), chosen[:, k].copy()
            kept = tables[every, i, j] + tables[every, k, m]
            swapped = tables[every, i, m] + tables[every, k, j]
            better = swapped > kept
            chosen[better, i], chosen[better, k] = m[better], j[better]
    return chosen
