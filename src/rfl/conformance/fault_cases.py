"""C7 and C8: what was answered is kept, and a bad line harms nobody else."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final

from rfl.conformance.case import Case, Failed, Kind, Skipped, require
from rfl.conformance.forge import Made, Odd
from rfl.conformance.play import CREATED, INBOX, OK, STATUS, Play
from rfl.exchange.envelope import MEDIA_TYPE
from rfl.exchange.header import CONTROL_STREAM
from rfl.exchange.receipt import ReceiptStatus

LETTERS: Final = 40
HELD: Final = 10
PATIENCE: Final = 60.0
PROMPT: Final = 5.0
_DAY: Final = 86_400
_BEGUN: Final = 0.3
"""Seconds in which a node has begun to read what is held."""


def _kept(play: Play) -> None:
    """Another call, asked as soon as the answer is there, sees what was answered."""
    stream = play.begin()
    for _number in range(5):
        made = stream.next()
        receipt = play.taken(made)
        again = play.receipt_again(made.id)
        require(again.status_code == OK, "a receipt was given for what is not kept")
        require(again.body == receipt, "the receipt given again is another")
        require(play.heads().get(CONTROL_STREAM) == (made.epoch, made.seq), "the head stood still")


def _refused_leaves_nothing(play: Play) -> None:
    stream = play.begin()
    play.taken(stream.next())
    play.put(stream.at(1))
    play.put(stream.at(2, Odd(header={"v": 2})))
    require(play.heads().get(CONTROL_STREAM) == (stream.epoch, 1), "a refusal moved the head")


def _crash(play: Play) -> None:
    """Letters pass while the node is killed; each is sent again until it is answered."""
    if play.crash is None:
        raise Skipped("needs --crash-command, which kills the node and starts it again")
    stream = play.begin()
    many = [stream.next() for _number in range(LETTERS)]
    given: dict[str, bytes] = {}
    with ThreadPoolExecutor(1) as threads:
        sending = threads.submit(_send_until_broken, play, many, given)
        time.sleep(0.2)
        play.crash()
        sending.result()
    _wait_for(play)
    for made in many:
        answer = play.put(made)
        require(answer.status_code in (OK, CREATED), f"after the crash: {answer.status_code}")
        before = given.get(made.id)
        require(before in (None, answer.body), "a receipt of before the crash has changed")
        found = play.receipt(made, answer.body)
        require(found.status is ReceiptStatus.PROCESSED, f"place {made.seq} is {found.status}")
    require(play.heads().get(CONTROL_STREAM) == (stream.epoch, LETTERS), "not all took effect")


def _restored(play: Play) -> None:
    """The played society was restored from a copy: it begins an epoch and reconciles."""
    old = play.begin()
    play.taken(old.next())
    lost = old.next()
    play.taken(lost)
    require(play.heads().get(CONTROL_STREAM) == (old.epoch, 2), "reconcile does not say the head")
    play.taken(play.begin().next())
    require(play.put(lost).status_code == OK, "what was taken before the restore is not known")


def _half_open(play: Play) -> None:
    with _held(play, b""):
        _prompt(play)


def _slow_headers(play: Play) -> None:
    with _held(play, b"GET /rfl/v1/status HTTP/1.1\r\nhost: x\r\nx-slow: "):
        _prompt(play)


def _slow_bodies(play: Play) -> None:
    with _held(play, b"POST /rfl/v1/inbox HTTP/1.1\r\nhost: x\r\ncontent-length: 90000\r\n\r\nx"):
        _prompt(play)


def _reset(play: Play) -> None:
    """The line breaks after the whole request: sent again, it is taken once."""
    made = play.begin().next()
    line = play.connect()
    line.send(_raw(play, made))
    line.reset()
    time.sleep(0.3)
    answer = play.put(made)
    require(answer.status_code in (OK, CREATED), f"sent again: {answer.status_code}")
    found = play.receipt(made, answer.body)
    require(found.status is ReceiptStatus.PROCESSED, f"it is {found.status}")
    require(play.put(made).body == answer.body, "it was taken twice")


def _broken_half_way(play: Play) -> None:
    made = play.begin().next()
    line = play.connect()
    line.send(_raw(play, made)[:-100])
    line.reset()
    time.sleep(0.1)
    play.taken(made)


def _in_pieces(play: Play) -> None:
    made = play.begin().next()
    raw = _raw(play, made)
    line = play.connect()
    for part in (raw[:50], raw[50:4_000], raw[4_000:]):
        line.send(part)
        time.sleep(0.1)
    said = line.receive(12)
    line.close()
    require(said.endswith(b"201"), "a request in pieces was not taken")
    require(play.put(made).status_code == OK, "a request in pieces left nothing")


def _three_days(play: Play) -> None:
    """What was sealed three days ago arrives in one go, as after a partition."""
    ago = int(time.time()) - 3 * _DAY
    old = Odd(header={"iat": ago, "expires_at": ago + 30 * _DAY})
    stream = play.begin()
    many = [stream.next(old) for _number in range(30)]
    for made, one in zip(many, play.put_many(many), strict=True):
        found = play.receipt(made, one.receipt or b"")
        require(found.status is ReceiptStatus.PROCESSED, f"place {made.seq} is {found.status}")


def _send_until_broken(play: Play, many: list[Made], given: dict[str, bytes]) -> None:
    for made in many:
        try:
            answer = play.put(made)
        except (OSError, Failed):
            return
        if answer.status_code != CREATED:
            return
        given[made.id] = answer.body


def _wait_for(play: Play) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if play.call(play.request("GET", STATUS)).status_code == OK:
                return
        except (OSError, Failed):
            time.sleep(0.1)
    raise Failed("the node did not come back after the crash")


def _held(play: Play, begun: bytes) -> ExitStack:
    """Hold connections open on which nothing more is said."""
    stack = ExitStack()
    for _number in range(HELD):
        line = play.connect()
        stack.callback(line.close)
        if begun:
            line.send(begun)
    time.sleep(_BEGUN)
    return stack


def _prompt(play: Play) -> None:
    began = time.monotonic()
    try:
        play.call(play.request("GET", STATUS))
    except OSError as cause:
        raise Failed("nobody else is answered while connections are held open") from cause
    took = time.monotonic() - began
    require(took < PROMPT, f"others waited {took:.0f} s while connections were held open")


def _raw(play: Play, made: Made) -> bytes:
    """A whole request as bytes of HTTP."""
    request = play.request("PUT", f"{INBOX}/{made.id}", MEDIA_TYPE, made.body)
    play.sign(request)
    _scheme, _, rest = request.url.partition("://")
    host, _, path = rest.partition("/")
    headers = {"host": host, "content-length": str(len(request.body)), **request.headers}
    lines = [f"{request.method} /{path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + request.body


_C8: Final[dict[str, Callable[[Play], None]]] = {
    "a request that comes in pieces": _in_pieces,
    "again what was sent before the line broke": _reset,
    "again what broke off half way": _broken_half_way,
    "letters of a partition of three days": _three_days,
    "others, while connections are open and silent": _half_open,
    "others, while headers come one letter at a time": _slow_headers,
    "others, while bodies never come whole": _slow_bodies,
}
CASES: Final = (
    Case("C7", Kind.TAKES, "what is answered is there at once for any other call", _kept),
    Case("C7", Kind.TAKES, "each letter once, though the node is killed", _crash),
    Case("C7", Kind.TAKES, "a society that was restored from a copy", _restored),
    Case("C7", Kind.REFUSES, "without a trace", _refused_leaves_nothing),
    *(Case("C8", Kind.TAKES, rule, run) for rule, run in _C8.items()),
)
