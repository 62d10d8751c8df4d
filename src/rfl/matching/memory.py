"""Memory that nothing uses any more goes back to the system."""

import ctypes


def give_back() -> None:
    """Return what the C library keeps of freed memory; where it cannot (not glibc), do nothing.

    After the parts of a large index are merged, that is as much as the index and more: it would
    count as this process's own until it ends.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
