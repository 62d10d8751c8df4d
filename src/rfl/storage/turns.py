"""Turns: a name that one thread of all of a node's processes has to itself, without a transaction.

For what waits on others, as a delivery does on its peer: nothing that writes is kept waiting. A
turn ends with its process, however that ends, so that nobody waits for the dead.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, text

from rfl.errors import StorageFailed
from rfl.storage.database import Database

_TRY = text("SELECT pg_try_advisory_xact_lock(hashtext(:name))")


@contextmanager
def turn(database: Database, name: str) -> Iterator[bool]:
    """Have `name` (letters, digits, hyphens) for the block, or be told False: another has it."""
    if database.is_sqlite:
        folder = database.path.with_name(f"{database.path.name}.turns")
        with _file_locked(folder, name) as mine:
            yield mine
        return
    with database.aside() as connection:
        # Its transaction has read nothing and writes nothing: it holds back no cleaning up, and
        # works through a pooler. If the server ends it, another may repeat what is under way.
        yield _is_free(connection, name)


def _is_free(connection: Connection, name: str) -> bool:
    return bool(connection.scalar(_TRY, {"name": f"rfl turn {name}"}))


@contextmanager
def _file_locked(folder: Path, name: str) -> Iterator[bool]:
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as cause:
        raise StorageFailed("The folder of turns cannot be written.") from cause
    try:
        mine = False
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = True
        yield mine
    finally:
        os.close(descriptor)
