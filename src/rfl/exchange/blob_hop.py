"""Parts of a blob over the hop: which bytes a request carries or asks for, how far the other is.

`Range` and `Content-Range` are those of RFC 9110, section 14. `Upload-Offset` says how many bytes
of a blob the answering node has. All three are covered by the hop's signature.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from rfl.domain.decoding import converted
from rfl.errors import BadEnvelope
from rfl.exchange.batch import joined, parted
from rfl.exchange.encoding import strict_object, to_bytes, to_text

MEDIA_TYPE: Final = "application/octet-stream"
LIST_TYPE: Final = "application/rfl-blobs+jsonl"
PATH: Final = "/rfl/v1/blobs"
OFFSET: Final = "upload-offset"
RANGE, CONTENT_RANGE = "range", "content-range"
_DIGEST_BYTES: Final = 32
_CONTENT_RANGE: Final = re.compile(r"bytes ([0-9]{1,13})-([0-9]{1,13})/([0-9]{1,13})")
_RANGE: Final = re.compile(r"bytes=([0-9]{1,13})-([0-9]{1,13})")
_OFFSET: Final = re.compile(r"[0-9]{1,13}")


@dataclass(frozen=True, slots=True)
class Listed:
    """A blob that waits for the caller: SHA-256 of its bytes, and how many they are."""

    digest: bytes
    size: int


class _Line(msgspec.Struct, frozen=True):
    sha256: Annotated[str, msgspec.Meta(min_length=43, max_length=43)]
    size: Annotated[int, msgspec.Meta(ge=1, le=2**40)]


def path_of(digest: bytes) -> str:
    """Return the address of a blob below a node's base address."""
    return f"{PATH}/{to_text(digest)}"


def digest_in(name: str) -> bytes:
    """Return the digest that an address names, or raise BadEnvelope."""
    digest = to_bytes(name)
    if len(digest) != _DIGEST_BYTES:
        raise BadEnvelope
    return digest


def content_range(first: int, length: int, size: int) -> str:
    """Return which bytes of how many a body holds."""
    return f"bytes {first}-{first + length - 1}/{size}"


def carried(headers: Mapping[str, str], length: int) -> tuple[int, int]:
    """Return the first byte that a body of this length holds, and the size of the whole."""
    found = _CONTENT_RANGE.fullmatch(headers.get(CONTENT_RANGE, ""))
    if found is None:
        raise BadEnvelope
    first, last, size = (int(one) for one in found.groups())
    if last - first + 1 != length or last >= size:
        raise BadEnvelope
    return first, size


def asked(headers: Mapping[str, str]) -> int:
    """Return the first byte that a request asks for, or raise BadEnvelope."""
    found = _RANGE.fullmatch(headers.get(RANGE, ""))
    if found is None or int(found[2]) < int(found[1]):
        raise BadEnvelope
    return int(found[1])


def offset(headers: Mapping[str, str]) -> int:
    """Return how many bytes the answering node has, or raise BadEnvelope."""
    found = headers.get(OFFSET, "")
    if not _OFFSET.fullmatch(found):
        raise BadEnvelope
    return int(found)


def listing(blobs: Sequence[Listed]) -> bytes:
    """Return what waits as lines."""
    return joined([msgspec.json.encode(_Line(to_text(one.digest), one.size)) for one in blobs])


def parse_listing(raw: bytes) -> list[Listed]:
    """Return what waits, or raise BadEnvelope."""
    try:
        lines = [converted(strict_object(line), _Line) for line in parted(raw)]
    except msgspec.ValidationError as cause:
        raise BadEnvelope from cause
    return [Listed(digest_in(line.sha256), line.size) for line in lines]
