"""Sealed pages that officers keep as files, and the passphrase that is shown once."""

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
    try:
        with file.open("xb") as sink:
            sink.write(str(made.pop("file")).encode("utf-8"))
    except OSError as cause:
        raise InvalidInput("FILE", _RULE) from cause
    show.as_json(made)
