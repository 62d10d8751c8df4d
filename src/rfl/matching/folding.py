"""Roman forms reduced step by step: to sound classes, to consonants, to classes of consonants.

Letters that languages read differently (j, ch and c in Latin; w, dad and tha in abjads) give a
second reading, so that Jovan meets Йован, David meets داوید and Zia meets ضیا.
"""

import re
from typing import NamedTuple

from rfl.matching.scripts import Script

ABJADS = frozenset({Script.ARABIC, Script.HEBREW})


class Form(NamedTuple):
    """One reading of a token, from most to least exact."""

    roman: str
    fold: str
    skeleton: str
    skeleton2: str


# Upper-case letters are classes of their own: S is sh, C is ch, J is j, zh and dzh.
_DIGRAPHS = {
    "shch": "S", "sch": "S", "tsch": "C", "tsh": "C", "tch": "C", "dzh": "J", "dsch": "J",
    "sh": "S", "ch": "C", "cz": "C", "zh": "J", "dj": "J", "j": "J", "kh": "h", "gh": "g",
    "ph": "f", "th": "t", "dh": "d", "bh": "b", "ck": "k", "cc": "k",
    "sz": "S", "tz": "c", "ts": "c", "ce": "si", "ci": "si", "cy": "si", "c": "k", "qu": "k",
    "q": "k", "xh": "J", "x": "ks", "w": "v", "dz": "z",
    "aa": "a", "ae": "a", "ai": "i", "ay": "i", "ea": "i", "ee": "i", "ei": "i", "ey": "i",
    "eo": "u", "eu": "u", "ie": "i", "yi": "i", "ij": "i", "iy": "i", "yy": "i", "au": "u",
    "oe": "u", "oo": "u", "ou": "u", "ue": "u", "uo": "u", "ow": "u", "e": "i", "y": "i", "o": "u",
}  # fmt: skip
_CONTINENTAL = {
    "j": "y", "ch": "kh", "ce": "tse", "ci": "tsi", "cy": "tsi", "ts": "ts", "dj": "dj",
    "tch": "tch", "sch": "sk", "dzh": "dzh", "kj": "ch", "gj": "dj",
}  # fmt: skip


def _longest_first(table: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(table, key=len, reverse=True)))


_DIGRAPH = _longest_first(_DIGRAPHS)
_CONTINENTAL_LETTER = _longest_first(_CONTINENTAL)
_PALATAL = re.compile(r"kj|gj")
_PERSIAN = re.compile(r"dh|th")
_AMBIGUOUS_LATIN = re.compile(r"j|ch|c[eiy]|^c[aou]|x|q(?!u)")
_SOFT_C = re.compile(r"c[eiy]|^c[aou]")
_LAST_F = re.compile("(?<=[aiu])f$")
_UKRAINIAN = re.compile("(?<!n)g(?![jh])")
_GLIDE = re.compile("^u(?=[aeio])")
_ONE_SYLLABLE = re.compile("[^aeiouy]*[aeiouy]+n")
_REPEATED = re.compile(r"(.)\1+")
_AFTER_GLIDE = {"i": {"a", "o", "u"}, "y": {"a", "o", "u", "w"}}
_ABJAD_VOWEL = re.compile(r"(?<=[^a])[wy](?![a])")
_SPELLED_VOWELS = {"a", "e", "i", "o", "u"}
_NO_VOWELS = str.maketrans("", "", "aiuy")
_CLASSES = str.maketrans("pbfvdtgkqcsSCJzhnmlr", "PPPPTTKKKSSSSSSHNMLR")


def readings(script: Script, roman: str) -> tuple[Form, ...]:
    """The forms of a roman token: one for most, two where letters are ambiguous."""
    if script in ABJADS:
        spelled = [_vocalised(roman), _PERSIAN.sub(_persian, _vocalised(roman)), roman]
        spelled.append(_LAST_F.sub("v", spelled[0]))
    elif script is Script.LATIN and _AMBIGUOUS_LATIN.search(roman):
        spelled = _latin(roman)
    elif script is Script.CYRILLIC:
        spelled = _cyrillic(roman)
    else:
        return (form_of(roman, roman),)
    return tuple(dict.fromkeys(form_of(roman, text) for text in spelled))


def _latin(roman: str) -> list[str]:
    """How languages read j, ch, c and x: English, continental, French, Turkish, Somali, Chinese."""
    spelled = [roman, _CONTINENTAL_LETTER.sub(_continental, roman)]
    if "ch" in roman:
        spelled.append(roman.replace("ch", "sh"))
    elif _SOFT_C.search(roman):
        spelled.append(roman.replace("c", "j"))
    if "q" in roman:
        spelled.append(roman.replace("q", "g"))
    if "x" in roman:
        spelled += [roman.replace("x", "h"), roman.replace("x", "sh")]
    if roman[0] == "c" and roman[1:2] in _SPELLED_VOWELS:
        spelled.append(roman.replace("x", "h").replace("c", ""))
    return spelled


def _cyrillic(roman: str) -> list[str]:
    """Macedonian kj and gj; g for h in Ukrainian and in foreign names; a first u for w.

    Chinese and Korean names by Palladius and Kontsevich: чж is zh, цз is z or j, a last n is ng.
    """
    roman = roman.replace("chzh", "zh")
    spelled = [roman, _GLIDE.sub("v", roman)]
    if "tsz" in roman:
        spelled += [roman.replace("tsz", "z"), roman.replace("tsz", "j")]
    if _ONE_SYLLABLE.fullmatch(roman):
        spelled.append(roman + "g")
    if _PALATAL.search(roman):
        spelled.append(_PALATAL.sub(_continental, roman))
    spelled.append(_UKRAINIAN.sub("h", spelled[1]))
    return spelled


def form_of(roman: str, spelled: str) -> Form:
    """The form of a token whose sounds are `spelled`, which may differ from its roman form."""
    fold = fold_of(spelled)
    first = "a" if fold[0] in "aiuy" else fold[0]
    skeleton = first + fold[1:].translate(_NO_VOWELS)
    return Form(roman, fold, skeleton, _REPEATED.sub(_once, skeleton.translate(_CLASSES)))


def fold_of(spelled: str) -> str:
    """Digraphs and vowels by class, doubled letters once, a final h unheard."""
    if spelled[-1] == "h" and spelled[-2:-1] in _SPELLED_VOWELS:
        spelled = spelled[:-1]
    glide = spelled[0] in "iy" and spelled[1:2] in _AFTER_GLIDE[spelled[0]]
    folded = _DIGRAPH.sub(_class, spelled[1:] if glide else spelled)
    return _REPEATED.sub(_once, "y" + folded if glide else folded)


def _once(match: re.Match[str]) -> str:
    return match.group(1)


def _class(match: re.Match[str]) -> str:
    return _DIGRAPHS[match.group()]


def _continental(match: re.Match[str]) -> str:
    return _CONTINENTAL[match.group()]


def _persian(match: re.Match[str]) -> str:
    return "z" if match.group() == "dh" else "s"


def _vocalised(roman: str) -> str:
    """Abjad w and y between consonants as the long vowels that they usually write."""
    return _ABJAD_VOWEL.sub(_long_vowel, roman)


def _long_vowel(match: re.Match[str]) -> str:
    return "u" if match.group() == "w" else "i"
