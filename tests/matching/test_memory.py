"""Memory that an index no longer uses goes back to the system."""

import platform
from pathlib import Path

import numpy as np
import pytest

from rfl.matching.memory import give_back

SIZE, COUNT = 65_536, 800
MOST_KB = SIZE * COUNT // 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep less")
def test_freed_memory_goes_back_though_what_was_made_last_is_in_use() -> None:
    arrays = [np.ones(SIZE, np.uint8) for _number in range(COUNT)]
    last = arrays.pop()
    held = _held_kb()
    arrays.clear()
    give_back()
    assert held - _held_kb() > MOST_KB * 3 // 4
    assert last.all()


def _held_kb() -> int:
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
