"""From JSON to our types, safe for threads that read the first of a kind at the same moment.

What msgspec learns of a type it keeps with the type from the beginning of learning, not from the
end. A second thread that meets it in between reads what is not there yet, and the process dies. So
a type is learnt under one lock, with all types in it, before anything is read as one.
"""

import threading
from typing import Any, TypeVar

import msgspec

_T = TypeVar("_T")
_known: dict[Any, msgspec.json.Decoder[Any]] = {}
_learning = threading.Lock()


def decoded(content: bytes | str, kind: type[_T]) -> _T:
    """Return what JSON says as a type, or raise msgspec.DecodeError."""
    found: _T = _decoder(kind).decode(content)
    return found


def converted(said: object, kind: type[_T]) -> _T:
    """Return plain values as a type, or raise msgspec.ValidationError."""
    _decoder(kind)
    return msgspec.convert(said, kind)


def _decoder(kind: type[_T]) -> msgspec.json.Decoder[_T]:
    found = _known.get(kind)
    if found is None:
        with _learning:
            found = _known.setdefault(kind, msgspec.json.Decoder(kind))
    return found
