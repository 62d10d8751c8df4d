"""C6: who is believed: rotation while letters are under way, revocation, a suspended society."""

import time
from collections.abc import Sequence
from typing import Final

from rfl.conformance.case import Case, Failed, Kind, require
from rfl.conformance.forge import Odd, OddHop, Stream
from rfl.conformance.identity import Identity, make_identity
from rfl.conformance.play import BAD, CREATED, OK, STATUS, UNKNOWN, Play
from rfl.errors import RflError
from rfl.exchange.descriptor import parse_descriptor
from rfl.exchange.encoding import to_text
from rfl.exchange.hop import HopRequest
from rfl.exchange.receipt import ReceiptStatus
from rfl.exchange.signed import Signer
from rfl.exchange.transport import WELL_KNOWN

_BAD: Final = "bad-envelope"


def _descriptor(play: Play) -> None:
    answer = play.carry(HopRequest("GET", play.url.rstrip("/") + WELL_KNOWN, {}))
    require(answer.status_code == OK, f"the descriptor was answered with {answer.status_code}")
    try:
        found = parse_descriptor(answer.body)
    except RflError as cause:
        raise Failed("the descriptor is not one, or not signed by its current keys") from cause
    require(found.fingerprint() == play.node.fingerprint(), "the digits have changed")
    now = int(time.time())
    for keys in (found.signing_keys, found.hop_keys, found.sealing_keys):
        require(any(key.not_after > now for key in keys), "no current key of each kind")


def _rotation(play: Play) -> None:
    """Letters under the old key, the notice, and letters under the new key, in one stream."""
    stream = play.begin()
    play.taken(stream.next())
    after = _changed(play, fresh=True)
    play.taken(stream.next(_notice(after.document())))
    play.player = after
    play.taken(stream.next(_signed_by(after.signing[-1].signer)))
    play.taken(stream.next())
    for key in (after.hop[0], after.hop[-1]):
        answer = play.call(play.request("GET", STATUS), OddHop(signer=key.signer))
        require(answer.status_code == OK, "a current key of the hop was refused after a rotation")


def _revocation(play: Play) -> None:
    before = _noticed(play, fresh=True)
    after = _noticed(play, fresh=False)
    gone = before.hop[-1].signer
    play.refused(play.call(play.request("GET", STATUS), OddHop(signer=gone)), BAD, _BAD)
    made = play.begin().next(_signed_by(before.signing[-1].signer))
    play.refused(play.put(made), UNKNOWN, "unknown-key")
    require(len(after.hop) < len(before.hop), "the suite has revoked nothing")


def _older(play: Play) -> None:
    """A notice that is older is no news: it is taken and changes nothing."""
    old = play.player.document()
    _noticed(play, fresh=True)
    play.taken(play.begin().next(_notice(old)))
    answer = play.call(play.request("GET", STATUS), OddHop(signer=play.player.hop[-1].signer))
    require(answer.status_code == OK, "an older descriptor was put in place of a newer one")
    _noticed(play, fresh=False)


def _unsigned_notice(play: Play) -> None:
    """Signed by the new key alone: whoever made it need not know the old one."""
    after = play.player.rotated(_later(play), fresh=True)
    document = after.document([after.signing[-1].signer])
    _not_believed(play, play.begin(), document, after.hop[-1].signer)


def _other_notice(play: Play) -> None:
    stranger = make_identity(play.player.code, _later(play))
    _not_believed(play, play.begin(), stranger.document(), stranger.hop_signer)


def _suspended(play: Play) -> None:
    other = play.suspended
    for path in (STATUS, "/rfl/v1/receipts/env_" + "0" * 26):
        asked = play.call(play.request("GET", path), OddHop(signer=other.hop_signer))
        play.refused(asked, BAD, _BAD)
    made = _stream_of(play, other).next()
    play.refused(play.put(made, OddHop(signer=other.hop_signer)), BAD, _BAD)


def _carried_for(play: Play) -> None:
    """A trusted society hands in what a suspended one has written: it is not the writer."""
    play.refused(play.put(_stream_of(play, play.suspended).next()), BAD, _BAD)


def _changed(play: Play, *, fresh: bool) -> Identity:
    after = play.player.rotated(_later(play), fresh=fresh)
    play.keep(after)
    return after


def _noticed(play: Play, *, fresh: bool) -> Identity:
    after = _changed(play, fresh=fresh)
    play.taken(play.begin().next(_notice(after.document())))
    play.player = after
    return after


def _later(play: Play) -> int:
    return max(int(time.time()), play.player.issued + 1)


def _not_believed(play: Play, stream: Stream, document: bytes, hop: Signer) -> None:
    play.taken(stream.next(_notice(document)), ReceiptStatus.REJECTED, _BAD)
    play.refused(play.call(play.request("GET", STATUS), OddHop(signer=hop)), BAD, _BAD)
    answer = play.put(stream.next())
    require(answer.status_code == CREATED, "after a false notice the true society is refused")


def _notice(document: bytes) -> Odd:
    return Odd(inner={"type": "key.notice", "data": {"descriptor": to_text(document)}})


def _signed_by(signer: Signer) -> Odd:
    return Odd(inner_signer=signer, outer_signer=signer)


def _stream_of(play: Play, other: Identity) -> Stream:
    stream = play.begin()
    stream.sender, stream.signer = other.code, other.signer
    return stream


def _cases(kind: Kind, rules: Sequence[tuple[str, object]]) -> list[Case]:
    return [Case("C6", kind, rule, run) for rule, run in rules if callable(run)]


CASES: Final = (
    *_cases(
        Kind.TAKES,
        [
            ("a descriptor that is signed, current and has the compared digits", _descriptor),
            ("new keys while letters are under way, old and new side by side", _rotation),
            ("an older descriptor, which changes nothing", _older),
        ],
    ),
    *_cases(
        Kind.REFUSES,
        [
            ("a revoked key, at once", _revocation),
            ("new keys that no known key has signed", _unsigned_notice),
            ("another society's keys under this code", _other_notice),
            ("a suspended society", _suspended),
            ("a suspended society's letter in another's hand", _carried_for),
        ],
    ),
)
