"""Take a long list in with several processes: this one cuts the file into rows of text, the others
make registrations of them, seal and store.

That is arithmetic in one interpreter, so a second core helps only as a second process. Text is what
travels since it costs least. All rows of one source record go to one process, so that a record that
comes twice meets itself in order. Rows travel over a pipe between processes of one user, never over
a file.
"""

import multiprocessing
import signal
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import msgspec

from rfl.cli.garbage import collect_seldom
from rfl.cli.node import intake_call, opened_node
from rfl.errors import RflError, StorageFailed
from rfl.flows.take_list import REFUSALS_KEPT, Taken, take_rows
from rfl.interchange.rows import Listing, Refusal, Row, RowText

PART = 250
_END = b""
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[RowText])

Maker = Callable[[RowText], Row | Refusal]


class Crowd:
    """Processes that each take a part of one list's rows.

    They are forked, so that they need not load the program again: before this process has opened
    its database or started a thread.
    """

    def __init__(self, branch: str, jobs: int) -> None:
        context = multiprocessing.get_context("fork")
        self._lines: list[Connection] = []
        self._processes: list[BaseProcess] = []
        self._parts: list[list[RowText]] = [[] for _job in range(jobs)]
        for _job in range(jobs):
            here, there = context.Pipe()
            self._lines.append(here)
            arguments = (there, branch, self._lines)
            process = context.Process(target=_work, args=arguments, daemon=True)
            process.start()
            there.close()
            self._processes.append(process)

    def take(self, listing: Listing, taken: Taken, progress: Callable[[int], None]) -> None:
        """Hand out the rows of a list, and count in `taken` what became of them."""
        for line in self._lines:
            with _told(line):
                line.send((taken.list_id, listing.make))
        places = self._hand_out(listing, taken, progress)
        refused = list(zip(places, taken.refusals, strict=True))
        for job in range(len(self._parts)):
            self._send(job)
            with _told(self._lines[job]):
                self._lines[job].send_bytes(_END)
        for line in self._lines:
            part = _answer(line)
            taken.include(part)
            refused += [(one.number, one) for one in part.refusals]
        refused.sort(key=lambda one: one[0])
        taken.refusals = [refusal for _place, refusal in refused[:REFUSALS_KEPT]]

    def end(self) -> None:
        """Wait for the processes; one that lost its line ends by itself."""
        for line in self._lines:
            line.close()
        for process in self._processes:
            process.join()

    def _hand_out(
        self, listing: Listing, taken: Taken, progress: Callable[[int], None]
    ) -> list[int]:
        """Send each row to its process; return behind which row each refusal stands.

        Notes that belong to nobody are refused at the end, by numbers of their own.
        """
        places: list[int] = []
        furthest = 0
        for text in listing.texts:
            furthest = max(furthest, text.number)
            if isinstance(text, Refusal):
                taken.refuse(text)
                places += [furthest] * (len(taken.refusals) - len(places))
                continue
            job = _job_of(text, len(self._parts))
            self._parts[job].append(text)
            if len(self._parts[job]) == PART:
                self._send(job)
                progress(PART)
        return places

    def _send(self, job: int) -> None:
        line, part = self._lines[job], self._parts[job]
        if line.poll():
            _answer(line)
        if part:
            with _told(line):
                line.send_bytes(_ENCODER.encode(part))
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


def _job_of(text: RowText, jobs: int) -> int:
    return zlib.crc32(text.key.encode("utf-8")) % jobs


@contextmanager
def _told(line: Connection) -> Iterator[None]:
    """Send something, or raise the failure of the process at the other end."""
    try:
        yield
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
    """Take the list's id, its maker and rows from the line until its end, and answer once.

    The other ends that came with the fork are closed: else no line would ever say that the
    process which reads has gone.
    """
    for other in inherited:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_seldom()
    try:
        list_id, make = line.recv()
        with opened_node() as rt:
            line.send(take_rows(rt, intake_call(branch), list_id, _rows(line, make)))
    except RflError as failure:
        line.send((type(failure), failure.rule, failure.field))
    except (EOFError, OSError):
        return
    except Exception as error:  # noqa: BLE001 (unhandled, its text is printed: it may quote a row)
        rule = f"A process that stored rows failed ({type(error).__name__}); please report this."
        line.send((StorageFailed, rule, None))


def _rows(line: Connection, make: Maker) -> Iterator[Row | Refusal]:
    while (content := line.recv_bytes()) != _END:
        yield from map(make, _DECODER.decode(content))
