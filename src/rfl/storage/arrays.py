"""Arrays in PostgreSQL's binary form, written in one go.

The driver writes arrays as text: each value is looked at by itself, each byte is two digits, and
the server reads it all back. For a work of 16 entries that was half of what the node computed.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from psycopg.adapt import Buffer, Dumper
from psycopg.postgres import types
from psycopg.pq import Format
from psycopg.types import TypeInfo


class Longs(bytes):
    """A `bigint[]`."""


class Blobs(bytes):
    """A `bytea[]`."""


class Texts(bytes):
    """A `text[]`."""


class Flags(bytes):
    """A `boolean[]`."""


_ELEMENTS = {
    kind: types[name]
    for kind, name in {Longs: "int8", Blobs: "bytea", Texts: "text", Flags: "bool"}.items()
}
_OIDS = {kind: element.oid for kind, element in _ELEMENTS.items()}


def longs(values: Sequence[int]) -> Longs:
    """Write numbers of 64 bits."""
    spaced = [8] * (2 * len(values))
    spaced[1::2] = values
    return Longs(_head(Longs, len(values)) + struct.pack(f">{'iq' * len(values)}", *spaced))


def blobs(values: Sequence[bytes]) -> Blobs:
    """Write bytes."""
    return Blobs(_head(Blobs, len(values)) + b"".join(map(_element, values)))


def texts(values: Sequence[str | None]) -> Texts:
    """Write texts; None is NULL."""
    encoded = [_NULL if one is None else _element(one.encode("utf-8")) for one in values]
    return Texts(_head(Texts, len(values)) + b"".join(encoded))


def flags(values: Sequence[bool]) -> Flags:
    """Write truths."""
    return Flags(_head(Flags, len(values)) + b"".join([_TRUE if one else _FALSE for one in values]))


def of(values: Sequence[Any]) -> bytes:
    """Write numbers, bytes or truths, whichever the first one is."""
    return _WRITE[type(values[0])](values)


_WRITE: Mapping[type, Callable[[Sequence[Any]], bytes]] = {int: longs, bytes: blobs, bool: flags}


def known_to(connection: Any, _record: object) -> None:
    """Let a connection of PostgreSQL take these as they are; an engine calls it for each."""
    for kind, dumper in _DUMPERS.items():
        connection.adapters.register_dumper(kind, dumper)


def _element(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


_NULL = b"\xff\xff\xff\xff"
_TRUE, _FALSE = _element(b"\x01"), _element(b"\x00")


def _head(kind: type[bytes], count: int) -> bytes:
    """Return what stands before the values: dimensions, whether NULL may come, type, bounds."""
    if not count:
        return struct.pack(">iII", 0, 0, _OIDS[kind])
    return struct.pack(">iIIii", 1, int(kind is Texts), _OIDS[kind], count, 1)


def _dumper(element: TypeInfo) -> type[Dumper]:
    class Given(Dumper):
        oid = element.array_oid
        format = Format.BINARY

        def dump(self, obj: bytes) -> Buffer:
            return obj

    return Given


_DUMPERS = {kind: _dumper(element) for kind, element in _ELEMENTS.items()}
