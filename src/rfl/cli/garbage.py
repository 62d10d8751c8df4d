"""How often a process that works for long looks for cycles of garbage."""

import gc

COLLECT_AFTER = 100_000


def collect_seldom() -> None:
    """Look a hundred times less often than Python does, and not in what stands already.

    Rows that are sealed or opened by the thousand hold no cycles and are freed without it, yet
    looking for some takes a tenth of an import's time. A look at all that a node holds would keep
    every one of its threads waiting.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
