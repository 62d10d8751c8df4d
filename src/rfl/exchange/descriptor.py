"""The node descriptor: who a society is on the network, with which keys, and what it takes.

It is self-signed by every signing key that it lists as current, and it is worth nothing until
its fingerprint was compared by people, or a society that is trusted for it has introduced it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from rfl.crypto.hpke import PUBLIC_BYTES, STRENGTH, Suite
from rfl.domain.decoding import converted
from rfl.errors import BadEnvelope
from rfl.exchange.encoding import strict_object, to_bytes, to_text
from rfl.exchange.signed import SignedDocument, Signer, parse_signed, sign_document, signed_by

LABEL: Final = b"rfl-descriptor-v1"
MOST_BYTES: Final = 65_536
SIGNING_KEY_BYTES: Final = 32
CODE: Final = r"^[a-z][a-z0-9-]{1,39}$"
"""What a society's code looks like."""

_TYPE: Final = "rfl-node"
_DIGITS: Final = 12


class Mode(StrEnum):
    """An exercise and what is real never mix."""

    LIVE = "live"
    EXERCISE = "exercise"


class Reach(StrEnum):
    """How letters reach a node: it is called, or it fetches them (from behind NAT)."""

    CALLED = "called"
    MAILBOX = "mailbox"


_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Kid = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Seconds = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]


class _Key(msgspec.Struct, frozen=True, kw_only=True):
    kid: _Kid
    key: Annotated[str, msgspec.Meta(max_length=2_048)]
    not_after: _Seconds
    suite: _Kid | None = None


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the node takes: bytes of an envelope and of a blob, envelopes a request, days kept."""

    envelope_bytes: Annotated[int, msgspec.Meta(ge=16_384)] = 2_000_000
    blob_bytes: Annotated[int, msgspec.Meta(ge=0)] = 50_000_000
    batch: Annotated[int, msgspec.Meta(ge=1, le=32)] = 32
    backup_days: Annotated[int, msgspec.Meta(ge=0, le=3_650)] = 14


class _Wire(msgspec.Struct, frozen=True, kw_only=True):
    v: int
    typ: str
    code: Annotated[str, msgspec.Meta(pattern=CODE)]
    name: _Text
    base_url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s?#]{1,300}$")]
    signing_keys: Annotated[list[_Key], msgspec.Meta(min_length=1, max_length=16)]
    hop_keys: Annotated[list[_Key], msgspec.Meta(min_length=1, max_length=16)]
    sealing_keys: Annotated[list[_Key], msgspec.Meta(min_length=1, max_length=32)]
    suites: Annotated[list[_Kid], msgspec.Meta(min_length=1, max_length=16)]
    minimum_suite: Suite
    versions: Annotated[list[int], msgspec.Meta(min_length=1)]
    limits: Limits
    contact: _Text
    mode: Mode
    reach: Reach = Reach.CALLED
    issued: _Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedKey:
    """A public key with its id; `not_after` in seconds since 1970. `suite` is of sealing keys."""

    kid: str
    public: bytes
    not_after: int
    suite: Suite | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """What a node says of itself. Old signing keys stay listed, for what they have signed."""

    code: str
    name: str
    base_url: str
    signing_keys: tuple[PublishedKey, ...]
    hop_keys: tuple[PublishedKey, ...]
    sealing_keys: tuple[PublishedKey, ...]
    suites: tuple[Suite, ...] = (Suite.S2, Suite.S1)
    minimum_suite: Suite = Suite.S1
    versions: tuple[int, ...] = (1,)
    limits: Limits
    contact: str
    mode: Mode
    reach: Reach = Reach.CALLED
    issued: int

    def sealing_key(self, at: int) -> PublishedKey:
        """Return the key to seal to at a time: of the first suite in order, the longest-lived.

        Raises BadEnvelope where none is current: nobody seals to a key that has ended.
        """
        for suite in self.suites:
            current = [k for k in self.sealing_keys if k.suite is suite and k.not_after > at]
            if current and STRENGTH.index(suite) >= STRENGTH.index(self.minimum_suite):
                return max(current, key=lambda key: key.not_after)
        raise BadEnvelope("The society has no current key to seal to.")

    def fingerprint(self) -> str:
        """Return sixty digits in twelve groups, for two people to read to each other by phone.

        They say the society's code and the oldest signing key that is listed, which stays the
        same while later keys are signed by it.
        """
        first = self.signing_keys[0].public
        digest = hashlib.sha512(LABEL + b"\x00" + self.code.encode() + b"\x00" + first).digest()
        groups = (digest[5 * n : 5 * n + 5] for n in range(_DIGITS))
        return " ".join(f"{int.from_bytes(group, 'big') % 100_000:05}" for group in groups)


def sign_descriptor(descriptor: Descriptor, signers: Sequence[Signer]) -> SignedDocument:
    """Return the descriptor with its own signatures, as a node publishes it."""
    wire = _Wire(
        v=1,
        typ=_TYPE,
        code=descriptor.code,
        name=descriptor.name,
        base_url=descriptor.base_url,
        signing_keys=_published(descriptor.signing_keys),
        hop_keys=_published(descriptor.hop_keys),
        sealing_keys=_published(descriptor.sealing_keys),
        suites=[suite.value for suite in descriptor.suites],
        minimum_suite=descriptor.minimum_suite,
        versions=list(descriptor.versions),
        limits=descriptor.limits,
        contact=descriptor.contact,
        mode=descriptor.mode,
        reach=descriptor.reach,
        issued=descriptor.issued,
    )
    return sign_document(LABEL, msgspec.json.encode(wire), signers)


def parse_descriptor(raw: bytes) -> Descriptor:
    """Return a descriptor signed by each of its current signing keys, or raise BadEnvelope."""
    signed = parse_signed(raw, most=MOST_BYTES)
    try:
        wire = converted(strict_object(signed.document), _Wire)
    except msgspec.ValidationError as cause:
        raise BadEnvelope from cause
    if wire.v != 1 or wire.typ != _TYPE:
        raise BadEnvelope
    descriptor = _from_wire(wire)
    current = [key for key in descriptor.signing_keys if key.not_after > descriptor.issued]
    if not current or not all(signed_by(signed, LABEL, k.kid, k.public) for k in current):
        raise BadEnvelope
    return descriptor


def _from_wire(wire: _Wire) -> Descriptor:
    return Descriptor(
        code=wire.code,
        name=wire.name,
        base_url=wire.base_url,
        signing_keys=_keys(wire.signing_keys),
        hop_keys=_keys(wire.hop_keys),
        sealing_keys=_sealing_keys(wire.sealing_keys),
        suites=tuple(Suite(one) for one in wire.suites if one in set(Suite)),
        minimum_suite=wire.minimum_suite,
        versions=tuple(wire.versions),
        limits=wire.limits,
        contact=wire.contact,
        mode=wire.mode,
        reach=wire.reach,
        issued=wire.issued,
    )


def _published(keys: Sequence[PublishedKey]) -> list[_Key]:
    return [
        _Key(kid=key.kid, key=to_text(key.public), not_after=key.not_after, suite=key.suite)
        for key in keys
    ]


def _keys(wires: Sequence[_Key]) -> tuple[PublishedKey, ...]:
    keys = [
        PublishedKey(kid=one.kid, public=to_bytes(one.key), not_after=one.not_after)
        for one in wires
    ]
    if len({key.kid for key in keys}) != len(keys):
        raise BadEnvelope
    if any(len(key.public) != SIGNING_KEY_BYTES for key in keys):
        raise BadEnvelope
    return tuple(keys)


def _sealing_keys(wires: Sequence[_Key]) -> tuple[PublishedKey, ...]:
    """A later version may offer a suite that this one does not know: it is passed over."""
    keys: list[PublishedKey] = []
    for one in wires:
        public = to_bytes(one.key)
        if one.suite is None:
            raise BadEnvelope
        if one.suite not in set(Suite):
            continue
        suite = Suite(one.suite)
        if len(public) != PUBLIC_BYTES[suite]:
            raise BadEnvelope
        keys.append(PublishedKey(kid=one.kid, public=public, not_after=one.not_after, suite=suite))
    if len({key.kid for key in keys}) != len(keys):
        raise BadEnvelope
    return tuple(keys)
