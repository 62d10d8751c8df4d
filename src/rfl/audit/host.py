"""The society's own log host: a folder on another machine that keeps what the log said it was.

`checkpoint` is the newest one; `checkpoint-DAYTHOUR` the last of each hour, for later exports to be
held against. Whoever changes the database does not change these.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from rfl.audit import notes
from rfl.audit.notes import Note

NEWEST = "checkpoint"


def newest(folder: Path | None) -> Note | None:
    """Return the newest checkpoint that the host has; None before the first, or without a host."""
    if folder is None:
        return None
    try:
        with (folder / NEWEST).open("rb") as file:
            return notes.parse_note(file.read(notes.MOST_BYTES + 1))
    except FileNotFoundError:
        return None


def publish(folder: Path | None, note: Note, at: datetime) -> None:
    """Put a checkpoint on the host, if there is one: each file is written aside, synced, renamed.

    One that another process has overtaken is left out.
    """
    if folder is None:
        return
    kept = newest(folder)
    if kept is not None and _size(kept) > _size(note):
        return
    hour = at.astimezone(UTC).strftime("%Y-%m-%dT%H")
    for name in (f"{NEWEST}-{hour}", NEWEST):
        aside = folder / f".{name}.new"
        with aside.open("wb") as file:
            file.write(note.to_bytes())
            file.flush()
            os.fsync(file.fileno())
        aside.replace(folder / name)


def _size(note: Note) -> int:
    return notes.parse_checkpoint(note.text).size
