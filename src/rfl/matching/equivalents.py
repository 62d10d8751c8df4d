"""Names that are one name in other languages: the shipped list, and a society's own beside it.

Both have one form: a JSON list of objects, each with a `name`, its `spellings` in any script, and
`common` where sharing the name says little.
"""

import re
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Final

import msgspec

from rfl.domain.decoding import decoded
from rfl.errors import InvalidInput
from rfl.matching.scripts import NORM_VERSION, chunks, words

MAX_BYTES: Final = 1_048_576
_MOST_ROWS: Final = 20_000
_MARK_BITS: Final = 24
_AT_ROW: Final = re.compile(r" - at `\$(?:\[(\d+)\])?(?:\.(\w+))?")

Spelling = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class Equivalent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One name and how it is written elsewhere."""

    name: Spelling
    spellings: Annotated[list[Spelling], msgspec.Meta(min_length=1, max_length=500)]
    common: bool = False


class _Own:
    """What the society of this process added; set once at the start, before anything is matched."""

    entries: tuple[Equivalent, ...] = ()
    mark: int = 0


def use_own(content: bytes) -> None:
    """Join a society's own file to the shipped list, or raise InvalidInput naming row and field.

    An own row comes first: its spellings are taken from rows of the shipped list that have them.
    Empty content takes the own rows away.
    """
    entries = read(content) if content else ()
    _Own.entries = entries
    _Own.mark = int.from_bytes(sha256(content).digest()[: _MARK_BITS // 8]) if entries else 0


def listed() -> tuple[Equivalent, ...]:
    """All rows, the society's own first."""
    return _Own.entries + _shipped()


def own_mark() -> int:
    """24 bits of the digest of the society's own file; 0 without one."""
    return _Own.mark


def norm_version() -> str:
    """What normal forms depend on: the version of the tables, and the society's own file."""
    return f"{NORM_VERSION}+{_Own.mark:06x}" if _Own.mark else str(NORM_VERSION)


def read(content: bytes) -> tuple[Equivalent, ...]:
    """The rows of a file, or InvalidInput with row, field and rule, never with a value."""
    if len(content) > MAX_BYTES:
        raise InvalidInput("file", f"must have at most {MAX_BYTES} bytes")
    try:
        entries = decoded(content, tuple[Equivalent, ...])
    except msgspec.ValidationError as error:
        raise InvalidInput(*_place_and_rule(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidInput("file", "must be a JSON list in UTF-8") from None
    if len(entries) > _MOST_ROWS:
        raise InvalidInput("file", f"must have at most {_MOST_ROWS} rows")
    for row, entry in enumerate(entries, start=1):
        _require_single_words(row, entry)
    return entries


def _require_single_words(row: int, entry: Equivalent) -> None:
    for field, texts in (("name", [entry.name]), ("spellings", entry.spellings)):
        if any(sum(len(words(chunk)) for chunk in chunks(text)) != 1 for text in texts):
            raise InvalidInput(f"row {row}, {field}", "must be one word in one script each")


def _place_and_rule(text: str) -> tuple[str, str]:
    """msgspec names the place as `$[3].spellings[0]` and the rule before it, without the value."""
    found = _AT_ROW.search(text)
    row, field = (found.group(1), found.group(2)) if found else (None, None)
    rule = "has a field that is not known" if "unknown field" in text else _rule(text)
    place = "file" if row is None else f"row {int(row) + 1}"
    return (f"{place}, {field}" if field else place), rule


def _rule(text: str) -> str:
    return text.split(" - at ")[0].replace("`", "").lower()


@cache
def _shipped() -> tuple[Equivalent, ...]:
    content = files("rfl.matching.tables").joinpath("equivalents.json").read_bytes()
    return decoded(content, tuple[Equivalent, ...])
