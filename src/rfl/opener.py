"""The process beside a large start: opens terms and sorts them into parts of the index.

`python -m rfl.opener VERSION OWN` reads batches, until an empty one says that these were all, and
writes the parts as they are sorted. Terms that other rules made, and records that are not of one
registered person, go back as they were opened: the node knows what to do with them.
"""

import signal
import sys
from collections.abc import Iterator
from typing import IO, Final

from rfl.crypto.beside import batches, write
from rfl.crypto.memory import keep_memory_private
from rfl.crypto.sealing import open_many
from rfl.matching.carried import carried
from rfl.matching.layout import Rules

SORTED: Final = 65_536


def run(comes_in: IO[bytes], goes_out: IO[bytes], rules: Rules) -> None:
    """Open what comes in, and answer with its parts."""
    for part in _parts(comes_in, rules):
        write(goes_out, part)


def _parts(comes_in: IO[bytes], rules: Rules) -> Iterator[bytes]:
    records: list[str] = []
    contents: list[bytes] = []
    for batch in batches(comes_in):
        records += batch.records
        contents += open_many(batch.table, batch.column, batch.records, batch.keys, batch.sealed)
        if len(records) >= SORTED:
            yield carried(records, contents, rules)
            records, contents = [], []
    if records:
        yield carried(records, contents, rules)


def main() -> None:
    """Work from standard input to standard output; who has started it says when to end."""
    keep_memory_private()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run(sys.stdin.buffer, sys.stdout.buffer, (int(sys.argv[1]), int(sys.argv[2])))


if __name__ == "__main__":
    main()
