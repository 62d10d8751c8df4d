"""A bundle: receipts, attachments and envelopes as a file, for where there is no network.

`rfl-bundle-1`, a line feed, a signed manifest on one line, and then the bytes of its items in its
order, nothing between them. The manifest names each by kind, size and SHA-256, so that a file that
was cut off or edited is known as such before anything of it is taken.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, BinaryIO, Final

import msgspec

from rfl.domain.decoding import converted
from rfl.errors import BadEnvelope, MalformedFile
from rfl.exchange import envelope, receipt
from rfl.exchange.descriptor import Descriptor, Mode
from rfl.exchange.encoding import strict_object, to_bytes, to_text
from rfl.exchange.network import Network
from rfl.exchange.signed import SignedDocument, Signer, parse_signed, sign_document, signed_by

MAGIC: Final = b"rfl-bundle-1\n"
LABEL: Final = b"rfl-bundle-v1"
MOST_ITEMS: Final = 10_000
MOST_BYTES: Final = 4 * 1024 * 1024
"""Bytes of a manifest."""

_TYPE: Final = "rfl-bundle"
_CHUNK: Final = 262_144
_NO_BUNDLE: Final = "The file is not a bundle."


class Kind(StrEnum):
    """What an item is. They stand in this order: an envelope needs its blobs to be there."""

    RECEIPT = "receipt"
    BLOB = "blob"
    ENVELOPE = "envelope"


_ORDER: Final = tuple(Kind)
_MOST: Final = {
    Kind.RECEIPT: receipt.MOST_BYTES,
    Kind.BLOB: 2**40,
    Kind.ENVELOPE: envelope.MOST_BYTES,
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a bundle: SHA-256 and length of its bytes."""

    kind: Kind
    digest: bytes
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Whose bundle it is, for whom, and what is in it; `issued` in seconds since 1970."""

    id: str
    sender: str
    recipient: str
    exercise: bool
    issued: int
    items: tuple[Item, ...]


class _Item(msgspec.Struct, frozen=True):
    kind: Kind
    size: Annotated[int, msgspec.Meta(ge=1, le=2**40)]
    sha256: Annotated[str, msgspec.Meta(min_length=43, max_length=43)]


class _Wire(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from"}):
    v: int
    typ: str
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    sender: str
    to: str
    exercise: bool
    issued: Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]
    items: Annotated[list[_Item], msgspec.Meta(max_length=MOST_ITEMS)]


def sign_bundle(bundle: Bundle, signer: Signer) -> bytes:
    """Return what stands before the items: magic and signed manifest."""
    wire = _Wire(
        v=1,
        typ=_TYPE,
        id=bundle.id,
        sender=bundle.sender,
        to=bundle.recipient,
        exercise=bundle.exercise,
        issued=bundle.issued,
        items=[_Item(one.kind, one.size, to_text(one.digest)) for one in bundle.items],
    )
    return MAGIC + sign_document(LABEL, msgspec.json.encode(wire), [signer]).to_bytes() + b"\n"


def read_manifest(source: BinaryIO) -> tuple[SignedDocument, Bundle]:
    """Return the manifest, believed by nobody yet, or raise MalformedFile."""
    if source.read(len(MAGIC)) != MAGIC:
        raise MalformedFile(_NO_BUNDLE)
    line = source.readline(MOST_BYTES + 1)
    try:
        signed = parse_signed(line, most=MOST_BYTES)
        return signed, _bundle(converted(strict_object(signed.document), _Wire))
    except (BadEnvelope, msgspec.ValidationError) as cause:
        raise MalformedFile(_NO_BUNDLE) from cause


def require_ours(
    signed: SignedDocument, bundle: Bundle, peers: Sequence[Descriptor], network: Network
) -> Descriptor:
    """Return the trusted peer that signed a bundle for this node, or raise MalformedFile."""
    if bundle.exercise is not (network.mode is Mode.EXERCISE):
        raise MalformedFile("The bundle is of the other mode: live and exercise never mix.")
    if bundle.recipient != network.code:
        raise MalformedFile("The bundle is for another society.")
    peer = next((one for one in peers if one.code == bundle.sender), None)
    if peer is None:
        raise MalformedFile("The bundle is of a society that is not trusted now.")
    current = [key for key in peer.signing_keys if key.not_after > bundle.issued]
    if not any(signed_by(signed, LABEL, key.kid, key.public) for key in current):
        raise MalformedFile("The bundle was not signed by the society that it names.")
    return peer


def require_whole(source: BinaryIO, bundle: Bundle) -> None:
    """Read all items; MalformedFile if one is not what the manifest says, or more follows."""
    for item in bundle.items:
        digest = hashlib.sha256()
        for part in chunks(source, item):
            digest.update(part)
        if digest.digest() != item.digest:
            raise MalformedFile("The bundle was edited: nothing of it was taken.")
    if source.read(1):
        raise MalformedFile("The bundle goes on after its end: nothing of it was taken.")


def chunks(source: BinaryIO, item: Item) -> Iterator[bytes]:
    """Yield an item's bytes in parts of one size, or raise MalformedFile where the file ends."""
    left = item.size
    while left:
        part = source.read(min(left, _CHUNK))
        if not part:
            raise MalformedFile("The bundle was cut off: nothing of it was taken.")
        left -= len(part)
        yield part


def _bundle(wire: _Wire) -> Bundle:
    items = tuple(Item(one.kind, to_bytes(one.sha256), one.size) for one in wire.items)
    order = [_ORDER.index(item.kind) for item in items]
    if any(item.size > _MOST[item.kind] for item in items):
        raise BadEnvelope
    if wire.v != 1 or wire.typ != _TYPE or order != sorted(order):
        raise BadEnvelope
    return Bundle(
        id=wire.id,
        sender=wire.sender,
        recipient=wire.to,
        exercise=wire.exercise,
        issued=wire.issued,
        items=items,
    )
