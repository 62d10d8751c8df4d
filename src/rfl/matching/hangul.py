"""Hangul in Latin letters, as officials and as bearers spell it."""

import re
from typing import Final

from anyascii import anyascii

from rfl.matching.lines import table
from rfl.matching.tables import syllables

_FIRST: Final = 0xAC00
_COUNT: Final = 11_172
_INITIAL: Final = {"g": "k", "d": "t", "b": "p", "j": "ch"}
_MOST_APART: Final = 3
_RARE_VOWEL: Final = 18  # The vowel that foreign names get where they have none.


def parts(native: str, *, alone: bool) -> tuple[str, ...]:
    """Surname and own name of a name that stands alone and is written as one word."""
    if not alone or not 2 <= len(native) <= 4:
        return (native,)
    for length in (2, 1):
        surname, own = native[:length], native[length:]
        if 1 <= len(own) <= 2 and surname_spellings(surname):
            return surname, own
    return (native,)


def apart(native: str) -> list[list[str]]:
    """For each syllable of an own name its spellings, which others may write apart."""
    if not 2 <= len(native) <= 3:
        return []
    return [spellings(one)[:_MOST_APART] for one in native]


def surname_spellings(native: str) -> list[str]:
    """How bearers of a surname spell it, most often first; none if it is no surname."""
    found = table("hangul_surnames.tsv").fields(native)
    return found[0].split(",") if found else []


def spellings(native: str) -> list[str]:
    """A surname as its bearers write it; else by sound, with a voiceless start, as foreign."""
    usual = roman(native)
    found = surname_spellings(native) or [usual]
    if len(native) > 1:
        foreign = "".join(map(_foreign_syllable, native))
        found += [_INITIAL.get(usual[:1], usual[:1]) + usual[1:], foreign]
        found += [foreign.replace("r", "l")]
    return [text for text in dict.fromkeys(found) if text]


def roman(native: str) -> str:
    """Syllables by their letters."""
    return re.sub("rr|lr|rl", "l", "".join(map(_syllable, native)))


def _syllable(char: str) -> str:
    found = _letters(char)
    if found is None:
        return anyascii(char).lower()
    lead, vowel, tail = found
    return (
        syllables.HANGUL_LEADS[lead] + syllables.HANGUL_VOWELS[vowel] + syllables.HANGUL_TAILS[tail]
    )


def _foreign_syllable(char: str) -> str:
    found = _letters(char)
    if found is None or found[1] != _RARE_VOWEL:
        return _syllable(char)
    return syllables.HANGUL_LEADS[found[0]] + syllables.HANGUL_TAILS[found[2]]


def _letters(char: str) -> tuple[int, int, int] | None:
    index = ord(char) - _FIRST
    if not 0 <= index < _COUNT:
        return None
    lead, rest = divmod(index, 588)
    vowel, tail = divmod(rest, 28)
    return lead, vowel, tail
