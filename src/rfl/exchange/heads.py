"""How far each stream has come, as two nodes tell each other: `{"heads": {"0": [epoch, seq]}}`."""

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from rfl.domain.decoding import converted
from rfl.errors import BadEnvelope
from rfl.exchange.encoding import strict_object
from rfl.exchange.header import CONTROL_STREAM

MEDIA_TYPE: Final = "application/rfl-heads+json"

_Stream = Annotated[str, msgspec.Meta(pattern=r"^[0-8]$")]
_Number = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class _Wire(msgspec.Struct, frozen=True):
    heads: Annotated[
        dict[_Stream, tuple[_Number, _Number]], msgspec.Meta(max_length=CONTROL_STREAM + 1)
    ]


def to_bytes(heads: Mapping[int, tuple[int, int]]) -> bytes:
    """Return the heads, by stream, as JSON."""
    return msgspec.json.encode(_Wire({str(stream): head for stream, head in heads.items()}))


def parse(raw: bytes) -> dict[int, tuple[int, int]]:
    """Return epoch and place by stream, or raise BadEnvelope."""
    try:
        wire = converted(strict_object(raw), _Wire)
    except msgspec.ValidationError as cause:
        raise BadEnvelope from cause
    return {int(stream): head for stream, head in wire.heads.items()}
