"""Rules for any text that people type: it must show something and hide nothing."""

import unicodedata

from rfl.errors import InvalidInput

NAME_LIMIT = 400
LINE_LIMIT = 1_000
STORY_LIMIT = 20_000
_ALLOWED_IN_STORY = {"\n", "\t", "\r"}


def line(value: str, field: str, limit: int = LINE_LIMIT) -> str:
    """Return one line of text as given, or raise InvalidInput (empty, too long, control)."""
    _check(value, field, limit, frozenset())
    return value


def story(value: str, field: str, limit: int = STORY_LIMIT) -> str:
    """Return text that may have several lines, or raise InvalidInput."""
    _check(value, field, limit, _ALLOWED_IN_STORY)
    return value


def optional_line(value: str | None, field: str, limit: int = LINE_LIMIT) -> None:
    """Check a line that may be missing, but not empty."""
    if value is not None:
        _check(value, field, limit, frozenset())


def optional_story(value: str | None, field: str) -> None:
    """Check a text that may be missing, but not empty."""
    if value is not None:
        _check(value, field, STORY_LIMIT, _ALLOWED_IN_STORY)


def optional_lines(owner: object, fields: tuple[str, ...]) -> None:
    """Check the lines of these fields that are there."""
    for field in fields:
        value = getattr(owner, field)
        if value is not None:
            _check(value, field, LINE_LIMIT, frozenset())


def optional_stories(owner: object, fields: tuple[str, ...]) -> None:
    """Check the texts of these fields that are there."""
    for field in fields:
        value = getattr(owner, field)
        if value is not None:
            _check(value, field, STORY_LIMIT, _ALLOWED_IN_STORY)


def is_visible(value: str) -> bool:
    """True if at least one character is a letter, digit, mark, sign or symbol that shows."""
    return any(unicodedata.category(ch)[0] in "LNMPS" for ch in value)


def _check(value: str, field: str, limit: int, allowed: set[str] | frozenset[str]) -> None:
    if len(value) > limit:
        raise InvalidInput(field, f"must be at most {limit} characters")
    if value.isprintable() and value.strip():
        return  # Printable, but for the space, are letters, numbers, marks, signs and symbols.
    if not is_visible(value):
        raise InvalidInput(field, "must contain at least one visible character")
    for ch in value:
        category = unicodedata.category(ch)
        if category == "Cs" or (category == "Cc" and ch not in allowed):
            raise InvalidInput(field, "must not contain control characters")
