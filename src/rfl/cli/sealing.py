"""What officers keep as files: sealed pages, with the passphrase that is shown once, and photos."""

import os
from pathlib import Path

from rfl.cli import show
from rfl.client.shapes import Answer
from rfl.errors import InvalidInput

_RULE = "must be a new file in a folder that can be written"


def require_new(file: Path) -> None:
    """Raise InvalidInput before anything is made for a file that is there already."""
    if file.exists():
        raise InvalidInput("FILE", _RULE)


def keep(file: Path, made: Answer) -> None:
    """Write the page into its file, and print what belongs to it."""
    keep_private(file, str(made.pop("file")).encode("utf-8"))
    show.as_json(made)


def keep_private(file: Path, content: bytes) -> None:
    """Write a new file that nobody else on this machine may read."""
    try:
        with open(file, "xb", opener=_private) as sink:
            sink.write(content)
    except OSError as cause:
        raise InvalidInput("FILE", _RULE) from cause


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
