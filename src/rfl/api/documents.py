"""JSON as a body: UTF-8, no key twice, no numbers that JSON does not have, not endlessly deep."""

import json
from collections import Counter
from typing import Never

from rfl.api.schemas.base import is_known
from rfl.errors import InvalidInput

MOST_MEMBERS = 20_000


def parse_json(content: bytes) -> object:
    """Return what the body says, or raise InvalidInput."""
    try:
        written = content.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise InvalidInput("body", "must be UTF-8") from cause
    objects = _Objects()
    decoder = json.JSONDecoder(object_pairs_hook=objects.made, parse_constant=_no_number)
    try:
        return decoder.decode(written)
    except RecursionError as cause:
        raise InvalidInput("body", "must not be nested so deeply") from cause
    except ValueError as cause:
        raise InvalidInput("body", "must be valid JSON") from cause


class _Objects:
    """Makes the objects of one document and counts their members.

    Each unknown member would be an error to build and to list, so their number is bounded.
    """

    def __init__(self) -> None:
        self._members = 0

    def made(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        self._members += len(pairs)
        if self._members > MOST_MEMBERS:
            raise InvalidInput("body", f"must hold at most {MOST_MEMBERS} fields")
        document = dict(pairs)
        if len(document) != len(pairs):
            key = Counter(key for key, _value in pairs).most_common(1)[0][0]
            # A key that is none of ours is the caller's own text.
            raise InvalidInput(key if is_known(key) else "body", "must not come twice")
        return document


def _no_number(_constant: str) -> Never:
    raise InvalidInput("body", "must not hold NaN or Infinity")
