"""A process beside this one that opens sealed values, for starts that open a million of them.

It is given the data keys of the values that it opens, through a pipe, and no other key: what
unwraps them never leaves this process. It knows no database, writes nothing, and ends with its
pipe. What it makes of what it opens is up to the program that is run.
"""

import queue
import struct
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, Final

import msgspec

_SIZE: Final = struct.Struct(">Q")
_MOST: Final = 1 << 31
_PIPE: Final = 1 << 20
_WAITING: Final = 4
"""How many batches may wait: the process has always enough to do, and holds little."""


class Lost(Exception):
    """The process could not be started, or has ended before its work was done."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Values of one column of many records' own rows, with the raw key of each."""

    table: str
    column: str
    records: list[str]
    keys: list[bytes] = field(repr=False)
    sealed: list[bytes] = field(repr=False)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Batch)


class Beside:
    """The processes, as whoever gives them work sees them. For one thread."""

    def __init__(self, crew: "Sequence[_Process]") -> None:
        self._crew = crew
        self.given = 0
        """How many values they were given: as many are to come back."""

    def open(
        self,
        table: str,
        column: str,
        records: Sequence[str],
        keys: Sequence[bytes],
        sealed: Sequence[bytes],
    ) -> list[bytes]:
        """Have values opened as `open_many` would, by the process that has least to do.

        Waits while each has enough; raises Lost. Returns nothing: the process answers at the end.
        """
        batch = Batch(str(table), column, list(records), list(keys), list(sealed))
        min(self._crew, key=_Process.waiting).give(batch)
        self.given += len(batch.records)
        return []

    def answers(self) -> Iterator[bytes]:
        """Say that this was all, and yield what they have made of it; raises Lost."""
        for process in self._crew:
            process.end()
        for process in self._crew:
            yield from process.answers()


class _Process:
    """One of them, with a thread that writes to it and one that reads what it answers."""

    def __init__(self, running: "subprocess.Popen[bytes]", ends: tuple[IO[bytes], IO[bytes]]):
        self._running = running
        self._goes_in, self._comes_out = ends
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_WAITING)
        self._answers: list[bytes] = []
        self._lost = False
        self._threads = [threading.Thread(target=self._send), threading.Thread(target=self._hear)]
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    def waiting(self) -> int:
        return self._waiting.qsize()

    def give(self, batch: Batch) -> None:
        if self._lost:
            raise Lost
        self._waiting.put(_ENCODER.encode(batch))

    def end(self) -> None:
        self._waiting.put(None)

    def answers(self) -> list[bytes]:
        self._join()
        if self._lost or self._running.wait() != 0:
            raise Lost
        return self._answers

    def _send(self) -> None:
        """Write on while it is read; after a failure take on what is given, and drop it."""
        while (content := self._waiting.get()) is not None:
            self._write(content)
        self._write(b"")
        with suppress(OSError):
            self._goes_in.close()

    def _hear(self) -> None:
        while (answer := read(self._comes_out)) is not None:
            self._answers.append(answer)

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _write(self, content: bytes) -> None:
        try:
            if not self._lost:
                write(self._goes_in, content)
        except OSError:
            self._lost = True

    def stop(self) -> None:
        self._running.kill()
        self._running.wait()
        self.end()
        self._join()
        self._comes_out.close()


@contextmanager
def started(command: Sequence[str], count: int) -> Iterator[Beside]:
    """Start so many processes; they have ended when this block has, however that ends.

    What one might say of a failure is heard by nobody: it could be about what it opened. Raises
    Lost if one cannot be started.
    """
    with ExitStack() as crew:
        processes = []
        for _one in range(count):
            processes.append(_start(command))
            crew.callback(processes[-1].stop)
        yield Beside(processes)


def _start(command: Sequence[str]) -> _Process:
    pipe, nobody = subprocess.PIPE, subprocess.DEVNULL
    try:
        running = subprocess.Popen(  # noqa: S603 (this very program)
            command, stdin=pipe, stdout=pipe, stderr=nobody, pipesize=_PIPE
        )
    except OSError as cause:
        raise Lost from cause
    assert running.stdin is not None and running.stdout is not None  # noqa: S101, PT018 (pipes)
    return _Process(running, (running.stdin, running.stdout))


def batches(comes_in: IO[bytes]) -> Iterator[Batch]:
    """What the process is given, until that was all; raises Lost if it ends before."""
    while content := read(comes_in):
        yield _DECODER.decode(content)
    if content is None:
        raise Lost


def write(goes_in: IO[bytes], content: bytes) -> None:
    """Write one message and its length before it."""
    goes_in.write(_SIZE.pack(len(content)))
    goes_in.write(content)
    goes_in.flush()


def read(comes_out: IO[bytes]) -> bytes | None:
    """Return the next message, or None if there is none, or not all of it."""
    head = comes_out.read(_SIZE.size)
    if len(head) < _SIZE.size:
        return None
    (size,) = _SIZE.unpack(head)
    content = comes_out.read(size) if size <= _MOST else b""
    return content if len(content) == size else None
