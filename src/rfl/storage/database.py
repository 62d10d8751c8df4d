"""The engine, its transactions and its failures. Nothing else opens a connection."""

import errno
import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from rfl.errors import Misconfigured, StorageBusy, StorageFailed, StorageFull
from rfl.storage import arrays, direct, guarded

LOCK_WAIT_SECONDS = 10.0
# Two calls at once with one idempotency key, or one source's record, meet at a unique key (23505):
# the second one, tried again, finds what the first has kept.
_TRY_AGAIN = frozenset({"40001", "40P01", "55P03", "57014", "23505"})
KEY_TABLE = "record_keys"
_VIEW = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_BEGIN = "rfl_begin"
_WITHOUT_REACH = {guarded.WITHOUT_REACH: True}
_LET_GO = ("SELECT pg_switch_wal()", "CHECKPOINT")
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA busy_timeout=5000",
    "PRAGMA cache_size=-16000",
    # Fewer flows wait until the file itself is brought up to date, and a page that several of them
    # changed is written to it once.
    "PRAGMA wal_autocheckpoint=4000",
)


class Database:
    """One node's database: SQLite beside the node, or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.url = _checked_url(url)
        self.engine = _engine(self.url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writers = _WriteLock(self.path) if self.is_sqlite else None

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return Path(self.url.database or "")

    @contextmanager
    def write(self, reach: str | None = None, *, ahead: bool = False) -> Iterator[Connection]:
        """One transaction that commits at the end of the block, or rolls back on any error.

        `reach`: which records it reaches on PostgreSQL (`reach.py`); None: no branch's.
        `ahead`: there it begins in the round trip of what `direct.ahead` tells, which comes first.
        """
        with _failures():
            if self._writers is None:
                with self._transaction(direct.beginning("BEGIN", reach), ahead=ahead) as connection:
                    yield connection
                return
            with self._writers.held(), self._transaction(("BEGIN IMMEDIATE",)) as connection:
                yield connection

    @contextmanager
    def read(self, reach: str | None = None) -> Iterator[Connection]:
        """One consistent view without writing; what opens sealed data must use `write`."""
        begin = ("BEGIN",) if self.is_sqlite else direct.beginning(_VIEW, reach)
        with _failures(), self._transaction(begin) as connection:
            yield connection

    @contextmanager
    def ask(self) -> Iterator[Connection]:
        """For one question to what stands in clear and belongs to no branch: no transaction
        around it, no round trips. A table with a policy by branch is refused (`guarded.py`).
        """
        with _failures(), self.engine.connect() as connection:
            begin = {} if self.is_sqlite else {_BEGIN: ()}
            connection.execution_options(**begin, **_WITHOUT_REACH)
            yield connection

    @contextmanager
    def aside(self) -> Iterator[Connection]:
        """A transaction of PostgreSQL for locks alone; if the server ends it, nothing is lost.

        It ends with a COMMIT: the driver forgets all that it has prepared at a ROLLBACK.
        """
        with _failures():
            connection = self.engine.connect()
        try:
            yield connection
        finally:
            with suppress(DBAPIError):
                connection.commit()
            with suppress(DBAPIError):
                connection.close()

    def scrub(self, *tables: str) -> None:
        """Leave no byte of deleted keys, or of what was deleted from `tables`, in a live file.

        SQLite: `secure_delete` has overwritten them, and the write-ahead log is truncated.
        PostgreSQL: the tables are rewritten, and the log's files up to now are let go; the
        role needs `pg_checkpoint` and EXECUTE on `pg_switch_wal()`, the server
        `wal_recycle = off` (docs/operators.md).
        """
        with _failures():
            if self._writers is None:
                self._rewrite(tables or (KEY_TABLE,))
                return
            with self._writers.held():
                self._truncate_wal()

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self, begin: tuple[str, ...], *, ahead: bool = False) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            options = {guarded.BEGINS_AHEAD: begin, _BEGIN: ()} if ahead else {_BEGIN: begin}
            connection.execution_options(**options)
            with connection.begin():
                yield connection

    def _rewrite(self, tables: tuple[str, ...]) -> None:
        with self.engine.connect() as connection:
            connection.execution_options(**{_BEGIN: ()})
            for table in tables:
                connection.execute(text(f"VACUUM (FULL) {table}"))
            for statement in _LET_GO:
                connection.execute(text(statement))

    def _truncate_wal(self) -> None:
        deadline = time.monotonic() + LOCK_WAIT_SECONDS
        while time.monotonic() < deadline:
            with self.engine.connect() as connection:
                raw = connection.connection.dbapi_connection
                assert raw is not None  # noqa: S101 (a live connection has one)
                busy = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if not busy:
                return
            time.sleep(0.02)
        raise StorageBusy("Readers kept the write-ahead log in use; run the erasure again.")


class _WriteLock:
    """One writer at a time, across threads and processes, before BEGIN IMMEDIATE.

    SQLite's own busy handler sleeps and retries, which starves writers; a lock hands over. Before
    the lock there is a turn, which one process at a time waits in: without it, a process whose
    threads follow one another let others in by luck alone (p99 of 1,357 ms beside one such; now
    10).
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._inside = threading.Lock()
        self._descriptor: int | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        if not self._inside.acquire(timeout=LOCK_WAIT_SECONDS):
            raise StorageBusy
        try:
            self._lock_file()
            try:
                yield
            finally:
                fcntl.flock(self._file(), fcntl.LOCK_UN)
        finally:
            self._inside.release()

    def _file(self) -> int:
        if self._descriptor is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, 0o600)
        return self._descriptor

    def _lock_file(self) -> None:
        deadline = time.monotonic() + LOCK_WAIT_SECONDS
        # Two kinds of lock on one file, which know nothing of each other.
        self._wait_for(fcntl.lockf, deadline, 0.001)
        try:
            self._wait_for(fcntl.flock, deadline, 0.0002)
        finally:
            fcntl.lockf(self._file(), fcntl.LOCK_UN)

    def _wait_for(self, lock: Callable[[int, int], None], deadline: float, pause: float) -> None:
        while True:
            try:
                lock(self._file(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                    raise
                if time.monotonic() > deadline:
                    raise StorageBusy from error
                time.sleep(pause)
            else:
                return


def _checked_url(url: str) -> URL:
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise Misconfigured("RFL_DATABASE must be a sqlite:/// or postgresql:// address.")
    if parsed.drivername == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise Misconfigured("RFL_DATABASE must name a file.")
    return parsed


def _engine(url: URL) -> Engine:
    if url.drivername != "sqlite":
        waiting = f"-c lock_timeout={int(LOCK_WAIT_SECONDS * 1000)}"
        engine = create_engine(
            url,
            hide_parameters=True,
            # A connection that is more than these would be made and ended again with each crowd.
            pool_size=20,
            # The connection that was used last has its statements prepared.
            pool_use_lifo=True,
            max_overflow=0,
            connect_args={"options": waiting},
            # The driver begins nothing by itself: what begins a transaction also says its reach.
            isolation_level="AUTOCOMMIT",
        )
        event.listen(engine, "begin", _begin_postgresql)
        event.listen(engine, "connect", arrays.known_to)
        event.listen(engine, "before_cursor_execute", guarded.watch)
        return engine
    path = Path(url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=20,
        # The connection that wrote last knows the pages that the next writer changes; every other
        # one has to read them anew.
        pool_use_lifo=True,
        max_overflow=20,
        connect_args={"timeout": 5, "isolation_level": None, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "before_cursor_execute", guarded.watch)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    for statement in connection.get_execution_options().get(_BEGIN, ("BEGIN",)):
        direct.execute(connection, statement, ())


def _begin_postgresql(connection: Connection) -> None:
    if begin := connection.get_execution_options().get(_BEGIN, ("BEGIN",)):
        direct.begin(connection, begin)


@contextmanager
def _failures() -> Iterator[None]:
    """Turn the driver's errors into ours; their texts may quote values, so none is passed on."""
    try:
        yield
    except PoolTimeout as cause:
        raise StorageBusy from cause
    except DBAPIError as error:
        raise _translated(error.orig) from None
    except (sqlite3.Error, psycopg.Error) as error:
        raise _translated(error) from None


def _translated(error: BaseException | None) -> StorageBusy | StorageFull | StorageFailed:
    state = getattr(error, "sqlstate", None)
    words = str(error).lower() if state is None else ""
    if state in _TRY_AGAIN or "locked" in words or "busy" in words:
        return StorageBusy()
    if state in ("53100", "53200") or "full" in words or "disk i/o" in words:
        return StorageFull()
    return StorageFailed(f"The database refused ({state or type(error).__name__}).")
