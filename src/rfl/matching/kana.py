"""Kana in Latin letters: as Hepburn has them, and as Kunrei and the Cyrillic tables do."""

import re
import unicodedata
from typing import Final

from anyascii import anyascii

from rfl.matching.tables.kana import BASE, PAIRS, VOWELS

_TO_KATAKANA: Final = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_DOUBLED: Final = "ッ"
_LONG: Final = "ー"
_HEPBURN: Final = re.compile("sh|ch|ts(?=u)|j|fu")
_KUNREI: Final = {"sh": "sy", "ch": "ty", "ts": "t", "j": "zy", "fu": "hu"}
_SILENT: Final = re.compile(r"(?<=[bdfghkmpstvz])u(?![aeiou])|(?<=[td])o(?=[^aeiou]|$)")


def katakana(native: str) -> str:
    """Hiragana and katakana as katakana, marks composed."""
    return unicodedata.normalize("NFC", native).translate(_TO_KATAKANA)


def hepburn(native: str) -> str:
    """The usual reading: a doubled consonant twice, a long vowel once."""
    text = katakana(native)
    sounds: list[str] = []
    index = 0
    doubled = False
    while index < len(text):
        char = text[index]
        if char == _DOUBLED:
            doubled = True
        elif char != _LONG:
            sound = PAIRS.get(text[index : index + 2])
            index += sound is not None
            sound = sound or BASE.get(char) or _other(char)
            sounds.append(sound[:1] + sound if doubled and sound[:1] not in VOWELS else sound)
            doubled = False
        index += 1
    return "".join(sounds)


def spellings(native: str) -> list[str]:
    """Hepburn; Kunrei where it differs; as a foreign name, l for r and no vowels put in."""
    usual = hepburn(native)
    found = [usual, _HEPBURN.sub(_kunrei, usual).replace("yi", "i")]
    bare = _SILENT.sub("", usual)
    if len(bare) > 1:
        found += [bare, bare.replace("r", "l")]
    return list(dict.fromkeys(found))


def _kunrei(match: re.Match[str]) -> str:
    return _KUNREI[match.group()]


def _other(char: str) -> str:
    return anyascii(char).lower() if char.isalnum() else ""
