"""Read a breach list: the file and its passphrase are enough, no node is needed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rfl.storage import breach_files


def open_breach(path: Path, passphrase: str) -> Iterator[dict[str, Any]]:
    """Yield what the file holds, those to tell first first, or raise SealBroken."""
    yield from breach_files.read_file(path, passphrase)
