"""Take a long list in with several processes: this one reads, the others seal and store.

Sealing is arithmetic in one interpreter, so a second core helps only as a second process. All rows
of one source record go to one process, so that a record that comes twice meets itself in order.
Rows travel over a pipe between processes of one user, never over a file.
"""

import multiprocessing
import signal
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import msgspec

from rfl.cli.node import intake_call, opened_node
from rfl.errors import RflError, StorageFailed
from rfl.flows.take_list import Taken, take_rows
from rfl.interchange.rows import Refusal, Row

PART = 250
_END = b""
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Row])


class Crowd:
    """Processes that each take a part of one list's rows.

    They are forked, so that they need not load the program again: before this process has opened
    its database or started a thread.
    """

    def __init__(self, branch: str, jobs: int) -> None:
        context = multiprocessing.get_context("fork")
        self._lines: list[Connection] = []
        self._processes: list[BaseProcess] = []
        self._parts: list[list[Row]] = [[] for _job in range(jobs)]
        for _job in range(jobs):
            here, there = context.Pipe()
            self._lines.append(here)
            arguments = (there, branch, self._lines)
            process = context.Process(target=_work, args=arguments, daemon=True)
            process.start()
            there.close()
            self._processes.append(process)

    def take(
        self, rows: Iterable[Row | Refusal], taken: Taken, progress: Callable[[int], None]
    ) -> None:
        """Hand out the rows of a list, and count in `taken` what became of them."""
        for line in self._lines:
            _put(line, taken.list_id.encode("ascii"))
        for row in rows:
            if isinstance(row, Refusal):
                taken.refuse(row)
                continue
            job = _job_of(row, len(self._parts))
            self._parts[job].append(row)
            if len(self._parts[job]) == PART:
                self._send(job)
                progress(PART)
        for job in range(len(self._parts)):
            self._send(job)
            _put(self._lines[job], _END)
        for line in self._lines:
            taken.include(_answer(line))

    def end(self) -> None:
        """Wait for the processes; one that lost its line ends by itself."""
        for line in self._lines:
            line.close()
        for process in self._processes:
            process.join()

    def _send(self, job: int) -> None:
        line, part = self._lines[job], self._parts[job]
        if line.poll():
            _answer(line)
        if part:
            _put(line, _ENCODER.encode(part))
            part.clear()


@contextmanager
def crowd(branch: str, jobs: int) -> Iterator[Crowd | None]:
    """Start the processes, and end them whatever happens. One job is none but this process."""
    if jobs == 1:
        yield None
        return
    started = Crowd(branch, jobs)
    try:
        yield started
    finally:
        started.end()


def _job_of(row: Row, jobs: int) -> int:
    key = row.source_record
    if key is None:
        person = row.registration.person if row.registration is not None else None
        key = person.names[0].text if person is not None and person.names else ""
    return zlib.crc32(key.encode("utf-8")) % jobs


def _put(line: Connection, content: bytes) -> None:
    try:
        line.send_bytes(content)
    except OSError:
        if line.poll():
            _answer(line)
        raise _ended() from None


def _ended() -> StorageFailed:
    return StorageFailed("A process that stored rows ended before its time.")


def _answer(line: Connection) -> Taken:
    """Return what a process has taken in, or raise the failure that it tells."""
    try:
        answer = line.recv()
    except (EOFError, OSError) as cause:
        raise _ended() from cause
    if isinstance(answer, Taken):
        return answer
    kind, rule, field = answer
    failure: RflError = kind.__new__(kind)
    RflError.__init__(failure, rule, field=field)
    raise failure


def _work(line: Connection, branch: str, inherited: list[Connection]) -> None:
    """Take the list's id and rows from the line until its end, and answer once.

    The other ends that came with the fork are closed: else no line would ever say that the
    process which reads has gone.
    """
    for other in inherited:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        list_id = line.recv_bytes().decode("ascii")
        with opened_node() as rt:
            line.send(take_rows(rt, intake_call(branch), list_id, _rows(line)))
    except RflError as failure:
        line.send((type(failure), failure.rule, failure.field))
    except (EOFError, OSError):
        return
    except Exception as error:  # noqa: BLE001 (unhandled, its text is printed: it may quote a row)
        rule = f"A process that stored rows failed ({type(error).__name__}); please report this."
        line.send((StorageFailed, rule, None))


def _rows(line: Connection) -> Iterator[Row]:
    while (content := line.recv_bytes()) != _END:
        yield from _DECODER.decode(content)
