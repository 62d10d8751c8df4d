"""Initials that are written as the names of Latin letters: دبلیو. for W., के सी for K.C."""

import re
from typing import Final

from rfl.matching.tables import initials

_LETTERS: Final = {**initials.ARABIC, **initials.DEVANAGARI}
_ANY: Final = "|".join(sorted(_LETTERS, key=len, reverse=True))
_SPELLED: Final = re.compile(rf"(?<![^\s.,])(?:{_ANY})(?:[.\s]+(?:{_ANY}))*(?:\.|(?![^\s,]))")
_PARTING: Final = re.compile(r"[.\s]+")
_NEVER_A_NAME: Final = frozenset({"دبلیو", "دابلیو", "ڈبلیو", "डब्ल्यू"})


def with_initials(text: str) -> str:
    """The name with Latin initials where letters are spelled out.

    One alone may be a name or an article: it counts before a full stop, or if it is W.
    """
    if "." in text or "के" in text or "بلیو" in text:
        return _SPELLED.sub(_letters, text)
    return text


def _letters(found: re.Match[str]) -> str:
    spelled = found.group()
    names = [name for name in _PARTING.split(spelled) if name]
    if len(names) < 2 and "." not in spelled and names[0] not in _NEVER_A_NAME:
        return spelled
    return " ".join(_LETTERS[name] for name in names) + " "
