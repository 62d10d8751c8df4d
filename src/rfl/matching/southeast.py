"""Thai, Lao, Khmer, Burmese and Sinhala in Latin letters, their vowels where they are heard."""

import re
from collections.abc import Sequence
from typing import Final

from rfl.matching.tables import southeast as signs

_LAO_TO_THAI: Final = {code: code - 0x80 for code in range(0x0E81, 0x0ECE)} | {
    ord("ົ"): None, ord("ຼ"): ord("ล"), ord("ຽ"): ord("ຽ"),
    ord("ໜ"): ord("น"), ord("ໝ"): ord("ม"),
}  # fmt: skip
_TONES: Final = re.compile("[\u0e47-\u0e4b\u0e4d\u0e4e\u0e3a]")
_SILENT: Final = re.compile("[\u0e01-\u0e2e][\u0e34-\u0e39]?\u0e4c")
_ASPIRATED: Final = re.compile("(?<=[pk])h")
_HARD_CH: Final = re.compile("จ")
_SOFT_CH: Final = re.compile("[ฉชฌ]")
_BURMESE_TONES: Final = re.compile("[\u1037\u1038]")
_BURMESE_START: Final = re.compile("(?<!\u1039)(?=[\u1000-\u102a\u103f](?![\u103a\u1039]))")
_KHMER_IGNORED: Final = re.compile("[\u17c9\u17cb-\u17d1\u17d3-\u17dd]")
_TRIISAP: Final = "\u17ca"
_COENG: Final = "\u17d2"
_THAI_VOWELS: Final = tuple(
    sorted(signs.THAI_AROUND, key=lambda around: (len(around[0]), len(around[1])), reverse=True)
)
_BURMESE_RHYMES: Final = tuple(sorted(signs.BURMESE_RHYMES, key=len, reverse=True))
_BURMESE_MEDIALS: Final = {"ျ": "y", "ြ": "y", "ှ": "h", "ွ": "w"}


def thai_spellings(native: str) -> list[str]:
    """By sound, and with the letters that end syllables as they are written (Bhumibol).

    The last is as bearers spell it: p, k and j where officials write ph, kh and ch.
    """
    usual, written = _thai(native, signs.THAI_ENDS), _thai(native, signs.THAI_STARTS)
    own = _ASPIRATED.sub("", usual)
    if _HARD_CH.search(native) and not _SOFT_CH.search(native):
        own = own.replace("ch", "j")
    return list(dict.fromkeys([usual, written, own]))


def _thai(native: str, ends: Sequence[str]) -> str:
    """Vowels written before their consonant come after it; an unwritten one is o or a."""
    text = _TONES.sub("", _SILENT.sub("", native.translate(_LAO_TO_THAI)))
    sounds: list[str] = []
    index = 0
    while index < len(text):
        index = _thai_syllable(text, index, sounds, ends)
    return "".join(sounds)


def khmer(native: str) -> str:
    """A consonant's series chooses the vowel; one under another has none of its own before it."""
    text = _KHMER_IGNORED.sub("", native)
    sounds: list[str] = []
    second = bare = False
    for index, char in enumerate(text):
        offset = ord(char) - 0x1780
        if 0 <= offset < len(signs.KHMER):
            stacked = text[index - 1 : index] == _COENG
            sounds.append(("a", "o")[second] if bare and not stacked else "")
            sounds.append(signs.KHMER[offset])
            second = char in signs.KHMER_SECOND or (stacked and second)
            bare = True
        elif char == _TRIISAP:
            second = True
        elif char != _COENG:
            series = signs.KHMER_VOWELS.get(char)
            sounds.append(series[second] if series else signs.KHMER_INDEPENDENT.get(char, ""))
            bare = False
    return "".join(sounds)


def burmese_syllables(native: str) -> tuple[str, ...]:
    """A Burmese name is written as one word and spelled in Latin letters syllable by syllable."""
    text = _BURMESE_TONES.sub("", native).replace("ါ", "ာ")
    return tuple(part for part in _BURMESE_START.split(text) if part)


def burmese(native: str) -> str:
    """Each syllable is a consonant, what changes it, and a rhyme."""
    return "".join(map(_burmese_syllable, burmese_syllables(native)))


def sinhala(native: str) -> str:
    """Consonants carry an a unless a sign says otherwise; the last one too."""
    sounds: list[str] = []
    bare = False
    for char in native:
        if char in signs.SINHALA_SIGNS:
            sounds.append(signs.SINHALA_SIGNS[char])
            bare = False
            continue
        sounds.append("a" if bare else "")
        bare = char in signs.SINHALA_CONSONANTS
        sounds.append(signs.SINHALA_CONSONANTS.get(char) or signs.SINHALA_VOWELS.get(char, ""))
    return "".join(sounds) + ("a" if bare else "")


def _thai_syllable(text: str, index: int, sounds: list[str], ends: Sequence[str]) -> int:
    """Add the sounds of one consonant with the vowel around it; return where the next starts."""
    before = text[index] if text[index] in "เแโใไ" else ""
    start = index + len(before)
    lead = _thai_start(text[start : start + 1])
    if lead is None:
        return index + 1
    after = start + 1
    if _is_cluster(lead, text[after : after + 1]) and (before or _has_vowel(text, after + 1)):
        lead += _thai_start(text[after]) or ""
        after += 1
    for front, back in _THAI_VOWELS:
        if front == before and text.startswith(back, after) and (front or back):
            sounds += [lead, signs.THAI_AROUND[front, back]]
            after += len(back)
            return (
                after if _is_syllable(text[after:], back) else _thai_end(text, after, sounds, ends)
            )
    return _thai_unwritten(text, after, lead, sounds, ends)


def _thai_unwritten(
    text: str, after: int, lead: str, sounds: list[str], ends: Sequence[str]
) -> int:
    """A consonant with no vowel: o before one that closes the syllable, else a."""
    following = text[after : after + 1]
    if not following:
        sounds.append(lead)
        return after
    closes = _thai_start(following) is not None and not _has_vowel(text, after + 1)
    sounds += [lead, "o" if closes else "a"]
    return _thai_end(text, after, sounds, ends)


def _is_syllable(rest: str, vowel: str) -> bool:
    """Whether what is left is two consonants with an unwritten o between, as in Bhumi-bol."""
    return (
        vowel != "ั" and len(rest) == 2 and None not in (_thai_start(rest[0]), _thai_start(rest[1]))
    )


def _thai_end(text: str, index: int, sounds: list[str], ends: Sequence[str]) -> int:
    """Add the consonant that closes a syllable, unless it starts the next one."""
    char = text[index : index + 1]
    if _thai_start(char) is None or char == "อ" or _has_vowel(text, index + 1):
        return index
    sounds.append(ends[ord(char) - 0x0E01])
    return index + 1


def _has_vowel(text: str, index: int) -> bool:
    char = text[index : index + 1]
    return bool(char) and ("\u0e30" <= char <= "\u0e39" or char in "ຽ")


def _is_cluster(lead: str, char: str) -> bool:
    return lead in signs.THAI_CLUSTERS and bool(char) and char in "รลว"


def _thai_start(char: str) -> str | None:
    if char == "อ":
        return ""
    offset = ord(char) - 0x0E01 if char else -1
    return signs.THAI_STARTS[offset] if 0 <= offset < len(signs.THAI_STARTS) else None


def _burmese_syllable(text: str) -> str:
    start = signs.BURMESE_INDEPENDENT.get(text[0])
    if start is None:
        offset = ord(text[0]) - 0x1000
        start = signs.BURMESE[offset] if 0 <= offset < len(signs.BURMESE) else ""
    rest = text[1:].lstrip("".join(_BURMESE_MEDIALS))
    medials = text[1 : len(text) - len(rest)]
    for sign, medial in _BURMESE_MEDIALS.items():
        start = _with_medial(start, medial) if sign in medials else start
    for rhyme in _BURMESE_RHYMES:
        if rest.startswith(rhyme):
            return _rhymed(start, signs.BURMESE_RHYMES[rhyme]) + _stacked(rest[len(rhyme) :])
    return start + ("" if start[-1:] in "aiu" else "a") + _stacked(rest)


def _rhymed(start: str, rhyme: str) -> str:
    """A w before -an makes it -un (Htun)."""
    return start[:-1] + "un" if rhyme == "an" and start.endswith("w") else start + rhyme


def _with_medial(start: str, medial: str) -> str:
    """What changes a consonant: k with y is ky, kh with y is ch, y with h is sh."""
    changed = {("kh", "y"): "ch", ("y", "h"): "sh", ("l", "h"): "hl", ("g", "y"): "gy"}
    return changed.get((start, medial)) or ("h" + start if medial == "h" else start + medial)


def _stacked(rest: str) -> str:
    """Consonants written under another, as in words from Pali."""
    found = [ord(char) - 0x1000 for char in rest]
    return "".join(signs.BURMESE[one] for one in found if 0 <= one < len(signs.BURMESE))
