"""C2 and C11: what an envelope must be, and what is not understood."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from rfl.conformance.case import Case, Kind, Skipped, require
from rfl.conformance.forge import Made, Odd, envelope_bytes
from rfl.conformance.identity import make_identity
from rfl.conformance.play import BAD, GONE, LARGE, UNKNOWN, Play
from rfl.crypto.hpke import Suite
from rfl.exchange.encoding import to_bytes, to_text
from rfl.exchange.hop import HopRequest
from rfl.exchange.receipt import ReceiptStatus
from rfl.exchange.signed import Signer
from rfl.exchange.sizes import CLASSES, filled

_BAD: Final = "bad-envelope"
REJECTED: Final = ReceiptStatus.REJECTED


def _every_key(play: Play) -> None:
    for key in play.sealing_keys():
        play.taken(play.begin(key).next())


def _classes(play: Play) -> None:
    stream = play.begin()
    play.taken(stream.next(Odd(inner={"data": {"text": "x" * (CLASSES[0] - 700)}})))
    play.taken(stream.next(Odd(inner={"data": {"text": "x" * CLASSES[0]}})))


def _largest(play: Play) -> None:
    if play.node.limits.envelope_bytes < CLASSES[-1] * 3 // 2:
        raise Skipped("the node takes no envelope of the largest class")
    play.taken(play.begin().next(Odd(inner={"data": {"text": "x" * CLASSES[-2]}})))


def _ignored(play: Play) -> None:
    play.taken(play.begin().next(Odd(header={"tomorrow": 1}, inner={"tomorrow": {"a": 1}})))


def _ended(play: Play) -> None:
    stream = play.begin()
    header = {"iat": 1_600_000_000, "expires_at": 1_600_000_001}
    play.taken(stream.next(Odd(header=header)), ReceiptStatus.EXPIRED)
    play.taken(stream.next())


def _header(play: Play, members: dict[str, Any]) -> None:
    """Signed and sealed as it stands: the rule itself is broken, not a signature."""
    play.refused(play.put(play.begin().next(Odd(header=members))), BAD, _BAD)


def _edited(play: Play) -> None:
    made = play.begin().next()
    wire = json.loads(made.body)
    header = json.loads(to_bytes(wire["p"])) | {"expires_at": 4_000_000_000}
    _refused(play, made, wire | {"p": to_text(json.dumps(header).encode())})


def _edited_content(play: Play) -> None:
    made = play.begin().next()
    wire = json.loads(made.body)
    sealed = bytearray(to_bytes(wire["c"]))
    sealed[-1] ^= 1
    _refused(play, made, wire | {"c": to_text(bytes(sealed))})


def _unknown_signer(play: Play) -> None:
    stranger = make_identity("stranger").signer
    made = play.begin().next(Odd(outer_signer=stranger))
    play.refused(play.put(made), UNKNOWN, "unknown-key")


def _ended_signer(play: Play) -> None:
    made = play.begin().next(Odd(outer_signer=play.player.signing[1].signer))
    play.refused(play.put(made), UNKNOWN, "unknown-key")


def _forged_outside(play: Play) -> None:
    stranger = make_identity("stranger").signer
    made = play.begin().next(Odd(outer_signer=Signer(play.player.signer.kid, stranger.sign)))
    play.refused(play.put(made), BAD, _BAD)


def _form(play: Play, change: Callable[[bytes], bytes]) -> None:
    made = play.begin().next()
    play.refused(play.put(Made(made.id, change(made.body), made.epoch, made.seq)), BAD, _BAD)


def _other_address(play: Play) -> None:
    stream = play.begin()
    first, second = stream.next(), stream.next()
    play.refused(play.put(Made(second.id, first.body, first.epoch, first.seq)), BAD, _BAD)


def _too_large(play: Play) -> None:
    made = play.begin().next()
    body = made.body[:-1] + b" " * play.node.limits.envelope_bytes + b"}"
    play.refused(play.put(Made(made.id, body, made.epoch, made.seq)), LARGE, "too-large")


def _too_weak(play: Play) -> None:
    weak = [key for key in play.node.sealing_keys if key.suite is Suite.S1]
    if play.node.minimum_suite is Suite.S1 or not weak:
        raise Skipped("the node takes S1: there is no weaker suite")
    play.refused(play.put(play.begin(weak[-1]).next()), BAD, "suite-too-weak")


def _rejected(play: Play, odd: Odd, reason: str = _BAD) -> None:
    """The outer signature is true: so it is a receipt, and the place is used up."""
    stream = play.begin()
    play.taken(stream.next(odd), REJECTED, reason)
    play.taken(stream.next())


def _forwarded(play: Play) -> None:
    """The inner signature is true and over another envelope's header: sealed anew by its reader."""
    stream = play.begin()
    other = json.loads(stream.at(9, Odd(header={"to": "somebody-else"})).body)["p"]
    play.taken(stream.next(Odd(inner_place=other.encode())), REJECTED, _BAD)


def _another_wrote(play: Play) -> None:
    stranger = make_identity("stranger").signer
    _rejected(play, Odd(inner_signer=stranger))


def _to_nobody(play: Play) -> None:
    _rejected(play, Odd(header={"kid_enc": "a-key-that-was-never-published"}))


def _opened_by_none(play: Play) -> None:
    """Sealed content that no key opens, under a true outer signature."""
    stream = play.begin()
    right = stream.next()
    wire = json.loads(right.body)
    sealed = bytearray(to_bytes(wire["c"]))
    sealed[-1] ^= 1
    body = envelope_bytes(wire["p"].encode(), to_text(bytes(sealed)), play.player.signer)
    play.taken(Made(right.id, body, right.epoch, right.seq), REJECTED, _BAD)


def _other_major(play: Play) -> None:
    answer = play.carry(HopRequest("GET", play.url.rstrip("/") + "/rfl/v2/status", {}))
    require(answer.status_code == GONE, f"/rfl/v2 was answered with {answer.status_code}")


def _speaks(play: Play) -> None:
    require(1 in play.node.versions, "the descriptor does not say that it speaks version 1")
    play.taken(play.begin().next(Odd(inner={"schema_version": 1})))


def _refused(play: Play, made: Made, wire: dict[str, Any]) -> None:
    body = json.dumps(wire, separators=(",", ":")).encode()
    play.refused(play.put(Made(made.id, body, made.epoch, made.seq)), BAD, _BAD)


def _nonzero(content: bytes) -> bytes:
    return filled(content)[:-1] + b"\x01"


def _larger_class(content: bytes) -> bytes:
    return filled(content) + bytes(CLASSES[1] - CLASSES[0])


def _no_class(content: bytes) -> bytes:
    return filled(content)[:-1]


_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "a header of another version": {"v": 2},
    "a header of another kind": {"typ": "rfl-other"},
    "an unknown critical member": {"crit": ["tomorrow"]},
    "an envelope for another society": {"to": "somebody-else"},
    "an envelope from another society": {"from": "somebody-else"},
    "live traffic in an exercise": {"exercise": False},
    "an unknown suite": {"suite": "S0"},
    "a stream that there is not": {"stream": 9},
    "an epoch of zero": {"epoch": 0},
    "an end before the beginning": {"expires_at": 1},
}
_FORMS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "a truncated envelope": lambda body: body[: len(body) // 2],
    "an envelope of two lines": lambda body: body.replace(b",", b",\n", 1),
    "a member twice": lambda body: body.replace(b'{"p"', b'{"p":"","p"', 1),
    "padded base64": lambda body: body.replace(b'","c"', b'=","c"', 1),
    "what is no JSON": lambda body: b"\xff" + body,
}
_INSIDE: Final[dict[str, Odd]] = {
    "filling that is not zeros": Odd(frame=_nonzero),
    "a size class larger than needed": Odd(frame=_larger_class),
    "a size that is no class": Odd(frame=_no_class),
    "a letter of another place": Odd(inner={"seq": 7}),
    "a letter for another society": Odd(inner={"to": "somebody-else"}),
    "a letter without a purpose": Odd(inner={"purpose": None}),
    "a letter with a purpose off the list": Odd(inner={"purpose": "law_enforcement"}),
}
_NOT_UNDERSTOOD: Final = "not-understood"
_LATER: Final = {
    "a type of letter that nobody knows": Odd(inner={"type": "tomorrow.letter"}),
    "a schema of a later version": Odd(inner={"schema_version": 999}),
}


def _envelope(rule: str, run: Callable[[Play], None]) -> Case:
    return Case("C2", Kind.REFUSES, rule, run)


CASES: Final = (
    Case("C2", Kind.TAKES, "a letter to each key and suite that is offered", _every_key),
    Case("C2", Kind.TAKES, "letters of the two common size classes", _classes),
    Case("C2", Kind.TAKES, "a letter of the largest size class", _largest),
    Case("C2", Kind.TAKES, "one that has ended: its place is used up", _ended),
    *(_envelope(rule, partial(_header, members=one)) for rule, one in _HEADERS.items()),
    *(_envelope(rule, partial(_form, change=one)) for rule, one in _FORMS.items()),
    _envelope("a header that was edited", _edited),
    _envelope("content that was edited", _edited_content),
    _envelope("an outer signature by a key that is not known", _unknown_signer),
    _envelope("an outer signature by a key that had ended", _ended_signer),
    _envelope("an outer signature that is forged", _forged_outside),
    _envelope("an envelope at another one's address", _other_address),
    _envelope("an envelope over the limit", _too_large),
    _envelope("a suite below the minimum", _too_weak),
    _envelope("a letter that was sealed anew by its reader", _forwarded),
    _envelope("a letter that somebody else has written", _another_wrote),
    _envelope("a key to seal to that was never published", _to_nobody),
    _envelope("content that does not open, under a true signature", _opened_by_none),
    *(_envelope(rule, partial(_rejected, odd=odd)) for rule, odd in _INSIDE.items()),
    Case("C11", Kind.TAKES, "version 1, as the descriptor says", _speaks),
    Case("C11", Kind.TAKES, "unknown members that nobody marked critical", _ignored),
    Case("C11", Kind.REFUSES, "an address of another major version", _other_major),
    *(
        Case("C11", Kind.REFUSES, rule, partial(_rejected, odd=odd, reason=_NOT_UNDERSTOOD))
        for rule, odd in _LATER.items()
    ),
)
