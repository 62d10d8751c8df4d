"""The line to a node: a TCP proxy that loses answers, doubles calls, delays, and can be cut."""

import random
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from rfl.exchange.batch import ANSWER_TYPE, parse_answer

_PATIENCE = 30.0


@dataclass(frozen=True)
class Odds:
    """Of one call: its answer is lost after the commit, it comes twice, it is held up."""

    lost: float = 0.05
    doubled: float = 0.02
    held: float = 0.3
    longest_hold: float = 0.03


@dataclass
class Line:
    """Carries to one node. What it does to a call is drawn from its seed.

    It keeps the receipts that have passed: what the node has promised to others.
    """

    target: int
    seed: int
    odds: Odds = field(default_factory=Odds)
    counts: Counter[str] = field(default_factory=Counter)
    receipts: set[bytes] = field(default_factory=set)
    slow: float = 0.0
    cut: bool = False
    port: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def end(self) -> None:
        """Listen no longer."""
        self._ending.set()
        self._listener.close()

    def _listen(self) -> None:
        while not self._ending.is_set():
            try:
                caller, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry_all, args=(caller,), daemon=True).start()

    def _carry_all(self, caller: socket.socket) -> None:
        """Carry the calls of one connection until either side has enough of it."""
        caller.settimeout(_PATIENCE)
        with caller:
            try:
                while request := _message(caller):
                    answer = None if self.cut else self._carry(request)
                    if answer is None or self.cut:
                        return
                    caller.sendall(answer)
            except OSError:
                return

    def _carry(self, request: bytes) -> bytes | None:
        lost, doubled, later, hold = self._fate()
        time.sleep(hold + self.slow)
        if doubled and not later:
            self._sent(request)
        answer = self._sent(request)
        if doubled and later:
            self._repeat_later(request)
        if lost or answer is None:
            return None
        self.receipts |= _receipts(answer)
        return answer

    def _fate(self) -> tuple[bool, bool, bool, float]:
        with self._lock:
            dice, odds = self._dice, self.odds
            lost, doubled = dice.random() < odds.lost, dice.random() < odds.doubled
            later = dice.random() < 0.5
            hold = dice.uniform(0, odds.longest_hold) if dice.random() < odds.held else 0.0
            self.counts.update(calls=1, answers_lost=lost, doubled=doubled)
        return lost, doubled, later, hold

    def _repeat_later(self, request: bytes) -> None:
        """The same call again, when others have passed it."""
        again = threading.Timer(self._dice.uniform(0.2, 2.0), self._sent, (request,))
        again.daemon = True
        again.start()

    def _sent(self, request: bytes) -> bytes | None:
        """Send a call on a connection of its own; None if there is no whole answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.target), _PATIENCE) as node:
                node.sendall(request)
                return _message(node)
        except OSError:
            return None


def _receipts(answer: bytes) -> set[bytes]:
    """The receipts in the answer to a batch; none in any other."""
    head, _empty, body = answer.partition(b"\r\n\r\n")
    if ANSWER_TYPE.encode() not in head:
        return set()
    return {one.receipt for one in parse_answer(body) if one.receipt is not None}


def _message(source: socket.socket) -> bytes | None:
    """One whole HTTP/1.1 message of a stated length, or None if the connection ends before."""
    read = bytearray()
    while (end := read.find(b"\r\n\r\n")) < 0:
        part = source.recv(65_536)
        if not part:
            return None
        read += part
    missing = end + 4 + _length(bytes(read[:end])) - len(read)
    while missing > 0:
        part = source.recv(min(missing, 1 << 20))
        if not part:
            return None
        read += part
        missing -= len(part)
    return bytes(read)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _colon, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0
