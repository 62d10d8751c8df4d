"""From text in any script to tokens in plain Latin letters, one rule set per script.

The text as given stays untouched elsewhere. What comes out here is for comparing only and
depends on the tables, so whoever keeps results keeps NORM_VERSION with them.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from itertools import groupby

from rfl.matching import han, hangul, kana, southeast
from rfl.matching.romanise import ROMANISERS, greek_spellings, indic_spellings, plain

NORM_VERSION = 5
"""Raised whenever a table or a rule changes what comes out for any text."""

MAX_CHARS = 400
MAX_CHUNK = 60


class Script(StrEnum):
    """The scripts that have rules of their own; all else is OTHER, by anyascii."""

    LATIN = "latin"
    CYRILLIC = "cyrillic"
    ARABIC = "arabic"
    HEBREW = "hebrew"
    GREEK = "greek"
    ARMENIAN = "armenian"
    GEORGIAN = "georgian"
    ETHIOPIC = "ethiopic"
    INDIC = "indic"
    SINHALA = "sinhala"
    THAI = "thai"
    KHMER = "khmer"
    BURMESE = "burmese"
    HANGUL = "hangul"
    HAN = "han"
    KANA = "kana"
    OTHER = "other"


_BLOCKS: tuple[tuple[int, Script], ...] = (
    (0x0000, Script.LATIN),
    (0x0370, Script.GREEK),
    (0x0400, Script.CYRILLIC),
    (0x0530, Script.ARMENIAN),
    (0x0590, Script.HEBREW),
    (0x0600, Script.ARABIC),
    (0x0780, Script.OTHER),
    (0x08A0, Script.ARABIC),
    (0x0900, Script.INDIC),
    (0x0D80, Script.SINHALA),
    (0x0E00, Script.THAI),
    (0x0F00, Script.OTHER),
    (0x1000, Script.BURMESE),
    (0x10A0, Script.GEORGIAN),
    (0x1100, Script.HANGUL),
    (0x1200, Script.ETHIOPIC),
    (0x13A0, Script.OTHER),
    (0x1780, Script.KHMER),
    (0x1800, Script.OTHER),
    (0x1C80, Script.CYRILLIC),
    (0x1C90, Script.GEORGIAN),
    (0x1CC0, Script.OTHER),
    (0x1D00, Script.LATIN),
    (0x1F00, Script.GREEK),
    (0x2000, Script.OTHER),
    (0x2C60, Script.LATIN),
    (0x2C80, Script.OTHER),
    (0x2D00, Script.GEORGIAN),
    (0x2D30, Script.OTHER),
    (0x2D80, Script.ETHIOPIC),
    (0x2DE0, Script.CYRILLIC),
    (0x2E00, Script.OTHER),
    (0x2E80, Script.HAN),
    (0x3040, Script.KANA),
    (0x3100, Script.OTHER),
    (0x3130, Script.HANGUL),
    (0x3190, Script.OTHER),
    (0x3400, Script.HAN),
    (0xA000, Script.OTHER),
    (0xA640, Script.CYRILLIC),
    (0xA6A0, Script.OTHER),
    (0xA720, Script.LATIN),
    (0xA800, Script.OTHER),
    (0xAC00, Script.HANGUL),
    (0xD800, Script.OTHER),
    (0xF900, Script.HAN),
    (0xFB00, Script.OTHER),
    (0x20000, Script.HAN),
    (0x32000, Script.OTHER),
)
UNSPACED = frozenset({Script.HAN, Script.HANGUL})
"""Scripts in which a full name is often one word."""

_JAPANESE = frozenset({Script.HAN, Script.KANA})
_PARTS = {Script.HAN: han.parts, Script.HANGUL: hangul.parts}
_SPELLINGS = {
    Script.HAN: han.spellings,
    Script.HANGUL: hangul.spellings,
    Script.KANA: kana.spellings,
    Script.GREEK: greek_spellings,
    Script.INDIC: indic_spellings,
    Script.THAI: southeast.thai_spellings,
}
_APART = {Script.HAN: han.apart, Script.HANGUL: hangul.apart}
_UNSPACED = re.compile(
    "[\u1100-\u11ff\u2e80-\u312f\u3130-\u318f\u3400-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc]"
)
_STARTS = tuple(start for start, _ in _BLOCKS)

# Whitespace, and punctuation that parts words in any script; apostrophes stay in the word.
_PARTING = re.compile(
    r"[\s!\"#$%&()*+,./:;<=>?@\[\\\]^_{|}~\-\u00a0-\u00a9\u00ab\u00ac\u00ae-\u00b1\u00b6\u00b7"
    r"\u00bb\u00bf\u00d7\u00f7\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u060c\u060d"
    r"\u061b\u061e\u061f\u066a-\u066d\u06d4\u0964\u0965\u1361-\u1368\u2000-\u200a\u2010-\u2017"
    r"\u201c-\u201f\u2020-\u2029\u202f-\u205f\u2e00-\u2e5d\u3000-\u3003\u3008-\u3020\u30a0"
    r"\u30fb\uff01-\uff0f\uff1a-\uff20\uff65]+"
)
_APOSTROPHES = str.maketrans(dict.fromkeys("`´‘’‛′ʹʼʻʿʾ׳＇", "'"))
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u0640\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff0-\uffff\U000e0000-\U000e0fff]+"
)


def chunks(text: str) -> list[str]:
    """The words of a name as written, parted at spaces and punctuation; bounded in length."""
    return [part[:MAX_CHUNK] for part in _PARTING.split(text[:MAX_CHARS]) if part]


def words(chunk: str, *, alone: bool = False) -> list[tuple[Script, str, str]]:
    """For each run of one script in a chunk: script, native form without noise, roman form.

    `alone`: no other chunk of the name is Chinese, Japanese or Korean, so that this one may be a
    whole name, written without a space.
    """
    if chunk.isascii() and chunk.isalnum():
        native = chunk.lower()
        return [(Script.LATIN, native, native)]
    clean = _INVISIBLE.sub("", unicodedata.normalize("NFKC", chunk.translate(_APOSTROPHES)))
    found: list[tuple[Script, str, str]] = []
    for part in _PARTING.split(clean.casefold()[: 2 * MAX_CHUNK]):
        for script, native in _runs(part):
            found.extend(
                (script, one, _roman(script, one))
                for one in _names_within(script, native, alone=alone)
            )
    return [word for word in found if word[2]]


def _names_within(script: Script, native: str, *, alone: bool) -> tuple[str, ...]:
    """Chinese, Japanese and Korean write surname and own name as one word, Burmese all names."""
    if script is Script.BURMESE:
        return southeast.burmese_syllables(native)
    parts = _PARTS.get(script)
    return parts(native, alone=alone) if parts else (native,)


def spellings(script: Script, native: str) -> list[str]:
    """Every Latin spelling of a native form that is read in several ways; none for the rest."""
    several = _SPELLINGS.get(script)
    return [text[:MAX_CHUNK] for text in several(native)] if several else []


def syllables(script: Script, native: str) -> list[list[str]]:
    """The spellings of each syllable of an own name that others may write as several words."""
    found = _APART.get(script)
    return [[text[:MAX_CHUNK] for text in one] for one in found(native)] if found else []


def stands_alone(parts: Sequence[str]) -> bool:
    """Whether at most one of the chunks of a name is Chinese, Japanese or Korean."""
    return len(list(filter(_UNSPACED.search, parts))) <= 1


def _roman(script: Script, native: str) -> str:
    several = spellings(script, native)
    return several[0] if several else ROMANISERS.get(script.value, plain)(native)[:MAX_CHUNK]


def script_of(char: str) -> Script:
    """The script of a letter, by its block."""
    return _BLOCKS[_block(char)][1]


def _block(char: str) -> int:
    return bisect_right(_STARTS, ord(char)) - 1


def _runs(word: str) -> list[tuple[Script, str]]:
    """Runs of one script; marks and apostrophes belong to the letter before, digits too."""
    if word and word.isalpha() and _block(min(word)) == _block(max(word)):
        return [(script_of(word[0]), word)]
    marked: list[tuple[Script, str]] = []
    for char in word:
        if marked and (char == "'" or char.isdigit() or unicodedata.category(char)[0] == "M"):
            marked.append((marked[-1][0], char))
        elif char.isalnum():
            marked.append((script_of(char), char))
    runs = [
        (script, "".join(char for _, char in run))
        for script, run in groupby(marked, key=lambda item: item[0])
    ]
    if len(runs) > 1 and {script for script, _ in runs} == _JAPANESE:
        return [(Script.HAN, "".join(run for _, run in runs))]
    return runs


def latin_of(name: str) -> str:
    """Return a name in Latin letters as the matcher reads it; nothing for one that is in them."""
    read_as = [part for chunk in chunks(name) for part in words(chunk)]
    if all(script is Script.LATIN for script, _native, _roman in read_as):
        return ""
    return " ".join(roman.title() for _script, _native, roman in read_as)
