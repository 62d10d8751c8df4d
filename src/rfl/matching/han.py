"""Chinese characters in Latin letters: each language that writes names with them reads its own way.

A name is read whole in one language at a time: as Mandarin, as Cantonese, as Korean, as Japanese.
Readings of characters are Unihan's, those of Japanese names UniDic's (docs/decisions/0014).
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rfl.matching import hangul, kana
from rfl.matching.lines import table
from rfl.matching.tables import sinitic

MOST_SPELLINGS: Final = 10
_MOST_KOREAN: Final = 3
_FREQUENT: Final = 23
_CACHED: Final = 4096
_MOST_JAPANESE: Final = 3
_MEDIAL: Final = re.compile("(?<=[jqx])i(?=[aeo])")
_KANA: Final = re.compile(r"[\u3041-\u30ff]")


class _Char(NamedTuple):
    """What the table says of one character; an empty reading is unknown."""

    canon: str
    mandarin: str
    cantonese: str
    korean: str
    on: str


def parts(native: str, *, alone: bool) -> tuple[str, ...]:
    """Surname and own name of a name that stands alone and is written as one word."""
    if not alone or len(native) < 2:
        return (native,)
    if is_japanese(native):
        return _japanese_parts(native) or (native,)
    return _chinese_parts(native) or (native,)


def is_japanese(native: str) -> bool:
    """Whether a name written as one word is read as a Japanese one: by its kana or its surname."""
    if _KANA.search(native):
        return True
    japanese = _japanese_parts(native)
    if japanese is None:
        return False
    return not _chinese_parts(native) or len(native) > 3 or _is_frequent(japanese[0])


def canonical(native: str) -> str:
    """The name in simplified characters, so that traditional and Japanese forms are one."""
    return "".join(_char(one).canon for one in native)


def spellings(native: str) -> list[str]:
    """Every reading of one part of a name, Mandarin first unless it is a Japanese name."""
    japanese = _japanese(native)
    if _KANA.search(native):
        return japanese or kana.spellings(_by_on(native))[:2]
    chars = [_char(one) for one in native]
    found = _mandarin(chars) + _cantonese(chars) + _korean(chars)
    found += japanese or [_by_on(native)]
    found += _transcribed(chars)
    return [text for text in dict.fromkeys(found) if text][:MOST_SPELLINGS]


def apart(native: str) -> list[list[str]]:
    """For each character of an own name its readings, which others may write apart."""
    if not 2 <= len(native) <= 3 or _KANA.search(native):
        return []
    return [_apart(_char(one)) for one in native]


def _apart(char: _Char) -> list[str]:
    pinyin = char.mandarin
    found = [pinyin, _wade(pinyin), _sounds(pinyin), _hong_kong(char.cantonese)]
    found += hangul.spellings(char.korean)[:2]
    return [text for text in dict.fromkeys(found) if text]


def _chinese_parts(native: str) -> tuple[str, ...] | None:
    canon = canonical(native)
    if len(native) in (3, 4) and canon[:2] in sinitic.DOUBLE_SURNAMES:
        return native[:2], native[2:]
    if len(native) in (2, 3) and _is_surname(canon[0]):
        return native[:1], native[1:]
    return None


def _is_surname(canon: str) -> bool:
    return canon in sinitic.SURNAMES or table("han_surnames.tsv").fields(canon) is not None


def _japanese_parts(native: str) -> tuple[str, ...] | None:
    """The surname that leaves a known own name; else the longest that leaves any."""
    fallback = None
    for length in (2, 3, 1):
        surname, own = native[:length], native[length:]
        if not own or len(own) > 4 or table("japanese_surnames.tsv").fields(surname) is None:
            continue
        if table("japanese_given.tsv").fields(own) is not None:
            return surname, own
        if fallback is None and length > 1 and len(native) > 3:
            fallback = surname, own
    return fallback


def _is_frequent(surname: str) -> bool:
    found = table("japanese_surnames.tsv").fields(surname)
    return len(surname) > 1 and found is not None and int(found[1]) >= _FREQUENT


def _mandarin(chars: Sequence[_Char]) -> list[str]:
    if len(chars) == 1:
        canon = chars[0].canon
        usual = sinitic.SURNAME_READINGS.get(canon, chars[0].mandarin)
        known = table("han_surnames.tsv").fields(canon)
        found = [usual, *(known[0].split(",") if known else ())]
    else:
        known = table("han_surnames.tsv").fields("".join(one.canon for one in chars))
        found = ["".join(one.mandarin for one in chars), *(known[0].split(",") if known else ())]
    return [*found, "".join(_wade(one.mandarin) for one in chars), _sounds(found[0])]


def _sounds(pinyin: str) -> str:
    return re.sub("zh|x|q|c(?!h)", lambda match: sinitic.PINYIN_SOUNDS[match.group()], pinyin)


def _wade(pinyin: str) -> str:
    """One syllable of pinyin in Wade and Giles."""
    for start in (pinyin, pinyin[:2], pinyin[:1]):
        if start in sinitic.PINYIN_WADE and (start != "c" or pinyin[:2] != "ch"):
            pinyin = sinitic.PINYIN_WADE[start] + pinyin[len(start) :]
            break
    for end, other in sinitic.WADE_ENDS.items():
        if pinyin.endswith(end):
            return pinyin[: -len(end)] + other
    return pinyin


def _cantonese(chars: Sequence[_Char]) -> list[str]:
    if not all(one.cantonese for one in chars):
        return []
    return ["".join(spell(one.cantonese) for one in chars) for spell in (_hong_kong, _macau)]


def _hong_kong(jyutping: str) -> str:
    whole = sinitic.CANTONESE_WHOLE.get(jyutping)
    if whole:
        return whole
    start, end = _parted(jyutping)
    return sinitic.CANTONESE_STARTS.get(start, start) + _hong_kong_end(end)


def _parted(jyutping: str) -> tuple[str, str]:
    found = re.match("gw|kw|ng(?=.)|[bpmfdtnlgkhwzcsj]?", jyutping)
    end = found.end() if found else 0
    return jyutping[:end], jyutping[end:]


def _macau(jyutping: str) -> str:
    start, end = _parted(jyutping)
    return sinitic.MACAU_STARTS.get(start, start) + sinitic.MACAU_ENDS.get(end, end)


def _hong_kong_end(end: str) -> str:
    for start, other in sinitic.CANTONESE_ENDS.items():
        if end.startswith(start):
            return other + end[len(start) :]
    return "oon" if end == "un" else end


def _korean(chars: Sequence[_Char]) -> list[str]:
    if not all(one.korean for one in chars):
        return []
    if len(chars) == 1:
        surname = sinitic.KOREAN_SURNAMES.get(chars[0].canon, chars[0].korean)
        return hangul.spellings(surname)[:_MOST_KOREAN]
    return hangul.spellings("".join(one.korean for one in chars))[:2]


def _japanese(native: str) -> list[str]:
    found: list[str] = []
    for name in ("japanese_surnames.tsv", "japanese_given.tsv"):
        fields = table(name).fields(native)
        if fields is not None:
            found += fields[0].split(",")[:_MOST_JAPANESE]
    return [kana.hepburn(reading) for reading in dict.fromkeys(found)][:_MOST_JAPANESE]


def _by_on(native: str) -> str:
    """A Japanese reading of characters that no name of the dictionary has."""
    return "".join(_char(one).on or kana.hepburn(one) for one in native)


def _transcribed(chars: Sequence[_Char]) -> list[str]:
    """As a foreign name: without the vowels put in; l may stand for r."""
    written = "".join(sinitic.TRANSCRIBED.get(one.canon) or _foreign(one) for one in chars)
    return [written, written.replace("l", "r")]


def _foreign(char: _Char) -> str:
    """What a character writes in a foreign name: ja for jia, n for ng."""
    return _sounds(_MEDIAL.sub("", char.mandarin)).removesuffix("g")


@lru_cache(maxsize=_CACHED)
def _char(char: str) -> _Char:
    found = table("han.tsv").fields(char)
    if found is None:
        return _Char(char, "", "", "", "")
    return _Char(found[0], *(readings.split(",")[0] for readings in found[1:]))
