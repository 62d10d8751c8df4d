"""Introduction: a society that people trust for it, as the CTA, vouches for another's descriptor.

`rfl-introduction-v1` over a signed document: who vouches, for which descriptor, until when. It can
be withdrawn by the same, or by people here at any time. It never goes on: who was introduced may
introduce nobody. Envelopes stay sealed from end to end (guide: protocol, Through the CTA).
"""

from enum import StrEnum
from typing import Annotated, Final

import msgspec

from rfl.crypto.keyring import SOCIETY
from rfl.domain.decoding import converted
from rfl.errors import BadEnvelope, NotYours
from rfl.exchange.descriptor import CODE, Descriptor, Mode, parse_descriptor
from rfl.exchange.encoding import strict_object, to_bytes, to_text
from rfl.exchange.post import descriptor_of
from rfl.exchange.signed import Signer, parse_signed, sign_document, signed_by
from rfl.storage import alarms, peers
from rfl.storage.peers import PeerRow, PeerState
from rfl.storage.work import Work

LABEL: Final = b"rfl-introduction-v1"
MOST_BYTES: Final = 131_072
MOST_DAYS: Final = 400
DIFFERS: Final = "introduction-differs"
DAILY_LIMIT: Final = 200
"""Distinct sought persons that a peer may ask about in a day, unless set otherwise."""

_TYPE: Final = "rfl-introduction"
_DAY: Final = 86_400
_EARLY: Final = 120


class Introduces(StrEnum):
    """What a society's introductions count for here: people still compare the digits, or not."""

    KNOWN = "known"
    TRUSTED = "trusted"


class Outcome(StrEnum):
    """What an introduction has led to. `differs`: another fingerprint than the one known here."""

    KNOWN = "known"
    TRUSTED = "trusted"
    WITHDRAWN = "withdrawn"
    UNCHANGED = "unchanged"
    DIFFERS = "differs"


class _Wire(msgspec.Struct, frozen=True, kw_only=True):
    v: int
    typ: str
    by: Annotated[str, msgspec.Meta(pattern=CODE)]
    code: Annotated[str, msgspec.Meta(pattern=CODE)]
    mode: Mode
    descriptor: str
    issued: Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]
    expires: Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]
    withdrawn: bool = False


def introduce(
    by: str, raw: bytes, signer: Signer, issued: int, days: int, *, withdrawn: bool = False
) -> bytes:
    """Return the signed word of `by` for a descriptor, or that it is taken back."""
    descriptor = parse_descriptor(raw)
    wire = _Wire(
        v=1,
        typ=_TYPE,
        by=by,
        code=descriptor.code,
        mode=descriptor.mode,
        descriptor=to_text(raw),
        issued=issued,
        expires=issued + days * _DAY,
        withdrawn=withdrawn,
    )
    return sign_document(LABEL, msgspec.json.encode(wire), [signer]).to_bytes()


def introducer(raw: bytes) -> str:
    """Return who says that it introduces somebody; believed by nobody yet."""
    return _parsed(raw).by


def take(work: Work, by: str, raw: bytes) -> Outcome:
    """Take what a society vouches for, or raise NotYours or BadEnvelope.

    What people have decided stands: a peer that they trust, suspended or removed stays that.
    """
    row = peers.find(work, by)
    if row is None or not _may_introduce(row):
        raise NotYours
    wire = _verified(work, row, raw)
    introduced = to_bytes(wire.descriptor)
    descriptor = _checked(work, wire, introduced)
    known = peers.find(work, wire.code)
    at = wire.issued * 1_000_000
    if known is None:
        return Outcome.UNCHANGED if wire.withdrawn else _add(work, row, wire, introduced)
    if known.introduced_by == by and at <= (known.introduced_at or 0):
        return Outcome.UNCHANGED
    if wire.withdrawn:
        return _withdrawn(work, known, by, at)
    if descriptor_of(known.descriptor).fingerprint() != descriptor.fingerprint():
        alarms.sound(work, DIFFERS, wire.code)
        return Outcome.DIFFERS
    if known.state is not PeerState.ADDED and known.introduced_by != by:
        return Outcome.UNCHANGED
    return _renewed(work, row, known, wire)


def _may_introduce(row: PeerRow) -> bool:
    by_people = row.state is PeerState.TRUSTED and row.trusted_by is not None
    return by_people and row.introduces is not None


def _parsed(raw: bytes) -> _Wire:
    signed = parse_signed(raw, most=MOST_BYTES)
    try:
        wire = converted(strict_object(signed.document), _Wire)
    except msgspec.ValidationError as cause:
        raise BadEnvelope from cause
    if wire.v != 1 or wire.typ != _TYPE:
        raise BadEnvelope
    return wire


def _verified(work: Work, by: PeerRow, raw: bytes) -> _Wire:
    wire, signed = _parsed(raw), parse_signed(raw, most=MOST_BYTES)
    descriptor, now = descriptor_of(by.descriptor), work.micros // 1_000_000
    keys = [key for key in descriptor.signing_keys if key.not_after > now]
    if not any(signed_by(signed, LABEL, key.kid, key.public) for key in keys):
        raise BadEnvelope
    holds = wire.issued <= now + _EARLY and wire.expires > now
    if not holds or wire.expires - wire.issued > MOST_DAYS * _DAY:
        raise BadEnvelope
    if (wire.by, wire.mode) != (by.code, descriptor.mode) or wire.code == wire.by:
        raise BadEnvelope
    return wire


def _checked(work: Work, wire: _Wire, raw: bytes) -> Descriptor:
    """A society is introduced by its own signed descriptor, in the same mode, and never to itself.

    In live mode its address is https, as for one that people add.
    """
    descriptor = parse_descriptor(raw)
    mine = {key.kid for key in peers.own(work) if key.name == SOCIETY}
    if (descriptor.code, descriptor.mode) != (wire.code, wire.mode):
        raise BadEnvelope
    if mine & {key.kid for key in descriptor.signing_keys}:
        raise BadEnvelope
    if wire.mode is Mode.LIVE and not descriptor.base_url.startswith("https://"):
        raise BadEnvelope
    return descriptor


def _add(work: Work, by: PeerRow, wire: _Wire, raw: bytes) -> Outcome:
    row = PeerRow(
        code=wire.code,
        state=_state(by),
        descriptor=raw,
        introduced_by=by.code,
        trusted_by=None,
        trusted_at=None,
        assessed_until=None,
        at_risk=False,
        daily_limit=DAILY_LIMIT,
        heard_at=None,
        version=1,
        introduced_at=wire.issued * 1_000_000,
        introduced_until=wire.expires * 1_000_000,
    )
    peers.add(work, row)
    return Outcome(by.introduces or Outcome.KNOWN)


def _renewed(work: Work, by: PeerRow, known: PeerRow, wire: _Wire) -> Outcome:
    """Hold for longer. Who was suspended or removed by people stays so."""
    values: dict[str, object] = {
        "introduced_by": by.code,
        "introduced_at": wire.issued * 1_000_000,
        "introduced_until": wire.expires * 1_000_000,
    }
    if known.state is PeerState.ADDED:
        values["state"] = _state(by)
    peers.change(work, known, **values)
    if known.state in (PeerState.SUSPENDED, PeerState.REMOVED):
        return Outcome.UNCHANGED
    return Outcome(by.introduces or Outcome.KNOWN)


def _withdrawn(work: Work, known: PeerRow, by: str, at: int) -> Outcome:
    if known.introduced_by != by:
        return Outcome.UNCHANGED
    values: dict[str, object] = {"introduced_at": at, "introduced_until": None}
    if known.state is PeerState.TRUSTED and known.trusted_by is None:
        values["state"] = PeerState.ADDED
    peers.change(work, known, **values)
    return Outcome.WITHDRAWN


def _state(by: PeerRow) -> PeerState:
    return PeerState.TRUSTED if by.introduces == Introduces.TRUSTED else PeerState.ADDED
