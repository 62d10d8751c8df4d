"""One function per script: native letters in, lower-case ASCII out.

`anyascii` stands in for every script without a table. The digraphs sh, ch, zh, kh, gh and
ts are common to all, so that `folding` needs one set of rules.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import partial

from anyascii import anyascii

from rfl.matching import southeast
from rfl.matching.tables import abjads, letters, syllables

_NOT_ASCII_LETTERS = re.compile(r"[^a-z0-9]+")
_DEVANAGARI = re.compile("[\u0900-\u097f]")
_TAMIL = re.compile("[\u0b80-\u0bff]")
_TAMIL_CONSONANT = re.compile("[\u0b95-\u0bb9]$")
_TAMIL_SOFT = re.compile("(?<=[aeioumn])(?:k|th?|pp?)(?=[aeiour])")
_VIETNAMESE = re.compile("[\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]")
_VOWELS = "aeiouy"


def plain(native: str) -> str:
    """Romanise by anyascii; the fallback for every script without a table."""
    return _NOT_ASCII_LETTERS.sub("", anyascii(native).lower())


def latin(native: str) -> str:
    """Letters with their marks as the sounds they most often write."""
    if native.isascii():
        return _NOT_ASCII_LETTERS.sub("", native)
    if _VIETNAMESE.search(native):
        native = native.replace("đ", "d")
    return _letterwise(letters.LATIN, native)


def greek_spellings(native: str) -> list[str]:
    """As Greek, and as a foreign name: d, g, y and w have no letters of their own."""
    bare = _without_marks(native)
    for signs, sound in letters.GREEK_FOREIGN.items():
        bare = re.sub(signs, sound, bare)
    return list(dict.fromkeys([greek(native), _letterwise(letters.GREEK, bare)]))


def greek(native: str) -> str:
    """Two letters that write one sound come first."""
    bare = _without_marks(native)
    if bare.startswith("ντ"):
        bare = "d" + bare[2:]
    for pair, sound in letters.GREEK_DIGRAPHS.items():
        bare = bare.replace(pair, sound)
    return _letterwise(letters.GREEK, bare)


def arabic(native: str) -> str:
    """Consonants and long vowels, without an article or a silent carrier in front of them."""
    roman = _letterwise(abjads.ARABIC, _without_article(native).removeprefix(abjads.CARRIER))
    return roman[:-1] + "a" if native.endswith(("ه", "ۀ")) and len(roman) > 2 else roman


def hebrew(native: str) -> str:
    """Letters with a geresh, doubled vav and a final he have readings of their own."""
    if len(native) > 2 and native.endswith("ה"):
        native = native[:-1] + "א"
    for pair, sound in abjads.HEBREW_DIGRAPHS.items():
        native = native.replace(pair, sound)
    return _letterwise(abjads.HEBREW, native)


def ethiopic(native: str) -> str:
    """Each sign is a consonant with one of eight vowels; the sixth is left unwritten."""
    return "".join(_ethiopic_sign(char) for char in native)


def indic(native: str) -> str:
    """Scripts of India share one layout: consonants carry an a unless a sign says otherwise."""
    for signs, others in syllables.INDIC_TOGETHER.items():
        native = native.replace(signs, others)
    sounds: list[str] = []
    bare = False  # The last sound is a consonant whose own vowel is still due.
    for char in native:
        offset = (ord(char) - 0x900) % 0x80
        bare = _indic_sign(sounds, offset, bare=bare)
    return "".join(sounds)


def indic_spellings(native: str) -> list[str]:
    """Several readings where the letters of a language stand for several sounds.

    Tamil writes one letter for k and g, t and d, p and b, ch and s, and keeps its last a. In
    Nepal and Bihar one says b for v and s for sh, and others spell so; in Bengal j for y.
    """
    roman = indic(native)
    if _DEVANAGARI.match(native):
        others = [roman.replace("v", "b"), re.sub("sh(?!h)", "s", roman)]
        return list(dict.fromkeys([roman, *others, re.sub("sh(?!h)", "s", others[0])]))
    if not _TAMIL.match(native):
        return [roman]
    if _TAMIL_CONSONANT.search(native):
        roman += "a"
    soft = _TAMIL_SOFT.sub(lambda found: syllables.TAMIL_SOFT[found.group()], roman)
    return list(dict.fromkeys([roman, re.sub("^ch|(?<=n)ch", "s", soft)]))


def _without_marks(native: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", native) if c.isalpha())


def _letterwise(table: Mapping[str, str], native: str) -> str:
    out = []
    for char in native:
        sound = table.get(char)
        out.append(_unmarked(table, char) if sound is None else sound)
    return _NOT_ASCII_LETTERS.sub("", "".join(out).lower())


def _unmarked(table: Mapping[str, str], char: str) -> str:
    """A letter outside the table: by its base letter, else as anyascii has it."""
    if char.isascii():
        return char
    base = unicodedata.normalize("NFD", char)[0]
    return table.get(base) or (base if base.isascii() else anyascii(base))


def _without_article(native: str) -> str:
    if len(native) > 4 and native.startswith("ال"):
        return native[2:]
    return native


def _ethiopic_sign(char: str) -> str:
    row, order = divmod(ord(char) - 0x1200, 8)
    if not 0 <= row < len(syllables.ETHIOPIC_ROWS):
        return anyascii(char)
    consonant, vowel = syllables.ETHIOPIC_ROWS[row], syllables.ETHIOPIC_VOWELS[order]
    if consonant in ("", "h") and order == 0:
        vowel = "a"
    return consonant + vowel or "i"


def _indic_sign(sounds: list[str], offset: int, *, bare: bool) -> bool:
    """Add what one sign says; return whether a consonant still waits for its vowel."""
    if offset in syllables.INDIC_SIGNS:
        sounds.append(syllables.INDIC_SIGNS[offset])
        return False
    if offset == 0x3C and sounds:
        sounds[-1] = syllables.INDIC_DOTTED.get(sounds[-1], sounds[-1])
        return bare
    if bare:
        sounds.append("a")
    if offset in syllables.INDIC_CONSONANTS:
        sounds.append(syllables.INDIC_CONSONANTS[offset])
        return True
    sounds.append(syllables.INDIC_VOWELS.get(offset) or syllables.INDIC_NASALS.get(offset, ""))
    return False


ROMANISERS: Mapping[str, Callable[[str], str]] = {
    "latin": latin,
    "cyrillic": partial(_letterwise, letters.CYRILLIC),
    "armenian": partial(_letterwise, letters.ARMENIAN),
    "georgian": partial(_letterwise, letters.GEORGIAN),
    "greek": greek,
    "arabic": arabic,
    "hebrew": hebrew,
    "ethiopic": ethiopic,
    "indic": indic,
    "sinhala": southeast.sinhala,
    "khmer": southeast.khmer,
    "burmese": southeast.burmese,
}
